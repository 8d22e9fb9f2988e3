/* Rows come one by one and leave column by column: a buffer for each, joined at the
 * end. */
#include "export/report_columns.h"

#include "export/report_head.h"
#include "export/report_text.h"
#include "export/report_words.h"

#include <inttypes.h>

struct report_column {
    bool has_words;
    struct report_words words;
    struct buffer values; /* each with a comma behind it */
};

static struct report_column *columns_new(const struct rows *rows, struct bytes texts)
{
    struct report_column *c = mem_alloc_array(rows->column_count, sizeof *c);
    for (size_t i = 0; i < rows->column_count; i++) {
        c[i].has_words = report_head_lists(texts, rows->names[i]);
        if (c[i].has_words) report_words_init(&c[i].words);
    }
    return c;
}

static void columns_free(struct report_column *c, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (c[i].has_words) report_words_done(&c[i].words);
        buffer_done(&c[i].values);
    }
    mem_free(c);
}

static void column_put(struct report_column *c, const struct cell *cell,
                       struct buffer *scratch)
{
    if (!c->has_words || cell->kind == CELL_NULL) {
        report_text_put_json_cell(&c->values, cell);
        buffer_append_text(&c->values, ",");
        return;
    }
    struct bytes word = report_text_of(cell, scratch);
    buffer_print(&c->values, "%zu,", report_words_number(&c->words, word));
}

static void column_write(const struct report_column *c, struct buffer *out)
{
    struct bytes values = bytes_first(buffer_bytes(&c->values),
                                      c->values.len > 0 ? c->values.len - 1 : 0);
    if (c->has_words) {
        buffer_append_text(out, "{\"words\":[");
        for (size_t i = 0; i < c->words.count; i++) {
            if (i > 0) buffer_append_text(out, ",");
            report_text_put_json(out, report_words_get(&c->words, i));
        }
        buffer_append_text(out, "],\"of\":");
    }
    buffer_append_text(out, "[");
    buffer_append(out, values);
    buffer_append_text(out, c->has_words ? "]}" : "]");
}

enum status report_columns_write(const struct rows *rows, struct bytes texts,
                                 size_t rows_max, struct buffer *out,
                                 uint64_t *row_count, struct problem *why)
{
    struct report_column *columns = columns_new(rows, texts);
    struct buffer scratch = {.ptr = NULL};
    const struct cell *cells = NULL;
    uint64_t count = 0;
    bool is_cut = false;
    enum status rc;
    while ((rc = rows_next(rows, &cells, why)) == STATUS_OK && cells != NULL) {
        if ((is_cut = count == rows_max)) break;
        for (size_t i = 0; i < rows->column_count; i++)
            column_put(&columns[i], &cells[i], &scratch);
        count++;
    }
    if (rc != STATUS_OK) goto done;
    buffer_print(out, "{\"rows\":%" PRIu64 ",\"is_cut\":%s,\"columns\":{", count,
                 is_cut ? "true" : "false");
    for (size_t i = 0; i < rows->column_count; i++) {
        if (i > 0) buffer_append_text(out, ",");
        report_text_put_json(out, bytes_of_text(rows->names[i]));
        buffer_append_text(out, ":");
        column_write(&columns[i], out);
    }
    buffer_append_text(out, "}}");
    *row_count = count;
done:
    buffer_done(&scratch);
    columns_free(columns, rows->column_count);
    return rc;
}
