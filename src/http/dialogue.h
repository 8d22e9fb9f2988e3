/* One HTTP connection, while it lasts: see dialogue.c. */
#ifndef HOPSCOPE_SRC_HTTP_DIALOGUE_H
#define HOPSCOPE_SRC_HTTP_DIALOGUE_H

#include "http/pairing.h"
#include "http/parser.h"
#include "http/withheld.h"

struct dialogue {
    struct message_sink *sink;
    void *opened; /* the sink's, for this connection */
    struct conn *conn;
    struct stream *stream;
    struct parser client, server;
    struct pairing pairing;
    struct withheld_answer answered;
    struct hold held;
    struct hold *maybe_head; /* of the server, or body; NULL: nothing */
    uint64_t hold_number;    /* request whose response decides about `held`; 0: none */
    uint64_t client_end;     /* offset after the last client byte that came here */
    uint64_t ended_ref; /* packet in which the last final response ended; 0: none */
    bool holds_no_more; /* too much was held once */
    bool is_switched;   /* both streams belong to another protocol */
    bool is_connect;    /* ... because of a CONNECT */
    bool is_unread;     /* something of either side was lost or unreadable */
};

extern const struct parser_owner dialogue_owner; /* a dialogue is its context */

/* ---- dialogue_pair.c ---- */

/* As struct parser_owner says of a response; `context` is the dialogue. */
enum method dialogue_pair(void *context, struct message *m);
/* Requests that were given up, if there are any. */
void dialogue_tell_lost(struct dialogue *d, const struct pairing_answer *a);

/* ---- dialogue_rest.c: see struct protocol ---- */

/* One of the sink's, zeroed; while somebody has joined its drafts. */
struct dialogue *dialogue_take(struct message_sink *sink);
bool dialogue_can_rest(const void *instance);
void dialogue_rest(void *instance, struct packing *out);
void *dialogue_resume(void *context, struct stream *stream, struct conn *conn,
                      struct unpacking *in);

#endif
