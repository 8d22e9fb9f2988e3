/* The page, put together.
 *
 *   query --texts:?--yes--> JSON in a data element -------------------.
 *                  '-no---> verdicts | totals | figure of a section --+--> page
 *   question -------------> section, with the figures that name it ---'
 *
 * What each part shows is in report_section.c; the files it embeds are in html/. */
#include "hopscope/report_page.h"

#include "export/report_columns.h"
#include "export/report_head.h"
#include "export/report_section.h"
#include "export/report_text.h"

#include <inttypes.h>
#include <string.h>

struct page_section {
    char *name;
    uint64_t rows;
    struct buffer title, html;
};

struct report_page {
    char *name;
    struct page_section *sections; /* of the questions */
    size_t section_count;
    struct buffer *queries; /* what became of each, HTML or JSON */
    uint64_t *query_rows;
};

struct report_page *report_page_new(const char *name)
{
    struct report_page *p = mem_alloc(sizeof *p);
    p->name = mem_copy_text(name);
    p->queries = mem_alloc_array(report_query_count, sizeof *p->queries);
    p->query_rows = mem_alloc_array(report_query_count, sizeof *p->query_rows);
    return p;
}

void report_page_free(struct report_page *p)
{
    if (p == NULL) return;
    for (size_t i = 0; i < p->section_count; i++) {
        mem_free(p->sections[i].name);
        buffer_done(&p->sections[i].title);
        buffer_done(&p->sections[i].html);
    }
    for (size_t i = 0; i < report_query_count; i++) buffer_done(&p->queries[i]);
    mem_free(p->sections);
    mem_free(p->queries);
    mem_free(p->query_rows);
    mem_free(p->name);
    mem_free(p);
}

/* ---- what comes in ---- */

const char *report_page_query(size_t index)
{
    if (index >= report_query_count) return NULL;
    return (const char *)report_queries[index].text.ptr;
}

static bool page_query_is(size_t index, const char *key, const char *value)
{
    struct buffer text = {.ptr = NULL};
    report_head_read(report_queries[index].text, key, &text);
    bool is_same = bytes_are(buffer_bytes(&text), value);
    buffer_done(&text);
    return is_same;
}

enum status report_page_put_query(struct report_page *p, size_t index,
                                  const struct rows *rows, struct problem *why)
{
    const struct report_query *q = &report_queries[index];
    struct buffer texts = {.ptr = NULL}, *out = &p->queries[index];
    struct report_kept kept = {.names = NULL};
    size_t rows_max = report_head_number(q->text, "rows", REPORT_TABLE_ROWS_MAX);
    buffer_clear(out);
    if (report_head_read(q->text, "texts", &texts)) {
        enum status rc = report_columns_write(rows, buffer_bytes(&texts), rows_max, out,
                                              &p->query_rows[index], why);
        buffer_done(&texts);
        return rc;
    }
    enum status rc = report_kept_take(&kept, rows, rows_max, why);
    p->query_rows[index] = kept.total;
    if (rc != STATUS_OK) goto done;
    if (strcmp(q->name, "totals") == 0)
        report_section_write_totals(&kept, out);
    else if (strcmp(q->name, "verdicts") == 0)
        report_section_write_verdicts(&kept, out);
    else
        report_section_write_chart(q, &kept, out);
done:
    report_kept_done(&kept);
    return rc;
}

static void page_gather_charts(const struct report_page *p, const char *section,
                               struct buffer *out)
{
    for (size_t i = 0; i < report_query_count; i++)
        if (page_query_is(i, "section", section))
            buffer_append(out, buffer_bytes(&p->queries[i]));
}

enum status report_page_put_question(struct report_page *p,
                                     const struct report_question *question,
                                     const struct rows *rows, struct problem *why)
{
    struct report_kept kept = {.names = NULL};
    struct buffer charts = {.ptr = NULL};
    enum status rc = report_kept_take(&kept, rows, REPORT_TABLE_ROWS_MAX, why);
    if (rc != STATUS_OK) goto done;
    size_t size = (p->section_count + 1) * sizeof *p->sections;
    p->sections = mem_resize(p->sections, size);
    struct page_section *s = &p->sections[p->section_count++];
    *s = (struct page_section){.name = mem_copy_text(question->name),
                               .rows = kept.total};
    buffer_append(&s->title, question->title);
    page_gather_charts(p, question->name, &charts);
    report_section_write_question(question, &kept, buffer_bytes(&charts), &s->html);
done:
    buffer_done(&charts);
    report_kept_done(&kept);
    return rc;
}

/* ---- what goes out ---- */

