/* Retransmissions that contradict what was delivered (HAZARDS 3). The bytes are gone by
 * then, so a keyed hash of each of the last 32 delivered segments is kept:
 *
 *   ring of { offset, length, hash } <-- delivered      retransmission --> every entry
 *                                                       that lies whole inside it
 *
 * The ring begins small, inside its direction, and doubles when it is full: most
 * directions say little, and a closed connection lingers with its rings. */
#include "tcp/flow.h"

enum { CONFLICTS_RING = 32 };

/* Until it has its full size, a full ring has not wrapped: it only becomes longer. */
void conflicts_make_room(struct delivered_ring *ring)
{
    if (ring->capacity == CONFLICTS_RING) return;
    bool is_first = ring->more == NULL;
    ring->capacity *= 2;
    ring->more = mem_resize(ring->more, ring->capacity * sizeof ring->more[0]);
    if (is_first) memcpy(ring->more, ring->first, sizeof ring->first);
}

void conflicts_note(struct flow *f, const struct segment *s, uint64_t offset,
                    struct bytes evidence, uint8_t first_ttl)
{
    uint8_t usual_ttl = s->own->usual_ttl;
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
    const struct delivered_ring *ring = &s->own->delivered;
    const struct delivered *entries = ring->more == NULL ? ring->first : ring->more;
    uint32_t count = ring->count < ring->capacity ? ring->count : ring->capacity;
    for (uint32_t i = 0; i < count; i++) {
        const struct delivered *e = &entries[i];
        uint32_t into = e->offset - (uint32_t)offset;
        if (into >= data.len || e->length > data.len - into) continue;
        struct bytes again = bytes_first(bytes_from(data, into), e->length);
        if (payload_hash(&r->payload_key, again) == e->hash) continue;
        conflicts_note(f, s, offset + into, again, e->ttl);
        return;
    }
}
