/* Rows to text, a block at a time.
 *
 *   rows --CSV, JSON------------------------------> block --> standard output
 *        --aligned--> the first rows, kept --widths--> block, then the rest
 *
 * Columns are as wide as the first rows make them; a later, wider cell pushes its line
 * out of line, and nothing is ever cut. */
#include "cli/table_output.h"

#include "cli/output.h"
#include "cli/table_cell.h"
#include "hopscope/cell_text.h"

#include <string.h>
#include <unistd.h>

enum {
    TABLE_ROWS_KEPT = 200,      /* that decide the widths */
    TABLE_KEPT_BYTES = 1 << 20, /* of them at most */
    TABLE_BLOCK_BYTES = 1 << 16,
};

struct table {
    const struct table_output *how;
    const struct rows *rows;
    struct buffer out;
    uint64_t written;
    /* aligned: the texts of the rows kept, one behind the other */
    struct buffer kept, cell;
    size_t *ends; /* of each cell in `kept` */
    size_t kept_rows;
    size_t *widths;
    bool *is_number; /* set to the right */
    bool is_list;    /* one figure a line */
    bool is_decided;
    bool is_closed; /* nobody reads on */
};

static enum status table_flush(struct table *t, struct problem *why)
{
    enum status rc = output_write_part(buffer_bytes(&t->out), &t->is_closed, why);
    buffer_clear(&t->out);
    return rc;
}

static void table_pad(struct buffer *out, size_t count)
{
    static const char blanks[] = "                                ";
    for (size_t part; count > 0; count -= part) {
        part = count < sizeof blanks - 1 ? count : sizeof blanks - 1;
        buffer_append(out, bytes_of(blanks, part));
    }
}

/* ---- CSV and JSON ---- */

static void table_put_csv(struct table *t, const struct cell *cells)
{
    for (size_t i = 0; i < t->rows->column_count; i++) {
        if (i > 0) buffer_append_text(&t->out, ",");
        cell_text_csv(&cells[i], &t->out);
    }
    buffer_append_text(&t->out, "\n");
}

static void table_put_csv_head(struct table *t)
{
    for (size_t i = 0; i < t->rows->column_count; i++) {
        struct cell name = {.kind = CELL_TEXT,
                            .text = bytes_of_text(t->rows->names[i])};
        if (i > 0) buffer_append_text(&t->out, ",");
        cell_text_csv(&name, &t->out);
    }
    buffer_append_text(&t->out, "\n");
}

static void table_put_json(struct table *t, const struct cell *cells)
{
    buffer_append_text(&t->out, t->written == 0 ? "[\n" : ",\n");
    for (size_t i = 0; i < t->rows->column_count; i++) {
        buffer_append_text(&t->out, i == 0 ? "{" : ",");
        cell_text_json_string(bytes_of_text(t->rows->names[i]), &t->out);
        buffer_append_text(&t->out, ":");
        cell_text_json(&cells[i], &t->out);
    }
    buffer_append_text(&t->out, "}");
}

/* ---- aligned ---- */

static void table_put_line(struct table *t, const struct bytes *cells)
{
    size_t owed = 0; /* blanks that only come when something follows */
    for (size_t i = 0; i < t->rows->column_count; i++) {
        size_t len = cells[i].len;
        size_t pad = t->widths[i] > len ? t->widths[i] - len : 0;
        if (t->is_number[i]) owed += pad;
        if (len > 0) {
            table_pad(&t->out, owed);
            buffer_append(&t->out, cells[i]);
            owed = 0;
        }
        if (!t->is_number[i]) owed += pad;
        owed += 2;
    }
    buffer_append_text(&t->out, "\n");
}

static void table_put_record(struct table *t, const struct bytes *cells)
{
    if (t->written > 0) buffer_append_text(&t->out, "\n");
    for (size_t i = 0; i < t->rows->column_count; i++) {
        if (cells[i].len == 0) continue;
        struct bytes name = bytes_of_text(t->rows->names[i]);
        buffer_append(&t->out, name);
        table_pad(&t->out, t->widths[i] - name.len + 2);
        buffer_append(&t->out, cells[i]);
        buffer_append_text(&t->out, "\n");
    }
}

static void table_put_texts(struct table *t, const struct bytes *cells)
{
    if (t->is_list)
        table_put_record(t, cells);
    else
        table_put_line(t, cells);
    t->written++;
}

/* Writes the cells' texts behind `texts`; `ends` says where each ends. */
static void table_render(const struct table *t, const struct cell *cells,
                         struct buffer *texts, size_t *ends)
{
    for (size_t i = 0; i < t->rows->column_count; i++) {
        table_cell_write_plain(t->rows->names[i], &cells[i], texts);
        ends[i] = texts->len;
    }
}

static void table_borrow(const struct table *t, const struct buffer *texts, size_t from,
                         const size_t *ends, struct bytes *out)
{
    for (size_t i = 0; i < t->rows->column_count; i++) {
        out[i] = bytes_of(texts->ptr + from, ends[i] - from);
        from = ends[i];
    }
}

