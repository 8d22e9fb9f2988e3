/* One exchange as a page of text: what it was, when, how it was framed, what is odd
 * about it, its header fields, and its bytes where packets are kept. */
#include "ui/figure.h"
#include "ui/ui_state.h"
#include "ui/wire_text.h"

#include <stdio.h>
#include <string.h>

enum { HEX_COLUMNS = 16, TITLE_WIDTH = 20 };

/* ---- parts ---- */

static void add_wire(struct ui *u, unsigned style, struct bytes text)
{
    struct buffer safe = {.ptr = NULL};
    wire_text_add(&safe, text, u->canvas.is_ascii);
    document_add(&u->exchange.page, style, buffer_bytes(&safe));
    buffer_done(&safe);
}

static void add_head(struct document *d, const char *title)
{
    if (d->line_count > 0) document_end_line(d);
    document_print(d, STYLE_BOLD, "%s", title);
    document_end_line(d);
}

static void add_start_lines(struct ui *u, const struct record_exchange *e)
{
    struct document *d = &u->exchange.page;
    char clock[FIGURE_MAX + 16], version[16];
    record_format(record_field(RECORD_EXCHANGE, "request_version"), e, version,
                  sizeof version);
    document_print(d, STYLE_DIM, "> ");
    add_wire(u, STYLE_BOLD, e->method);
    document_print(d, STYLE_BOLD, " ");
    add_wire(u, STYLE_BOLD, e->target);
    document_print(d, STYLE_DIM, " HTTP/%s", *version ? version : "?");
    document_end_line(d);
    record_format(record_field(RECORD_EXCHANGE, "response_version"), e, version,
                  sizeof version);
    document_print(d, STYLE_DIM, "< HTTP/%s ", *version ? version : "?");
    unsigned style = e->status >= 500 ? STYLE_BAD : STYLE_BOLD;
    if (e->status != RECORD_UNKNOWN)
        document_print(d, style, "%lld", (long long)e->status);
    else
        document_print(d, STYLE_WARNING, "no response%s",
                       e->state == EXCHANGE_OPEN ? " so far" : "");
    document_end_line(d);
    figure_date(e->request_start_us != RECORD_UNKNOWN ? e->request_start_us
                                                      : e->response_start_us,
                clock);
    document_print(d, STYLE_DIM, "  exchange %lld of its connection, at %s",
                   (long long)e->ordinal, clock);
    document_end_line(d);
}

/* Every field of the record that says something, by the field table; two beside each
 * other where there is room. */
static void add_figures(struct ui *u, const struct record_exchange *e, int columns)
{
    const struct record_layout *layout = record_layout(RECORD_EXCHANGE);
    struct document *d = &u->exchange.page;
    int across = columns >= 100 ? 2 : 1, placed = 0;
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *f = &layout->fields[i];
        char value[96], clock[FIGURE_MAX + 16];
        bool is_told = strcmp(f->name, "id") == 0 ||
                       strcmp(f->name, "connection_id") == 0 ||
                       strcmp(f->name, "method") == 0 || strcmp(f->name, "target") == 0;
        int64_t number = record_integer(f, e);
        bool is_usual = f->usual == USUALLY_ZERO && number == 0; /* rare figures */
        if (is_told || is_usual || f->type == FIELD_CAPTURE_ID) continue;
        struct buffer safe = {.ptr = NULL};
        if (f->type == FIELD_TEXT)
            wire_text_add(&safe, bytes_first(record_text(f, e), 200),
                          u->canvas.is_ascii);
        else if (f->type == FIELD_DURATION && number != RECORD_UNKNOWN)
            figure_duration(number, value), buffer_append_text(&safe, value);
        else if (f->type == FIELD_TIME)
            figure_date(number, clock), buffer_append_text(&safe, clock);
        else if (f->type == FIELD_TRI && number != RECORD_UNKNOWN)
            buffer_append_text(&safe, number == 1 ? "yes" : "no");
        else if (record_format(f, e, value, sizeof value) > 0)
            buffer_append_text(&safe, value);
        if (safe.len > 0) {
            document_print(d, STYLE_DIM, "  %-*s ", TITLE_WIDTH, f->title);
            document_add(d, STYLE_PLAIN, buffer_bytes(&safe));
            int blank =
                columns / 2 - TITLE_WIDTH - 3 - canvas_width(buffer_bytes(&safe));
            bool ends = ++placed % across == 0 || blank < 1;
            if (ends) placed = 0;
            if (ends)
                document_end_line(d);
            else
                document_print(d, STYLE_PLAIN, "%*s", blank, "");
        }
        buffer_done(&safe);
    }
    if (placed > 0) document_end_line(d);
}

