/* The requests that wait, oldest first, in a ring that grows with their number:
 *
 *   none so far: nothing | one at a time: `alone` | more: | 3 | 4 |   |   | 1 | 2 |
 *                                                                   first --'
 *
 * One at a time is what most connections ever have. */
#include "http/pairing.h"

void pairing_init(struct pairing *q, bool is_lossy)
{
    q->is_lossy = q->is_blind = q->is_entered = is_lossy;
}

void pairing_done(struct pairing *q)
{
    if (q->ring != &q->alone) mem_free(q->ring);
    q->ring = NULL;
}

void pairing_drop_ring(struct pairing *q)
{
    pairing_done(q);
    q->capacity = q->first = 0;
}

void pairing_rest(struct pairing *q)
{
    if (q->count > 0) return;
    pairing_drop_ring(q);
    q->alone = (struct pairing_entry){.number = 0};
}

void pairing_moved(struct pairing *q)
{
    if (q->capacity == 1) q->ring = &q->alone;
}

static void pairing_grow(struct pairing *q)
{
    uint32_t capacity = q->capacity == 1 ? PAIRING_RING_CAPACITY : q->capacity * 2;
    struct pairing_entry *ring = mem_alloc_array(capacity, sizeof *ring);
    for (uint32_t i = 0; i < q->count; i++) ring[i] = *pairing_at(q, i);
    pairing_done(q);
    q->ring = ring;
    q->capacity = capacity;
    q->first = 0;
}

struct pairing_entry *pairing_append(struct pairing *q)
{
    if (q->capacity == 0) {
        q->ring = &q->alone;
        q->capacity = 1;
    } else if (q->count == q->capacity) {
        pairing_grow(q);
    }
    return pairing_at(q, q->count++);
}
