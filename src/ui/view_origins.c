/* Origins: a row for each host on each server. */
#include "ui/figure.h"
#include "ui/ui_state.h"
#include "ui/wire_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct origin_column {
    const char *title;
    int width;
    bool is_left;
    int64_t (*value)(const struct origin *o);
    void (*format)(int64_t value, char out[FIGURE_MAX]); /* NULL: figure_count */
};

/* ---- values ---- */

static int64_t value_now(const struct origin *o)
{
    return o->now;
}

static int64_t value_max(const struct origin *o)
{
    return o->max > 0 ? o->max : o->now; /* nothing is settled yet */
}

static int64_t value_client_max(const struct origin *o)
{
    return o->client_max > 0 ? o->client_max : o->now > 0 ? 1 : 0;
}

static int64_t value_connections(const struct origin *o)
{
    return (int64_t)o->connections;
}

static int64_t value_exchanges(const struct origin *o)
{
    return (int64_t)o->exchanges;
}

/* Of a hundred exchanges, how many came over a connection already used. */
static int64_t value_reuse(const struct origin *o)
{
    return o->exchanges == 0 ? RECORD_UNKNOWN
                             : (int64_t)(o->reused * 100 / o->exchanges);
}

/* Per second, over the time in which it was seen; in tenths. */
static int64_t value_opens(const struct origin *o)
{
    if (o->first_us == RECORD_UNKNOWN || o->last_us < o->first_us)
        return RECORD_UNKNOWN;
    int64_t us = o->last_us - o->first_us;
    if (us < 1000000) return RECORD_UNKNOWN;
    return (int64_t)((double)o->connections * 1e7 / (double)us);
}

static int64_t value_p50(const struct origin *o)
{
    return origin_wait_us(o, 50);
}

static int64_t value_p95(const struct origin *o)
{
    return origin_wait_us(o, 95);
}

static int64_t value_p99(const struct origin *o)
{
    return origin_wait_us(o, 99);
}

static int64_t value_failed(const struct origin *o)
{
    return (int64_t)(o->failed + o->refused);
}

static int64_t value_idle_min(const struct origin *o)
{
    return o->idle_min_us;
}

static void format_percent(int64_t value, char out[FIGURE_MAX])
{
    if (value == RECORD_UNKNOWN)
        snprintf(out, FIGURE_MAX, "-");
    else
        snprintf(out, FIGURE_MAX, "%d%%", (int)value);
}

static void format_rate(int64_t tenths, char out[FIGURE_MAX])
{
    if (tenths == RECORD_UNKNOWN)
        snprintf(out, FIGURE_MAX, "-");
    else if (tenths >= 10000)
        figure_count(tenths / 10, out);
    else
        snprintf(out, FIGURE_MAX, "%d.%d", (int)(tenths / 10), (int)(tenths % 10));
}

/* clang-format off */
static const struct origin_column columns[] = {
    { "Host",    0, true,  NULL,              NULL },
    { "Server", 18, true,  NULL,              NULL },
    { "Now",     5, false, value_now,         NULL },
    { "Max",     5, false, value_max,         NULL },
    { "1 cl.",   5, false, value_client_max,  NULL },
    { "Conn",    6, false, value_connections, NULL },
    { "Exch",    6, false, value_exchanges,   NULL },
    { "Reuse",   5, false, value_reuse,       format_percent },
    { "New/s",   6, false, value_opens,       format_rate },
    { "p50",     7, false, value_p50,         figure_duration },
    { "p95",     7, false, value_p95,         figure_duration },
    { "p99",     7, false, value_p99,         figure_duration },
    { "Failed",  6, false, value_failed,      NULL },
    { "Idle end", 8, false, value_idle_min,   figure_duration },
};
/* clang-format on */

enum { ORIGIN_COLUMNS = ARRAY_LENGTH(columns), HOST_WIDTH_MIN = 12 };

/* ---- order ---- */

struct sorted_origin {
    const struct origin *origin;
    int64_t key;
    size_t place; /* of its beginning */
};

