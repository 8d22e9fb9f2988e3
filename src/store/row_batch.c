#include "store/row_batch.h"

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

static inline struct row_place place_of(const struct row_batch *b, size_t row)
{
    return (struct row_place){.key = b->cells[b->column_count * row], .row = row};
}

/* Puts the rows from `first` on, whose keys grow, among those before them, which are in
 * order: from behind, so that what stands in the way moves once for all of them. */
static void merge_run(struct row_batch *b, size_t first, size_t end)
{
    struct row_place *order = b->order;
    size_t before = first;
    if (first == 0) return;
    while (end > first && order[end - 1].key >= order[first - 1].key) end--;
    for (size_t to = end; end > first;) {
        struct row_place place = place_of(b, --end);
        while (before > 0 && order[before - 1].key > place.key)
            order[--to] = order[--before];
        order[--to] = place;
    }
}

/* Rows mostly come in long runs: the exchanges of a connection end one after the other,
 * and what a run has to pass is not much. */
void row_batch_sort(struct row_batch *b, bool is_keyed)
{
    size_t first = 0; /* of the run that goes on */
    for (size_t row = 0; row < b->row_count; row++) {
        struct row_place place = place_of(b, row);
        if (is_keyed && row > 0 && place.key < b->order[row - 1].key) {
            merge_run(b, first, row);
            first = row;
        }
        b->order[row] = place;
    }
    merge_run(b, first, b->row_count);
}
