/* A number by id, for ids that come and go: of rows that are not finished, what they
 * said when they were written; of records that wait, which one is the latest. */
#ifndef STORE_LIVE_IDS_H
#define STORE_LIVE_IDS_H

#include "hopscope/base.h"

struct live_ids_slot {
    int64_t id; /* 0: free */
    uint64_t value;
};

struct live_ids {
    struct hash_key key;
    struct live_ids_slot *slots; /* open addressing, `capacity` a power of two */
    size_t count, capacity;
};

void live_ids_init(struct live_ids *s);
void live_ids_done(struct live_ids *s);
void live_ids_set(struct live_ids *s, int64_t id, uint64_t value); /* id: not 0 */
/* NULL: it is not there. To be used before the next call. */
const uint64_t *live_ids_find(const struct live_ids *s, int64_t id);
bool live_ids_remove(struct live_ids *s, int64_t id); /* whether it was there */
void live_ids_clear(struct live_ids *s);

#endif
