#include "store/row_batch.h"

#include <assert.h>

void row_batch_init(struct row_batch *b, size_t column_count)
{
    *b = (struct row_batch){.column_count = column_count};
    b->cells = mem_alloc_array(column_count * ROW_BATCH_ROWS, sizeof *b->cells);
    buffer_append_text(&b->texts, " "); /* an empty text has an address, too */
    buffer_clear(&b->texts);
}

void row_batch_done(struct row_batch *b)
{
    mem_free(b->cells);
    buffer_done(&b->texts);
    *b = (struct row_batch){.cells = NULL};
}

void row_batch_clear(struct row_batch *b)
{
    b->row_count = 0;
    buffer_clear(&b->texts);
}

int64_t row_batch_keep_text(struct row_batch *b, struct bytes text)
{
    if (text.ptr == NULL) return RECORD_UNKNOWN;
    uint64_t offset = b->texts.len;
    assert(offset < INT32_MAX && text.len <= UINT32_MAX);
    buffer_append(&b->texts, text);
    return (int64_t)(offset << ROW_BATCH_TEXT_OFFSET_SHIFT | text.len);
}
