/* Open addressing with linear steps; what is removed leaves no mark, those behind it
 * move up:
 *
 *   | a | b | free | c |    a, b: at home or a few steps behind it            */
#include "store/live_ids.h"

#include <string.h>

enum { LIVE_IDS_FIRST = 1 << 10 };

void live_ids_init(struct live_ids *s)
{
    *s = (struct live_ids){.key = hash_key_random(), .capacity = LIVE_IDS_FIRST};
    s->slots = mem_alloc_array(s->capacity, sizeof *s->slots);
}

void live_ids_done(struct live_ids *s)
{
    mem_free(s->slots);
    *s = (struct live_ids){.slots = NULL};
}

static size_t home_of(const struct live_ids *s, int64_t id)
{
    return hash_keyed(s->key, bytes_of(&id, sizeof id)) & (s->capacity - 1);
}

/* The slot that holds the id, or the free one where it belongs. */
static size_t slot_of(const struct live_ids *s, int64_t id)
{
    size_t at = home_of(s, id);
    while (s->slots[at].id != 0 && s->slots[at].id != id)
        at = (at + 1) & (s->capacity - 1);
    return at;
}

static void grow(struct live_ids *s)
{
    struct live_ids larger = {.key = s->key, .capacity = s->capacity * 2};
    larger.slots = mem_alloc_array(larger.capacity, sizeof *larger.slots);
    for (size_t i = 0; i < s->capacity; i++)
        if (s->slots[i].id != 0)
            larger.slots[slot_of(&larger, s->slots[i].id)] = s->slots[i];
    larger.count = s->count;
    mem_free(s->slots);
    *s = larger;
}

void live_ids_set(struct live_ids *s, int64_t id, uint64_t value)
{
    if (s->count * 2 >= s->capacity) grow(s);
    struct live_ids_slot *slot = &s->slots[slot_of(s, id)];
    if (slot->id == 0) s->count++;
    *slot = (struct live_ids_slot){.id = id, .value = value};
}

const uint64_t *live_ids_find(const struct live_ids *s, int64_t id)
{
    const struct live_ids_slot *slot = &s->slots[slot_of(s, id)];
    return slot->id == 0 ? NULL : &slot->value;
}

void live_ids_clear(struct live_ids *s)
{
    if (s->count == 0) return;
    memset(s->slots, 0, s->capacity * sizeof *s->slots);
    s->count = 0;
}

/* Those behind it move up, so that none is cut off from its home. */
static void close_gap(struct live_ids *s, size_t gap)
{
    size_t mask = s->capacity - 1;
    for (size_t at = (gap + 1) & mask; s->slots[at].id != 0; at = (at + 1) & mask) {
        size_t home = home_of(s, s->slots[at].id);
        bool is_reachable = ((at - home) & mask) < ((at - gap) & mask);
        if (is_reachable) continue;
        s->slots[gap] = s->slots[at];
        s->slots[at].id = 0;
        gap = at;
    }
}

bool live_ids_remove(struct live_ids *s, int64_t id)
{
    size_t at = slot_of(s, id);
    if (s->slots[at].id == 0) return false;
    s->slots[at].id = 0;
    s->count--;
    close_gap(s, at);
    return true;
}
