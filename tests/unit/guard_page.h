/* A place for bytes that ends at a page nobody may touch: reading one byte too far is a
 * fault at once, with or without a sanitizer. */
#ifndef GUARD_PAGE_H
#define GUARD_PAGE_H

#include "hopscope/base.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct guard_page {
    uint8_t *map;
    size_t room, page;
};

static inline void guard_page_init(struct guard_page *g, size_t room)
{
    g->page = (size_t)sysconf(_SC_PAGESIZE);
    g->room = (room + g->page - 1) / g->page * g->page;
    g->map = mmap(NULL, g->room + g->page, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g->map == MAP_FAILED) abort();
    if (mprotect(g->map + g->room, g->page, PROT_NONE) != 0) abort();
}

static inline void guard_page_done(struct guard_page *g)
{
    munmap(g->map, g->room + g->page);
}

/* Copies `b` so that its last byte is the last one that may be read. */
static inline struct bytes guard_page_place(struct guard_page *g, struct bytes b)
{
    if (b.len > g->room) abort();
    uint8_t *at = g->map + (g->room - b.len);
    if (b.ptr != NULL) memcpy(at, b.ptr, b.len);
    return bytes_of(at, b.len);
}

#endif
