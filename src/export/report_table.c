/* Rows as <table>.
 *
 *   client_ip client_port connection_id      client            connection
 *   10.0.0.1  4711        4294967297    -->  10.0.0.1:4711     <a
 * href="#connection-4294967297">
 *
 * A column is one kind of cell in the table below, the first whose name fits. */
#include "export/report_table.h"

#include "export/report_text.h"

#include <string.h>

enum table_column {
    TABLE_PLAIN,
    TABLE_ENDPOINT,   /* the address, with its port */
    TABLE_PORT,       /* stands in the column before */
    TABLE_CONNECTION, /* leads to the waterfall */
    TABLE_REFERENCE,  /* "RFC 9112 6.3": leads to its text */
    TABLE_SEVERITY,   /* coloured, and named */
};

static bool table_ends(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);
    return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

static enum table_column table_column_of(const struct report_table *t,
                                         const struct report_kept *k, size_t i)
{
    const char *name = k->names[i];
    if (t->chart != NULL) return TABLE_PLAIN;
    if (table_ends(name, "_port") && i > 0 && table_ends(k->names[i - 1], "_ip"))
        return TABLE_PORT;
    if (table_ends(name, "_ip") && i + 1 < k->column_count &&
        table_ends(k->names[i + 1], "_port"))
        return TABLE_ENDPOINT;
    if (strcmp(name, "connection_id") == 0) return TABLE_CONNECTION;
    if (strcmp(name, "reference") == 0) return TABLE_REFERENCE;
    return strcmp(name, "severity") == 0 ? TABLE_SEVERITY : TABLE_PLAIN;
}

/* ---- cells ---- */

static bool cell_is_number(const struct cell *c)
{
    return c->kind == CELL_INTEGER || c->kind == CELL_REAL;
}

static void table_put_endpoint(struct buffer *out, const struct cell *ip,
                               const struct cell *port)
{
    struct buffer scratch = {.ptr = NULL};
    struct bytes text = report_text_of(ip, &scratch);
    bool is_v6 = text.len > 0 && memchr(text.ptr, ':', text.len) != NULL;
    if (is_v6) buffer_append_text(out, "[");
    report_text_put_html(out, text);
    if (is_v6) buffer_append_text(out, "]");
    if (port->kind != CELL_NULL) {
        buffer_append_text(out, ":");
        report_text_put_html_cell(out, "", port);
    }
    buffer_done(&scratch);
}

static void table_put_connection(struct buffer *out, const struct cell *id)
{
    if (id->kind == CELL_NULL) return;
    buffer_append_text(out, "<a class=to href=\"#connection-");
    report_text_put_html_cell(out, "", id);
    buffer_append_text(out, "\">");
    report_text_put_html_cell(out, "", id);
    buffer_append_text(out, "</a>");
}

/* "RFC 9112 6.3-5" or "9112 6.3": the number, then the section. */
static void table_put_reference(struct buffer *out, const struct cell *cell)
{
    struct buffer scratch = {.ptr = NULL};
    struct bytes text = report_text_of(cell, &scratch);
    struct bytes rest = bytes_start_with(text, "RFC ") ? bytes_from(text, 4) : text;
    size_t digits = 0, section = 0;
    while (digits < rest.len && rest.ptr[digits] >= '0' && rest.ptr[digits] <= '9')
        digits++;
    struct bytes number = bytes_first(rest, digits);
    rest = bytes_from(rest, digits);
    while (rest.len > 0 &&
           (rest.ptr[0] == ' ' || rest.ptr[0] == ',' || rest.ptr[0] == 'S'))
        rest = bytes_from(rest, 1);
    while (section < rest.len &&
           (rest.ptr[section] == '.' ||
            (rest.ptr[section] >= '0' && rest.ptr[section] <= '9')))
        section++;
    bool is_rfc = digits == 4;
    if (is_rfc) {
        buffer_append_text(out, "<a rel=\"noreferrer noopener\" "
                                "href=\"https://www.rfc-editor.org/rfc/rfc");
        buffer_append(out, number);
        if (section > 0) buffer_append_text(out, ".html#section-");
        buffer_append(out, bytes_first(rest, section));
        buffer_append_text(out, "\">");
    }
    report_text_put_html(out, text);
    if (is_rfc) buffer_append_text(out, "</a>");
    buffer_done(&scratch);
}

