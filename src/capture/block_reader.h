/* The (unpacked) bytes of a capture in big blocks: what is asked for stands contiguous
 * in one of them, and only a record that the block's end cuts is moved.
 *
 *   [....taken....|at ....... end)  want(n): enough there? --no--> rest to the front,
 *                                                                  read behind it
 *
 * A block that somebody holds is left as it is: reading goes on in another one. Of a
 * large file that lies there plain, the blocks are windows of the file: nothing is
 * copied, and a window begins where the one before was left. */
#ifndef CAPTURE_BLOCK_READER_H
#define CAPTURE_BLOCK_READER_H

#include "capture/raw_file.h"
#include "hopscope/capture.h"

struct decompress;
struct decompress_format;

/* Blocks to turn to while others are held; what is held beyond goes back to the system
 * with its last holder. */
enum { BLOCK_READER_SPARE_MAX = 32 };

struct block_reader {
    struct raw_file raw;
    struct decompress *unpack;              /* NULL: stored plain */
    const struct decompress_format *packed; /* NULL: stored plain */
    uint8_t *block;                         /* NULL: plain memory, read where it is */
    size_t capacity;
    struct capture_block *shared; /* `block`, once somebody has held it */
    struct capture_block *spare[BLOCK_READER_SPARE_MAX]; /* or still with others */
    uint32_t spare_count;
    struct capture_ahead ahead; /* who fills blocks; no `take`: the reader itself */
    const uint8_t *at, *end;
    uint64_t offset;  /* of `at`, in unpacked bytes */
    uint64_t mark;    /* where the record being read begins */
    uint64_t done;    /* stored bytes of the file used */
    bool is_at_end;   /* nothing comes after `end` */
    bool has_windows; /* what comes is mapped, not read */
    /* Why the data end here: reading or unpacking failed, or a format's reader found
     * damage. Empty: they just end. */
    struct problem reason;
};

/* Opens and unpacks by magic. `block_bytes` is the size of a block. Results and `why`
 * as raw_file_open; `*r` is to be closed in any case. */
enum status block_reader_open(struct block_reader *r, const struct raw_origin *origin,
                              size_t block_bytes, struct problem *why);
void block_reader_close(struct block_reader *r);

/* Reading ahead, as capture_set_may_read_ahead and capture_set_fill. */
bool block_reader_may_read_ahead(const struct block_reader *r);
bool block_reader_fill_other(struct block_reader *r, struct capture_ahead_block *block);

/* Keeps the bytes that stand in the block now where they are, until the release. NULL:
 * there is no block, the bytes are the caller's memory. */
struct capture_block *block_reader_hold(struct block_reader *r);

/* Brings `len` bytes together at `at`, if the data have so many. */
void block_reader_fill(struct block_reader *r, size_t len);

/* As many bytes as stand at `at`: at least `len`, or fewer and the data end there. They
 * borrow until the next want. */
static inline struct bytes block_reader_want(struct block_reader *r, size_t len)
{
    if ((size_t)(r->end - r->at) < len) block_reader_fill(r, len);
    return bytes_of(r->at, (size_t)(r->end - r->at));
}

/* Whether somebody has cut the file, so that what stands here may be lost: the data end
 * then, and `reason` tells why. To be asked where all is zero. */
bool block_reader_is_cut(struct block_reader *r);

/* Moves over bytes that a want has shown. */
static inline void block_reader_take(struct block_reader *r, size_t len)
{
    r->at += len;
    r->offset += len;
}

/* Moves over bytes that need not stand together. False: the data end before that. */
bool block_reader_skip(struct block_reader *r, uint64_t len);

/* While a record is taken at `at`. A window's bytes come from memory, and only one
 * record's header tells where the next one is: so what lies two usual frames further on
 * is asked for meanwhile, as much as the record has. Measured, against one frame and
 * less of it: a sixth of the time of bulk transfers, a twentieth of mixed ones. */
static inline void block_reader_expect(const uint8_t *at, size_t len)
{
    enum { AHEAD = 3072, MOST = 1600, LINE_BYTES = 64, STEP_BYTES = 2 * LINE_BYTES };
    size_t most = len < MOST ? len : MOST;
    for (const uint8_t *line = at + AHEAD, *end = line + most; line < end;
         line += STEP_BYTES) {
        mem_prefetch(line, 1);
        mem_prefetch(line + LINE_BYTES, 1);
    }
}

static inline void block_reader_mark(struct block_reader *r)
{
    r->mark = r->offset;
}

#endif
