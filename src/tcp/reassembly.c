/* Reassembly of one direction of a TCP connection (RFC 9293, section 3.4).
 * Segments enter in capture order; chunks leave in sequence order, each byte once, the
 * first copy that arrived.
 *
 *   segment --> in order? --yes------------------------------> chunk (not copied)
 *                   '-----no---> held list --hole filled-----> chunk
 *                                          '-hole given up---> gap, then chunk */
#include "tcp/flow.h"

#include <string.h>

/* The part of a segment that is still to be placed. */
struct piece {
    uint64_t offset;
    uint32_t length;   /* on the wire */
    struct bytes data; /* captured part; shorter than length where the snaplen cut */
    bool starts_segment;
};

static void piece_skip(struct piece *p, uint32_t count)
{
    p->offset += count;
    p->length -= count;
    p->data = bytes_from(p->data, count);
    p->starts_segment = false;
}

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

/* ---- held segments ---- */

static void drop_first_held(struct reassembly *r, struct direction *d)
{
    struct held *h = d->held;
    d->held = h->next;
    if (d->held == NULL) d->held_last = NULL;
    d->held_bytes -= h->length;
    d->held_count--;
    r->held_bytes_all -= h->length;
    mem_free(h);
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

static void drain(struct reassembly *r, struct flow *f, int direction, int64_t now_ns)
{
    struct direction *d = &f->direction[direction];
    while (d->held != NULL && d->held->offset == d->next_offset) {
        const struct held *h = d->held;
        struct chunk chunk = {
            .captured_ns = now_ns,
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
        drop_first_held(r, d);
    }
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
    if (d->held != NULL) chunk.stalled_ns = end_stall(f, direction, now_ns);
    deliver_gap(r, f, direction, chunk, up_to - d->next_offset);
    drain(r, f, direction, now_ns);
}

static void note_conflict(struct flow *f, const struct segment *s, uint64_t offset,
                          struct bytes evidence)
{
    struct chunk at = {
        .from = flow_side(f, s->from),
        .ref = s->ref,
        .captured_ns = s->now_ns,
    };
    flow_account(f, s->from)->overlap_conflicts++;
    conn_note(&f->conn, FINDING_TCP_OVERLAP_CONFLICT, SEVERITY_UNKNOWN, &at, offset,
              evidence);
}

/* `piece` begins inside `h`: skips what `h` has already, first arrival wins. */
static void skip_held(struct flow *f, const struct segment *s, const struct held *h,
                      struct piece *piece)
{
    uint64_t into = piece->offset - h->offset;
    uint32_t shared = h->length - (uint32_t)into;
    if (shared > piece->length) shared = piece->length;
    if (into < h->captured) {
        size_t both = h->captured - (size_t)into;
        if (both > shared) both = shared;
        if (both > piece->data.len) both = piece->data.len;
        if (both > 0 && memcmp(h->data + into, piece->data.ptr, both) != 0)
            note_conflict(f, s, piece->offset, bytes_first(piece->data, both));
    }
    flow_account(f, s->from)->retransmitted_bytes += shared;
    piece_skip(piece, shared);
}

/* Copies the first `length` bytes of the piece behind `after` (NULL: to the front). */
static void hold(struct reassembly *r, struct flow *f, const struct segment *s,
                 struct held *after, const struct piece *piece, uint32_t length)
{
    struct direction *d = &f->direction[s->from];
    struct bytes data = bytes_first(piece->data, length);
    struct held *h = mem_alloc(sizeof *h + data.len);
    h->offset = piece->offset;
    h->length = length;
    h->captured = (uint32_t)data.len;
    h->ref = s->ref;
    h->peer_acked = s->acked;
    h->starts_segment = piece->starts_segment;
    if (data.len > 0) memcpy(h->data, data.ptr, data.len);
    if (d->held == NULL) d->hole_since_ns = s->now_ns;
    h->next = after == NULL ? d->held : after->next;
    if (after == NULL)
        d->held = h;
    else
        after->next = h;
    if (h->next == NULL) d->held_last = h;
    d->held_bytes += length;
    d->held_count++;
    r->held_bytes_all += length;
}

/* Places what stands behind a hole into the held list, around what is there already. */
static void hold_piece(struct reassembly *r, struct flow *f, const struct segment *s,
                       struct piece *piece)
{
    struct direction *d = &f->direction[s->from];
    struct held *before = NULL;
    if (d->held_last != NULL && d->held_last->offset <= piece->offset)
        before = d->held_last;
    else
        for (struct held *h = d->held; h != NULL && h->offset <= piece->offset;
             h = h->next)
            before = h;
    while (piece->length > 0) {
        if (before != NULL && piece->offset < before->offset + before->length) {
            skip_held(f, s, before, piece);
            continue;
        }
        struct held *next = before == NULL ? d->held : before->next;
        uint32_t room = piece->length;
        if (next != NULL && next->offset - piece->offset < room)
            room = (uint32_t)(next->offset - piece->offset);
        if (room > 0) {
            hold(r, f, s, before, piece, room);
            before = before == NULL ? d->held : before->next;
            piece_skip(piece, room);
        } else {
            before = next;
        }
    }
}

static void keep_caps(struct reassembly *r, struct flow *f, const struct segment *s)
{
    struct direction *d = &f->direction[s->from];
    while (d->held != NULL && (d->held_bytes > TCP_HELD_BYTES_MAX ||
                               d->held_count > TCP_HELD_SEGMENTS_MAX ||
                               r->held_bytes_all > TCP_HELD_BYTES_ALL_MAX))
        give_up_hole(r, f, s->from, d->held->offset, s->now_ns, s->ref);
}

/* ---- public ---- */

/* What the segment repeats of bytes already delivered is counted and cut off. */
static void cut_delivered(struct flow *f, const struct segment *s, struct piece *piece)
{
    struct direction *d = &f->direction[s->from];
    int64_t behind = (int64_t)(d->next_offset - piece->offset);
    if (behind <= 0) return;
    uint32_t old = behind < piece->length ? (uint32_t)behind : piece->length;
    flow_account(f, s->from)->retransmitted_bytes += old;
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
    drain(r, f, s->from, s->now_ns);
}

void reassembly_push(struct reassembly *r, struct flow *f, const struct segment *s)
{
    struct direction *d = &f->direction[s->from];
    struct piece piece = {
        .offset = s->offset,
        .length = s->packet->payload_length,
        .data = s->packet->payload,
        .starts_segment = true,
    };
    uint64_t repeated_before = flow_account(f, s->from)->retransmitted_bytes;
    uint64_t end = piece.offset + piece.length;
    bool is_late = end <= d->highest_offset;
    if (!is_late) d->highest_offset = end;
    while (piece.length > 0) {
        cut_delivered(f, s, &piece);
        if (piece.length == 0) break;
        if (piece.offset == d->next_offset)
            place_in_order(r, f, s, &piece);
        else
            hold_piece(r, f, s, &piece);
    }
    /* Looked up once more: what was delivered may have exchanged the sides. */
    struct conn_side *account = flow_account(f, s->from);
    uint64_t repeated = account->retransmitted_bytes - repeated_before;
    if (repeated > 0) account->retransmitted_segments++;
    if (is_late && repeated < s->packet->payload_length)
        account->out_of_order_segments++;
    keep_caps(r, f, s);
}

void reassembly_acked(struct reassembly *r, struct flow *f, int direction,
                      uint64_t acked, const struct segment *s)
{
    struct direction *d = &f->direction[direction];
    while (d->held != NULL && d->held->offset <= acked)
        give_up_hole(r, f, direction, d->held->offset, s->now_ns, s->ref);
    /* Nothing is held behind it. A single byte may be a FIN that was not captured; a
     * direction of which no packet was captured is one gap, told at its end. */
    bool is_seen = flow_account(f, direction)->packets > 0;
    uint64_t limit = acked;
    if (d->fin_offset != OFFSET_UNKNOWN && limit > d->fin_offset) limit = d->fin_offset;
    if (is_seen && limit > d->next_offset + 1)
        give_up_hole(r, f, direction, limit, s->now_ns, s->ref);
}

void reassembly_deliver_fin(struct reassembly *r, struct flow *f, int direction,
                            int64_t now_ns, uint64_t ref)
{
    struct direction *d = &f->direction[direction];
    if (d->is_ended || d->fin_offset > d->next_offset) return;
    reassembly_end(r, f, direction, CHUNK_END_FIN, now_ns, ref);
}

void reassembly_end(struct reassembly *r, struct flow *f, int direction,
                    enum chunk_end how, int64_t now_ns, uint64_t ref)
{
    struct direction *d = &f->direction[direction];
    if (d->is_ended) return;
    while (d->held != NULL) give_up_hole(r, f, direction, d->held->offset, now_ns, ref);
    uint64_t acked = flow_account(f, direction)->acked_by_peer;
    uint64_t end = d->fin_offset != OFFSET_UNKNOWN ? d->fin_offset : acked;
    /* One byte acknowledged beyond the last may be a FIN that was not captured. */
    uint64_t doubt = d->fin_offset != OFFSET_UNKNOWN ? 0 : 1;
    if (d->is_based && end > d->next_offset + doubt)
        give_up_hole(r, f, direction, end, now_ns, ref);
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