static size_t page_query_index(const char *name)
{
    size_t i = 0;
    while (i + 1 < report_query_count && strcmp(report_queries[i].name, name) != 0) i++;
    return i;
}

static void page_put_query(const struct report_page *p, const char *name,
                           struct buffer *out)
{
    buffer_append(out, buffer_bytes(&p->queries[page_query_index(name)]));
}

static void page_put_sql(const char *name, struct buffer *out)
{
    struct bytes text = report_queries[page_query_index(name)].text;
    report_section_write_sql(bytes_of("", 0), text, out);
}

static void page_put_head(const struct report_page *p, struct buffer *out)
{
    buffer_append_text(out, "<!doctype html>\n<html lang=en>\n<head>\n"
                            "<meta charset=utf-8>\n"
                            "<meta http-equiv=Content-Security-Policy content=\"");
    buffer_print(out,
                 "default-src 'none'; script-src '%s'; style-src '%s'; "
                 "base-uri 'none'; form-action 'none'\">\n",
                 report_asset_script_hash, report_asset_style_hash);
    buffer_append_text(
        out, "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=color-scheme content=\"light dark\">\n"
             "<meta name=referrer content=no-referrer>\n<title>");
    report_text_put_html(out, bytes_of_text(p->name));
    buffer_append_text(out, " · hopscope report</title>\n<style>");
    buffer_append(out, report_asset_style);
    buffer_append_text(out, "</style>\n</head>\n<body>\n");
}

static void page_put_link(const char *name, uint64_t rows, struct buffer *out)
{
    buffer_print(out, "<li><a href=\"#%s\"%s>%s", name, rows == 0 ? " class=empty" : "",
                 name);
    buffer_print(out, " <span class=rows>%" PRIu64 "</span></a></li>\n", rows);
}

static void page_put_top(const struct report_page *p, struct buffer *out)
{
    buffer_append_text(out, "<a class=skip href=\"#main\">To the content</a>\n"
                            "<header><div class=name><p>hopscope report</p><h1>");
    report_text_put_html(out, bytes_of_text(p->name));
    buffer_append_text(out, "</h1></div>\n");
    page_put_query(p, "totals", out);
    buffer_append_text(out, "<button id=theme type=button hidden>Theme</button>\n"
                            "</header>\n<nav aria-label=Sections><ul>\n"
                            "<li><a href=\"#verdicts\">verdicts</a></li>\n"
                            "<li><a href=\"#waterfall\">waterfall</a></li>\n");
    page_put_link("findings", p->query_rows[page_query_index("findings")], out);
    for (size_t i = 0; i < p->section_count; i++)
        page_put_link(p->sections[i].name, p->sections[i].rows, out);
    buffer_append_text(out, "</ul></nav>\n<main id=main tabindex=-1>\n");
}

static void page_put_own_sections(const struct report_page *p, struct buffer *out)
{
    buffer_append_text(out, "<section id=verdicts><h2>What matters</h2>\n");
    page_put_query(p, "verdicts", out);
    page_put_sql("verdicts", out);
    buffer_append_text(
        out, "</section>\n<section id=waterfall><h2>Connections over time</h2>\n"
             "<div id=lanes><noscript><p>The drawing needs scripts; the tables below "
             "do not.</p></noscript></div>\n");
    page_put_sql("connections", out);
    page_put_sql("exchanges", out);
    buffer_append_text(out, "</section>\n<section id=findings><h2>Findings, with their "
                            "references</h2>\n");
    page_gather_charts(p, "findings", out);
    buffer_append_text(out, "</section>\n");
}

static void page_put_data(const struct report_page *p, struct buffer *out)
{
    static const char *const names[] = {"captures", "connections", "exchanges"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        buffer_print(out, "<script type=\"application/json\" id=data-%s>", names[i]);
        page_put_query(p, names[i], out);
        buffer_append_text(out, "</script>\n");
    }
}

void report_page_write(const struct report_page *p, struct buffer *out)
{
    page_put_head(p, out);
    page_put_top(p, out);
    page_put_own_sections(p, out);
    for (size_t i = 0; i < p->section_count; i++) {
        buffer_print(out, "<section id=\"%s\">", p->sections[i].name);
        buffer_append(out, buffer_bytes(&p->sections[i].html));
        buffer_append_text(out, "</section>\n");
    }
    buffer_append_text(out,
                       "</main>\n<footer><p>Made by hopscope " HOPSCOPE_VERSION
                       ". Packet numbers are Wireshark's. The queries run over the "
                       "database as they stand here.</p></footer>\n");
    page_put_data(p, out);
    buffer_append_text(out, "<script>");
    buffer_append(out, report_asset_script);
    buffer_append_text(out, "</script>\n</body>\n</html>\n");
}