static void add_findings(struct ui *u, const struct record_exchange *e)
{
    struct document *d = &u->exchange.page;
    const struct model *m = u->model;
    bool has_head = false;
    uint64_t oldest = m->finding_serial > MODEL_FINDINGS_MAX
                          ? m->finding_serial - MODEL_FINDINGS_MAX
                          : 0;
    for (uint64_t serial = oldest + 1; serial <= m->finding_serial; serial++) {
        const struct model_finding *f = model_finding(m, serial);
        if (f == NULL || f->record.connection_id != e->connection_id ||
            f->record.exchange_ordinal != e->ordinal)
            continue;
        const struct finding_description *about =
            finding_describe((enum finding_code)(f->record.code - 1));
        if (!has_head) add_head(d, "Findings");
        has_head = true;
        document_print(d,
                       about->severity == SEVERITY_ATTACK ? STYLE_BAD : STYLE_WARNING,
                       "  %s %s", severity_name(about->severity), about->name);
        document_print(d, STYLE_PLAIN, ": %s", about->title);
        if (*about->reference) document_print(d, STYLE_DIM, " (%s)", about->reference);
        document_print(d, STYLE_DIM, ", packet %u",
                       (unsigned)(f->record.ref & UINT32_MAX));
        document_end_line(d);
        if (f->record.evidence.len == 0) continue;
        document_print(d, STYLE_PLAIN, "      ");
        add_wire(u, STYLE_ACCENT, f->record.evidence);
        document_end_line(d);
    }
}

static void add_headers(struct ui *u, const struct model_exchange *e, enum side side)
{
    struct document *d = &u->exchange.page;
    bool has_head = false;
    for (const struct model_header *h = e->headers; h != NULL; h = h->next) {
        if (h->record->side != side + 1) continue;
        if (!has_head)
            add_head(d, side == SIDE_CLIENT ? "Request fields" : "Response fields");
        has_head = true;
        document_print(d, STYLE_PLAIN, "  ");
        add_wire(u, STYLE_ACCENT, h->record->name);
        document_print(d, STYLE_PLAIN, ": ");
        add_wire(u, STYLE_PLAIN, h->record->value);
        document_end_line(d);
    }
}

/* ---- bytes ---- */

struct gathered {
    uint64_t first_ref;
    enum side side;
    uint64_t wanted;
    struct buffer bytes;
};

struct gathering {
    struct gathered sides[2];
};

static bool take(void *taker, const struct ui_packet *packet)
{
    struct gathering *g = taker;
    struct gathered *s = &g->sides[packet->from];
    if (s->first_ref != 0 && packet->ref >= s->first_ref && s->bytes.len < s->wanted)
        buffer_append(&s->bytes, packet->payload);
    bool is_full = true;
    for (int i = 0; i < 2; i++)
        is_full &=
            g->sides[i].first_ref == 0 || g->sides[i].bytes.len >= g->sides[i].wanted;
    return !is_full;
}

static uint64_t wanted_of(const struct record_message *m)
{
    int64_t all = (m->head_bytes > 0 ? m->head_bytes : 0) +
                  (m->body_bytes > 0 ? m->body_bytes : 0);
    return all > UI_PAYLOAD_MAX ? UI_PAYLOAD_MAX : (uint64_t)all;
}

static void add_hex(struct document *d, struct bytes bytes)
{
    for (size_t at = 0; at < bytes.len; at += HEX_COLUMNS) {
        char hex[HEX_COLUMNS * 3 + 2], text[HEX_COLUMNS + 1];
        size_t used = 0, count = bytes_from(bytes, at).len;
        if (count > HEX_COLUMNS) count = HEX_COLUMNS;
        for (size_t i = 0; i < HEX_COLUMNS; i++) {
            uint8_t byte = i < count ? bytes.ptr[at + i] : 0;
            used += (size_t)snprintf(hex + used, sizeof hex - used,
                                     i < count ? "%02x " : "   ", byte);
            text[i] = i >= count ? ' ' : byte >= ' ' && byte < 0x7f ? (char)byte : '.';
        }
        text[HEX_COLUMNS] = '\0';
        document_print(d, STYLE_DIM, "  %04x  ", (unsigned)at);
        document_print(d, STYLE_PLAIN, "%s", hex);
        document_print(d, STYLE_ACCENT, " %s", text);
        document_end_line(d);
    }
}

