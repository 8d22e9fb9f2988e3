/* How fast a request arrives: slower than any client that means it is a fault, or an
 * attack on whoever must wait for it. */
#ifndef HOPSCOPE_SRC_HTTP_PACE_H
#define HOPSCOPE_SRC_HTTP_PACE_H

#include "hopscope/http.h"

enum {
    PACE_WINDOW_S = 10, /* what a header section may take at most, and in which ... */
    PACE_WINDOW_BYTES = 1000, /* ... so much of a body must come */
};

struct pace {
    int64_t since_ns;      /* the body's current window; TIME_UNKNOWN: none */
    uint64_t since_offset; /* next byte of the stream when it began */
    bool is_told;
};

static inline void pace_init(struct pace *pace)
{
    pace->since_ns = TIME_UNKNOWN;
    pace->is_told = false;
}

/* Something of the client's side has come at `now_ns`. True once per request: its
 * header section has been open for too long, since `start_ns`. */
bool pace_is_head_slow(struct pace *pace, int64_t start_ns, int64_t now_ns);
/* Likewise: too little of its body came in a window. `next_offset`: of the stream, and
 * `last_ns` when the byte before it came, both before what has come now. */
bool pace_is_body_slow(struct pace *pace, const struct message *m, uint64_t next_offset,
                       int64_t last_ns, int64_t now_ns);

#endif
