/* What each packet says of its sender's direction (SEMANTICS 1, "TCP quality"). */
#include "tcp/flow.h"

#include "hopscope/span.h"

/* RFC 9293, section 3.8.4: a keep-alive repeats the last acknowledged number, with one
 * byte of garbage or none. */
bool quality_is_keepalive_probe(const struct flow *f, const struct segment *s)
{
    const struct direction *d = &f->direction[s->from];
    const struct packet *p = s->packet;
    if ((p->flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0) return false;
    if (p->payload_length > 1 || d->held != NULL) return false;
    uint64_t acked = f->conn.side[flow_side(f, s->from)].acked_by_peer;
    return s->offset + 1 == d->next_offset && acked >= d->next_offset;
}

static void count_window(struct flow *f, const struct segment *s)
{
    struct direction *d = flow_direction(f, s->from);
    d->window = s->packet->window;
    if (d->window == 0 && d->zero_window_since_ns == TIME_UNKNOWN) {
        d->zero_window_since_ns = s->now_ns;
    } else if (d->window != 0 && d->zero_window_since_ns != TIME_UNKNOWN) {
        int64_t closed_ns = s->now_ns - d->zero_window_since_ns;
        if (closed_ns > 0)
            span_add(&flow_trouble(f, s->from)->zero_window_ns, closed_ns);
        d->zero_window_since_ns = TIME_UNKNOWN;
    }
}

void quality_count(struct flow *f, const struct segment *s)
{
    struct conn *c = &f->conn;
    struct conn_side *account = flow_account(f, s->from);
    account->packets++;
    if (s->now_ns > c->end_ns) c->end_ns = s->now_ns;
    c->last_ref = s->ref;
    if ((s->packet->flags & TCP_RST) != 0) return; /* its window means nothing */
    count_window(f, s);
    if (quality_is_keepalive_probe(f, s)) flow_trouble(f, s->from)->keepalive_probes++;
}

void quality_conclude(struct flow *f, int64_t now_ns)
{
    for (int i = 0; i < 2; i++) {
        struct direction *d = &f->direction[i];
        if (d->zero_window_since_ns == TIME_UNKNOWN) continue;
        if (now_ns > d->zero_window_since_ns)
            span_add(&flow_trouble(f, i)->zero_window_ns,
                     now_ns - d->zero_window_since_ns);
        d->zero_window_since_ns = TIME_UNKNOWN;
    }
}