static void add_bytes(struct ui *u, const struct model_exchange *e)
{
    const struct ui_source *source = &u->options.source;
    const struct record_exchange *r = e->record;
    struct document *d = &u->exchange.page;
    struct problem why = {.text = ""};
    struct gathering g = {
        .sides = {{.first_ref = r->request_ref}, {.first_ref = r->response_ref}}};
    if (r->state == EXCHANGE_OPEN) return;
    if (source->packets == NULL) {
        add_head(d, "Bytes");
        document_print(d, STYLE_DIM,
                       "  packets are not kept (live: --write FILE without --rotate)");
        document_end_line(d);
        return;
    }
    for (int side = 0; side < 2; side++)
        g.sides[side].wanted = wanted_of(&r->message[side]);
    source->packets(source->context, e->connection->record, take, &g, &why);
    for (int side = 0; side < 2; side++) {
        struct gathered *s = &g.sides[side];
        char title[96];
        struct bytes bytes = bytes_first(buffer_bytes(&s->bytes), UI_PAYLOAD_MAX);
        snprintf(title, sizeof title, "%s, from packet %u on, %zu bytes%s",
                 side == SIDE_CLIENT ? "Request" : "Response",
                 (unsigned)(s->first_ref & UINT32_MAX), bytes.len,
                 bytes.len == UI_PAYLOAD_MAX ? " (the first)" : "");
        if (s->first_ref != 0) add_head(d, title);
        add_hex(d, bytes);
        buffer_done(&s->bytes);
    }
    if (why.text[0] != '\0') {
        add_wire(u, STYLE_DIM, bytes_of_text(why.text));
        document_end_line(d);
    }
}

/* ---- the page ---- */

/* Raised by what the page shows; packets are read again only then. */
static uint64_t signature(const struct model_exchange *e)
{
    uint64_t found = 0;
    for (int s = 0; s <= SEVERITY_ATTACK; s++) found += e->connection->findings[s];
    return 1 + e->record->state + found * 16 + (uint64_t)e->header_bytes * 65536;
}

static void build(struct ui *u, const struct model_exchange *e, int columns)
{
    struct exchange_page *p = &u->exchange;
    bool is_new = p->built_for != p->exchange || p->built_version != signature(e) ||
                  p->built_columns != columns || e->record->state == EXCHANGE_OPEN;
    if (!is_new) return;
    p->built_for = p->exchange;
    p->built_version = signature(e);
    p->built_columns = columns;
    document_clear(&p->page);
    add_start_lines(u, e->record);
    add_findings(u, e->record);
    add_headers(u, e, SIDE_CLIENT);
    add_headers(u, e, SIDE_SERVER);
    add_head(&p->page, "Figures");
    add_figures(u, e->record, columns);
    add_bytes(u, e);
}

static void draw(struct ui *u, struct canvas_area a)
{
    struct exchange_page *p = &u->exchange;
    const struct model_exchange *e = model_exchange(u->model, p->exchange);
    if (e == NULL) {
        canvas_text(a, 1, 1, "This exchange is no longer kept here.", STYLE_DIM);
        return;
    }
    build(u, e, a.columns);
    pick_list_fit(&p->scroll, p->page.line_count, a.rows);
    document_draw(&p->page, a, p->scroll.top);
}

static bool act(struct ui *u, enum action action)
{
    struct exchange_page *p = &u->exchange;
    if (pick_list_scroll(&p->scroll, action)) return true;
    const struct model_exchange *e = model_exchange(u->model, p->exchange);
    if (e == NULL || (action != ACTION_NEXT && action != ACTION_PREVIOUS)) return false;
    const struct model_exchange *to = action == ACTION_NEXT ? e->after : e->before;
    if (to == NULL) {
        ui_talk(u, "no further exchange on this connection");
        return true;
    }
    p->exchange = u->ladder.exchange = to->record->id;
    p->scroll = (struct pick_list){.at = 0};
    return true;
}

const struct ui_view view_exchange = {
    .title = "Exchange", .place = PLACE_EXCHANGE, .draw = draw, .act = act};
