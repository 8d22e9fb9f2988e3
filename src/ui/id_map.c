/* Open addressing with linear steps; what is removed is closed up at once, so there are
 * no graves and a map that lives for days stays as fast as a new one. */
#include "ui/id_map.h"

enum { ID_MAP_FIRST = 64 };

static size_t home_of(const struct id_map *m, int64_t id)
{
    return (size_t)hash_keyed(m->key, bytes_of(&id, sizeof id)) & (m->capacity - 1);
}

static size_t slot_of(const struct id_map *m, int64_t id)
{
    size_t at = home_of(m, id);
    while (m->slots[at].item != NULL && m->slots[at].id != id)
        at = (at + 1) & (m->capacity - 1);
    return at;
}

static void grow(struct id_map *m)
{
    struct id_map larger = {.key = m->key, .count = m->count};
    if (m->capacity == 0) larger.key = hash_key_random();
    larger.capacity = m->capacity == 0 ? ID_MAP_FIRST : 2 * m->capacity;
    larger.slots = mem_alloc_array(larger.capacity, sizeof *larger.slots);
    for (size_t i = 0; i < m->capacity; i++) {
        if (m->slots[i].item != NULL)
            larger.slots[slot_of(&larger, m->slots[i].id)] = m->slots[i];
    }
    mem_free(m->slots);
    *m = larger;
}

void id_map_done(struct id_map *m)
{
    mem_free(m->slots);
    *m = (struct id_map){.slots = NULL};
}

void *id_map_find(const struct id_map *m, int64_t id)
{
    return m->capacity == 0 ? NULL : m->slots[slot_of(m, id)].item;
}

void id_map_add(struct id_map *m, int64_t id, void *item)
{
    if (2 * (m->count + 1) > m->capacity) grow(m);
    m->slots[slot_of(m, id)] = (struct id_slot){.id = id, .item = item};
    m->count++;
}

void id_map_remove(struct id_map *m, int64_t id)
{
    if (m->capacity == 0) return;
    size_t mask = m->capacity - 1;
    size_t hole = slot_of(m, id);
    if (m->slots[hole].item == NULL) return;
    m->slots[hole].item = NULL;
    m->count--;
    for (size_t at = (hole + 1) & mask; m->slots[at].item != NULL;
         at = (at + 1) & mask) {
        size_t home = home_of(m, m->slots[at].id);
        /* It may move into the hole unless its home lies behind it. */
        if (((at - home) & mask) < ((at - hole) & mask)) continue;
        m->slots[hole] = m->slots[at];
        m->slots[at].item = NULL;
        hole = at;
    }
}
