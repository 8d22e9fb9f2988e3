/* Segments with a bad checksum (HAZARDS 17). Their receiver drops them, unless it was
 * our own machine's card that had not computed the sum yet. Where a sender has sent
 * good sums before, a bad segment is kept aside until it is known which:
 *
 *   bad segment --> aside --good copy of its bytes--> compared, dropped
 *                     '------ACK beyond it----------> it was real: delivered */
#include "tcp/flow.h"

#include <string.h>

enum {
    DOUBTFUL_KEPT_MAX = 64,     /* per direction; the oldest goes first */
    DOUBTFUL_BELIEVED_MAX = 20, /* real ones after which the sender is trusted */
};

struct doubtful {
    struct doubtful *next;
    uint64_t offset, ref, peer_acked;
    int64_t arrived_ns;
    uint32_t length, captured;
    uint8_t data[];
};

bool doubtful_is(const struct segment *s)
{
    return s->has_bad_checksum && s->own->believed_bad < DOUBTFUL_BELIEVED_MAX;
}

bool doubtful_are_flags(const struct segment *s)
{
    const struct direction *d = s->own;
    return s->has_bad_checksum && d->has_good_checksum && d->believed_bad == 0;
}

static void drop(struct reassembly *r, struct doubtful **link)
{
    struct doubtful *x = *link;
    *link = x->next;
    r->held_bytes_all -= x->captured;
    mem_free(x);
}

void doubtful_drop_all(struct reassembly *r, struct direction *d)
{
    while (d->doubtful != NULL) drop(r, &d->doubtful);
}

void doubtful_keep(struct reassembly *r, const struct segment *s)
{
    struct direction *d = s->own;
    struct bytes data = bytes_first(s->packet->payload, s->packet->payload_length);
    uint32_t count = 0;
    for (const struct doubtful *x = d->doubtful; x != NULL; x = x->next) count++;
    if (count >= DOUBTFUL_KEPT_MAX) drop(r, &d->doubtful);
    struct doubtful **link = &d->doubtful;
    while (*link != NULL) link = &(*link)->next;
    struct doubtful *x = mem_alloc(sizeof *x + data.len);
    x->offset = s->offset;
    x->ref = s->ref;
    x->peer_acked = s->acked;
    x->arrived_ns = s->now_ns;
    x->length = s->packet->payload_length;
    x->captured = (uint32_t)data.len;
    if (data.len > 0) memcpy(x->data, data.ptr, data.len);
    r->held_bytes_all += x->captured;
    *link = x;
}

static void believe(struct reassembly *r, struct flow *f, int direction,
                    const struct doubtful *x)
{
    struct packet packet = {
        .payload = bytes_of(x->data, x->captured),
        .payload_length = x->length,
        .ttl = f->direction[direction].usual_ttl,
    };
    struct segment s = {
        .packet = &packet,
        .from = direction,
        .own = flow_direction(f, direction),
        .peer = flow_direction(f, 1 - direction),
        .offset = x->offset,
        .acked = x->peer_acked,
        .now_ns = x->arrived_ns,
        .ref = x->ref,
    };
    reassembly_push(r, f, &s);
}

void doubtful_acked(struct reassembly *r, struct flow *f, int direction, uint64_t acked)
{
    struct direction *d = flow_direction(f, direction);
    struct doubtful **link = &d->doubtful;
    while (*link != NULL) {
        struct doubtful *x = *link;
        if ((int64_t)(acked - (x->offset + x->length)) < 0) {
            link = &x->next;
            continue;
        }
        *link = x->next; /* out of the list first: what follows may look at it */
        r->held_bytes_all -= x->captured;
        bool is_new = (int64_t)(x->offset + x->length - d->next_offset) > 0;
        if (is_new && !d->is_ended) {
            d->believed_bad++;
            believe(r, f, direction, x);
        }
        mem_free(x);
    }
}

void doubtful_compare(struct reassembly *r, struct flow *f, const struct segment *s)
{
    struct bytes good = bytes_first(s->packet->payload, s->packet->payload_length);
    struct doubtful **link = &s->own->doubtful;
    while (*link != NULL) {
        struct doubtful *x = *link;
        /* Signed: a segment may reach back before the stream's first byte. */
        int64_t x_start = (int64_t)x->offset, good_start = (int64_t)s->offset;
        int64_t x_end = x_start + x->captured,
                good_end = good_start + (int64_t)good.len;
        int64_t start = x_start > good_start ? x_start : good_start;
        int64_t end = x_end < good_end ? x_end : good_end;
        if (end <= start) {
            link = &x->next;
            continue;
        }
        const uint8_t *doubted = x->data + (start - x_start);
        if (memcmp(doubted, good.ptr + (start - good_start), (size_t)(end - start)) !=
            0)
            oddities_note(f, s, FINDING_NET_CHECKSUM_CONFLICT);
        drop(r, link);
    }
}
