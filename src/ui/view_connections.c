/* Connections: one row each, sorted, filtered, followed.
 *
 *   model --filter--> pointers --sort by one key--> ids --page--> cells
 *
 * What is kept between two drawings are ids, so that a row that has gone from the model
 * is at worst not found. */
#include "ui/preferences.h"
#include "ui/ui_state.h"

#include <stdlib.h>
#include <string.h>

/* ---- which, and in what order ---- */

struct sorted_row {
    struct column_key key;
    int64_t id;
    uint64_t serial;
};

static int compare_keys(const struct column_key *a, const struct column_key *b)
{
    size_t len = a->text.len < b->text.len ? a->text.len : b->text.len;
    int order = len == 0 ? 0 : memcmp(a->text.ptr, b->text.ptr, len);
    if (order == 0) order = (a->text.len > b->text.len) - (a->text.len < b->text.len);
    if (order == 0) order = (a->number > b->number) - (a->number < b->number);
    return order;
}

static int compare_rows(const void *left, const void *right)
{
    const struct sorted_row *a = left, *b = right;
    int order = compare_keys(&a->key, &b->key);
    return order != 0 ? order : (a->serial > b->serial) - (a->serial < b->serial);
}

static bool passes(struct ui *u, struct model_connection *c)
{
    if (row_filter_is_empty(u->filter)) return true;
    /* Time alone changes what `idle` and `age` say: an open one is asked each time. */
    bool is_known =
        c->judged_filter == u->filter_version && c->judged_change == c->changed;
    if (is_known && c->is_over) return c->is_passed;
    c->judged_filter = u->filter_version;
    c->judged_change = c->changed;
    c->is_passed = row_filter_connection(u->filter, u->model, c);
    return c->is_passed;
}

static void build(struct ui *u)
{
    struct connections_page *p = &u->connections;
    const struct model *m = u->model;
    struct column column = columns_get(u->columns.sorted_by);
    struct sorted_row *rows = mem_alloc_array(m->connection_count + 1, sizeof *rows);
    size_t count = 0;
    for (struct model_connection *c = m->oldest; c != NULL; c = c->newer) {
        if (!passes(u, c)) continue;
        rows[count++] = (struct sorted_row){
            .key = columns_key(&column, m, c), .id = c->id, .serial = c->serial};
    }
    qsort(rows, count, sizeof *rows, compare_rows);
    if (count > p->capacity) {
        p->capacity = count;
        p->ids = mem_resize(p->ids, count * sizeof *p->ids);
    }
    for (size_t i = 0; i < count; i++)
        p->ids[i] = rows[u->columns.is_descending ? count - 1 - i : i].id;
    p->count = count;
    p->built_version = m->version;
    p->built_filter = u->filter_version;
    p->is_stale = false;
    mem_free(rows);
}

static size_t place_of(const struct connections_page *p, int64_t id)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->ids[i] == id) return i;
    }
    return p->count;
}

/* The row of the connection that came last. */
static size_t newest_row(const struct ui *u)
{
    const struct connections_page *p = &u->connections;
    uint64_t newest = 0;
    size_t at = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct model_connection *c = model_connection(u->model, p->ids[i]);
        if (c == NULL || c->serial <= newest) continue;
        newest = c->serial;
        at = i;
    }
    return at;
}

/* Builds when something has changed; the chosen row stays the chosen row. */
static void refresh(struct ui *u, int page)
{
    struct connections_page *p = &u->connections;
    bool is_new = p->built_version != u->model->version ||
                  p->built_filter != u->filter_version || p->is_stale;
    if (is_new) build(u);
    pick_list_fit(&p->list, p->count, page);
    if (is_new) {
        size_t at = p->is_following ? newest_row(u) : place_of(p, p->chosen);
        if (p->is_following)
            p->list.at = at;
        else if (at < p->count)
            pick_list_follow(&p->list, at);
        pick_list_fit(&p->list, p->count, page);
    }
    p->chosen = p->count == 0 ? 0 : p->ids[p->list.at];
}

/* ---- drawing ---- */

static void draw_heads(struct ui *u, struct canvas_area a)
{
    struct connections_page *p = &u->connections;
    canvas_fill(a, 0, 0, a.columns, ' ', STYLE_BAR);
    for (size_t i = 0; i < u->columns.count; i++) {
        struct column column = columns_get(u->columns.shown[i]);
        struct buffer title = {.ptr = NULL};
        if (p->layout.widths[i] == 0) continue;
        bool is_sorted = u->columns.shown[i] == u->columns.sorted_by;
        buffer_append_text(&title, column.title);
        if (is_sorted) buffer_append_text(&title, u->columns.is_descending ? "▼" : "▲");
        struct bytes text = buffer_bytes(&title);
        int at = p->layout.at[i] + 1, width = p->layout.widths[i];
        unsigned style = STYLE_BAR;
        if (column.is_right)
            canvas_right(a, 0, at, width, text, style);
        else
            canvas_write(a, 0, at, width, text, style);
        buffer_done(&title);
    }
}

