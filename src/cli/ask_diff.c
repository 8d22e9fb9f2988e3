/* Two databases, one question. Each side is summed up by the question's keys and sorted
 * by them; the two are then merged as two sorted lists are.
 *
 *   before: a  c      --> a before only, b after only, c both
 *   after:    b c         and of each key one row per figure */
#include "cli/ask.h"

#include <string.h>

enum { DIFF_EXTRA_COLUMNS = 4 /* figure, before, after, change */ };

struct diff_side {
    struct rows rows;
    const struct cell *cells; /* NULL: at its end */
};

struct ask_diff {
    struct diff_side before, after;
    size_t keys, figures;
    size_t figure; /* the next of the present keys */
    int order;     /* of the present keys: below 0 only before, above 0 only after */
    bool has_begun;
    const char **names;
    struct cell *cells;
};

/* ---- the statement ---- */

static struct bytes ask_diff_word(struct bytes *list)
{
    while (list->len > 0 && (list->ptr[0] == ' ' || list->ptr[0] == ','))
        *list = bytes_from(*list, 1);
    size_t len = 0;
    while (len < list->len && list->ptr[len] != ',' && list->ptr[len] != ' ') len++;
    struct bytes word = bytes_first(*list, len);
    *list = bytes_from(*list, len);
    return word;
}

/* The columns with what stands around each; returns how many there were. */
static size_t ask_diff_write_keys(struct buffer *out, struct bytes list,
                                  const char *after)
{
    struct bytes word;
    size_t count = 0;
    for (; (word = ask_diff_word(&list)).len > 0; count++)
        buffer_print(out, "%s%.*s%s", count > 0 ? ", " : "", (int)word.len,
                     (const char *)word.ptr, after);
    return count;
}

/* Sums; `rows` is no column but how many there are. */
static size_t ask_diff_write_figures(struct buffer *out, struct bytes list)
{
    struct bytes word;
    size_t count = 0;
    for (; (word = ask_diff_word(&list)).len > 0; count++) {
        const char *text = (const char *)word.ptr;
        int len = (int)word.len;
        if (bytes_are(word, "rows"))
            buffer_append_text(out, ", COUNT(*) AS \"rows\"");
        else
            buffer_print(out, ", SUM(%.*s) AS %.*s", len, text, len, text);
    }
    return count;
}

static void ask_diff_write_sql(struct ask_diff *d, const struct question *q,
                               const char *sql, struct buffer *out)
{
    buffer_append_text(out, "SELECT ");
    d->keys = ask_diff_write_keys(out, q->keys, "");
    d->figures = ask_diff_write_figures(out, q->figures);
    buffer_print(out, " FROM (\n%s) GROUP BY ", sql);
    ask_diff_write_keys(out, q->keys, "");
    buffer_append_text(out, " ORDER BY ");
    ask_diff_write_keys(out, q->keys, " NULLS FIRST");
    buffer_append(out, bytes_of("", 1));
}

/* ---- merging ---- */

static double ask_diff_number(const struct cell *c)
{
    return c->kind == CELL_INTEGER ? (double)c->integer : c->real;
}

/* As SQLite orders: NULL, numbers, texts. */
static int ask_diff_compare_cells(const struct cell *a, const struct cell *b)
{
    static const int classes[] = {[CELL_NULL] = 0,
                                  [CELL_INTEGER] = 1,
                                  [CELL_REAL] = 1,
                                  [CELL_TEXT] = 2,
                                  [CELL_BLOB] = 3};
    int class = classes[a->kind];
    if (class != classes[b->kind]) return class - classes[b->kind];
    if (class == 0) return 0;
    if (class == 1) {
        double x = ask_diff_number(a), y = ask_diff_number(b);
        return (x > y) - (x < y);
    }
    size_t len = a->text.len < b->text.len ? a->text.len : b->text.len;
    int order = len > 0 ? memcmp(a->text.ptr, b->text.ptr, len) : 0;
    return order != 0 ? order
                      : (a->text.len > b->text.len) - (a->text.len < b->text.len);
}

