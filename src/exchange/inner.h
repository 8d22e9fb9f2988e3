/* What a connection carries after 101 or a 2xx to CONNECT, and what a connection is
 * that never was HTTP: the accounts of the inner protocols, as tunnel and connection
 * rows. */
#ifndef EXCHANGE_INNER_H
#define EXCHANGE_INNER_H

#include "hopscope/http.h"
#include "hopscope/record.h"
#include "hopscope/tls.h"
#include "hopscope/websocket.h"

struct story;
struct tracker;
struct exchange;

enum { INNER_TOKEN_MAX = 31 };

/* The latest final response, as far as a tunnel that follows it needs to know. */
struct switching {
    uint64_t exchange_id;
    bool is_connect;
    struct websocket_setup websocket;
    char token[INNER_TOKEN_MAX + 1]; /* of a 101, in lower case; empty: none */
    char *host; /* of a CONNECT's target, if it is a name; owned; NULL: none */
};

/* What is kept of a TLS handshake; its texts stand behind it. */
struct inner_tls {
    int64_t handshake_ns;
    uint16_t version;
    struct bytes sni, alpn;
    uint8_t text[];
};

struct tunnel {
    struct tunnel *next;
    struct switching by;
    int64_t start_ns;
    uint64_t offset[2], packets[2]; /* of each side when it began */
    enum conn_protocol inner;       /* PROTOCOL_NONE: ask the stream */
    struct websocket_account *websocket;
    struct inner_tls *tls;
};

/* Remembers what a tunnel must know, while the response's texts are there. */
void inner_remember(struct story *s, const struct exchange *e);
void inner_switched(struct story *s, const struct message *response,
                    const uint64_t offsets[2]);
void inner_put_tunnels(struct story *s);
/* Live: the tunnels as they stand, those of an open connection without their end. */
void inner_update_tunnels(const struct story *s,
                          void (*update)(struct tracker *t, enum record_kind kind,
                                         const void *record));
void inner_done(struct story *s);
/* TLS of a connection that is nothing else: s->tls is not NULL. */
void inner_fill_connection(const struct story *s, struct record_connection *row);

/* The sinks for the inner protocols; `context` is the tracker. */
void *inner_open_websocket(void *context, struct conn *conn,
                           struct websocket_setup *setup);
void inner_close_websocket(void *opened, const struct websocket_account *account);
void *inner_open_tls(void *context, struct conn *conn);
void inner_close_tls(void *opened, const struct tls_account *account);

#endif
