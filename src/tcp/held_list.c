/* Segments that wait for a hole before them to be filled: a list by offset, disjoint,
 * each with a copy of its bytes. Of bytes that overlap, the first arrival is kept. */
#include "tcp/flow.h"

#include <string.h>

void piece_skip(struct piece *p, uint32_t count)
{
    p->offset += count;
    p->length -= count;
    p->data = bytes_from(p->data, count);
    p->starts_segment = false;
}

void held_list_drop_first(struct reassembly *r, struct direction *d)
{
    struct held *h = d->held;
    d->held = h->next;
    if (d->held == NULL) d->held_last = NULL;
    d->held_bytes -= h->length;
    d->held_count--;
    r->held_bytes_all -= h->length;
    mem_free(h);
}

/* `piece` begins inside `h`: skips what `h` has already, first arrival wins. */
static void skip_shared(struct flow *f, const struct segment *s, const struct held *h,
                        struct piece *piece)
{
    uint64_t into = piece->offset - h->offset;
    uint32_t shared = h->length - (uint32_t)into;
    if (shared > piece->length) shared = piece->length;
    if (into < h->captured) {
        size_t both = h->captured - (size_t)into;
        if (both > shared) both = shared;
        if (both > piece->data.len) both = piece->data.len;
        if (both > 0 && memcmp(h->data + h->start + into, piece->data.ptr, both) != 0)
            conflicts_note(f, s, piece->offset, bytes_first(piece->data, both), h->ttl);
    }
    flow_trouble(f, s->from)->retransmitted_bytes += shared;
    piece_skip(piece, shared);
}

/* Bytes further on in the stream were first sent no earlier: what is sent again with a
 * later ACK was first sent with theirs at most. */
uint64_t held_list_acked_before(const struct held *next, uint64_t acked)
{
    return next != NULL && next->peer_acked < acked ? next->peer_acked : acked;
}

bool held_list_has_any(const struct direction *d, uint64_t offset, uint32_t length)
{
    const struct held *h = d->held, *last = d->held_last;
    /* Most come behind all of them. */
    if (last == NULL || (int64_t)(last->offset + last->length - offset) <= 0)
        return false;
    while ((int64_t)(h->offset + h->length - offset) <= 0) h = h->next;
    return (int64_t)(offset + length - h->offset) > 0;
}

bool held_list_has_all(const struct direction *d, uint64_t offset, uint32_t length)
{
    uint64_t end = offset + length;
    if ((int64_t)(d->next_offset - offset) > 0) offset = d->next_offset;
    for (const struct held *h = d->held; h != NULL && h->offset <= offset; h = h->next)
        if (h->offset + h->length > offset) offset = h->offset + h->length;
    return (int64_t)(end - offset) <= 0;
}

/* Copies the first `length` bytes of the piece behind `after` (NULL: to the front). */
static void insert(struct reassembly *r, const struct segment *s, struct held *after,
                   const struct piece *piece, uint32_t length)
{
    struct direction *d = s->own;
    struct bytes data = bytes_first(piece->data, length);
    struct held *h = mem_alloc(sizeof *h + data.len);
    h->offset = piece->offset;
    h->length = length;
    h->captured = (uint32_t)data.len;
    h->ref = s->ref;
    h->arrived_ns = s->now_ns;
    h->ttl = s->packet->ttl;
    h->starts_segment = piece->starts_segment;
    h->is_resent = piece->is_resent;
    h->is_late = piece->is_late;
    h->is_far = s->is_far;
    if (data.len > 0) memcpy(h->data, data.ptr, data.len);
    if (d->held == NULL) d->hole_since_ns = s->now_ns;
    h->next = after == NULL ? d->held : after->next;
    h->peer_acked = held_list_acked_before(h->next, s->acked);
    if (after == NULL)
        d->held = h;
    else
        after->next = h;
    if (h->next == NULL) d->held_last = h;
    d->held_bytes += length;
    d->held_count++;
    r->held_bytes_all += length;
}

/* The last held segment that begins at or before `offset`, or NULL. */
static struct held *find_before(const struct direction *d, uint64_t offset)
{
    if (d->held_last != NULL && d->held_last->offset <= offset) return d->held_last;
    struct held *before = NULL;
    for (struct held *h = d->held; h != NULL && h->offset <= offset; h = h->next)
        before = h;
    return before;
}

/* What was sent with an ACK, or before bytes that were, had not received more. */
static void lower_claims(struct direction *d, uint64_t end, uint64_t acked)
{
    if (d->held_last == NULL || d->held_last->peer_acked <= acked) return;
    for (struct held *h = d->held; h != NULL && h->offset < end; h = h->next) {
        if (h->peer_acked <= acked) continue;
        bool is_whole = h->offset + h->length <= end;
        if (is_whole) h->peer_acked = acked;
        h->is_resent |= !is_whole;
    }
}

void held_list_place(struct reassembly *r, struct flow *f, const struct segment *s,
                     struct piece *piece)
{
    struct direction *d = s->own;
    lower_claims(d, piece->offset + piece->length, s->acked);
    struct held *before = find_before(d, piece->offset);
    while (piece->length > 0) {
        if (before != NULL && piece->offset < before->offset + before->length) {
            skip_shared(f, s, before, piece);
            continue;
        }
        struct held *next = before == NULL ? d->held : before->next;
        uint32_t room = piece->length;
        if (next != NULL && next->offset - piece->offset < room)
            room = (uint32_t)(next->offset - piece->offset);
        if (room > 0) {
            insert(r, s, before, piece, room);
            before = before == NULL ? d->held : before->next;
            piece_skip(piece, room);
        } else {
            before = next;
        }
    }
}

/* Cuts off what has been delivered of the first one. */
void held_list_cut_first(struct reassembly *r, struct direction *d, uint32_t count)
{
    struct held *h = d->held;
    if (count >= h->length) {
        held_list_drop_first(r, d);
        return;
    }
    uint32_t captured = count < h->captured ? count : h->captured;
    h->offset += count;
    h->length -= count;
    h->start += captured;
    h->captured -= captured;
    h->starts_segment = false;
    d->held_bytes -= count;
    r->held_bytes_all -= count;
}

void held_list_drop_all(struct reassembly *r, struct direction *d)
{
    while (d->held != NULL) held_list_drop_first(r, d);
}
