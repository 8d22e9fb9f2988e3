/* Zeek's logs as its own writers make them: columns between tabs under eight lines of
 * header, or an object a line whose keys keep their dots.
 *
 *   #separator \x09 ... #fields ts uid ... #types time string ...
 *   row, row, ...
 *   #close
 *
 * The times of opening and closing are the captures', so that the same database gives
 * the same bytes. */
#include "export/formats.h"
#include "export/mapping.h"
#include "export/zeek_logs.h"
#include "hopscope/cell_text.h"

#include <string.h>
#include <time.h>

/* ---- header and end ---- */

static void write_names(const char *word, const struct mapping *m, bool is_type,
                        struct buffer *out)
{
    buffer_append_text(out, word);
    for (size_t i = 0; i < m->field_count; i++)
        buffer_print(out, "\t%s", is_type ? m->fields[i].type : m->fields[i].name);
    buffer_append_text(out, "\n");
}

static void write_moment(const char *word, int64_t us, struct buffer *out)
{
    struct tm day = {.tm_year = 70};
    char text[32];
    time_t seconds = (time_t)(us / 1000000);
    gmtime_r(&seconds, &day);
    strftime(text, sizeof text, "%Y-%m-%d-%H-%M-%S", &day);
    buffer_print(out, "%s\t%s\n", word, text);
}

static void write_header(const struct mapping *m, int64_t opened_us, struct buffer *out)
{
    buffer_append_text(out, "#separator \\x09\n#set_separator\t,\n"
                            "#empty_field\t(empty)\n#unset_field\t-\n");
    buffer_print(out, "#path\t%s\n", m->part);
    write_moment("#open", opened_us, out);
    write_names("#fields", m, false, out);
    write_names("#types", m, true, out);
}

/* When the captures began and ended, µs; 0: not known. */
static enum status ask_span(const struct export_order *order, int64_t span[2],
                            struct problem *why)
{
    struct rows rows = {.context = NULL};
    const struct cell *cells = NULL;
    enum status rc = order->source.ask(
        order->source.context,
        "SELECT COALESCE(MIN(start_us), 0), COALESCE(MAX(end_us), 0) FROM captures",
        &rows, why);
    if (rc == STATUS_OK) rc = rows_next(&rows, &cells, why);
    for (size_t i = 0; rc == STATUS_OK && cells != NULL && i < 2; i++)
        span[i] = cells[i].integer;
    rows_close(&rows);
    return rc;
}

/* ---- rows ---- */

/* Text that would read as "unset" or "empty" must not. */
static void put_text(struct bytes text, struct buffer *out)
{
    if (text.len == 0)
        buffer_append_text(out, "(empty)");
    else if (bytes_are(text, "-"))
        buffer_append_text(out, "\\x2d");
    else if (bytes_are(text, "(empty)"))
        buffer_append_text(out, "\\x28empty)");
    else
        cell_text_tab(text, out);
}

/* A list's own comma would divide it. */
static void put_list(struct bytes text, struct buffer *out)
{
    struct buffer one = {.ptr = NULL};
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == ',')
            buffer_append_text(&one, "\\x2c");
        else
            buffer_append(&one, bytes_of(text.ptr + i, 1));
    }
    put_text(buffer_bytes(&one), out);
    buffer_done(&one);
}

static void put_cell(const struct mapping_field *f, const struct cell *cell,
                     struct buffer *out)
{
    if (cell->kind == CELL_TEXT && f->shape == SHAPE_LIST)
        put_list(cell->text, out);
    else if (cell->kind == CELL_TEXT)
        put_text(cell->text, out);
    else if (cell->kind == CELL_INTEGER && f->shape == SHAPE_BOOL)
        buffer_append_text(out, cell->integer != 0 ? "T" : "F");
    else if (!mapping_write_bare(f, cell, out))
        buffer_append_text(out, "-");
}

static enum status put_columns(void *context, const struct mapping *m,
                               const struct cell *cells, struct buffer *out,
                               struct problem *why)
{
    (void)context, (void)why;
    for (size_t i = 0; i < m->field_count; i++) {
        if (i > 0) buffer_append_text(out, "\t");
        put_cell(&m->fields[i], &cells[i], out);
    }
    buffer_append_text(out, "\n");
    return STATUS_OK;
}

/* ---- logs ---- */

static enum status write_log(const struct export_order *order, const struct mapping *m,
                             const int64_t span[2], struct problem *why)
{
    struct buffer out = {.ptr = NULL};
    struct mapping_job job = {
        .mapping = m,
        .order = order,
        .put = order->is_json ? mapping_put_json_line : put_columns,
    };
    enum status rc = order->target.begin(order->target.context, m->part, why);
    if (!order->is_json) write_header(m, span[0], &out);
    if (rc == STATUS_OK) rc = mapping_run(&job, &out, why);
    if (!order->is_json) write_moment("#close", span[1], &out);
    if (rc == STATUS_OK) rc = mapping_flush(order, &out, why);
    buffer_done(&out);
    return rc;
}

static enum status zeek_run(const struct export_order *order, struct problem *why)
{
    int64_t span[2] = {0};
    enum status rc = ask_span(order, span, why);
    for (size_t i = 0; rc == STATUS_OK && i < zeek_log_count; i++) {
        const struct mapping *m = &zeek_logs[i];
        if (mapping_is_wanted(order, m->part)) rc = write_log(order, m, span, why);
    }
    return rc;
}

const struct export_format zeek_format = {
    .name = "zeek",
    .about = "Zeek's logs: columns between tabs, or with --json objects",
    .suffix = "log",
    .parts = {"conn", "http", "weird", "websocket"},
    .has_json = true,
    .run = zeek_run,
};