static unsigned style_of(const struct column *column, const struct model_connection *c)
{
    unsigned style = STYLE_PLAIN;
    if (strcmp(column->name, "state") == 0) {
        columns_state(c, &style);
        return style;
    }
    if (strcmp(column->name, "findings") == 0)
        return c->findings[SEVERITY_ATTACK] > 0    ? STYLE_BAD
               : c->findings[SEVERITY_WARNING] > 0 ? STYLE_WARNING
                                                   : STYLE_DIM;
    if (strcmp(column->name, "status") == 0 && c->last != NULL) {
        int64_t status = columns_key(column, NULL, c).number;
        bool is_missing =
            status == RECORD_UNKNOWN && c->last->record->state != EXCHANGE_OPEN;
        return is_missing      ? STYLE_BAD
               : status >= 500 ? STYLE_BAD
               : status >= 400 ? STYLE_WARNING
                               : STYLE_PLAIN;
    }
    return c->is_over ? STYLE_DIM : STYLE_PLAIN;
}

static void draw_row(struct ui *u, struct canvas_area a, int row,
                     const struct model_connection *c, unsigned chosen)
{
    const struct column_layout *layout = &u->connections.layout;
    struct buffer text = {.ptr = NULL};
    canvas_fill(a, row, 0, a.columns, ' ', chosen);
    if (c->is_marked) canvas_text(a, row, 0, "*", STYLE_BOLD | chosen);
    for (size_t i = 0; i < u->columns.count; i++) {
        struct column column = columns_get(u->columns.shown[i]);
        if (layout->widths[i] == 0) continue;
        buffer_clear(&text);
        columns_write(&column, u->model, c, &text, a.canvas->is_ascii);
        unsigned style = style_of(&column, c) | chosen;
        if (chosen && (style & 0x7f) == STYLE_DIM) style = chosen; /* to be read */
        int at = layout->at[i] + 1, width = layout->widths[i];
        struct bytes value = buffer_bytes(&text);
        if (column.is_right && canvas_width(value) <= width)
            canvas_right(a, row, at, width, value, style);
        else
            canvas_write(a, row, at, width, value, style);
        if (canvas_width(value) > width)
            canvas_fill(a, row, at + width - 1, 1, 0x2026, style);
    }
    buffer_done(&text);
}

/* Columns grow with what is shown and do not shrink again, or they would dance. */
static void measure(struct ui *u, struct canvas_area a)
{
    struct connections_page *p = &u->connections;
    struct buffer text = {.ptr = NULL};
    bool is_new = p->needs_columns != a.columns ||
                  p->needs_choice.count != u->columns.count ||
                  memcmp(p->needs_choice.shown, u->columns.shown,
                         u->columns.count * sizeof *u->columns.shown) != 0;
    if (is_new) memset(p->needs, 0, sizeof p->needs);
    p->needs_columns = a.columns;
    p->needs_choice = u->columns;
    for (size_t at = p->list.top; at < p->count && at - p->list.top < p->list.page;
         at++) {
        const struct model_connection *c = model_connection(u->model, p->ids[at]);
        for (size_t i = 0; c != NULL && i < u->columns.count; i++) {
            struct column column = columns_get(u->columns.shown[i]);
            buffer_clear(&text);
            columns_write(&column, u->model, c, &text, a.canvas->is_ascii);
            int width = canvas_width(buffer_bytes(&text));
            if (width > p->needs[i]) p->needs[i] = width;
        }
    }
    buffer_done(&text);
}

static void draw(struct ui *u, struct canvas_area a)
{
    struct connections_page *p = &u->connections;
    refresh(u, a.rows - 1);
    measure(u, a);
    columns_lay_out(&u->columns, p->needs, a.columns - 1, p->skipped_columns,
                    &p->layout);
    draw_heads(u, a);
    for (int row = 1; row < a.rows; row++) {
        size_t at = p->list.top + (size_t)row - 1;
        if (at >= p->count) break;
        const struct model_connection *c = model_connection(u->model, p->ids[at]);
        if (c != NULL) draw_row(u, a, row, c, at == p->list.at ? STYLE_CHOSEN : 0);
    }
    if (p->count > 0) return;
    bool is_filtered = u->model->connection_count > 0;
    canvas_text(a, 2, 1,
                is_filtered ? "No connection passes the filter (\\ takes it away)."
                            : "No connection so far.",
                STYLE_DIM);
}

