/* exchange: from messages to the account of a connection. Pairing by number, pipelining
 * depth and head-of-line blocking by acknowledgment, persistence, upgrades, the cause
 * of the end (SEMANTICS 3 to 8), as records.
 *
 *   message --> story (one per connection) --> exchange records, in order
 *   conn closed, expired ----------------> connection, tunnel, finding records */
#ifndef HOPSCOPE_EXCHANGE_H
#define HOPSCOPE_EXCHANGE_H

#include "hopscope/base.h"
#include "hopscope/http.h"
#include "hopscope/record.h"
#include "hopscope/stopwatch.h"
#include "hopscope/stream.h"
#include "hopscope/tls.h"
#include "hopscope/websocket.h"

enum {
    EXCHANGE_PENDING_MAX = 4096,   /* unfinished ones of one connection */
    EXCHANGE_UPDATES_MAX = 64,     /* unfinished ones shown at a tick, the first ones */
    EXCHANGE_DEPTH_MAX = 1 << 16,  /* answers that a client is behind; no more count */
    EXCHANGE_INTERIM_FLOOD = 16,   /* interim responses before it is a finding */
    EXCHANGE_NOT_WAITED_US = 5000, /* an Expect that was never meant (SEMANTICS 7) */
};

struct tracker;

struct tracker_options {
    struct record_sink sink;
    uint32_t first_capture_id; /* the lowest that connections come from */
    bool wants_headers, wants_secrets;
    struct stopwatch *watch; /* NULL: none; the time with messages is this stage's: */
    uint8_t watch_stage;
};

struct tracker_counters { /* of the connections that began in one capture */
    uint64_t exchanges, exact_pairs, inferred_pairs, ambiguous_pairs, orphan_responses;
};

struct tracker *tracker_new(const struct tracker_options *options);
void tracker_free(struct tracker *t); /* NULL is allowed */
/* What the http layer delivers its messages to; valid as long as the tracker. */
struct message_sink *tracker_messages(struct tracker *t);
/* Likewise for what follows a switch, and for TLS connections. */
struct websocket_sink *tracker_websocket(struct tracker *t);
struct tls_sink *tracker_tls(struct tracker *t);
/* Every chunk of a connection that is_watched, after its stream has had it. */
void tracker_chunk(struct tracker *t, struct conn *conn, const struct chunk *chunk);
/* The connection's streams have ended: every exchange of it is finished. */
void tracker_closed(struct tracker *t, struct conn *conn);
/* Live: the connection and its unfinished exchanges as they stand, to the sink's
 * update; findings that nothing will change any more, to its put. */
void tracker_update(struct tracker *t, struct conn *conn);
/* The last of a connection: its record, tunnels and findings. */
void tracker_expired(struct tracker *t, struct conn *conn);
/* What is kept of a connection, to rest and back, as struct stream_sink says. */
void tracker_rest(struct tracker *t, struct conn *conn, struct packing *out);
void tracker_resume(struct tracker *t, struct conn *conn, struct unpacking *in);
/* STATUS_FAILED once the sink has refused a record. */
enum status tracker_status(const struct tracker *t);
struct tracker_counters tracker_counters(const struct tracker *t, uint32_t capture_id);

#endif
