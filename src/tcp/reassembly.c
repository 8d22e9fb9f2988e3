/* Reassembly of one direction of a TCP connection (RFC 9293, section 3.4).
 * Segments enter in capture order; chunks leave in sequence order, each byte once, the
 * first copy that arrived.
 *
 *   segment --> in order? --yes------------------------------> chunk (not copied)
 *                   '-----no---> held list --hole filled-----> chunk
 *                                          '-hole given up---> gap, then chunk
 *
 * A hole is given up by evidence: the peer has acknowledged it and it does not come
 * within REPLY_WAIT_NS; a cap; silence of a peer that is not captured; the end. */
#include "tcp/flow.h"

#define REPLY_WAIT_NS     200000000LL  /* HAZARDS 25: how late a capture may be */
#define ONE_SIDED_WAIT_NS 2000000000LL /* HAZARDS 6: no ACK will ever tell */

enum { REPLY_BYTES_MAX = 64 << 10 /* that wait for what they answer */ };

/* ---- holes ---- */

/* Whether bytes that acknowledge up to `acked` must wait: what they acknowledge was not
 * delivered yet, and still may be. */
static bool must_wait(const struct flow *f, int direction, uint64_t acked)
{
    const struct direction *other = &f->direction[1 - direction];
    if (acked == OFFSET_UNKNOWN) return false;
    if (acked > other->fin_offset) acked = other->fin_offset;
    if (acked <= other->next_offset) return false;
    bool has_front = other->held != NULL && other->held->offset == other->next_offset;
    return has_front || other->acked_hole_ns != TIME_UNKNOWN;
}

/* The hole before the held segments has just been closed or given up: counts the wait,
 * and starts the next hole's. Returns how long the bytes behind it had waited. */
static int64_t end_stall(struct flow *f, int direction, int64_t now_ns)
{
    struct direction *d = &f->direction[direction];
    int64_t stalled = now_ns > d->hole_since_ns ? now_ns - d->hole_since_ns : 0;
    flow_account(f, direction)->stall_ns += stalled;
    d->hole_since_ns = now_ns;
    return stalled;
}

static int64_t latest(int64_t a_ns, int64_t b_ns, int64_t c_ns)
{
    int64_t ab_ns = a_ns > b_ns ? a_ns : b_ns;
    return ab_ns > c_ns ? ab_ns : c_ns;
}

/* Delivers the first held bytes of a direction, up to the offset `limit`. */
static void deliver_held(struct reassembly *r, struct flow *f, int direction,
                         uint64_t limit, int64_t released_ns)
{
    struct direction *d = &f->direction[direction];
    const struct held *h = d->held;
    struct chunk chunk = {
        .captured_ns = latest(h->arrived_ns, released_ns, d->delivered_ns),
        .ref = h->ref,
        .peer_acked = h->peer_acked,
    };
    struct piece piece = {
        .offset = h->offset,
        .length = h->length,
        .data = bytes_of(h->data + h->start, h->captured),
        .starts_segment = h->starts_segment,
        .ttl = h->ttl,
    };
    if (limit - h->offset < piece.length) {
        piece.length = (uint32_t)(limit - h->offset);
        piece.data = bytes_first(piece.data, piece.length);
        /* First sent when less was acknowledged: the rest shows it. */
        chunk.peer_acked = f->direction[1 - direction].next_offset;
    }
    delivery_put(r, f, direction, chunk, &piece);
    held_list_cut_first(r, d, piece.length);
    if (d->held != NULL && d->held->offset > d->next_offset)
        d->hole_since_ns = chunk.captured_ns;
}

static const struct held *front_of(const struct flow *f, int direction)
{
    const struct direction *d = &f->direction[direction];
    return d->held != NULL && d->held->offset == d->next_offset ? d->held : NULL;
}

/* What may be delivered next of what is held: a direction's first bytes, up to a limit.
 */
struct turn {
    int direction; /* -1: nothing */
    uint64_t limit;
};

/* Each side's first bytes acknowledge some of the other's that are still held. One was
 * sent again with a later ACK: the one that claims more. As much of it as the other
 * acknowledges was there before. */
