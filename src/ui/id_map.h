/* From an id to what is kept of it. */
#ifndef UI_ID_MAP_H
#define UI_ID_MAP_H

#include "hopscope/base.h"

struct id_slot {
    int64_t id;
    void *item; /* NULL: free */
};

/* Zeroed: empty. */
struct id_map {
    struct id_slot *slots;
    size_t count, capacity; /* capacity: 0 or a power of two */
    struct hash_key key;
};

void id_map_done(struct id_map *m);
void *id_map_find(const struct id_map *m, int64_t id);     /* NULL: not there */
void id_map_add(struct id_map *m, int64_t id, void *item); /* it is not there yet */
void id_map_remove(struct id_map *m, int64_t id);

#endif
