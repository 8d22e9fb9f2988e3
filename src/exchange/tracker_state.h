/* The tracker's own members, shared by the two files that make it up. */
#ifndef EXCHANGE_TRACKER_STATE_H
#define EXCHANGE_TRACKER_STATE_H

#include "exchange/header_rows.h"
#include "exchange/story.h"
#include "hopscope/pool.h"

enum {
    TRACKER_SPARE_MAX = 256,   /* finished exchanges kept for the next ones */
    TRACKER_SPARE_TEXT = 4096, /* with text buffers up to this size */
};

struct tracker {
    struct tracker_options options;
    struct message_sink messages;
    struct websocket_sink websocket;
    struct tls_sink tls;
    enum status status;
    struct pool *stories; /* of connections that are awake */
    struct exchange *spare;
    uint32_t spare_count;
    struct record_exchange blank; /* says nothing yet; so do the others */
    struct record_connection blank_connection;
    struct record_finding blank_finding;
    struct tracker_counters *counters; /* by capture, from the first one's id */
    uint32_t counter_count;
    struct buffer hidden; /* texts of the record at hand, without their secrets */
};

/* The counters of the capture in which the connection began. */
struct tracker_counters *tracker_count(struct tracker *t, const struct conn *conn);

struct story *tracker_story(struct tracker *t, struct conn *conn); /* made if need be */

/* ---- conn_rows.c ---- */

/* The connection as it stands, but for its Community ID; texts borrow from static
 * memory and the connection. */
void conn_rows_fill(const struct tracker *t, struct conn *conn,
                    struct record_connection *row);
/* Puts the findings that have not gone out; `is_settled` (NULL: all are) says which of
 * them nothing will change any more. */
void conn_rows_put_findings(struct tracker *t, const struct conn *conn,
                            bool (*is_settled)(const struct conn *conn,
                                               const struct finding *f));

#endif
