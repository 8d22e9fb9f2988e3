/* Kept rows as parts of the page: each says what it tells, shows it, and gives its SQL.
 */
#include "export/report_section.h"

#include "export/report_head.h"
#include "export/report_table.h"
#include "export/report_text.h"

#include <inttypes.h>

static void section_put(struct buffer *out, const char *before, struct bytes text,
                        const char *after)
{
    buffer_append_text(out, before);
    report_text_put_html(out, text);
    buffer_append_text(out, after);
}

static void section_put_head(struct bytes file, const char *key, const char *before,
                             const char *after, struct buffer *out)
{
    struct buffer text = {.ptr = NULL};
    if (report_head_read(file, key, &text))
        section_put(out, before, buffer_bytes(&text), after);
    buffer_done(&text);
}

static void section_put_cell(const struct report_kept *k, size_t row, const char *name,
                             struct buffer *out)
{
    const struct cell *cell = report_kept_cell(k, row, name);
    if (cell != NULL) report_text_put_html_cell(out, name, cell);
}

void report_section_write_sql(struct bytes about, struct bytes sql, struct buffer *out)
{
    buffer_append_text(out,
                       "<details class=sql><summary>SQL</summary><pre tabindex=0>");
    report_text_put_html(out, about);
    report_text_put_html(out, sql);
    buffer_append_text(out, "</pre></details>\n");
}

/* ---- the top of the page ---- */

void report_section_write_totals(const struct report_kept *k, struct buffer *out)
{
    static const char *const names[] = {"captures",  "packets", "connections",
                                        "exchanges", "tunnels", "findings",
                                        "time",      "end_time"};
    static const char *const labels[] = {"captures",   "packets", "connections",
                                         "exchanges",  "tunnels", "findings",
                                         "from (UTC)", "to (UTC)"};
    buffer_append_text(out, "<dl class=totals>");
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        buffer_print(out, "<div><dt>%s</dt><dd data-total=%s>", labels[i], names[i]);
        section_put_cell(k, 0, names[i], out);
        buffer_append_text(out, "</dd></div>");
    }
    buffer_append_text(out, "</dl>\n");
}

/* By `weight`, from 0. */
static const struct {
    const char *level, *word;
} section_weights[] = {
    {"good", "good"}, {"fact", "fact"}, {"look", "look at"}, {"bad", "fault"}};

static size_t section_weight(const struct report_kept *k, size_t row)
{
    const struct cell *cell = report_kept_cell(k, row, "weight");
    bool is_known = cell != NULL && cell->kind == CELL_INTEGER && cell->integer >= 0 &&
                    (size_t)cell->integer < ARRAY_LENGTH(section_weights);
    return is_known ? (size_t)cell->integer : 1;
}

/* A packet's number tells nothing without its capture, of which there may be several;
 * an id begins with it. */
static void section_put_capture(const struct report_kept *k, size_t row,
                                struct buffer *out)
{
    const struct cell *c = report_kept_cell(k, row, "connection_id");
    if (c != NULL && c->kind == CELL_INTEGER && c->integer >> 32 > 1)
        buffer_print(out, " of capture %" PRId64, c->integer >> 32);
}

void report_section_write_verdicts(const struct report_kept *k, struct buffer *out)
{
    buffer_append_text(out, "<ol class=verdicts>\n");
    for (size_t row = 0; row < k->row_count; row++) {
        size_t weight = section_weight(k, row);
        const struct cell *packet = report_kept_cell(k, row, "packet");
        buffer_print(out, "<li class=%s><span class=\"badge %s\">%s</span><h3>",
                     section_weights[weight].level, section_weights[weight].level,
                     section_weights[weight].word);
        section_put_cell(k, row, "label", out);
        buffer_append_text(out, "</h3><p class=figure>");
        section_put_cell(k, row, "figure", out);
        buffer_append_text(out, "</p><p>");
        section_put_cell(k, row, "says", out);
        buffer_append_text(out, "</p><p class=more><a href=\"#");
        section_put_cell(k, row, "question", out);
        buffer_append_text(out, "\">");
        section_put_cell(k, row, "question", out);
        buffer_append_text(out, "</a>");
        if (packet != NULL && packet->kind == CELL_INTEGER) {
            buffer_append_text(out, " · <a class=to href=\"#connection-");
            section_put_cell(k, row, "connection_id", out);
            buffer_append_text(out, "\">packet ");
            section_put_cell(k, row, "packet", out);
            section_put_capture(k, row, out);
            buffer_append_text(out, "</a>");
        }
        buffer_append_text(out, "</p></li>\n");
    }
    buffer_append_text(out, "</ol>\n");
}

/* ---- charts and questions ---- */

static void section_put_count(const struct report_kept *k, const char *name,
                              struct buffer *out)
{
    if (k->row_count == k->total) return;
    buffer_print(out, "<p class=count>The first %zu of %" PRIu64 " rows", k->row_count,
                 k->total);
    if (name != NULL)
        buffer_print(out, "; <code>hopscope ask DB %s</code> gives all", name);
    buffer_append_text(out, ".</p>\n");
}

void report_section_write_chart(const struct report_query *q,
                                const struct report_kept *k, struct buffer *out)
{
    struct buffer title = {.ptr = NULL}, chart = {.ptr = NULL};
    report_head_read(q->text, "title", &title);
    bool has_chart = report_head_read(q->text, "chart", &chart);
    buffer_append(&chart, bytes_of("", 1));
    struct report_table table = {.caption = buffer_bytes(&title),
                                 .chart = has_chart ? (const char *)chart.ptr : NULL};
    buffer_print(out, "<figure id=chart-%s>", q->name);
    if (has_chart)
        section_put(out, "<figcaption><h3>", buffer_bytes(&title), "</h3>");
    else
        buffer_append_text(out, "<figcaption>");
    section_put_head(q->text, "tells", "<p>", "</p>", out);
    buffer_append_text(out, "</figcaption>\n");
    if (has_chart)
        buffer_append_text(out, "<details class=data><summary>Table</summary>\n");
    if (k->row_count > 0)
        report_table_write(&table, k, out);
    else
        buffer_append_text(out, "<p class=none>Nothing of this kind.</p>\n");
    section_put_count(k, NULL, out);
    if (has_chart) buffer_append_text(out, "</details>\n");
    report_section_write_sql(bytes_of("", 0), q->text, out);
    buffer_append_text(out, "</figure>\n");
    buffer_done(&title);
    buffer_done(&chart);
}

void report_section_write_question(const struct report_question *q,
                                   const struct report_kept *k, struct bytes charts,
                                   struct buffer *out)
{
    struct report_table table = {.caption = q->title};
    section_put(out, "<h2>", q->title, "</h2>\n");
    section_put_head(q->about, "tells", "<p>", "</p>\n", out);
    if (k->row_count > 0)
        section_put_head(q->about, "read", "<p class=read>", "</p>\n", out);
    buffer_append(out, charts);
    if (k->row_count > 0)
        report_table_write(&table, k, out);
    else
        buffer_append_text(out, "<p class=none>No rows: nothing of this kind.</p>\n");
    section_put_count(k, q->name, out);
    report_section_write_sql(q->about, q->sql, out);
}
