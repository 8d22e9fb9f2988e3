/* What each packet says of its sender's direction (SEMANTICS 1, "TCP quality"). */
#ifndef TCP_QUALITY_H
#define TCP_QUALITY_H

#include "tcp/flow.h"

/* The window is closed, or was until now. */
void quality_follow_zero_window(struct flow *f, const struct segment *s);
/* Of a segment that begins where a probe does. */
bool quality_is_like_probe(const struct flow *f, const struct segment *s);
/* RFC 9293, section 3.8.4: a keep-alive repeats the last acknowledged number. */
static inline bool quality_is_keepalive_probe(const struct flow *f,
                                              const struct segment *s)
{
    return s->offset + 1 == s->own->next_offset && quality_is_like_probe(f, s);
}

/* Counts what a packet says of its sender: packets, windows, keep-alive probes. */
static inline void quality_count(struct flow *f, const struct segment *s)
{
    struct direction *d = s->own;
    struct conn *c = &f->conn;
    flow_account(f, s->from)->packets++;
    if (s->now_ns > c->end_ns) c->end_ns = s->now_ns;
    c->last_ref = s->ref;
    if ((s->packet->flags & TCP_RST) != 0) return; /* its window means nothing */
    d->window = s->packet->window;
    if (d->window == 0 || d->zero_window_since_ns != TIME_UNKNOWN)
        quality_follow_zero_window(f, s);
    if (quality_is_keepalive_probe(f, s)) flow_trouble(f, s->from)->keepalive_probes++;
}

/* Of a direction whose window is still closed. */
void quality_conclude_zero_window(struct flow *f, int direction, int64_t now_ns);
static inline void quality_conclude(struct flow *f, int64_t now_ns)
{
    for (int i = 0; i < 2; i++)
        if (f->direction[i].zero_window_since_ns != TIME_UNKNOWN)
            quality_conclude_zero_window(f, i, now_ns);
}

#endif
