/* Closed connections that were handed over before their time, in order of closing, and
 * an index by hash. A capture that has none of them pays for an empty index.
 *
 *   bucket | - | 7 | - | 3 | ...        number of a place, 0: none
 *                '--> place | oldest ... life ... newest |
 *                                          '--next--> an older one of that bucket
 *
 * A life that is taken out in the middle keeps its place until it is the oldest. */
#include "tcp/past_ring.h"

#include <string.h>

enum {
    PLACES_FIRST = 1 << 6,
    NO_PLACE = 0,
    DEAD = 1 << 30, /* as `next`: beyond any place */
    AHEAD = 8,      /* adds: so long before, memory is asked for */
};

struct past_ring {
    uint32_t capacity;     /* a power of two */
    uint32_t first, count; /* of the places in use, the dead ones included */
    uint32_t live;         /* of them */
    struct past_life *place;
    uint32_t *bucket; /* twice as many as places */
};

static uint32_t *bucket_of(const struct past_ring *r, uint64_t hash)
{
    return &r->bucket[hash & (r->capacity * 2 - 1)];
}

static struct past_life *place_of(const struct past_ring *r, uint32_t index)
{
    return &r->place[(r->first + index) & (r->capacity - 1)];
}

/* Makes the bucket of its hash lead to a life that stands in its place. */
static void enter(struct past_ring *r, struct past_life *place)
{
    uint32_t *bucket = bucket_of(r, place->hash);
    place->next = *bucket;
    *bucket = (uint32_t)(place - r->place) + 1;
}

static void append(struct past_ring *r, const struct past_life *life)
{
    struct past_life *place = place_of(r, r->count++);
    *place = *life;
    enter(r, place);
    r->live++;
}

static void make_buckets(struct past_ring *r)
{
    r->bucket = mem_alloc_array((size_t)r->capacity * 2, sizeof *r->bucket);
}

/* Moves what is live to a ring of that size, or makes the first one. */
static void reserve(struct past_ring *r, uint32_t capacity)
{
    const struct past_ring old = *r;
    r->capacity = capacity;
    r->first = r->count = r->live = 0;
    r->place = mem_alloc_array(capacity, sizeof *r->place);
    make_buckets(r);
    for (uint32_t i = 0; i < old.count; i++) {
        const struct past_life *life = place_of(&old, i);
        if (life->next != DEAD) append(r, life);
    }
    mem_free(old.place);
    mem_free(old.bucket);
}

/* Twice as many places. The lives stay where they are, in memory that the allocator
 * only moves in the page table; of a full ring, those behind its end go there. */
static void grow(struct past_ring *r)
{
    uint32_t old = r->capacity;
    r->capacity = old * 2;
    r->place = mem_resize(r->place, r->capacity * sizeof *r->place);
    memcpy(r->place + old, r->place, r->first * sizeof *r->place);
    mem_free(r->bucket);
    make_buckets(r);
    for (uint32_t i = 0; i < r->count; i++) {
        struct past_life *life = place_of(r, i);
        if (life->next != DEAD) enter(r, life);
    }
}

struct past_ring *past_ring_new(void)
{
    struct past_ring *r = mem_alloc(sizeof *r);
    reserve(r, PLACES_FIRST);
    return r;
}

void past_ring_free(struct past_ring *r)
{
    if (r == NULL) return;
    mem_free(r->place);
    mem_free(r->bucket);
    mem_free(r);
}

bool past_ring_clear(struct past_ring *r)
{
    if (r->capacity == PLACES_FIRST) return false;
    r->count = 0;
    reserve(r, PLACES_FIRST);
    return true;
}

void past_ring_prefetch_bucket(const struct past_ring *r, uint64_t hash)
{
    mem_prefetch(bucket_of(r, hash), 1);
}

void past_ring_prefetch_life(const struct past_ring *r, uint64_t hash)
{
    uint32_t number = *bucket_of(r, hash);
    if (number != NO_PLACE) mem_prefetch(&r->place[number - 1], sizeof *r->place);
}

void past_ring_remove(struct past_ring *r, struct past_life *life)
{
    uint32_t *link = bucket_of(r, life->hash);
    while (&r->place[*link - 1] != life) link = &r->place[*link - 1].next;
    *link = life->next;
    life->next = DEAD;
    r->live--;
}

static void drop_oldest(struct past_ring *r)
{
    struct past_life *oldest = place_of(r, 0);
    if (oldest->next != DEAD) past_ring_remove(r, oldest);
    r->first = (r->first + 1) & (r->capacity - 1);
    r->count--;
}

/* Where the dead ones are half of all, moving the others makes room without a larger
 * ring. */
static void make_room(struct past_ring *r)
{
    if (r->count < r->capacity) return;
    if (r->live * 2 <= r->capacity)
        reserve(r, r->capacity);
    else
        grow(r);
}

static bool is_oldest_over(const struct past_ring *r, int64_t closed_before_ns)
{
    const struct past_life *oldest = place_of(r, 0);
    return oldest->next == DEAD || oldest->since_ns < closed_before_ns;
}

/* What is next to be dropped and written has not been looked at for long. */
static void prefetch_soon(const struct past_ring *r)
{
    if (r->count <= 2 * AHEAD) return; /* those that far are none */
    past_ring_prefetch_bucket(r, place_of(r, AHEAD)->hash);
    mem_prefetch(place_of(r, 2 * AHEAD), 1);
    mem_prefetch(place_of(r, r->count + AHEAD), 1);
}

void past_ring_add(struct past_ring *r, const struct past_life *life,
                   int64_t closed_before_ns)
{
    while (r->count > 0 && is_oldest_over(r, closed_before_ns)) drop_oldest(r);
    if (r->live == TCP_PAST_MAX)
        drop_oldest(r); /* it lives: no dead one is before it */
    make_room(r);
    append(r, life);
    prefetch_soon(r);
}

struct past_life *past_ring_find(const struct past_ring *r, uint64_t hash)
{
    uint32_t number = *bucket_of(r, hash);
    while (number != NO_PLACE && r->place[number - 1].hash != hash)
        number = r->place[number - 1].next;
    return number == NO_PLACE ? NULL : &r->place[number - 1];
}
