#include "capture/block_reader.h"

#include <string.h>

#include "capture/decompress.h"

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
    mem_free(r->block);
    r->unpack = NULL;
    r->block = NULL;
    r->at = r->end = NULL;
    r->is_at_end = true;
}

/* Room behind `end` for a record of `len` bytes that begins at `at`. */
static void block_reader_make_room(struct block_reader *r, size_t len)
{
    size_t have = (size_t)(r->end - r->at);
    if (r->at != r->block && have > 0) memmove(r->block, r->at, have);
    if (len > r->capacity) {
        r->block = mem_resize(r->block, len);
        r->capacity = len;
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
