/* Retransmissions that contradict what was delivered (HAZARDS 3). The bytes are gone by
 * then, so a keyed hash of each of the last 32 delivered segments is kept:
 *
 *   ring of { offset, length, hash } <-- delivered      retransmission --> every entry
 *                                                       that lies whole inside it
 *
 * The ring begins small and doubles when it is full: most directions say little, and a
 * closed connection lingers with its rings. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tcp/flow.h"

enum {
    CONFLICTS_RING = 32,
    CONFLICTS_RING_FIRST = 4, /* with its head it fills one cache line */
};

struct delivered {
    uint32_t offset; /* low half of the stream offset */
    uint16_t length; /* segments over 64 KiB are not kept */
    uint8_t ttl;
    uint32_t hash;
};

struct delivered_ring {
    uint32_t count;    /* ever added */
    uint32_t capacity; /* a power of two */
    struct delivered entry[];
};

static uint32_t hash_of(const struct reassembly *r, struct bytes data)
{
    return (uint32_t)XXH3_64bits_withSeed(data.ptr, data.len, r->key.k0);
}

/* Until it has its full size, a full ring has not wrapped: it only becomes longer. */
static struct delivered_ring *make_room(struct delivered_ring *ring)
{
    if (ring != NULL &&
        (ring->count < ring->capacity || ring->capacity == CONFLICTS_RING))
        return ring;
    uint32_t capacity = ring == NULL ? CONFLICTS_RING_FIRST : ring->capacity * 2;
    uint32_t count = ring == NULL ? 0 : ring->count;
    ring = mem_resize(ring, sizeof *ring + capacity * sizeof ring->entry[0]);
    ring->count = count;
    ring->capacity = capacity;
    return ring;
}

void conflicts_remember(const struct reassembly *r, struct direction *d,
                        uint64_t offset, struct bytes data, uint8_t ttl)
{
    if (data.len > UINT16_MAX) return;
    struct delivered_ring *ring = d->delivered = make_room(d->delivered);
    ring->entry[ring->count++ % ring->capacity] = (struct delivered){
        .offset = (uint32_t)offset,
        .length = (uint16_t)data.len,
        .ttl = ttl,
        .hash = hash_of(r, data),
    };
}

void conflicts_note(struct flow *f, const struct segment *s, uint64_t offset,
                    struct bytes evidence, uint8_t first_ttl)
{
    uint8_t usual_ttl = f->direction[s->from].usual_ttl;
    struct chunk at = {
        .from = flow_side(f, s->from),
        .ref = s->ref,
        .captured_ns = s->now_ns,
    };
    flow_trouble(f, s->from)->overlap_conflicts++;
    conn_note(&f->conn, FINDING_TCP_OVERLAP_CONFLICT, SEVERITY_UNKNOWN, &at, offset,
              evidence);
    if (s->packet->ttl != usual_ttl || first_ttl != usual_ttl)
        conn_note(&f->conn, FINDING_TCP_TTL_CONFLICT, SEVERITY_UNKNOWN, &at, offset,
                  evidence);
}

void conflicts_check(const struct reassembly *r, struct flow *f,
                     const struct segment *s, uint64_t offset, struct bytes data)
{
    const struct delivered_ring *ring = f->direction[s->from].delivered;
    if (ring == NULL) return;
    uint32_t count = ring->count < ring->capacity ? ring->count : ring->capacity;
    for (uint32_t i = 0; i < count; i++) {
        const struct delivered *e = &ring->entry[i];
        uint32_t into = e->offset - (uint32_t)offset;
        if (into >= data.len || e->length > data.len - into) continue;
        struct bytes again = bytes_first(bytes_from(data, into), e->length);
        if (hash_of(r, again) == e->hash) continue;
        conflicts_note(f, s, offset + into, again, e->ttl);
        return;
    }
}
