#include "capture/block_reader.h"

#include <string.h>

#include "capture/capture_block.h"
#include "capture/decompress.h"

enum {
    BLOCK_READER_AHEAD_FILE_MIN = 4 << 20, /* of bytes; less is read at once */
    BLOCK_READER_WINDOW_BYTES = 8 << 20,
};

/* ---- held blocks ---- */

struct capture_block *block_reader_hold(struct block_reader *r)
{
    if (r->block == NULL) return NULL;
    if (r->shared == NULL) r->shared = capture_block_new(r->block, r->capacity);
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
        if (b->is_window || capture_block_is_held(b)) continue;
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

/* Whether the file's bytes can be used where the system has them, instead of a copy. */
static bool block_reader_may_map(const struct block_reader *r)
{
    return r->raw.is_regular && !r->raw.origin.is_frugal && r->packed == NULL &&
           r->raw.size >= BLOCK_READER_AHEAD_FILE_MIN;
}

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
    r->has_windows = block_reader_may_map(r);
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
    if (r->shared != NULL && capture_block_is_held(r->shared)) {
        block_reader_leave(r, have, len);
    } else {
        if (r->at != r->block && have > 0) memmove(r->block, r->at, have);
        block_reader_grow(r, len);
    }
    r->at = r->block;
    r->end = r->block + have;
}

static enum status block_reader_read(struct block_reader *r, uint8_t *to, size_t room,
                                     size_t *got, struct problem *why)
{
    return r->unpack ? decompress_read(r->unpack, to, room, got, why)
                     : raw_file_read(&r->raw, to, room, got, why);
}

/* Turns to another block; the one before is spare when its holders are done, or, if it
 * is a window, unmapped. */
static void block_reader_turn_to(struct block_reader *r, struct capture_block *next)
{
    capture_block_release(block_reader_hold(r)); /* from now on it can be held */
    if (r->spare_count < BLOCK_READER_SPARE_MAX)
        r->spare[r->spare_count++] = r->shared;
    else
        capture_block_release(r->shared);
    r->shared = next;
    r->block = next->bytes;
    r->capacity = next->capacity;
}

/* ---- windows of the file ---- */

/* Unmaps the windows that were left and that nobody holds any more. That takes too long
 * to be done by the last holder, a thread that analyses while this one waits for it. */
static void block_reader_drop_windows(struct block_reader *r)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->spare_count; i++) {
        struct capture_block *b = r->spare[i];
        if (b->is_window && !capture_block_is_held(b))
            capture_block_release(b);
        else
            r->spare[kept++] = b;
    }
    r->spare_count = kept;
}

/* False: this file cannot be mapped; the block is what it was. */
static bool block_reader_fill_window(struct block_reader *r, size_t len)
{
    size_t have = (size_t)(r->end - r->at);
    size_t want = len > BLOCK_READER_WINDOW_BYTES ? len : BLOCK_READER_WINDOW_BYTES;
    struct raw_window w;
    block_reader_drop_windows(r);
    if (raw_file_map(&r->raw, r->offset, want, &w, &r->reason) != STATUS_OK) {
        bool is_first = r->shared == NULL || !r->shared->is_window;
        if (is_first) r->reason.text[0] = '\0';
        r->has_windows = !is_first;
        r->is_at_end = !is_first;
        return !is_first;
    }
    if (w.bytes.len > have) {
        block_reader_turn_to(r, capture_block_of_window(w.mapping, w.mapped));
        r->at = w.bytes.ptr;
        r->end = w.bytes.ptr + w.bytes.len;
    } else {
        raw_window_close(&w);
        if (r->reason.text[0] != '\0') r->end = r->at; /* those bytes are lost, too */
    }
    r->is_at_end = w.bytes.len < len;
    r->done = r->raw.offset;
    return true;
}

bool block_reader_is_cut(struct block_reader *r)
{
    if (r->shared == NULL || !r->shared->is_window) return false;
    if (!raw_file_is_cut(&r->raw, &r->reason)) return false;
    r->end = r->at;
    return r->is_at_end = true;
}

/* ---- blocks read ahead ---- */

