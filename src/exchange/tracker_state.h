/* The tracker's own members, shared by the two files that make it up. */
#ifndef EXCHANGE_TRACKER_STATE_H
#define EXCHANGE_TRACKER_STATE_H

#include "exchange/header_rows.h"
#include "exchange/story.h"

enum {
    TRACKER_SPARE_MAX = 256,   /* finished exchanges kept for the next ones */
    TRACKER_SPARE_TEXT = 4096, /* with text buffers up to this size */
};

struct tracker {
    struct tracker_options options;
    struct message_sink messages;
    enum status status;
    struct exchange *spare;
    uint32_t spare_count;
    struct header_rows headers;
    struct tracker_counters *counters; /* by capture, from the first one's id */
    uint32_t counter_count;
};

/* The counters of the capture in which the connection began. */
struct tracker_counters *tracker_count(struct tracker *t, const struct conn *conn);

#endif
