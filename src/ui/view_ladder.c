/* One connection: its lanes above, its segments below.
 *
 *   rows enough:  both panes, Tab moves between them
 *   else:         one of them, Tab changes                                        */
#include "ui/figure.h"
#include "ui/lanes.h"
#include "ui/segments.h"
#include "ui/ui_state.h"
#include "ui/wire_text.h"

#include <stdio.h>

enum { LADDER_BOTH_ROWS = 15, LADDER_HEAD_ROWS = 1 };

static void draw_summary(struct ui *u, const struct model_connection *c,
                         struct canvas_area a)
{
    const struct record_connection *r = c->record;
    struct buffer text = {.ptr = NULL};
    char client[ENDPOINT_TEXT_MAX] = "?", server[ENDPOINT_TEXT_MAX] = "?";
    char up[FIGURE_MAX], down[FIGURE_MAX], when[FIGURE_MAX + 16];
    unsigned style = 0;
    if (r->client.version != 0) endpoint_format(&r->client, client);
    if (r->server.version != 0) endpoint_format(&r->server, server);
    figure_bytes(r->side[SIDE_CLIENT].bytes, up);
    figure_bytes(r->side[SIDE_SERVER].bytes, down);
    figure_date(r->start_us, when);
    buffer_print(&text, " %s → %s  %s", client, server, columns_state(c, &style));
    buffer_append_text(&text, "  ");
    wire_text_add(&text, r->protocol, u->canvas.is_ascii);
    buffer_print(&text, "  ↑%s ↓%s  %s", up, down, when);
    if (r->findings > 0)
        buffer_print(&text, "  findings: %lld", (long long)r->findings);
    canvas_write(a, 0, 0, a.columns, buffer_bytes(&text), STYLE_BOLD);
    buffer_done(&text);
}

static void draw_lanes(struct ui *u, const struct model_connection *c,
                       struct canvas_area a)
{
    struct ladder_page *p = &u->ladder;
    struct lanes lanes;
    lanes_build(&lanes, u->model, c, p->is_to_scale);
    pick_list_fit(&p->list, lanes.count, a.rows - 1);
    for (size_t i = 0; i < lanes.count && p->exchange != 0; i++) {
        const struct model_exchange *e = lanes.rows[i].exchange;
        if (e != NULL && e->record->id == p->exchange) p->list.at = i;
    }
    pick_list_fit(&p->list, lanes.count, a.rows - 1);
    lanes_draw_heads(&lanes, a, 0);
    for (int row = 1; row < a.rows; row++) {
        size_t at = p->list.top + (size_t)row - 1;
        if (at >= lanes.count) break;
        bool is_chosen = at == p->list.at && !p->is_on_segments;
        lanes_draw(&lanes, at, a, row, is_chosen ? STYLE_CHOSEN : 0);
    }
    lanes_done(&lanes);
}

static void draw(struct ui *u, struct canvas_area a)
{
    struct ladder_page *p = &u->ladder;
    const struct model_connection *c = model_connection(u->model, p->connection);
    if (c == NULL) {
        canvas_text(a, 1, 1, "This connection is no longer kept here.", STYLE_DIM);
        return;
    }
    draw_summary(u, c, a);
    int rows = a.rows - LADDER_HEAD_ROWS;
    bool has_both = a.rows >= LADDER_BOTH_ROWS;
    int lane_rows = (int)(c->kept_exchanges < 1000 ? c->kept_exchanges : 1000) + 4;
    int upper = has_both ? (lane_rows < rows / 2 ? lane_rows : rows / 2) : rows;
    if (has_both || !p->is_on_segments)
        draw_lanes(u, c, canvas_part(a, LADDER_HEAD_ROWS, 0, upper, a.columns));
    if (!has_both && !p->is_on_segments) return;
    int top = has_both ? LADDER_HEAD_ROWS + upper : LADDER_HEAD_ROWS;
    segments_draw(u, c, canvas_part(a, top, 0, a.rows - top, a.columns));
}

/* ---- keys ---- */

/* The exchange of the chosen lane; NULL: it is another lane. */
static const struct model_exchange *chosen_exchange(const struct ui *u)
{
    const struct model_connection *c = model_connection(u->model, u->ladder.connection);
    if (c == NULL || u->ladder.list.at == 0) return NULL;
    const struct model_exchange *e = c->first;
    for (size_t i = 1; e != NULL && i < u->ladder.list.at; i++) e = e->after;
    return e;
}

static void open_lane(struct ui *u)
{
    const struct model_exchange *e = chosen_exchange(u);
    if (e == NULL) return;
    u->exchange.exchange = e->record->id;
    u->exchange.scroll = (struct pick_list){.at = 0};
    ui_enter(u, PAGE_EXCHANGE);
}

/* The connection beside this one in the list. */
static void step(struct ui *u, int by)
{
    struct connections_page *list = &u->connections;
    for (size_t i = 0; i < list->count; i++) {
        size_t to = i + (size_t)by;
        if (list->ids[i] != u->ladder.connection || to >= list->count) continue;
        list->is_following = false;
        list->chosen = list->ids[to];
        list->list.at = to;
        ui_open_connection(u, list->ids[to], 0);
        return;
    }
}

static bool act(struct ui *u, enum action action)
{
    struct ladder_page *p = &u->ladder;
    if (pick_list_act(p->is_on_segments ? &p->segment_list : &p->list, action)) {
        const struct model_exchange *e = chosen_exchange(u);
        if (!p->is_on_segments) p->exchange = e == NULL ? 0 : e->record->id;
        return true;
    }
    switch ((int)action) {
    case ACTION_OPEN: open_lane(u); return true;
    case ACTION_OTHER_PANE: p->is_on_segments = !p->is_on_segments; return true;
    case ACTION_FOLD: p->is_to_scale = !p->is_to_scale; return true;
    case ACTION_NEXT: step(u, 1); return true;
    case ACTION_PREVIOUS: step(u, -1); return true;
    }
    return false;
}

/* A row of the upper pane is chosen, again opened. */
static bool click(struct ui *u, int row, int column)
{
    struct ladder_page *p = &u->ladder;
    size_t at = p->list.top + (size_t)(row - LADDER_HEAD_ROWS - 1);
    (void)column;
    if (row <= LADDER_HEAD_ROWS ||
        (size_t)(row - LADDER_HEAD_ROWS - 1) >= p->list.page || at >= p->list.count)
        return false;
    bool is_again = at == p->list.at;
    p->is_on_segments = false;
    p->list.at = at;
    const struct model_exchange *e = chosen_exchange(u);
    p->exchange = e == NULL ? 0 : e->record->id;
    if (is_again) open_lane(u);
    return true;
}

const struct ui_view view_ladder = {.title = "Connection",
                                    .place = PLACE_LADDER,
                                    .draw = draw,
                                    .act = act,
                                    .click = click};
