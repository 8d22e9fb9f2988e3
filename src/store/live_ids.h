/* Which ids stand in the database as rows that are not finished: only those have to be
 * looked for before a row is written. */
#ifndef STORE_LIVE_IDS_H
#define STORE_LIVE_IDS_H

#include "hopscope/base.h"

struct live_ids {
    struct hash_key key;
    int64_t *slots; /* open addressing, `capacity` a power of two; 0: free */
    size_t count, capacity;
};

void live_ids_init(struct live_ids *s);
void live_ids_done(struct live_ids *s);
void live_ids_add(struct live_ids *s, int64_t id); /* id: not 0 */
void live_ids_clear(struct live_ids *s);
bool live_ids_remove(struct live_ids *s, int64_t id); /* whether it was there */

#endif
