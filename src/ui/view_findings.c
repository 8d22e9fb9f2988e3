/* Findings: groups by code, the newest first; an open group shows its rows. */
#include "ui/figure.h"
#include "ui/ui_state.h"
#include "ui/wire_text.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- lines ---- */

static void add_line(struct findings_page *p, enum finding_code code, uint64_t serial)
{
    if (p->count == p->capacity) {
        p->capacity = p->capacity == 0 ? 128 : 2 * p->capacity;
        p->lines = mem_resize(p->lines, p->capacity * sizeof *p->lines);
    }
    p->lines[p->count++] = (struct finding_line){.code = code, .serial = serial};
}

struct group {
    uint64_t newest;
    enum finding_code code;
};

static int compare_groups(const void *left, const void *right)
{
    const struct group *a = left, *b = right;
    return (a->newest < b->newest) - (a->newest > b->newest);
}

static bool passes(const struct ui *u, const struct model_finding *f)
{
    if (row_filter_is_empty(u->filter)) return true;
    const struct model_connection *c =
        model_connection(u->model, f->record.connection_id);
    return c != NULL && row_filter_connection(u->filter, u->model, c);
}

static void add_rows(struct ui *u, enum finding_code code)
{
    const struct model *m = u->model;
    uint64_t oldest = m->finding_serial > MODEL_FINDINGS_MAX
                          ? m->finding_serial - MODEL_FINDINGS_MAX
                          : 0;
    for (uint64_t serial = m->finding_serial; serial > oldest; serial--) {
        const struct model_finding *f = model_finding(m, serial);
        if (f != NULL && f->record.code == code + 1 && passes(u, f))
            add_line(&u->findings, code, serial);
    }
}

static bool is_same(const struct finding_line *a, const struct finding_line *b)
{
    return a->code == b->code && a->serial == b->serial;
}

static void build(struct ui *u, int page)
{
    struct findings_page *p = &u->findings;
    struct group groups[FINDING_CODE_COUNT];
    size_t count = 0;
    for (int code = 0; code < FINDING_CODE_COUNT; code++) {
        const struct model_code *c = &u->model->codes[code];
        if (c->count == 0) continue;
        groups[count++] = (struct group){c->newest_serial, (enum finding_code)code};
    }
    qsort(groups, count, sizeof *groups, compare_groups);
    p->count = 0;
    for (size_t i = 0; i < count; i++) {
        add_line(p, groups[i].code, 0);
        if (p->is_open[groups[i].code]) add_rows(u, groups[i].code);
    }
    pick_list_fit(&p->list, p->count, page);
    for (size_t i = 0; p->has_chosen && i < p->count; i++) {
        if (is_same(&p->lines[i], &p->chosen)) pick_list_follow(&p->list, i);
    }
    pick_list_fit(&p->list, p->count, page);
}

/* ---- drawing ---- */

static unsigned style_of(enum severity severity)
{
    return severity == SEVERITY_ATTACK    ? STYLE_BAD
           : severity == SEVERITY_WARNING ? STYLE_WARNING
                                          : STYLE_ACCENT;
}

static void draw_group(struct ui *u, struct canvas_area a, int row,
                       enum finding_code code, unsigned chosen)
{
    const struct finding_description *about = finding_describe(code);
    const struct model_code *c = &u->model->codes[code];
    char figure[FIGURE_MAX], clock[FIGURE_MAX], text[512];
    figure_count((int64_t)c->count, figure);
    figure_clock(c->newest_us, clock);
    canvas_text(a, row, 0, u->findings.is_open[code] ? "▼" : "▶", STYLE_PLAIN | chosen);
    canvas_right(a, row, 2, 6, bytes_of_text(figure), STYLE_BOLD | chosen);
    canvas_text(a, row, 9, severity_name(about->severity),
                style_of(about->severity) | chosen);
    canvas_text(a, row, 17, clock, STYLE_DIM | chosen);
    snprintf(text, sizeof text, "%s: %s%s%s", about->name, about->title,
             *about->reference ? "  " : "", about->reference);
    canvas_text(a, row, 30, text, STYLE_PLAIN | chosen);
}

