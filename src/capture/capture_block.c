#include "capture/capture_block.h"

#include <sys/mman.h>

struct capture_block *capture_block_new(uint8_t *bytes, size_t capacity)
{
    struct capture_block *b = mem_alloc(sizeof *b);
    b->holders = 1;
    b->bytes = bytes;
    b->capacity = capacity;
    return b;
}

struct capture_block *capture_block_of_window(uint8_t *mapping, size_t length)
{
    struct capture_block *b = capture_block_new(mapping, length);
    b->is_window = true;
    return b;
}

void capture_block_keep(struct capture_block *b)
{
    atomic_fetch_add_explicit(&b->holders, 1, memory_order_relaxed);
}

void capture_block_release(struct capture_block *b)
{
    if (b == NULL) return;
    if (atomic_fetch_sub_explicit(&b->holders, 1, memory_order_acq_rel) > 1) return;
    if (b->is_window)
        munmap(b->bytes, b->capacity);
    else
        mem_free(b->bytes);
    mem_free(b);
}
