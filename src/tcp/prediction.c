/* Header prediction (V. Jacobson's, for receivers): most segments are the next ones of
 * a connection that nothing disturbs, and one look tells which.
 *
 *   segment --> calm flow, plain, in order? --yes--> account --> chunk
 *                       '-----------no-----> the way of all others (tcp.c)
 *
 * This is that other way, with all left out of it that does nothing then: what is
 * tested here is what makes each of its steps do nothing. A calm flow is open; both
 * directions have begun, nothing of them is held, missing, doubted or over. A segment
 * that starts at next_seq is thus no retransmission and no probe, and what it
 * acknowledges has been delivered: it need not wait for its turn, begins no hole, moves
 * no guess. Without SYN, FIN, RST and URG it says nothing new of state and closing,
 * and of the opening only whether it is the first ACK. */
#include "tcp/prediction.h"

#include "tcp/delivery.h"
#include "tcp/handshake.h"
#include "tcp/small_write.h"

static bool is_calm(const struct direction *d)
{
    return d->is_based && d->usual_ttl != 0 && d->state != ENDPOINT_INACTIVE &&
           d->held == NULL && d->hole == NULL && d->doubtful == NULL &&
           d->highest_offset == d->next_offset && d->gap_offset == OFFSET_UNKNOWN &&
           d->zero_window_since_ns == TIME_UNKNOWN;
}

bool prediction_is_calm(const struct flow *f)
{
    const struct direction *a = &f->direction[0], *b = &f->direction[1];
    bool is_ending = (a->fin_offset & b->fin_offset) != OFFSET_UNKNOWN;
    return f->entry.state == FLOW_OPEN && !is_ending && is_calm(a) && is_calm(b);
}

/* As it was sent and captured, with an ACK, and nothing else that has a meaning. */
static bool is_plain(const struct packet *p, enum checksum checksum)
{
    enum { DECISIVE = TCP_SYN | TCP_FIN | TCP_RST | TCP_URG | TCP_ACK };
    return (p->flags & DECISIVE) == TCP_ACK && p->window != 0 && p->oddities == 0 &&
           (p->seq | p->ack) != 0 && p->payload.len == p->payload_length &&
           !p->options.is_shift_clamped && checksum != CHECKSUM_BAD;
}

/* Of what `d` has sent, all delivered, what the ACK leaves out. More than there is of
 * it: the ACK is beyond it, or before its beginning. */
static uint32_t bytes_behind(const struct direction *d, uint32_t ack)
{
    return d->next_seq - ack;
}

static bool is_acking_delivered(const struct direction *d, uint32_t ack)
{
    uint32_t behind = bytes_behind(d, ack);
    return behind <= INT32_MAX && behind <= d->next_offset;
}

/* What every packet adds, whatever it carries. */
static inline void account(struct flow *f, const struct packet *p, int from,
                           uint64_t acked)
{
    struct direction *d = flow_direction(f, from);
    struct conn_side *own = flow_account(f, from), *other = flow_account(f, 1 - from);
    struct conn *c = &f->conn;
    char letter = p->payload_length > 0 ? 'd' : 'a';
    if ((d->history_seen & history_bit(letter)) == 0)
        history_follow_plain(f, from, letter);
    if (c->ack_ns == TIME_UNKNOWN) handshake_take_ack(f, p, from);
    own->packets++;
    c->last_ref = p->frame->ref;
    if (p->frame->captured_ns > c->end_ns) c->end_ns = p->frame->captured_ns;
    d->window = p->window;
    d->has_good_checksum = true;
    if (acked > other->acked_by_peer) other->acked_by_peer = acked;
}

static inline void take_payload(struct reassembly *r, struct flow *f,
                                const struct packet *p, int from, uint64_t acked)
{
    struct direction *d = flow_direction(f, from), *peer = flow_direction(f, 1 - from);
    struct chunk chunk = {
        .from = flow_side(f, from),
        .captured_ns = p->frame->captured_ns,
        .ref = p->frame->ref,
        .peer_acked = acked,
        .starts_segment = true,
        .data = p->payload,
    };
    if (p->options.has_timestamps) oddities_take_stamp(f, d, &p->options);
    small_write_sent(d, peer, p->payload_length, chunk.captured_ns);
    uint32_t hash = p->has_payload_hash ? p->payload_hash
                                        : payload_hash(&r->payload_key, p->payload);
    delivery_put_data(r, f, d, &chunk, p->ttl, hash);
}

bool prediction_take(struct reassembly *r, struct flow *f, const struct packet *p,
                     int from, enum checksum checksum, bool is_late)
{
    const struct direction *d = flow_direction(f, from);
    struct direction *peer = flow_direction(f, 1 - from);
    bool is_expected = is_plain(p, checksum) && p->seq == d->next_seq &&
                       is_acking_delivered(peer, p->ack);
    if (!is_expected) return false;
    bool has_payload = p->payload_length > 0;
    if (has_payload && d->small_acked_ns != TIME_UNKNOWN) return false; /* a stall? */
    uint64_t acked = peer->next_offset - bytes_behind(peer, p->ack);
    f->conn.late_packets += is_late;
    account(f, p, from, acked);
    if (has_payload)
        take_payload(r, f, p, from, acked);
    else
        small_write_acked(peer, acked, p->frame->captured_ns);
    return true;
}