static int compare_origins(const void *left, const void *right)
{
    const struct sorted_origin *a = left, *b = right;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

static int compare_hosts(const void *left, const void *right)
{
    const struct sorted_origin *a = left, *b = right;
    int order = strncmp(a->origin->host, b->origin->host, ORIGIN_HOST_MAX);
    if (order == 0) order = endpoint_compare(&a->origin->server, &b->origin->server);
    return order;
}

static void build(struct ui *u, int page)
{
    struct origins_page *p = &u->origins;
    const struct origins *all = &u->model->origins;
    struct sorted_origin *rows = mem_alloc_array(all->count + 1, sizeof *rows);
    const struct origin_column *by = &columns[p->sorted_by];
    for (size_t i = 0; i < all->count; i++) {
        rows[i] = (struct sorted_origin){.origin = all->rows[i], .place = i};
        if (by->value != NULL) rows[i].key = by->value(all->rows[i]);
    }
    qsort(rows, all->count, sizeof *rows,
          by->value != NULL ? compare_origins : compare_hosts);
    if (p->rows == NULL) p->rows = mem_alloc_array(ORIGINS_MAX, sizeof *p->rows);
    size_t chosen = all->count;
    for (size_t i = 0; i < all->count; i++) {
        p->rows[i] = rows[p->is_descending ? all->count - 1 - i : i].origin;
        if (p->rows[i] == p->chosen) chosen = i;
    }
    pick_list_fit(&p->list, all->count, page);
    if (p->chosen != NULL && chosen < all->count) pick_list_follow(&p->list, chosen);
    pick_list_fit(&p->list, all->count, page);
    mem_free(rows);
}

/* ---- drawing ---- */

/* Columns from the left as they fit behind the host; skipped ones do not count. */
static size_t lay_out(const struct origins_page *p, int width, int at[ORIGIN_COLUMNS],
                      int widths[ORIGIN_COLUMNS])
{
    int used = HOST_WIDTH_MIN + 1;
    for (size_t i = 1; i < ORIGIN_COLUMNS; i++) {
        bool is_out = i < 1 + p->skipped_columns || used + columns[i].width > width;
        /* A narrow screen keeps the figures and loses the address. */
        if (i == 1 && width < 100) is_out = true;
        widths[i] = is_out ? 0 : columns[i].width;
        used += is_out ? 0 : columns[i].width + 1;
    }
    widths[0] = HOST_WIDTH_MIN + (width - used > 0 ? width - used : 0);
    if (widths[0] > 40) widths[0] = 40;
    for (size_t i = 0, x = 1; i < ORIGIN_COLUMNS; i++) {
        at[i] = (int)x;
        x += widths[i] > 0 ? (size_t)widths[i] + 1 : 0;
    }
    return ORIGIN_COLUMNS;
}

static void write_cell(const struct origin *o, size_t i, struct buffer *out,
                       bool is_ascii)
{
    char text[ENDPOINT_TEXT_MAX] = "";
    char figure[FIGURE_MAX];
    if (i == 0) {
        if (o->is_rest)
            buffer_append_text(out, "(all others)");
        else if (o->host_length == 0)
            buffer_append_text(out, "(no host)");
        wire_text_add(out, bytes_of(o->host, o->host_length), is_ascii);
    } else if (i == 1) {
        if (o->server.version != 0) endpoint_format(&o->server, text);
        buffer_append_text(out, text);
    } else {
        int64_t value = columns[i].value(o);
        if (columns[i].format != NULL)
            columns[i].format(value, figure);
        else
            figure_count(value, figure);
        buffer_append_text(out, figure);
    }
}

static unsigned style_of(const struct origin *o, size_t i)
{
    if (columns[i].value == value_failed && value_failed(o) > 0) return STYLE_BAD;
    return STYLE_PLAIN;
}

static void draw(struct ui *u, struct canvas_area a)
{
    struct origins_page *p = &u->origins;
    int at[ORIGIN_COLUMNS], widths[ORIGIN_COLUMNS];
    struct buffer text = {.ptr = NULL};
    build(u, a.rows - 1);
    lay_out(p, a.columns - 1, at, widths);
    canvas_fill(a, 0, 0, a.columns, ' ', STYLE_BAR);
    for (int row = 0; row < a.rows; row++) {
        size_t index = p->list.top + (size_t)row - 1;
        if (row > 0 && index >= p->list.count) break;
        unsigned chosen = row > 0 && index == p->list.at ? STYLE_CHOSEN : 0;
        if (chosen) canvas_fill(a, row, 0, a.columns, ' ', chosen);
        for (size_t i = 0; i < ORIGIN_COLUMNS; i++) {
            if (widths[i] == 0) continue;
            buffer_clear(&text);
            if (row == 0) {
                buffer_append_text(&text, columns[i].title);
                if (i == p->sorted_by)
                    buffer_append_text(&text, p->is_descending ? "▼" : "▲");
            } else {
                write_cell(p->rows[index], i, &text, a.canvas->is_ascii);
            }
            unsigned style =
                row == 0 ? STYLE_BAR : style_of(p->rows[index], i) | chosen;
            if (columns[i].is_left)
                canvas_write(a, row, at[i], widths[i], buffer_bytes(&text), style);
            else
                canvas_right(a, row, at[i], widths[i], buffer_bytes(&text), style);
        }
    }
    if (p->list.count == 0) canvas_text(a, 2, 1, "No connection so far.", STYLE_DIM);
    buffer_done(&text);
}

/* ---- keys ---- */

/* Shows the connections of the chosen row. */
static void open_origin(struct ui *u)
{
    const struct origins_page *p = &u->origins;
    char filter[ROW_FILTER_TEXT_MAX], address[ENDPOINT_TEXT_MAX];
    if (p->list.count == 0) return;
    const struct origin *o = p->rows[p->list.at];
    if (o->is_rest) return;
    endpoint_format(&o->server, address);
    struct buffer host = {.ptr = NULL};
    wire_text_add(&host, bytes_of(o->host, o->host_length), false);
    bool is_plain = memchr(o->host, '"', o->host_length) == NULL && o->host_length > 0;
    if (is_plain && host.len == o->host_length)
        snprintf(filter, sizeof filter, "host=\"%.*s\" and server=%s",
                 (int)o->host_length, o->host, address);
    else
        snprintf(filter, sizeof filter, "server=%s", address);
    buffer_done(&host);
    ui_set_filter(u, filter);
    prompt_remember(&u->prompt, u->filter_text);
    ui_enter(u, PAGE_CONNECTIONS);
}

static bool act(struct ui *u, enum action action)
{
    struct origins_page *p = &u->origins;
    if (pick_list_act(&p->list, action)) {
        if (p->list.count > 0) p->chosen = p->rows[p->list.at];
        return true;
    }
    switch ((int)action) {
    case ACTION_OPEN: open_origin(u); return true;
    case ACTION_SORT_LEFT:
        p->sorted_by = (p->sorted_by + ORIGIN_COLUMNS - 1) % ORIGIN_COLUMNS;
        return true;
    case ACTION_SORT_RIGHT:
        p->sorted_by = (p->sorted_by + 1) % ORIGIN_COLUMNS;
        return true;
    case ACTION_REVERSE: p->is_descending = !p->is_descending; return true;
    case ACTION_RIGHT:
        if (p->skipped_columns + 3 < ORIGIN_COLUMNS) p->skipped_columns++;
        return true;
    case ACTION_LEFT:
        if (p->skipped_columns > 0) p->skipped_columns--;
        return true;
    }
    return false;
}

static bool click(struct ui *u, int row, int column)
{
    struct origins_page *p = &u->origins;
    size_t at = p->list.top + (size_t)row - 1;
    (void)column;
    if (row == 0 || at >= p->list.count) return false;
    if (at == p->list.at) return act(u, ACTION_OPEN);
    p->list.at = at;
    p->chosen = p->rows[at];
    return true;
}

const struct ui_view view_origins = {.title = "Origins",
                                     .place = PLACE_ORIGINS,
                                     .draw = draw,
                                     .act = act,
                                     .click = click};
