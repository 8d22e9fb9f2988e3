#include "store/row_batch.h"

#include <assert.h>
#include <string.h>

void row_batch_init(struct row_batch *b, size_t column_count)
{
    *b = (struct row_batch){.column_count = column_count};
    b->cells = mem_alloc_array(column_count * ROW_BATCH_ROWS, sizeof *b->cells);
    b->order = mem_alloc_array(ROW_BATCH_ROWS, sizeof *b->order);
    buffer_append_text(&b->texts, " "); /* an empty text has an address, too */
    buffer_clear(&b->texts);
}

void row_batch_done(struct row_batch *b)
{
    mem_free(b->order);
    mem_free(b->cells);
    buffer_done(&b->texts);
    *b = (struct row_batch){.cells = NULL};
}

void row_batch_clear(struct row_batch *b)
{
    b->row_count = 0;
    buffer_clear(&b->texts);
}

/* Where among the first `count` places, which are in order, that key belongs. */
static size_t find_place(const struct row_place *order, size_t count, int64_t key)
{
    size_t first = 0;
    while (first < count) {
        size_t middle = (first + count) / 2;
        if (order[middle].key <= key)
            first = middle + 1;
        else
            count = middle;
    }
    return first;
}

/* Most rows belong behind the ones before them. */
void row_batch_sort(struct row_batch *b, bool is_keyed)
{
    for (size_t row = 0; row < b->row_count; row++) {
        struct row_place place = {.key = b->cells[b->column_count * row], .row = row};
        size_t at = row;
        if (is_keyed && row > 0 && b->order[row - 1].key > place.key) {
            at = find_place(b->order, row, place.key);
            memmove(&b->order[at + 1], &b->order[at], (row - at) * sizeof place);
        }
        b->order[at] = place;
    }
}

int64_t row_batch_keep_text(struct row_batch *b, struct bytes text)
{
    if (text.ptr == NULL) return RECORD_UNKNOWN;
    uint64_t offset = b->texts.len;
    assert(offset < INT32_MAX && text.len <= UINT32_MAX);
    buffer_append(&b->texts, text);
    return (int64_t)(offset << ROW_BATCH_TEXT_OFFSET_SHIFT | text.len);
}
