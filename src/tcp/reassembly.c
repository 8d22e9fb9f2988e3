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

/* ---- delivery ---- */

static void advance(struct direction *d, uint64_t count)
{
    d->next_offset += count;
    d->next_seq += (uint32_t)count;
    if (d->highest_offset < d->next_offset) d->highest_offset = d->next_offset;
}

static void deliver_gap(struct reassembly *r, struct flow *f, int direction,
                        struct chunk chunk, uint64_t missing)
{
    struct direction *d = &f->direction[direction];
    struct conn_side *account = flow_account(f, direction);
    chunk.kind = CHUNK_GAP;
    chunk.from = flow_side(f, direction);
    chunk.offset = d->next_offset;
    chunk.missing = missing;
    chunk.data = bytes_of(NULL, 0);
    advance(d, missing);
    account->gaps++;
    history_count(f, direction, 'g', account->gaps);
    account->missing_bytes += missing;
    account->end_offset = d->next_offset;
    conn_note(&f->conn, FINDING_TCP_GAP, SEVERITY_UNKNOWN, &chunk, chunk.offset,
              bytes_of(NULL, 0));
    r->sink.chunk(r->sink.context, &f->conn, &chunk);
}

/* `chunk` brings kind-independent members: time, packet, ACK, stall. */
static void deliver(struct reassembly *r, struct flow *f, int direction,
                    struct chunk chunk, const struct piece *piece)
{
    struct direction *d = &f->direction[direction];
    struct conn_side *account = flow_account(f, direction);
    if (piece->data.len > 0) {
        chunk.kind = CHUNK_DATA;
        chunk.from = flow_side(f, direction);
        chunk.offset = d->next_offset;
        chunk.starts_segment = piece->starts_segment;
        chunk.data = bytes_first(piece->data, piece->length);
        conflicts_remember(r, d, chunk.offset, chunk.data);
        advance(d, chunk.data.len);
        account->bytes += chunk.data.len;
        account->end_offset = d->next_offset;
        account->last_payload_ns = chunk.captured_ns;
        r->sink.chunk(r->sink.context, &f->conn, &chunk);
    }
    if (piece->data.len < piece->length) { /* the snaplen cut the rest */
        chunk.stalled_ns = 0;
        deliver_gap(r, f, direction, chunk, piece->length - piece->data.len);
    }
}

/* ---- holes ---- */

/* The peer has acknowledged what we have not seen: its own bytes wait meanwhile. */
static bool is_blocked(const struct flow *f, int direction)
{
    return f->direction[1 - direction].acked_hole_ns != TIME_UNKNOWN;
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

static void deliver_held(struct reassembly *r, struct flow *f, int direction,
                         int64_t released_ns)
{
    struct direction *d = &f->direction[direction];
    const struct held *h = d->held;
    struct chunk chunk = {
        .captured_ns = h->arrived_ns > released_ns ? h->arrived_ns : released_ns,
        .ref = h->ref,
        .peer_acked = h->peer_acked,
    };
    struct piece piece = {
        .offset = h->offset,
        .length = h->length,
        .data = bytes_of(h->data, h->captured),
        .starts_segment = h->starts_segment,
    };
    deliver(r, f, direction, chunk, &piece);
    held_list_drop_first(r, d);
    if (d->held != NULL && d->held->offset > d->next_offset)
        d->hole_since_ns = chunk.captured_ns;
}

/* The direction whose held bytes are next; the one that was captured first, if both may
 * go on. -1: neither. */
static int find_deliverable(const struct flow *f)
{
    int found = -1;
    for (int i = 0; i < 2; i++) {
        const struct held *h = f->direction[i].held;
        if (h == NULL || h->offset != f->direction[i].next_offset || is_blocked(f, i))
            continue;
        if (found < 0 || h->arrived_ns < f->direction[found].held->arrived_ns)
            found = i;
    }
    return found;
}

/* Delivers what held bytes can be, in the order they came. Those of `direction` waited
 * for a hole that was closed at `released_ns`; the others only for their turn. */
static void drain(struct reassembly *r, struct flow *f, int direction,
                  int64_t released_ns)
{
    for (int i = find_deliverable(f); i >= 0; i = find_deliverable(f))
        deliver_held(r, f, i, i == direction ? released_ns : TIME_UNKNOWN);
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
        deliver_gap(r, f, direction, chunk, up_to - d->next_offset);
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
    if (is_blocked(f, direction) && d->held_bytes > REPLY_BYTES_MAX)
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
        .peer_acked = s->acked,
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
    deliver(r, f, s->from, chunk, &now);
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
    };
    while (piece.length > 0) {
        cut_delivered(r, f, s, &piece);
        if (piece.length == 0) break;
        bool is_next = piece.offset == d->next_offset && !is_blocked(f, s->from);
        /* Held bytes at the very front are those that wait behind a block. */
        if (is_next && (d->held == NULL || d->held->offset > piece.offset))
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

void reassembly_deliver_fins(struct reassembly *r, struct flow *f, int64_t now_ns,
                             uint64_t ref)
{
    for (int i = 0; i < 2; i++) {
        const struct direction *d = &f->direction[i];
        bool is_reached = d->fin_offset <= d->next_offset && !is_blocked(f, i);
        if (is_reached) reassembly_end(r, f, i, CHUNK_END_FIN, now_ns, ref);
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
