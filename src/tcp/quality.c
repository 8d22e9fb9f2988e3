/* What each packet says of its sender's direction (SEMANTICS 1, "TCP quality"). */
#include "tcp/quality.h"

#include "hopscope/span.h"

/* ... with one byte of garbage or none. */
bool quality_is_like_probe(const struct flow *f, const struct segment *s)
{
    const struct direction *d = s->own;
    const struct packet *p = s->packet;
    if ((p->flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0) return false;
    if (p->payload_length > 1 || d->held != NULL) return false;
    return f->conn.side[flow_side(f, s->from)].acked_by_peer >= d->next_offset;
}

void quality_follow_zero_window(struct flow *f, const struct segment *s)
{
    struct direction *d = s->own;
    if (d->window == 0 && d->zero_window_since_ns == TIME_UNKNOWN) {
        d->zero_window_since_ns = s->now_ns;
    } else if (d->window != 0 && d->zero_window_since_ns != TIME_UNKNOWN) {
        int64_t closed_ns = s->now_ns - d->zero_window_since_ns;
        if (closed_ns > 0)
            span_add(&flow_trouble(f, s->from)->zero_window_ns, closed_ns);
        d->zero_window_since_ns = TIME_UNKNOWN;
    }
}

void quality_conclude_zero_window(struct flow *f, int direction, int64_t now_ns)
{
    struct direction *d = flow_direction(f, direction);
    if (now_ns > d->zero_window_since_ns)
        span_add(&flow_trouble(f, direction)->zero_window_ns,
                 now_ns - d->zero_window_since_ns);
    d->zero_window_since_ns = TIME_UNKNOWN;
}
