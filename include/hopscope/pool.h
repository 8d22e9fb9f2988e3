/* pool: many objects of one size that come and go one by one (part of layer base). They
 * stand side by side in slabs; a slab without any goes back to the system, so that what
 * was evicted is memory again. */
#ifndef HOPSCOPE_POOL_H
#define HOPSCOPE_POOL_H

#include <stddef.h>

struct pool;

struct pool *pool_new(size_t item_bytes);
/* Every item must have been given back, or is not used any more. NULL is allowed. */
void pool_free(struct pool *p);
void *pool_take(struct pool *p); /* zeroed; aligned as malloc aligns */
void pool_give(struct pool *p, void *item);
void pool_prefetch_giving(const void *item); /* fetches what pool_give looks at */

#endif