bool block_reader_may_read_ahead(const struct block_reader *r)
{
    return r->block != NULL && !r->is_at_end && r->raw.is_regular &&
           r->raw.size >= BLOCK_READER_AHEAD_FILE_MIN;
}

bool block_reader_fill_other(struct block_reader *r, struct capture_ahead_block *block)
{
    uint8_t *to = block->bytes + CAPTURE_AHEAD_HEADROOM;
    enum status rc = STATUS_OK;
    block->length = 0;
    for (size_t got = 1; rc == STATUS_OK && got > 0; block->length += got) {
        size_t room = CAPTURE_AHEAD_BYTES - block->length;
        got = 0;
        if (room > 0)
            rc = block_reader_read(r, to + block->length, room, &got, &block->reason);
    }
    block->done = r->raw.offset;
    return rc == STATUS_OK && block->length == CAPTURE_AHEAD_BYTES;
}

/* A block for others' bytes: one that nobody holds any more, or a new one. */
static struct capture_block *block_reader_other(struct block_reader *r, size_t capacity)
{
    struct capture_block *b;
    while ((b = block_reader_spare(r)) != NULL) {
        if (b->capacity == capacity) return b;
        capture_block_release(b);
    }
    return capture_block_new(mem_resize(NULL, capacity), capacity);
}

/* The bytes that were read change hands for those of a spare block. */
static void block_reader_swap(struct block_reader *r, struct capture_ahead_block *got,
                              size_t have)
{
    struct capture_block *next = block_reader_other(r, CAPTURE_AHEAD_BLOCK_SIZE);
    uint8_t *read = got->bytes;
    got->bytes = next->bytes;
    next->bytes = read;
    uint8_t *at = read + CAPTURE_AHEAD_HEADROOM - have;
    if (have > 0) memcpy(at, r->at, have);
    block_reader_turn_to(r, next);
    r->at = at;
    r->end = read + CAPTURE_AHEAD_HEADROOM + got->length;
}

/* A record longer than the headroom, or than a block: its parts are brought together.
 */
static void block_reader_gather(struct block_reader *r, struct capture_ahead_block *got,
                                size_t len)
{
    size_t have = (size_t)(r->end - r->at);
    size_t room = have + len + CAPTURE_AHEAD_BYTES;
    if ((size_t)(r->block + r->capacity - r->end) < got->length) {
        struct capture_block *big = block_reader_other(r, room);
        if (have > 0) memcpy(big->bytes, r->at, have);
        block_reader_turn_to(r, big);
        r->at = r->block;
        r->end = r->block + have;
    }
    if (got->length > 0)
        memcpy(r->block + (r->end - r->block), got->bytes + CAPTURE_AHEAD_HEADROOM,
               got->length);
    r->end += got->length;
}

static void block_reader_fill_ahead(struct block_reader *r, size_t len)
{
    while ((size_t)(r->end - r->at) < len && !r->is_at_end) {
        struct capture_ahead_block *got = r->ahead.take(r->ahead.context);
        size_t have = (size_t)(r->end - r->at);
        r->is_at_end = got == NULL || got->length < CAPTURE_AHEAD_BYTES;
        if (got == NULL) break;
        if (have <= CAPTURE_AHEAD_HEADROOM)
            block_reader_swap(r, got, have);
        else
            block_reader_gather(r, got, len);
        r->done = got->done;
        if (r->is_at_end) r->reason = got->reason;
        r->ahead.give_back(r->ahead.context, got);
    }
}

void block_reader_fill(struct block_reader *r, size_t len)
{
    if (r->is_at_end) return;
    if (r->ahead.take != NULL) {
        block_reader_fill_ahead(r, len);
        return;
    }
    if (r->has_windows && block_reader_fill_window(r, len)) return;
    block_reader_make_room(r, len);
    while ((size_t)(r->end - r->at) < len && !r->is_at_end) {
        uint8_t *to = r->block + (r->end - r->block);
        size_t room = r->capacity - (size_t)(r->end - r->block);
        size_t got = 0;
        enum status rc = block_reader_read(r, to, room, &got, &r->reason);
        r->end += got;
        r->is_at_end = rc != STATUS_OK || got == 0;
    }
    r->done = r->raw.offset;
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
