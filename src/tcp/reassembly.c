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
#include "hopscope/span.h"
#include "tcp/acked_hole.h"
#include "tcp/delivery.h"
#include "tcp/turn.h"

#define REPLY_WAIT_NS     200000000LL  /* HAZARDS 25: how late a capture may be */
#define ONE_SIDED_WAIT_NS 2000000000LL /* HAZARDS 6: no ACK will ever tell */

enum { REPLY_BYTES_MAX = 64 << 10 /* that wait for what they answer */ };

/* ---- holes ---- */

/* The hole before the held segments has just been closed or given up: counts the wait,
 * and starts the next hole's. Returns how long the bytes behind it had waited. */
static int64_t end_stall(struct flow *f, int direction, int64_t now_ns)
{
    struct direction *d = flow_direction(f, direction);
    int64_t stalled = now_ns > d->hole_since_ns ? now_ns - d->hole_since_ns : 0;
    span_add(&flow_trouble(f, direction)->stall_ns, stalled);
    d->hole_since_ns = now_ns;
    return stalled;
}

static int64_t latest(int64_t a_ns, int64_t b_ns)
{
    return a_ns > b_ns ? a_ns : b_ns;
}

/* Delivers the first held bytes of a direction, up to the offset `limit`. */
static void deliver_held(struct reassembly *r, struct flow *f, int direction,
                         uint64_t limit)
{
    struct direction *d = &f->direction[direction];
    const struct held *h = d->held;
    struct chunk chunk = {
        .captured_ns = latest(h->arrived_ns, d->delivered_ns),
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
    delivery_put(r, f, direction, &chunk, &piece);
    held_list_cut_first(r, d, piece.length);
    if (d->held != NULL && d->held->offset > d->next_offset)
        d->hole_since_ns = chunk.captured_ns;
}

/* What stood beyond any window and was never acknowledged was not taken by anyone. */
static bool drop_far(struct reassembly *r, struct flow *f, int direction)
{
    struct direction *d = flow_direction(f, direction);
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

/* Delivers the hole in front of a direction, up to the offset `limit`, as a gap. */
static void deliver_gap(struct reassembly *r, struct flow *f, int direction,
                        uint64_t limit)
{
    struct direction *d = flow_direction(f, direction);
    if (d->held != NULL && limit == d->held->offset && drop_far(r, f, direction))
        return;
    /* What was not captured passed before what follows it, for all one can tell: the
     * receiver waited for nothing, and what follows keeps its own time. */
    int64_t passed_ns = d->hole->given_up_ns;
    if (d->held != NULL && d->held->arrived_ns < passed_ns)
        passed_ns = d->held->arrived_ns;
    struct chunk chunk = {
        .captured_ns = latest(passed_ns, d->delivered_ns),
        .ref = d->hole->given_up_ref,
        .peer_acked = OFFSET_UNKNOWN,
    };
    if (d->held != NULL && limit == d->held->offset)
        chunk.stalled_ns = end_stall(f, direction, d->hole->given_up_ns);
    delivery_put_gap(r, f, direction, chunk, limit - d->next_offset);
}

/* Delivers all whose turn has come, of both directions. */
static void drain(struct reassembly *r, struct flow *f)
{
    if (flow_is_smooth(f)) return;
    for (struct turn t = turn_find(f); t.direction >= 0; t = turn_find(f)) {
        if (t.is_gap)
            deliver_gap(r, f, t.direction, t.limit);
        else
            deliver_held(r, f, t.direction, t.limit);
    }
}

static void give_up_first_hole(struct reassembly *r, struct flow *f, int direction,
                               int64_t now_ns, uint64_t ref)
{
    struct direction *d = flow_direction(f, direction);
    if (drop_far(r, f, direction)) return;
    if (d->next_offset >= d->fin_offset) { /* beyond the FIN: nobody took it */
        held_list_drop_first(r, d);
        return;
    }
    acked_hole_give_up(f, direction, d->held->offset, now_ns, ref);
    drain(r, f);
}

static void keep_caps(struct reassembly *r, struct flow *f, int direction,
                      int64_t now_ns, uint64_t ref)
{
    struct direction *d = flow_direction(f, direction);
    if (turn_front(f, direction) != NULL && d->held_bytes > REPLY_BYTES_MAX) {
        acked_hole_settle(f, 1 - direction);
        drain(r, f);
    }
    while (d->held != NULL && (d->held_bytes > TCP_HELD_BYTES_MAX ||
                               d->held_count > TCP_HELD_SEGMENTS_MAX ||
                               r->held_bytes_all > TCP_HELD_BYTES_ALL_MAX)) {
        acked_hole_settle(f, direction);
        acked_hole_settle(f, 1 - direction);
        drain(r, f);
        if (d->held != NULL) give_up_first_hole(r, f, direction, now_ns, ref);
    }
}

void reassembly_expire(struct reassembly *r, struct flow *f, int64_t now_ns)
{
    if (flow_is_smooth(f)) return;
    for (int i = 0; i < 2; i++) {
        struct direction *d = &f->direction[i];
        while (direction_is_awaited(d) && now_ns - d->hole->since_ns > REPLY_WAIT_NS) {
            acked_hole_expire(f, i);
            drain(r, f);
        }
        bool is_one_sided = flow_account(f, 1 - i)->packets == 0;
        const struct held *first = NULL; /* what still waits for its turn is left */
        while (is_one_sided && d->held != NULL && d->held != first &&
               now_ns - d->hole_since_ns > ONE_SIDED_WAIT_NS) {
            first = d->held;
            give_up_first_hole(r, f, i, now_ns, f->conn.last_ref);
        }
    }
}

/* ---- segments ---- */

/* What the segment repeats of bytes already delivered is counted and cut off. */
static void cut_delivered(const struct reassembly *r, struct flow *f,
                          const struct segment *s, struct piece *piece)
{
    struct direction *d = s->own;
    int64_t behind = (int64_t)(d->next_offset - piece->offset);
    if (behind <= 0) return;
    uint32_t old = behind < piece->length ? (uint32_t)behind : piece->length;
    flow_trouble(f, s->from)->retransmitted_bytes += old;
    conflicts_check(r, f, s, piece->offset, bytes_first(piece->data, old));
    piece_skip(piece, old);
}

/* Of a piece in front of held bytes, only what stands before them. */
static void place_before_held(struct reassembly *r, struct flow *f,
                              const struct segment *s, struct chunk *chunk,
                              struct piece *piece)
{
    const struct held *held = s->own->held;
    struct piece now = *piece;
    if (held->offset - piece->offset < now.length)
        now.length = (uint32_t)(held->offset - piece->offset);
    now.data = bytes_first(now.data, now.length);
    if (now.offset + now.length == held->offset)
        chunk->stalled_ns = end_stall(f, s->from, s->now_ns);
    piece_skip(piece, now.length);
    delivery_put(r, f, s->from, chunk, &now);
}

static void place_in_order(struct reassembly *r, struct flow *f,
                           const struct segment *s, struct piece *piece)
{
    const struct direction *d = s->own;
    struct chunk chunk = {
        .captured_ns = s->now_ns,
        .ref = s->ref,
        .peer_acked = held_list_acked_before(d->held, s->acked),
    };
    if (d->held != NULL) {
        place_before_held(r, f, s, &chunk, piece);
    } else {
        delivery_put(r, f, s->from, &chunk, piece);
        piece->length = 0;
    }
    acked_hole_look(f, s->from);
    drain(r, f);
}

static void place(struct reassembly *r, struct flow *f, const struct segment *s)
{
    struct direction *d = s->own;
    struct piece piece = piece_of(s->packet, s->offset);
    if (d->held != NULL || piece.offset != d->next_offset)
        piece.is_resent = (int64_t)(d->next_offset - piece.offset) > 0 ||
                          held_list_has_any(d, piece.offset, piece.length);
    piece.is_late = piece.offset < flow_account(f, s->from)->acked_by_peer;
    while (piece.length > 0) {
        cut_delivered(r, f, s, &piece);
        if (piece.length == 0) break;
        bool is_next = piece.offset == d->next_offset && turn_front(f, s->from) == NULL;
        if (is_next &&
            !turn_must_wait(f, s->from, held_list_acked_before(d->held, s->acked)))
            place_in_order(r, f, s, &piece);
        else
            held_list_place(r, f, s, &piece);
    }
}

void reassembly_push(struct reassembly *r, struct flow *f, const struct segment *s)
{
    struct direction *d = s->own;
    uint64_t repeated_before =
        conn_trouble(flow_account(f, s->from))->retransmitted_bytes;
    uint64_t end = s->offset + s->packet->payload_length;
    bool is_late = (int64_t)(end - d->highest_offset) <= 0;
    if (!is_late && !s->is_far) d->highest_offset = end;
    place(r, f, s);
    acked_hole_look(f, s->from);
    if (d->held != NULL && !direction_is_awaited(d)) /* acknowledged long ago */
        acked_hole_await(f, s->from, s);
    drain(r, f);
    /* Looked up once more: what was delivered may have exchanged the sides. */
    uint64_t repeated =
        conn_trouble(flow_account(f, s->from))->retransmitted_bytes - repeated_before;
    if (repeated > 0) flow_trouble(f, s->from)->retransmitted_segments++;
    if (is_late && repeated < s->packet->payload_length)
        flow_trouble(f, s->from)->out_of_order_segments++;
    keep_caps(r, f, s->from, s->now_ns, s->ref);
}

static void put_end(struct reassembly *r, struct flow *f, int direction,
                    enum chunk_end how, int64_t now_ns, uint64_t ref)
{
    struct direction *d = flow_direction(f, direction);
    while (d->held != NULL) /* beyond the FIN: nobody took it */
        if (!drop_far(r, f, direction)) held_list_drop_first(r, d);
    d->is_ended = true;
    if (d->hole != NULL) d->hole->since_ns = TIME_UNKNOWN;
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
        if (!direction_is_at_fin(&f->direction[i])) continue;
        if (turn_must_wait(f, i, flow_account(f, i)->fin_acked)) continue;
        put_end(r, f, i, CHUNK_END_FIN, now_ns, ref);
    }
}

void reassembly_end(struct reassembly *r, struct flow *f, int direction,
                    enum chunk_end how, int64_t now_ns, uint64_t ref)
{
    struct direction *d = flow_direction(f, direction);
    if (d->is_ended) return;
    acked_hole_settle(f, direction);
    acked_hole_settle(f, 1 - direction);
    uint64_t up_to = d->fin_offset;
    if (up_to == OFFSET_UNKNOWN) up_to = acked_hole_missing_up_to(f, direction);
    if (d->is_based) acked_hole_give_up(f, direction, up_to, now_ns, ref);
    drain(r, f);
    while (d->held != NULL) give_up_first_hole(r, f, direction, now_ns, ref);
    if (d->fin_offset <= d->next_offset) how = CHUNK_END_FIN;
    put_end(r, f, direction, how, now_ns, ref);
}