static struct turn untangle(const struct flow *f, const struct held *const front[2])
{
    uint64_t claim[2];
    for (int i = 0; i < 2; i++)
        claim[i] = front[i]->peer_acked - f->direction[1 - i].next_offset;
    int i = claim[1] > claim[0] ? 1 : 0;
    uint64_t limit = front[1 - i]->peer_acked;
    if (limit > f->direction[i].fin_offset) limit = f->direction[i].fin_offset;
    return (struct turn){i, limit};
}

/* Those that acknowledge nothing that is still to come; the ones captured first, if
 * both may go on. */
static struct turn find_turn(const struct flow *f)
{
    const struct held *front[2] = {front_of(f, 0), front_of(f, 1)};
    bool may_go[2];
    for (int i = 0; i < 2; i++)
        may_go[i] = front[i] != NULL && !must_wait(f, i, front[i]->peer_acked);
    bool is_settled = f->direction[0].acked_hole_ns == TIME_UNKNOWN &&
                      f->direction[1].acked_hole_ns == TIME_UNKNOWN;
    if (front[0] != NULL && front[1] != NULL && !may_go[0] && !may_go[1] && is_settled)
        return untangle(f, front);
    int first = may_go[0] ? 0 : -1;
    if (may_go[1] && (first < 0 || front[1]->arrived_ns < front[0]->arrived_ns))
        first = 1;
    return (struct turn){first, UINT64_MAX};
}

/* Delivers what held bytes can be, in the order they came. Those of `direction` waited
 * for a hole that was closed at `released_ns`; the others only for their turn. */
static void drain(struct reassembly *r, struct flow *f, int direction,
                  int64_t released_ns)
{
    for (struct turn t = find_turn(f); t.direction >= 0; t = find_turn(f))
        deliver_held(r, f, t.direction, t.limit,
                     t.direction == direction ? released_ns : TIME_UNKNOWN);
}

/* What stood beyond any window and was never acknowledged was not taken by anyone. */
static bool drop_far(struct reassembly *r, struct flow *f, int direction)
{
    struct direction *d = &f->direction[direction];
    const struct held *h = d->held;
    uint64_t acked = flow_account(f, direction)->acked_by_peer;
    if (!h->is_far || acked >= h->offset + h->length) return false;
    struct chunk at = {
        .from = flow_side(f, direction),
        .ref = h->ref,
        .captured_ns = h->arrived_ns,
    };
    struct bytes data = bytes_of(h->data, h->captured);
    conn_note(&f->conn, FINDING_TCP_DATA_OUTSIDE_WINDOW, SEVERITY_UNKNOWN, &at,
              h->offset, data);
    held_list_drop_first(r, d);
    return true;
}

/* End of what was captured without a hole, delivered or waiting for its turn. */
static uint64_t captured_up_to(const struct direction *d)
{
    uint64_t end = d->next_offset;
    for (const struct held *h = d->held; h != NULL && h->offset == end; h = h->next)
        end += h->length;
    return end;
}

/* How far the peer's ACK reaches into what was never captured; no farther than
 * captured_up_to: nowhere. A single byte beyond the last may be a FIN. */
static uint64_t missing_up_to(const struct flow *f, int direction)
{
    const struct direction *d = &f->direction[direction];
    uint64_t acked = f->conn.side[flow_side(f, direction)].acked_by_peer;
    if (d->fin_offset != OFFSET_UNKNOWN)
        return acked < d->fin_offset ? acked : d->fin_offset;
    return acked == d->highest_offset + 1 ? d->highest_offset : acked;
}

/* The last of the missing bytes may have come, or been given up: then the wait is over
 * before what follows them is delivered, so that both directions keep their order. */
static void look_at_acked_hole(struct flow *f, int direction)
{
    struct direction *d = &f->direction[direction];
    if (d->acked_hole_ns == TIME_UNKNOWN) return;
    if (missing_up_to(f, direction) <= captured_up_to(d))
        d->acked_hole_ns = TIME_UNKNOWN;
}

static void give_up_hole(struct reassembly *r, struct flow *f, int direction,
                         uint64_t up_to, int64_t now_ns, uint64_t ref)
{
    struct direction *d = &f->direction[direction];
    struct chunk chunk = {
        .captured_ns = now_ns,
        .ref = ref,
        .peer_acked = OFFSET_UNKNOWN,
    };
    if (up_to > d->next_offset) {
        if (d->held != NULL) chunk.stalled_ns = end_stall(f, direction, now_ns);
        delivery_put_gap(r, f, direction, chunk, up_to - d->next_offset);
        look_at_acked_hole(f, direction);
    }
    drain(r, f, direction, now_ns);
}

