#include "capture/block_reader.h"

#include <stdatomic.h>
#include <string.h>

#include "capture/decompress.h"

struct capture_block {
    _Atomic uint32_t holders; /* the reader is one */
    uint8_t *bytes;
    size_t capacity;
};

/* ---- held blocks ---- */

void capture_block_keep(struct capture_block *b)
{
    atomic_fetch_add_explicit(&b->holders, 1, memory_order_relaxed);
}

void capture_block_release(struct capture_block *b)
{
    if (b == NULL) return;
    if (atomic_fetch_sub_explicit(&b->holders, 1, memory_order_acq_rel) > 1) return;
    mem_free(b->bytes);
    mem_free(b);
}

static bool block_is_held(const struct capture_block *b)
{
    return atomic_load_explicit(&b->holders, memory_order_acquire) > 1;
}

struct capture_block *block_reader_hold(struct block_reader *r)
{
    if (r->block == NULL) return NULL;
    if (r->shared == NULL) {
        r->shared = mem_alloc(sizeof *r->shared);
        r->shared->holders = 1;
        r->shared->bytes = r->block;
        r->shared->capacity = r->capacity;
    }
    capture_block_keep(r->shared);
    return r->shared;
}

static void block_reader_grow(struct block_reader *r, size_t len)
{
    if (len <= r->capacity) return;
    r->block = mem_resize(r->block, len);
    r->capacity = len;
    if (r->shared == NULL) return;
    r->shared->bytes = r->block;
    r->shared->capacity = len;
}

/* A spare block that nobody holds any more; NULL: there is none. */
static struct capture_block *block_reader_spare(struct block_reader *r)
{
    for (uint32_t i = 0; i < r->spare_count; i++) {
        struct capture_block *b = r->spare[i];
        if (block_is_held(b)) continue;
        r->spare[i] = r->spare[--r->spare_count];
        return b;
    }
    return NULL;
}

/* The block stays with its holders: what stands at `at` moves into another one, with
 * room for `len` bytes. */
static void block_reader_leave(struct block_reader *r, size_t have, size_t len)
{
    struct capture_block *left = r->shared;
    r->shared = block_reader_spare(r);
    if (r->shared != NULL) {
        r->block = r->shared->bytes;
        r->capacity = r->shared->capacity;
    } else {
        r->block = mem_resize(NULL, r->capacity);
    }
    block_reader_grow(r, len);
    memcpy(r->block, r->at, have);
    if (r->spare_count < BLOCK_READER_SPARE_MAX)
        r->spare[r->spare_count++] = left;
    else
        capture_block_release(left);
}

/* ---- reading ---- */

enum status block_reader_open(struct block_reader *r, const struct raw_origin *origin,
                              size_t block_bytes, struct problem *why)
{
    *r = (struct block_reader){.at = NULL};
    enum status rc = raw_file_open(&r->raw, origin, why);
    if (rc != STATUS_OK) return rc;
    if (origin->path) {
        r->block = mem_resize(NULL, block_bytes);
        r->capacity = block_bytes;
        r->at = r->end = r->block;
    } else {
        r->at = bytes_of_text("").ptr;
        if (origin->memory.len > 0) r->at = origin->memory.ptr;
        r->end = r->at + origin->memory.len;
        r->is_at_end = true;
    }
    struct bytes start = block_reader_want(r, DECOMPRESS_MAGIC_BYTES);
    r->packed = decompress_format_of(start);
    if (!r->packed) return STATUS_OK;
    r->unpack = decompress_new(r->packed, &r->raw, start, r->block, r->capacity);
    r->block = mem_resize(NULL, block_bytes);
    r->capacity = block_bytes;
    r->at = r->end = r->block;
    r->is_at_end = false;
    return STATUS_OK;
}

void block_reader_close(struct block_reader *r)
{
    decompress_free(r->unpack);
    raw_file_close(&r->raw);
    while (r->spare_count > 0) capture_block_release(r->spare[--r->spare_count]);
    if (r->shared == NULL) mem_free(r->block);
    capture_block_release(r->shared);
    r->shared = NULL;
    r->unpack = NULL;
    r->block = NULL;
    r->at = r->end = NULL;
    r->is_at_end = true;
}

/* Room behind `end` for a record of `len` bytes that begins at `at`. */
static void block_reader_make_room(struct block_reader *r, size_t len)
{
    size_t have = (size_t)(r->end - r->at);
    if (r->shared != NULL && block_is_held(r->shared)) {
        block_reader_leave(r, have, len);
    } else {
        if (r->at != r->block && have > 0) memmove(r->block, r->at, have);
        block_reader_grow(r, len);
    }
    r->at = r->block;
    r->end = r->block + have;
}

void block_reader_fill(struct block_reader *r, size_t len)
{
    if (r->is_at_end) return;
    block_reader_make_room(r, len);
    while ((size_t)(r->end - r->at) < len && !r->is_at_end) {
        uint8_t *to = r->block + (r->end - r->block);
        size_t room = r->capacity - (size_t)(r->end - r->block);
        size_t got = 0;
        enum status rc = r->unpack
                             ? decompress_read(r->unpack, to, room, &got, &r->reason)
                             : raw_file_read(&r->raw, to, room, &got, &r->reason);
        r->end += got;
        r->is_at_end = rc != STATUS_OK || got == 0;
    }
}

bool block_reader_skip(struct block_reader *r, uint64_t len)
{
    while (len > 0) {
        size_t have = block_reader_want(r, 1).len;
        if (have == 0) return false;
        size_t step = len < have ? (size_t)len : have;
        block_reader_take(r, step);
        len -= step;
    }
    return true;
}
