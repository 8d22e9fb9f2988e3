/* Rows of one table that wait to be written together, as values: integers, and texts in
 * a buffer beside them.
 *
 *   cells  | row 0: c0 c1 c2 ... | row 1: ... |     a text's cell is its place
 *   texts  | bytes of row 0's texts | of row 1's | */
#ifndef STORE_ROW_BATCH_H
#define STORE_ROW_BATCH_H

#include "hopscope/field.h"

#include <assert.h>

enum {
    ROW_BATCH_ROWS = 512,             /* as much as stays in a core's cache */
    ROW_BATCH_TEXT_BYTES = 256 << 10, /* worth writing, too */
    ROW_BATCH_TEXT_OFFSET_SHIFT = 32, /* a text's cell: offset << 32 | length */
};

struct row_place {
    int64_t key;
    size_t row;
};

struct row_batch {
    size_t column_count, row_count;
    int64_t *cells; /* RECORD_UNKNOWN: NULL */
    struct buffer texts;
    struct row_place *order; /* made by row_batch_sort: in which rows are written */
};

void row_batch_init(struct row_batch *b, size_t column_count);
void row_batch_done(struct row_batch *b);
void row_batch_clear(struct row_batch *b);

/* The cells of a new row, all to be filled. The batch must not be full. */
static inline int64_t *row_batch_add(struct row_batch *b)
{
    return &b->cells[b->column_count * b->row_count++];
}

static inline bool row_batch_is_full(const struct row_batch *b)
{
    return b->row_count == ROW_BATCH_ROWS || b->texts.len >= ROW_BATCH_TEXT_BYTES;
}

/* Puts the rows in order: by the first cell (`is_keyed`), or as they came. Rows of a
 * table that come with growing keys fill one page after the other; others split them.
 */
void row_batch_sort(struct row_batch *b, bool is_keyed);

static inline const int64_t *row_batch_row(const struct row_batch *b, size_t place)
{
    return &b->cells[b->column_count * b->order[place].row];
}

/* Copies a text; returns its cell. ptr NULL: NULL. */
static inline int64_t row_batch_keep_text(struct row_batch *b, struct bytes text)
{
    if (text.ptr == NULL) return RECORD_UNKNOWN;
    uint64_t offset = b->texts.len;
    assert(offset < INT32_MAX && text.len <= UINT32_MAX);
    buffer_append(&b->texts, text);
    return (int64_t)(offset << ROW_BATCH_TEXT_OFFSET_SHIFT | text.len);
}

static inline struct bytes row_batch_text(const struct row_batch *b, int64_t cell)
{
    uint64_t place = (uint64_t)cell;
    return bytes_of(b->texts.ptr + (place >> ROW_BATCH_TEXT_OFFSET_SHIFT),
                    (size_t)(place & UINT32_MAX));
}

#endif