static void table_measure(struct table *t, const size_t *ends, size_t from)
{
    for (size_t i = 0; i < t->rows->column_count; i++) {
        size_t len = ends[i] - from;
        if (len > t->widths[i]) t->widths[i] = len;
        from = ends[i];
    }
}

static void table_put_head(struct table *t)
{
    struct bytes *names = mem_alloc_array(t->rows->column_count, sizeof *names);
    size_t all = 0, longest = 0;
    for (size_t i = 0; i < t->rows->column_count; i++) {
        names[i] = bytes_of_text(t->rows->names[i]);
        if (names[i].len > t->widths[i]) t->widths[i] = names[i].len;
        if (names[i].len > longest) longest = names[i].len;
        all += t->widths[i] + 2;
    }
    t->is_list = t->how->width > 0 && all > t->how->width + 2 && t->kept_rows > 0;
    for (size_t i = 0; t->is_list && i < t->rows->column_count; i++)
        t->widths[i] = longest;
    if (!t->is_list) table_put_line(t, names);
    mem_free(names);
}

/* The rows kept so far say how wide the columns are. */
static void table_decide(struct table *t)
{
    size_t columns = t->rows->column_count, from = 0;
    struct bytes *cells = mem_alloc_array(columns, sizeof *cells);
    table_put_head(t);
    for (size_t row = 0; row < t->kept_rows; row++) {
        const size_t *ends = t->ends + row * columns;
        table_borrow(t, &t->kept, from, ends, cells);
        table_put_texts(t, cells);
        from = ends[columns - 1];
    }
    t->is_decided = true;
    mem_free(cells);
}

static void table_put_aligned(struct table *t, const struct cell *cells)
{
    size_t columns = t->rows->column_count, from = t->kept.len;
    if (!t->is_decided) {
        size_t *ends = t->ends + t->kept_rows++ * columns;
        for (size_t i = 0; i < columns; i++) {
            if (cells[i].kind == CELL_INTEGER || cells[i].kind == CELL_REAL)
                t->is_number[i] = true;
        }
        table_render(t, cells, &t->kept, ends);
        table_measure(t, ends, from);
        bool is_full =
            t->kept_rows == TABLE_ROWS_KEPT || t->kept.len >= TABLE_KEPT_BYTES;
        if (is_full) table_decide(t);
        return;
    }
    struct bytes *texts = mem_alloc_array(columns, sizeof *texts);
    buffer_clear(&t->cell);
    table_render(t, cells, &t->cell, t->ends);
    table_borrow(t, &t->cell, 0, t->ends, texts);
    table_put_texts(t, texts);
    mem_free(texts);
}

/* ---- all of it ---- */

void table_output_choose(const struct options *options, struct table_output *how)
{
    *how = (struct table_output){.format = TABLE_ALIGNED, .limit = options->limit};
    if (options->is_csv) how->format = TABLE_CSV;
    if (options->is_json) how->format = TABLE_JSON;
    if (isatty(STDOUT_FILENO) == 1) how->width = output_width();
}

static void table_put(struct table *t, const struct cell *cells)
{
    switch (t->how->format) {
    case TABLE_ALIGNED: table_put_aligned(t, cells); return;
    case TABLE_CSV: table_put_csv(t, cells); break;
    case TABLE_JSON: table_put_json(t, cells); break;
    }
    t->written++;
}

static void table_end(struct table *t)
{
    switch (t->how->format) {
    case TABLE_ALIGNED:
        if (!t->is_decided) table_decide(t);
        return;
    case TABLE_CSV: return;
    case TABLE_JSON:
        buffer_append_text(&t->out, t->written == 0 ? "[]\n" : "\n]\n");
        return;
    }
}

enum status table_output_write(const struct table_output *how, const struct rows *rows,
                               uint64_t *written, struct problem *why)
{
    size_t columns = rows->column_count;
    struct table t = {.how = how, .rows = rows};
    t.ends = mem_alloc_array(columns * TABLE_ROWS_KEPT, sizeof *t.ends);
    t.widths = mem_alloc_array(columns, sizeof *t.widths);
    t.is_number = mem_alloc_array(columns, sizeof *t.is_number);
    if (how->format == TABLE_CSV) table_put_csv_head(&t);
    enum status rc = STATUS_OK;
    const struct cell *cells = NULL;
    for (uint64_t taken = 0; how->limit == 0 || taken < how->limit; taken++) {
        rc = rows_next(rows, &cells, why);
        if (rc != STATUS_OK || cells == NULL) break;
        table_put(&t, cells);
        if (t.out.len >= TABLE_BLOCK_BYTES) rc = table_flush(&t, why);
        if (rc != STATUS_OK || t.is_closed) break;
    }
    if (rc == STATUS_OK) {
        table_end(&t);
        rc = table_flush(&t, why);
    }
    *written = t.written;
    buffer_done(&t.out);
    buffer_done(&t.kept);
    buffer_done(&t.cell);
    mem_free(t.ends);
    mem_free(t.widths);
    mem_free(t.is_number);
    return rc;
}
