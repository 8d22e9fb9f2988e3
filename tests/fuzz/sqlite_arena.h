/* Memory for SQLite, whose code no sanitizer sees into: handed out from one block in a
 * row, and all of it free once SQLite has given everything back. Any allocation can be
 * made to fail. SQLite takes it before its first use only.
 *
 *   | 16 bytes, block | 16 bytes, block | ... free ...        |
 *     '-- its size                        ^ used                size */
#ifndef SQLITE_ARENA_H
#define SQLITE_ARENA_H

#include "fuzz_common.h"

#include <sqlite3.h>

enum { SQLITE_ARENA_BYTES = 64 << 20, SQLITE_ARENA_HEAD = 16 };

/* SQLite hands no context to its allocator. */
static struct {
    uint8_t *bytes;
    size_t used, live; /* live: blocks */
    uint32_t fail_at;  /* allocations until the one that fails; 0: none */
} sqlite_arena;

static inline int sqlite_arena_size(void *block)
{
    int size;
    memcpy(&size, (uint8_t *)block - SQLITE_ARENA_HEAD, sizeof size);
    return size;
}

static inline int sqlite_arena_round(int size)
{
    return (size + 15) / 16 * 16;
}

static inline void *sqlite_arena_malloc(int size)
{
    size_t all = SQLITE_ARENA_HEAD + (size_t)sqlite_arena_round(size);
    if (sqlite_arena.fail_at > 0 && --sqlite_arena.fail_at == 0) return NULL;
    if (sqlite_arena.live == 0) sqlite_arena.used = 0;
    if (all > SQLITE_ARENA_BYTES - sqlite_arena.used) return NULL;
    uint8_t *head = sqlite_arena.bytes + sqlite_arena.used;
    memcpy(head, &size, sizeof size);
    sqlite_arena.used += all;
    sqlite_arena.live++;
    return head + SQLITE_ARENA_HEAD;
}

static inline void sqlite_arena_free(void *block)
{
    if (block != NULL) sqlite_arena.live--;
}

static inline void *sqlite_arena_realloc(void *block, int size)
{
    int before = sqlite_arena_size(block);
    if (sqlite_arena_round(before) >= size) return block;
    void *larger = sqlite_arena_malloc(size);
    if (larger == NULL) return NULL;
    memcpy(larger, block, (size_t)before);
    sqlite_arena_free(block);
    return larger;
}

static inline int sqlite_arena_init(void *context)
{
    (void)context;
    return SQLITE_OK;
}

static inline void sqlite_arena_shutdown(void *context)
{
    (void)context;
}

static inline void sqlite_arena_begin(void)
{
    static const struct sqlite3_mem_methods methods = {
        .xMalloc = sqlite_arena_malloc,
        .xFree = sqlite_arena_free,
        .xRealloc = sqlite_arena_realloc,
        .xSize = sqlite_arena_size,
        .xRoundup = sqlite_arena_round,
        .xInit = sqlite_arena_init,
        .xShutdown = sqlite_arena_shutdown,
    };
    sqlite_arena.bytes = malloc(SQLITE_ARENA_BYTES);
    must(sqlite_arena.bytes != NULL, "memory for SQLite");
    must(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK, "before its use");
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
}

#endif
