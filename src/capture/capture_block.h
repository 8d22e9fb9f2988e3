/* Bytes of a capture that several hold: memory that was read into, or a window of the
 * file itself. */
#ifndef CAPTURE_CAPTURE_BLOCK_H
#define CAPTURE_CAPTURE_BLOCK_H

#include "hopscope/capture.h"

#include <stdatomic.h>

struct capture_block {
    _Atomic uint32_t holders; /* the reader is one */
    uint8_t *bytes;           /* of a window: not to be written */
    size_t capacity;
    bool is_window;
};

/* With one holder. `bytes` is from mem_alloc or mem_resize, and the block's from now
 * on; it may be replaced by a longer one of that kind. */
struct capture_block *capture_block_new(uint8_t *bytes, size_t capacity);
/* The same of `length` bytes of a mapping, which the last release unmaps. */
struct capture_block *capture_block_of_window(uint8_t *mapping, size_t length);

static inline bool capture_block_is_held(const struct capture_block *b)
{
    return atomic_load_explicit(&b->holders, memory_order_acquire) > 1;
}

#endif