static void give_up_first_hole(struct reassembly *r, struct flow *f, int direction,
                               int64_t now_ns, uint64_t ref)
{
    if (drop_far(r, f, direction)) return;
    give_up_hole(r, f, direction, f->direction[direction].held->offset, now_ns, ref);
}

/* The wait for bytes that the peer has acknowledged is over without them. */
static void settle_acked_hole(struct reassembly *r, struct flow *f, int direction)
{
    struct direction *d = &f->direction[direction];
    int64_t since_ns = d->acked_hole_ns;
    if (since_ns == TIME_UNKNOWN) return;
    d->acked_hole_ns = TIME_UNKNOWN;
    uint64_t up_to = missing_up_to(f, direction);
    while (up_to > d->next_offset) {
        bool is_waiting = d->held != NULL && d->held->offset == d->next_offset;
        if (is_waiting) break; /* for the other direction's hole */
        if (d->held != NULL && d->held->offset < up_to)
            give_up_first_hole(r, f, direction, since_ns, d->acked_hole_ref);
        else
            give_up_hole(r, f, direction, up_to, since_ns, d->acked_hole_ref);
    }
    drain(r, f, direction, since_ns);
}

static void keep_caps(struct reassembly *r, struct flow *f, int direction,
                      int64_t now_ns, uint64_t ref)
{
    struct direction *d = &f->direction[direction];
    if (front_of(f, direction) != NULL && d->held_bytes > REPLY_BYTES_MAX)
        settle_acked_hole(r, f, 1 - direction);
    while (d->held != NULL && (d->held_bytes > TCP_HELD_BYTES_MAX ||
                               d->held_count > TCP_HELD_SEGMENTS_MAX ||
                               r->held_bytes_all > TCP_HELD_BYTES_ALL_MAX)) {
        settle_acked_hole(r, f, direction);
        settle_acked_hole(r, f, 1 - direction);
        if (d->held != NULL) give_up_first_hole(r, f, direction, now_ns, ref);
    }
}

void reassembly_expire(struct reassembly *r, struct flow *f, int64_t now_ns)
{
    for (int i = 0; i < 2; i++) {
        struct direction *d = &f->direction[i];
        if (d->acked_hole_ns != TIME_UNKNOWN &&
            now_ns - d->acked_hole_ns > REPLY_WAIT_NS)
            settle_acked_hole(r, f, i);
        bool is_one_sided = flow_account(f, 1 - i)->packets == 0;
        while (is_one_sided && d->held != NULL &&
               now_ns - d->hole_since_ns > ONE_SIDED_WAIT_NS)
            give_up_first_hole(r, f, i, now_ns, f->conn.last_ref);
    }
}

/* ---- segments ---- */

/* What the segment repeats of bytes already delivered is counted and cut off. */
static void cut_delivered(const struct reassembly *r, struct flow *f,
                          const struct segment *s, struct piece *piece)
{
    struct direction *d = &f->direction[s->from];
    int64_t behind = (int64_t)(d->next_offset - piece->offset);
    if (behind <= 0) return;
    uint32_t old = behind < piece->length ? (uint32_t)behind : piece->length;
    flow_account(f, s->from)->retransmitted_bytes += old;
    conflicts_check(r, f, s, piece->offset, bytes_first(piece->data, old));
    piece_skip(piece, old);
}

static void place_in_order(struct reassembly *r, struct flow *f,
                           const struct segment *s, struct piece *piece)
{
    struct direction *d = &f->direction[s->from];
    struct chunk chunk = {
        .captured_ns = s->now_ns,
        .ref = s->ref,
        .peer_acked = held_list_acked_before(d->held, s->acked),
    };
    struct piece now = *piece;
    if (d->held != NULL) {
        if (d->held->offset - piece->offset < now.length)
            now.length = (uint32_t)(d->held->offset - piece->offset);
        now.data = bytes_first(now.data, now.length);
        if (now.offset + now.length == d->held->offset)
            chunk.stalled_ns = end_stall(f, s->from, s->now_ns);
    }
    piece_skip(piece, now.length);
    delivery_put(r, f, s->from, chunk, &now);
    look_at_acked_hole(f, s->from);
    drain(r, f, s->from, s->now_ns);
}

