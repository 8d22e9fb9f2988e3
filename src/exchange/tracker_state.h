/* The tracker's own members, shared by the two files that make it up. */
#ifndef EXCHANGE_TRACKER_STATE_H
#define EXCHANGE_TRACKER_STATE_H

#include "exchange/header_rows.h"
#include "exchange/story.h"
#include "hopscope/pool.h"

enum {
    /* Finished exchanges kept for the next ones: as many as a hundred connections have
     * that pipeline deeply, which comes and goes with every burst. */
    TRACKER_SPARE_MAX = 4096,
    TRACKER_SPARE_TEXT = 256, /* with text buffers up to this size: 3 MB in all */
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

struct tracker_counters *tracker_grow_counters(struct tracker *t, uint32_t at);
/* The counters of the capture in which the connection began. */
static inline struct tracker_counters *tracker_count(struct tracker *t,
                                                     const struct conn *conn)
{
    uint32_t at = (uint32_t)(conn->first_ref >> 32) - t->options.first_capture_id;
    return at < t->counter_count ? &t->counters[at] : tracker_grow_counters(t, at);
}

struct story *tracker_story(struct tracker *t, struct conn *conn); /* made if need be */
/* The sink's room for the record that is put next; NULL: there is none. Live there
 * never is: before an exchange, its connection may have to be told of. */
void *tracker_room(const struct tracker *t, enum record_kind kind, size_t text_bytes);

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