static void draw_finding(struct ui *u, struct canvas_area a, int row, uint64_t serial,
                         unsigned chosen)
{
    const struct model_finding *f = model_finding(u->model, serial);
    struct buffer text = {.ptr = NULL};
    char clock[FIGURE_MAX], client[ENDPOINT_TEXT_MAX] = "",
                            server[ENDPOINT_TEXT_MAX] = "";
    if (f == NULL) return;
    const struct model_connection *c =
        model_connection(u->model, f->record.connection_id);
    if (c != NULL && c->record->client.version != 0) {
        endpoint_format(&c->record->client, client);
        endpoint_format(&c->record->server, server);
    }
    figure_clock(f->record.time_us, clock);
    buffer_print(&text, "packet %u  %s", (unsigned)(f->record.ref & UINT32_MAX),
                 client);
    buffer_print(&text, c != NULL ? " → %s" : "(no longer kept)", server);
    if (f->record.exchange_ordinal != RECORD_UNKNOWN && f->record.exchange_ordinal > 0)
        buffer_print(&text, "  #%lld", (long long)f->record.exchange_ordinal);
    static const char *const sides[] = {"", "  by client", "  by server"};
    if (f->record.side < ARRAY_LENGTH(sides))
        buffer_append_text(&text, sides[f->record.side]);
    buffer_append_text(&text, "  ");
    wire_text_add(&text, f->record.evidence, a.canvas->is_ascii);
    canvas_text(a, row, 17, clock, STYLE_DIM | chosen);
    canvas_write(a, row, 30, a.columns - 30, buffer_bytes(&text), STYLE_PLAIN | chosen);
    buffer_done(&text);
}

static void draw(struct ui *u, struct canvas_area a)
{
    struct findings_page *p = &u->findings;
    build(u, a.rows - 1);
    canvas_fill(a, 0, 0, a.columns, ' ', STYLE_BAR);
    canvas_text(a, 0, 0, "   Count Severity Newest       Finding", STYLE_BAR);
    for (int row = 1; row < a.rows; row++) {
        size_t at = p->list.top + (size_t)row - 1;
        if (at >= p->count) break;
        unsigned chosen = at == p->list.at ? STYLE_CHOSEN : 0;
        if (chosen) canvas_fill(a, row, 0, a.columns, ' ', chosen);
        if (p->lines[at].serial == 0)
            draw_group(u, a, row, p->lines[at].code, chosen);
        else
            draw_finding(u, a, row, p->lines[at].serial, chosen);
    }
    if (p->count == 0) canvas_text(a, 2, 1, "No finding so far.", STYLE_DIM);
}

/* ---- keys ---- */

static void choose(struct findings_page *p)
{
    p->has_chosen = p->count > 0;
    if (p->has_chosen) p->chosen = p->lines[p->list.at];
}

/* A group opens or closes; a finding leads to its connection. */
static void open_line(struct ui *u)
{
    struct findings_page *p = &u->findings;
    if (p->count == 0) return;
    const struct finding_line *line = &p->lines[p->list.at];
    if (line->serial == 0) {
        p->is_open[line->code] = !p->is_open[line->code];
        choose(p);
        build(u, (int)p->list.page); /* for keys that come before it is drawn */
        return;
    }
    const struct model_finding *f = model_finding(u->model, line->serial);
    if (f == NULL) return;
    const struct model_connection *c =
        model_connection(u->model, f->record.connection_id);
    int64_t exchange = 0;
    for (const struct model_exchange *e = c == NULL ? NULL : c->first; e != NULL;
         e = e->after) {
        if (e->record->ordinal == f->record.exchange_ordinal) exchange = e->record->id;
    }
    ui_open_connection(u, f->record.connection_id, exchange);
}

static bool act(struct ui *u, enum action action)
{
    struct findings_page *p = &u->findings;
    if (pick_list_act(&p->list, action)) {
        choose(p);
        return true;
    }
    if (action != ACTION_OPEN) return false;
    open_line(u);
    return true;
}

static bool click(struct ui *u, int row, int column)
{
    struct findings_page *p = &u->findings;
    size_t at = p->list.top + (size_t)row - 1;
    (void)column;
    if (row == 0 || at >= p->count) return false;
    bool is_again = at == p->list.at || p->lines[at].serial == 0;
    p->list.at = at;
    choose(p);
    if (is_again) open_line(u);
    return true;
}

const struct ui_view view_findings = {.title = "Findings",
                                      .place = PLACE_FINDINGS,
                                      .draw = draw,
                                      .act = act,
                                      .click = click};