static int ask_diff_compare(const struct ask_diff *d)
{
    if (d->before.cells == NULL) return 1;
    if (d->after.cells == NULL) return -1;
    for (size_t i = 0; i < d->keys; i++) {
        int order = ask_diff_compare_cells(&d->before.cells[i], &d->after.cells[i]);
        if (order != 0) return order;
    }
    return 0;
}

static enum status ask_diff_advance(struct ask_diff *d, struct problem *why)
{
    enum status rc = STATUS_OK;
    if (!d->has_begun || d->order <= 0)
        rc = rows_next(&d->before.rows, &d->before.cells, why);
    if (rc == STATUS_OK && (!d->has_begun || d->order >= 0))
        rc = rows_next(&d->after.rows, &d->after.cells, why);
    d->has_begun = true;
    d->figure = 0;
    d->order = ask_diff_compare(d);
    return rc;
}

static struct cell ask_diff_change(const struct cell *before, const struct cell *after)
{
    struct cell none = {.kind = CELL_NULL};
    if (before->kind == CELL_NULL || after->kind == CELL_NULL) return none;
    if (before->kind == CELL_INTEGER && after->kind == CELL_INTEGER)
        return (struct cell){
            .kind = CELL_INTEGER,
            .integer = (int64_t)((uint64_t)after->integer - (uint64_t)before->integer)};
    return (struct cell){.kind = CELL_REAL,
                         .real = ask_diff_number(after) - ask_diff_number(before)};
}

static enum status ask_diff_next(void *context, const struct cell **cells,
                                 struct problem *why)
{
    struct ask_diff *d = context;
    const struct cell none = {.kind = CELL_NULL};
    enum status rc = STATUS_OK;
    *cells = NULL;
    if (!d->has_begun || d->figure == d->figures) rc = ask_diff_advance(d, why);
    if (rc != STATUS_OK) return rc;
    const struct cell *before = d->order <= 0 ? d->before.cells : NULL;
    const struct cell *after = d->order >= 0 ? d->after.cells : NULL;
    const struct cell *keys = before != NULL ? before : after;
    if (keys == NULL) return STATUS_OK; /* both are at their end */
    size_t at = d->keys + d->figure++;
    struct cell *out = d->cells + d->keys;
    memcpy(d->cells, keys, d->keys * sizeof *d->cells);
    out[0] = (struct cell){.kind = CELL_TEXT,
                           .text = bytes_of_text(d->before.rows.names[at])};
    out[1] = before != NULL ? before[at] : none;
    out[2] = after != NULL ? after[at] : none;
    out[3] = ask_diff_change(&out[1], &out[2]);
    *cells = d->cells;
    return STATUS_OK;
}

static void ask_diff_close(void *context)
{
    struct ask_diff *d = context;
    rows_close(&d->before.rows);
    rows_close(&d->after.rows);
    mem_free(d->names);
    mem_free(d->cells);
    mem_free(d);
}

enum status ask_diff_open(struct query *before, struct query *after,
                          const struct question *question, const char *sql,
                          struct rows *out, struct problem *why)
{
    static const char *const extra[] = {"figure", "before", "after", "change"};
    struct ask_diff *d = mem_alloc(sizeof *d);
    struct buffer text = {.ptr = NULL};
    ask_diff_write_sql(d, question, sql, &text);
    enum status rc = query_run(before, (const char *)text.ptr, &d->before.rows, why);
    if (rc == STATUS_OK)
        rc = query_run(after, (const char *)text.ptr, &d->after.rows, why);
    buffer_done(&text);
    if (rc != STATUS_OK) {
        ask_diff_close(d);
        return rc;
    }
    size_t columns = d->keys + DIFF_EXTRA_COLUMNS;
    d->names = mem_alloc_array(columns, sizeof *d->names);
    d->cells = mem_alloc_array(columns, sizeof *d->cells);
    for (size_t i = 0; i < columns; i++)
        d->names[i] = i < d->keys ? d->before.rows.names[i] : extra[i - d->keys];
    *out = (struct rows){.context = d,
                         .names = d->names,
                         .column_count = columns,
                         .next = ask_diff_next,
                         .close = ask_diff_close};
    return STATUS_OK;
}
