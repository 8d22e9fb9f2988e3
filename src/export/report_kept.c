/* Cells copied one behind the other; texts are offsets until the last has come. */
#include "export/report_kept.h"

#include "export/report_text.h"

#include <string.h>

/* One byte more than is shown, so that a cut can be told. */
static size_t kept_length(const struct cell *cell)
{
    bool is_long = cell->text.len > REPORT_TEXT_BYTES_MAX;
    return is_long ? REPORT_TEXT_BYTES_MAX + 1 : cell->text.len;
}

static void kept_add(struct report_kept *k, const struct cell *cells)
{
    size_t count = (k->row_count + 1) * k->column_count;
    k->cells = mem_resize(k->cells, count * sizeof *k->cells);
    struct cell *to = k->cells + k->row_count * k->column_count;
    for (size_t i = 0; i < k->column_count; i++) {
        to[i] = cells[i];
        k->has_values[i] = k->has_values[i] || cells[i].kind != CELL_NULL;
        if (cells[i].kind != CELL_TEXT && cells[i].kind != CELL_BLOB) continue;
        to[i].text.len = kept_length(&cells[i]);
        buffer_append(&k->text, bytes_of(cells[i].text.ptr, to[i].text.len));
    }
    k->row_count++;
}

static void kept_bind(struct report_kept *k)
{
    size_t at = 0;
    for (size_t i = 0; i < k->row_count * k->column_count; i++) {
        struct cell *c = &k->cells[i];
        if (c->kind != CELL_TEXT && c->kind != CELL_BLOB) continue;
        c->text = bytes_first(bytes_from(buffer_bytes(&k->text), at), c->text.len);
        at += c->text.len;
    }
}

enum status report_kept_take(struct report_kept *k, const struct rows *rows,
                             size_t rows_max, struct problem *why)
{
    const struct cell *cells = NULL;
    enum status rc;
    *k = (struct report_kept){.column_count = rows->column_count};
    k->names = mem_alloc_array(rows->column_count, sizeof *k->names);
    k->has_values = mem_alloc_array(rows->column_count, sizeof *k->has_values);
    for (size_t i = 0; i < rows->column_count; i++)
        k->names[i] = mem_copy_text(rows->names[i]);
    while ((rc = rows_next(rows, &cells, why)) == STATUS_OK && cells != NULL) {
        if (k->row_count < rows_max) kept_add(k, cells);
        k->total++;
    }
    kept_bind(k);
    return rc;
}

void report_kept_done(struct report_kept *k)
{
    for (size_t i = 0; i < k->column_count; i++) mem_free(k->names[i]);
    mem_free(k->names);
    mem_free(k->has_values);
    mem_free(k->cells);
    buffer_done(&k->text);
    *k = (struct report_kept){.names = NULL};
}

const struct cell *report_kept_cell(const struct report_kept *k, size_t row,
                                    const char *name)
{
    for (size_t i = 0; row < k->row_count && i < k->column_count; i++)
        if (strcmp(k->names[i], name) == 0) return &k->cells[row * k->column_count + i];
    return NULL;
}