static void place(struct reassembly *r, struct flow *f, const struct segment *s)
{
    struct direction *d = &f->direction[s->from];
    struct piece piece = {
        .offset = s->offset,
        .length = s->packet->payload_length,
        .data = s->packet->payload,
        .starts_segment = true,
        .ttl = s->packet->ttl,
    };
    while (piece.length > 0) {
        cut_delivered(r, f, s, &piece);
        if (piece.length == 0) break;
        bool is_next = piece.offset == d->next_offset && front_of(f, s->from) == NULL;
        if (is_next &&
            !must_wait(f, s->from, held_list_acked_before(d->held, s->acked)))
            place_in_order(r, f, s, &piece);
        else
            held_list_place(r, f, s, &piece);
    }
}

void reassembly_push(struct reassembly *r, struct flow *f, const struct segment *s)
{
    struct direction *d = &f->direction[s->from];
    uint64_t repeated_before = flow_account(f, s->from)->retransmitted_bytes;
    uint64_t end = s->offset + s->packet->payload_length;
    bool is_late = (int64_t)(end - d->highest_offset) <= 0;
    if (!is_late && !s->is_far) d->highest_offset = end;
    place(r, f, s);
    look_at_acked_hole(f, s->from);
    drain(r, f, s->from, s->now_ns);
    /* Looked up once more: what was delivered may have exchanged the sides. */
    struct conn_side *account = flow_account(f, s->from);
    uint64_t repeated = account->retransmitted_bytes - repeated_before;
    if (repeated > 0) history_count(f, s->from, 't', ++account->retransmitted_segments);
    if (is_late && repeated < s->packet->payload_length)
        account->out_of_order_segments++;
    keep_caps(r, f, s->from, s->now_ns, s->ref);
}

void reassembly_acked(struct flow *f, int direction, const struct segment *s)
{
    struct direction *d = &f->direction[direction];
    /* A direction of which no packet was captured is one gap, told at its end. */
    if (d->acked_hole_ns != TIME_UNKNOWN || flow_account(f, direction)->packets == 0)
        return;
    if (missing_up_to(f, direction) <= captured_up_to(d)) return;
    d->acked_hole_ns = s->now_ns;
    d->acked_hole_ref = s->ref;
}

static void put_end(struct reassembly *r, struct flow *f, int direction,
                    enum chunk_end how, int64_t now_ns, uint64_t ref)
{
    struct direction *d = &f->direction[direction];
    while (d->held != NULL) /* beyond the FIN: nobody took it */
        if (!drop_far(r, f, direction)) held_list_drop_first(r, d);
    d->is_ended = true;
    f->ended_count++;
    struct chunk chunk = {
        .kind = CHUNK_END,
        .end = how,
        .from = flow_side(f, direction),
        .offset = d->next_offset,
        .captured_ns = now_ns,
        .ref = ref,
        .peer_acked = OFFSET_UNKNOWN,
    };
    r->sink.chunk(r->sink.context, &f->conn, &chunk);
}

void reassembly_deliver_fins(struct reassembly *r, struct flow *f, int64_t now_ns,
                             uint64_t ref)
{
    for (int i = 0; i < 2; i++) {
        const struct direction *d = &f->direction[i];
        if (d->is_ended || d->fin_offset > d->next_offset) continue;
        if (must_wait(f, i, flow_account(f, i)->fin_acked)) continue;
        put_end(r, f, i, CHUNK_END_FIN, now_ns, ref);
    }
}

void reassembly_end(struct reassembly *r, struct flow *f, int direction,
                    enum chunk_end how, int64_t now_ns, uint64_t ref)
{
    struct direction *d = &f->direction[direction];
    if (d->is_ended) return;
    settle_acked_hole(r, f, direction);
    settle_acked_hole(r, f, 1 - direction);
    while (d->held != NULL) give_up_first_hole(r, f, direction, now_ns, ref);
    uint64_t up_to = d->fin_offset;
    if (up_to == OFFSET_UNKNOWN) up_to = missing_up_to(f, direction);
    if (d->is_based && up_to > d->next_offset)
        give_up_hole(r, f, direction, up_to, now_ns, ref);
    if (d->fin_offset <= d->next_offset) how = CHUNK_END_FIN;
    put_end(r, f, direction, how, now_ns, ref);
}