static void table_put_severity(struct buffer *out, const struct cell *cell)
{
    struct buffer scratch = {.ptr = NULL};
    struct bytes text = report_text_of(cell, &scratch);
    const char *level = bytes_are(text, "attack")    ? "bad"
                        : bytes_are(text, "warning") ? "look"
                                                     : "fact";
    buffer_print(out, "<span class=\"badge %s\">", level);
    report_text_put_html(out, text);
    buffer_append_text(out, "</span>");
    buffer_done(&scratch);
}

static void table_put_cell(struct buffer *out, enum table_column kind, const char *name,
                           const struct cell *cell)
{
    switch (kind) {
    case TABLE_PORT: return;
    case TABLE_ENDPOINT:
        buffer_append_text(out, "<td class=a>");
        table_put_endpoint(out, cell, cell + 1);
        break;
    case TABLE_CONNECTION:
        buffer_append_text(out, "<td class=n>");
        table_put_connection(out, cell);
        break;
    case TABLE_REFERENCE:
        buffer_append_text(out, "<td>");
        table_put_reference(out, cell);
        break;
    case TABLE_SEVERITY:
        buffer_append_text(out, "<td>");
        table_put_severity(out, cell);
        break;
    case TABLE_PLAIN:
        buffer_append_text(out, cell_is_number(cell) ? "<td class=n>" : "<td>");
        report_text_put_html_cell(out, name, cell);
    }
    buffer_append_text(out, "</td>");
}

/* ---- head and body ---- */

/* "wait_p50_ms": "wait p50 ms"; "connection_id" and "client_ip" lose their ends. */
static void table_put_name(struct buffer *out, enum table_column kind, const char *name)
{
    size_t cut = kind == TABLE_ENDPOINT || kind == TABLE_CONNECTION ? 3 : 0;
    buffer_append_text(out, kind == TABLE_PLAIN || kind == TABLE_CONNECTION
                                ? "<th scope=col data-name=\""
                                : "<th scope=col class=t data-name=\"");
    report_text_put_html(out, bytes_of_text(name));
    buffer_append_text(out, "\">");
    struct bytes shown = bytes_of(name, strlen(name) - cut);
    for (size_t i = 0; i < shown.len; i++) {
        uint8_t byte = shown.ptr[i] == '_' ? ' ' : shown.ptr[i];
        report_text_put_html(out, bytes_of(&byte, 1));
    }
    buffer_append_text(out, "</th>");
}

static bool table_leaves_out(const struct report_table *t, const struct report_kept *k,
                             size_t column)
{
    return (t->chart == NULL && !k->has_values[column]) ||
           table_column_of(t, k, column) == TABLE_PORT;
}

static void table_put_row(const struct report_table *t, const struct report_kept *k,
                          size_t row, struct buffer *out)
{
    buffer_append_text(out, "<tr>");
    for (size_t i = 0; i < k->column_count; i++) {
        if (table_leaves_out(t, k, i)) continue;
        table_put_cell(out, table_column_of(t, k, i), k->names[i],
                       &k->cells[row * k->column_count + i]);
    }
    buffer_append_text(out, "</tr>\n");
}

void report_table_write(const struct report_table *t, const struct report_kept *k,
                        struct buffer *out)
{
    buffer_append_text(out, "<div class=wide tabindex=0 role=region aria-label=\"");
    report_text_put_html(out, t->caption);
    buffer_append_text(out, "\"><table");
    if (t->chart != NULL) {
        buffer_append_text(out, " data-chart=\"");
        report_text_put_html(out, bytes_of_text(t->chart));
        buffer_append_text(out, "\"");
    }
    buffer_append_text(out, "><caption>");
    report_text_put_html(out, t->caption);
    buffer_append_text(out, "</caption><thead><tr>");
    for (size_t i = 0; i < k->column_count; i++) {
        if (table_leaves_out(t, k, i)) continue;
        table_put_name(out, table_column_of(t, k, i), k->names[i]);
    }
    buffer_append_text(out, "</tr></thead><tbody>\n");
    for (size_t row = 0; row < k->row_count; row++) table_put_row(t, k, row, out);
    buffer_append_text(out, "</tbody></table></div>\n");
}
