/* What a packet has that no well-behaved stack sends, noted on its connection. */
#include "tcp/flow.h"

void oddities_note(struct flow *f, const struct segment *s, enum finding_code code)
{
    struct chunk at = {
        .from = flow_side(f, s->from),
        .ref = s->ref,
        .captured_ns = s->now_ns,
    };
    conn_note(&f->conn, code, SEVERITY_UNKNOWN, &at, s->offset,
              bytes_first(s->packet->payload, FINDING_EVIDENCE_MAX));
}

/* clang-format off */
static const struct {
    uint64_t bit;
    enum finding_code code;
} net_findings[] = {
    { NET_ODDITY_FRAGMENT_OVERLAP, FINDING_NET_FRAGMENT_OVERLAP },
    { NET_ODDITY_FRAGMENT_TINY,    FINDING_NET_FRAGMENT_TINY },
    { NET_ODDITY_LAYERS_EXCEEDED,  FINDING_NET_LAYERS_EXCEEDED },
};
/* clang-format on */

static bool is_crossing_syn(const struct flow *f, const struct segment *s)
{
    return flags_begin(s->packet->flags) && s->from == 1 && f->direction[0].has_syn;
}

void oddities_take_stamp(struct flow *f, struct direction *d,
                         const struct tcp_options *options)
{
    if (!options->has_timestamps) return;
    if (d->has_newest_stamp && seq_distance(d->newest_stamp, options->timestamp) < 0)
        f->conn.odd_segments++;
    d->has_newest_stamp = true;
    d->newest_stamp = options->timestamp;
}

void oddities_follow_stamp(struct flow *f, const struct segment *s)
{
    struct direction *d = s->own;
    const struct packet *p = s->packet;
    bool is_new = s->offset == d->highest_offset; /* others may be captured late */
    if (p->payload_length > 0 && is_new) oddities_take_stamp(f, d, &p->options);
}

void oddities_follow(struct flow *f, const struct segment *s)
{
    struct direction *d = s->own;
    const struct packet *p = s->packet;
    for (size_t i = 0; p->oddities != 0 && i < ARRAY_LENGTH(net_findings); i++)
        if ((p->oddities & net_findings[i].bit) != 0)
            oddities_note(f, s, net_findings[i].code);
    if (p->options.is_shift_clamped) f->conn.odd_segments++;
    bool is_first_syn = (d->history_seen & 1u << ('s' - 'a')) == 0;
    if (is_crossing_syn(f, s) && is_first_syn)
        oddities_note(f, s, FINDING_TCP_SIMULTANEOUS_OPEN);
    bool is_urgent =
        (p->flags & TCP_URG) != 0 && p->urgent > 0 && p->payload_length > 0;
    if (is_urgent && !d->has_urgent) {
        d->has_urgent = true;
        struct segment urgent = *s; /* RFC 6093: the pointer stands behind its byte */
        urgent.offset += p->urgent - 1u;
        oddities_note(f, &urgent, FINDING_TCP_URGENT_DATA);
    }
}