/* ---- keys ---- */

static void move_sort(struct ui *u, int step)
{
    struct column_choice *choice = &u->columns;
    size_t at = 0;
    while (at < choice->count && choice->shown[at] != choice->sorted_by) at++;
    if (at == choice->count)
        at = step > 0 ? 0 : choice->count - 1;
    else
        at = (at + choice->count + (size_t)step) % choice->count;
    choice->sorted_by = choice->shown[at];
    u->connections.is_stale = true;
}

static bool is_worth_a_look(const struct model_connection *c)
{
    if (c->is_marked || c->findings[SEVERITY_WARNING] > 0 ||
        c->findings[SEVERITY_ATTACK] > 0)
        return true;
    for (const struct model_exchange *e = c->last; e != NULL; e = e->before) {
        if (e->record->status >= 500) return true;
    }
    return false;
}

static void jump(struct ui *u, int step)
{
    struct connections_page *p = &u->connections;
    size_t at = p->list.at;
    for (size_t i = 1; i < p->count; i++) {
        at = (at + p->count + (size_t)step) % p->count;
        const struct model_connection *c = model_connection(u->model, p->ids[at]);
        if (c == NULL || !is_worth_a_look(c)) continue;
        p->list.at = at;
        pick_list_fit(&p->list, p->count, (int)p->list.page);
        return;
    }
    ui_talk(u, "no other connection has a mark, a warning or a 5xx");
}

static void mark(struct ui *u)
{
    struct model_connection *c = model_connection(u->model, u->connections.chosen);
    if (c != NULL) model_mark(u->model, c, !c->is_marked);
    pick_list_act(&u->connections.list, ACTION_DOWN);
}

static void unmark_all(struct ui *u)
{
    for (struct model_connection *c = u->model->oldest; c != NULL; c = c->newer)
        model_mark(u->model, c, false);
}

static bool act(struct ui *u, enum action action)
{
    struct connections_page *p = &u->connections;
    /* For keys that come before what they are about is drawn. */
    if (p->built_filter != u->filter_version || p->is_stale)
        refresh(u, (int)p->list.page);
    bool is_moved = pick_list_act(&p->list, action);
    switch ((int)action) {
    case ACTION_OPEN: ui_open_connection(u, p->chosen, 0); return true;
    case ACTION_SORT_LEFT: move_sort(u, -1); return true;
    case ACTION_SORT_RIGHT: move_sort(u, 1); return true;
    case ACTION_REVERSE:
        u->columns.is_descending = !u->columns.is_descending;
        p->is_stale = true;
        return true;
    case ACTION_FOLLOW:
        p->is_following = !p->is_following;
        p->is_stale = true;
        ui_talk(u, p->is_following ? "following the newest" : "staying with this row");
        return true;
    case ACTION_MARK:
        mark(u);
        is_moved = true;
        break;
    case ACTION_UNMARK: unmark_all(u); return true;
    case ACTION_NEXT:
        jump(u, 1);
        is_moved = true;
        break;
    case ACTION_PREVIOUS:
        jump(u, -1);
        is_moved = true;
        break;
    case ACTION_COLUMNS: ui_enter(u, PAGE_COLUMNS); return true;
    case ACTION_RIGHT:
        if (p->skipped_columns + 3 < u->columns.count) p->skipped_columns++;
        return true;
    case ACTION_LEFT:
        if (p->skipped_columns > 0) p->skipped_columns--;
        return true;
    }
    if (is_moved) p->is_following = false;
    if (is_moved && p->count > 0) p->chosen = p->ids[p->list.at];
    return is_moved;
}

/* A head sorts by it, again reverses; a row is chosen, again opened. */
static bool click(struct ui *u, int row, int column)
{
    struct connections_page *p = &u->connections;
    for (size_t i = 0; row == 0 && i < u->columns.count; i++) {
        int at = p->layout.at[i] + 1;
        if (p->layout.widths[i] == 0 || column < at ||
            column > at + p->layout.widths[i])
            continue;
        bool is_same = u->columns.sorted_by == u->columns.shown[i];
        u->columns.sorted_by = u->columns.shown[i];
        if (is_same) u->columns.is_descending = !u->columns.is_descending;
        p->is_stale = true;
        return true;
    }
    size_t at = p->list.top + (size_t)row - 1;
    if (row == 0 || at >= p->count) return false;
    if (at == p->list.at) return act(u, ACTION_OPEN);
    p->list.at = at;
    p->chosen = p->ids[at];
    p->is_following = false;
    return true;
}

const struct ui_view view_connections = {
    .title = "Connections",
    .place = PLACE_CONNECTIONS,
    .draw = draw,
    .act = act,
    .click = click,
};
