/* Objects of one size, in slabs.
 *
 *   partial --> slab | pool, free, used | item | item | item | ...
 *                '-- next slab with room         '--<-- free: a list through the items
 *
 * A slab begins at a multiple of its size, so an item's address tells its slab. Items
 * are handed out from the slab used last: what was given back a moment ago is in the
 * cache. Those that were born together stand together, and mostly die together. The
 * first stands at a line of memory: if items are whole lines, each has its own. */
#include "hopscope/pool.h"

#include "hopscope/base.h"

#include <assert.h>

enum {
    POOL_SLAB_BYTES = 32 << 10,
    POOL_ALIGNMENT = 16,
    POOL_LINE_BYTES = 64,
    /* The allocator has bytes of its own between two blocks; what is used is less by as
     * much, so that the next slab fits right behind it. */
    POOL_SLAB_USED = POOL_SLAB_BYTES - 64,
};

struct pool_item {
    struct pool_item *next; /* free: in its slab */
};

struct pool_slab {
    struct pool_slab *next, *previous; /* of those with room */
    struct pool_item *free;
    size_t used;  /* items handed out */
    size_t fresh; /* items never handed out, at the end */
};

struct pool {
    struct pool_slab *partial; /* slabs with room */
    size_t item_bytes, slab_items;
};

static size_t pool_first_item(void)
{
    return (sizeof(struct pool_slab) + POOL_LINE_BYTES - 1) / POOL_LINE_BYTES *
           POOL_LINE_BYTES;
}

struct pool *pool_new(size_t item_bytes)
{
    struct pool *p = mem_alloc(sizeof *p);
    p->item_bytes = (item_bytes + POOL_ALIGNMENT - 1) / POOL_ALIGNMENT * POOL_ALIGNMENT;
    p->slab_items = (POOL_SLAB_USED - pool_first_item()) / p->item_bytes;
    assert(item_bytes > 0 && p->slab_items > 1);
    return p;
}

static void pool_link(struct pool *p, struct pool_slab *s)
{
    s->previous = NULL;
    s->next = p->partial;
    if (p->partial != NULL) p->partial->previous = s;
    p->partial = s;
}

static void pool_unlink(struct pool *p, struct pool_slab *s)
{
    if (s->previous != NULL)
        s->previous->next = s->next;
    else
        p->partial = s->next;
    if (s->next != NULL) s->next->previous = s->previous;
}

static struct pool_slab *pool_add_slab(struct pool *p)
{
    struct pool_slab *s = mem_alloc_aligned(POOL_SLAB_BYTES, POOL_SLAB_USED);
    *s = (struct pool_slab){.fresh = p->slab_items};
    pool_link(p, s);
    return s;
}

void *pool_take(struct pool *p)
{
    struct pool_slab *s = p->partial != NULL ? p->partial : pool_add_slab(p);
    struct pool_item *item = s->free;
    if (item != NULL) {
        s->free = item->next;
    } else {
        size_t number = p->slab_items - s->fresh--;
        item = (void *)((char *)s + pool_first_item() + number * p->item_bytes);
    }
    if (++s->used == p->slab_items) pool_unlink(p, s);
    return memset(item, 0, p->item_bytes);
}

static uintptr_t pool_slab_of(const void *item)
{
    return (uintptr_t)item - (uintptr_t)item % POOL_SLAB_BYTES;
}

void pool_prefetch_giving(const void *item)
{
    mem_prefetch((const void *)pool_slab_of(item), 1);
}

void pool_give(struct pool *p, void *item)
{
    struct pool_slab *s = (void *)pool_slab_of(item);
    struct pool_item *given = item;
    bool was_full = s->used == p->slab_items;
    given->next = s->free;
    s->free = given;
    if (was_full) pool_link(p, s);
    s->used--;
    bool is_last = s->next == NULL && s->previous == NULL; /* kept for the next items */
    if (s->used > 0 || is_last) return;
    pool_unlink(p, s);
    mem_free(s);
}

void pool_free(struct pool *p)
{
    if (p == NULL) return;
    while (p->partial != NULL) {
        struct pool_slab *s = p->partial;
        pool_unlink(p, s);
        mem_free(s);
    }
    mem_free(p);
}
