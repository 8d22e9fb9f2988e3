/* A body is measured in windows that begin anew with every PACE_WINDOW_BYTES: a window
 * that lasts too long is too slow, wherever the pause lies in it.
 *
 *   head end |--1000 bytes--|--1000 bytes--|--12 bytes, 10 s--> slow
 *
 * A client that expects a 100 does not owe its body before it has begun it. */
#include "http/pace.h"

static const int64_t pace_window_ns = (int64_t)PACE_WINDOW_S * 1000000000;

static bool pace_is_over(struct pace *pace, int64_t since_ns, int64_t now_ns)
{
    if (pace->is_told || now_ns == TIME_UNKNOWN || since_ns == TIME_UNKNOWN)
        return false;
    pace->is_told = now_ns - since_ns > pace_window_ns;
    return pace->is_told;
}

bool pace_is_head_slow(struct pace *pace, int64_t start_ns, int64_t now_ns)
{
    return pace_is_over(pace, start_ns, now_ns);
}

bool pace_is_body_slow(struct pace *pace, const struct message *m, uint64_t next_offset,
                       int64_t last_ns, int64_t now_ns)
{
    if (pace->since_ns == TIME_UNKNOWN) {
        bool waits = (m->flags & MESSAGE_EXPECTS_CONTINUE) != 0;
        const struct mark *begin = waits ? &m->body_start : &m->head_end;
        if (begin->offset == OFFSET_UNKNOWN) return false;
        pace->since_ns = begin->captured_ns;
        pace->since_offset = begin->offset;
    }
    if (next_offset - pace->since_offset >= PACE_WINDOW_BYTES) {
        pace->since_ns = last_ns;
        pace->since_offset = next_offset;
    }
    return pace_is_over(pace, pace->since_ns, now_ns);
}
