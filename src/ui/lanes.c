/* A line of a lane:
 *
 *   packets     +time     what it is               how long   bar on the axis
 *   171-173     12.3 ms   GET /rows.txt      200    2.1 ms       ·····▒▒░░░▓▓▓███ */
#include "ui/lanes.h"

#include "ui/figure.h"
#include "ui/wire_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    LANE_PACKETS = 13,
    PACKETS_TEXT_MAX = 64,
    LANE_TIME = 9,
    LANE_LABEL_MIN = 18,
    LANE_LABEL_MAX = 60,
    LANE_LENGTH = 8,
    BAR_IDLE = 0x00b7,
    BAR_REQUEST = 0x2592,
    BAR_WAIT = 0x2591,
    BAR_BLOCKED = 0x2593,
    BAR_RESPONSE = 0x2588,
    BAR_FOLD = 0x254d,
};

/* ---- lines ---- */

static int64_t end_of(const struct record_exchange *e, int64_t now_us)
{
    const int64_t times[] = {e->response_end_us, e->response_start_us,
                             e->request_end_us, e->request_start_us};
    if (e->state == EXCHANGE_OPEN) return now_us;
    for (size_t i = 0; i < ARRAY_LENGTH(times); i++) {
        if (times[i] != RECORD_UNKNOWN) return times[i];
    }
    return RECORD_UNKNOWN;
}

static int64_t start_of(const struct record_exchange *e)
{
    return e->request_start_us != RECORD_UNKNOWN ? e->request_start_us
                                                 : e->response_start_us;
}

static void add_to_axis(struct lanes *l, int64_t start_us, int64_t end_us)
{
    if (start_us == RECORD_UNKNOWN) return;
    time_axis_add(&l->axis, start_us, end_us == RECORD_UNKNOWN ? start_us : end_us);
}

static void add_lane(struct lanes *l, enum lane_kind kind,
                     const struct model_exchange *exchange)
{
    l->rows[l->count++] = (struct lane){.kind = kind, .exchange = exchange};
}

static int64_t handshake_end(const struct record_connection *r)
{
    bool is_known = r->handshake_us != RECORD_UNKNOWN && r->start_us != RECORD_UNKNOWN;
    return !is_known ? r->start_us : r->start_us + r->handshake_us;
}

/* One that is still open has no end of its own. */
static int64_t tunnel_end(const struct record_tunnel *t, const struct model *m)
{
    return t->end_us != RECORD_UNKNOWN ? t->end_us : m->now_us;
}

void lanes_build(struct lanes *l, const struct model *m,
                 const struct model_connection *c, bool is_to_scale)
{
    const struct record_connection *r = c->record;
    *l = (struct lanes){.model = m, .connection = c, .start_us = r->start_us};
    l->rows = mem_alloc_array(c->kept_exchanges + 3u, sizeof *l->rows);
    add_lane(l, LANE_HANDSHAKE, NULL);
    add_to_axis(l, r->start_us, handshake_end(r));
    for (const struct model_exchange *e = c->first; e != NULL; e = e->after) {
        add_lane(l, LANE_EXCHANGE, e);
        add_to_axis(l, start_of(e->record), end_of(e->record, m->now_us));
        if (l->start_us == RECORD_UNKNOWN) l->start_us = start_of(e->record);
    }
    if (c->tunnel != NULL) {
        add_lane(l, LANE_TUNNEL, NULL);
        add_to_axis(l, c->tunnel->start_us, tunnel_end(c->tunnel, m));
    }
    add_lane(l, LANE_CLOSE, NULL);
    add_to_axis(l, c->is_over ? r->end_us : m->now_us, RECORD_UNKNOWN);
    time_axis_finish(&l->axis, is_to_scale);
}

void lanes_done(struct lanes *l)
{
    mem_free(l->rows);
    l->rows = NULL;
}

/* ---- places in a row ---- */

struct lane_places {
    int time, label, label_width, length, bar, bar_width;
};

static struct lane_places places_of(struct canvas_area a)
{
    struct lane_places p = {.time = LANE_PACKETS,
                            .label = LANE_PACKETS + LANE_TIME + 1};
    int rest = a.columns - p.label - LANE_LENGTH - 3;
    p.label_width = rest * 2 / 5;
    if (p.label_width < LANE_LABEL_MIN) p.label_width = LANE_LABEL_MIN;
    if (p.label_width > LANE_LABEL_MAX) p.label_width = LANE_LABEL_MAX;
    p.length = p.label + p.label_width + 1;
    p.bar = p.length + LANE_LENGTH + 1;
    p.bar_width = a.columns - p.bar - 1;
    return p;
}

void lanes_draw_heads(const struct lanes *l, struct canvas_area a, int row)
{
    struct lane_places p = places_of(a);
    char text[FIGURE_MAX], total[FIGURE_MAX];
    size_t count = l->axis.count;
    canvas_fill(a, row, 0, a.columns, ' ', STYLE_BAR);
    canvas_text(a, row, 1, "Packets", STYLE_BAR);
    canvas_right(a, row, p.time, LANE_TIME, bytes_of_text("After"), STYLE_BAR);
    canvas_text(a, row, p.label, "What", STYLE_BAR);
    canvas_right(a, row, p.length, LANE_LENGTH, bytes_of_text("Took"), STYLE_BAR);
    if (count == 0 || p.bar_width < 12) return;
    figure_duration(l->axis.parts[count - 1].end_us - l->axis.parts[0].start_us, total);
    snprintf(text, sizeof text, "0");
    canvas_text(a, row, p.bar, text, STYLE_BAR);
    canvas_right(a, row, p.bar + 2, p.bar_width - 2, bytes_of_text(total), STYLE_BAR);
}

/* ---- bars ---- */

struct bar {
    const struct lanes *lanes;
    struct canvas_area area;
    struct lane_places places;
    int row;
    unsigned chosen;
};

/* At least one column, so that nothing is too short to be seen. */
static void draw_span(const struct bar *b, int64_t from_us, int64_t to_us,
                      uint32_t code, unsigned style)
{
    if (from_us == RECORD_UNKNOWN || b->places.bar_width < 4) return;
    if (to_us == RECORD_UNKNOWN || to_us < from_us) to_us = from_us;
    int from = time_axis_column(&b->lanes->axis, from_us, b->places.bar_width);
    int to = time_axis_column(&b->lanes->axis, to_us, b->places.bar_width);
    int width = to > from ? to - from : 1;
    canvas_fill(b->area, b->row, b->places.bar + from, width, code, style | b->chosen);
}

static void draw_folds(const struct bar *b)
{
    int column;
    for (size_t i = 0; i < b->lanes->axis.count && b->places.bar_width >= 4; i++) {
        if (time_axis_fold(&b->lanes->axis, i, b->places.bar_width, &column))
            canvas_fill(b->area, b->row, b->places.bar + column, 1, BAR_FOLD,
                        STYLE_DIM | b->chosen);
    }
}

static void draw_exchange_bar(const struct bar *b, const struct record_exchange *e)
{
    int64_t now_us = b->lanes->model->now_us;
    int64_t answered_us = e->response_start_us;
    if (answered_us == RECORD_UNKNOWN && e->state == EXCHANGE_OPEN)
        answered_us = now_us;
    if (e->idle_before_us != RECORD_UNKNOWN && e->request_start_us != RECORD_UNKNOWN)
        draw_span(b, e->request_start_us - e->idle_before_us, e->request_start_us,
                  BAR_IDLE, STYLE_DIM);
    draw_folds(b);
    draw_span(b, e->request_start_us, e->request_end_us, BAR_REQUEST, STYLE_REQUEST);
    if (answered_us != RECORD_UNKNOWN)
        draw_span(b, e->request_end_us, answered_us, BAR_WAIT, STYLE_WAIT);
    if (e->hol_us != RECORD_UNKNOWN && e->hol_us > 0 &&
        e->request_end_us != RECORD_UNKNOWN)
        draw_span(b, e->request_end_us, e->request_end_us + e->hol_us, BAR_BLOCKED,
                  STYLE_BLOCKED);
    draw_span(b, e->response_start_us,
              e->state == EXCHANGE_OPEN ? now_us : e->response_end_us, BAR_RESPONSE,
              STYLE_RESPONSE);
}

/* ---- the rest of the line ---- */

/* "819802-815": of a number that does not fit, the digits that are other. */
static void write_packets(uint64_t first, uint64_t second, char out[PACKETS_TEXT_MAX])
{
    char a[FIGURE_MAX], b[FIGURE_MAX];
    size_t same = 0;
    snprintf(a, sizeof a, "%" PRIu32, (uint32_t)(first & UINT32_MAX));
    snprintf(b, sizeof b, "%" PRIu32, (uint32_t)(second & UINT32_MAX));
    if (strlen(a) == strlen(b) && strlen(a) + 1 + strlen(b) > LANE_PACKETS - 1)
        while (a[same] != '\0' && a[same] == b[same]) same++;
    snprintf(out, PACKETS_TEXT_MAX, "%s-%s", a, b + same);
}

static void draw_packets(const struct bar *b, uint64_t first, uint64_t second)
{
    char text[PACKETS_TEXT_MAX];
    if (first == 0 && second == 0) return;
    if (first == 0 || second == 0 || first == second)
        snprintf(text, sizeof text, "%u", (unsigned)((first | second) & UINT32_MAX));
    else
        write_packets(first, second, text);
    canvas_text(canvas_part(b->area, b->row, 1, 1, LANE_PACKETS - 1), 0, 0, text,
                STYLE_DIM | b->chosen);
}

static void draw_times(const struct bar *b, int64_t at_us, int64_t length_us)
{
    char text[FIGURE_MAX];
    const struct lane_places *p = &b->places;
    if (at_us != RECORD_UNKNOWN && b->lanes->start_us != RECORD_UNKNOWN) {
        figure_duration(at_us - b->lanes->start_us, text);
        canvas_right(b->area, b->row, p->time, LANE_TIME, bytes_of_text(text),
                     STYLE_PLAIN | b->chosen);
    }
    if (length_us == RECORD_UNKNOWN) return;
    figure_duration(length_us, text);
    canvas_right(b->area, b->row, p->length, LANE_LENGTH, bytes_of_text(text),
                 STYLE_BOLD | b->chosen);
}

static void draw_label(const struct bar *b, struct bytes text, unsigned style)
{
    const struct lane_places *p = &b->places;
    canvas_write(b->area, b->row, p->label, p->label_width, text, style | b->chosen);
    if (canvas_width(text) > p->label_width)
        canvas_fill(b->area, b->row, p->label + p->label_width - 1, 1, 0x2026,
                    style | b->chosen);
}

static void draw_exchange(const struct bar *b, const struct record_exchange *e)
{
    struct buffer label = {.ptr = NULL};
    bool is_ascii = b->area.canvas->is_ascii;
    char status[24] = "...";
    if (e->status != RECORD_UNKNOWN)
        snprintf(status, sizeof status, "%lld", (long long)e->status);
    else if (e->state != EXCHANGE_OPEN)
        snprintf(status, sizeof status, "none");
    buffer_print(&label, "%-4s ", status);
    wire_text_add(&label, e->method, is_ascii);
    buffer_append_text(&label, " ");
    wire_text_add(&label, bytes_first(e->target, 256), is_ascii);
    unsigned style = e->status >= 500   ? STYLE_BAD
                     : e->status >= 400 ? STYLE_WARNING
                                        : STYLE_PLAIN;
    if (e->state != EXCHANGE_COMPLETE && e->state != EXCHANGE_OPEN) style = STYLE_BAD;
    draw_packets(b, e->request_ref, e->response_ref);
    int64_t start_us = start_of(e), end_us = end_of(e, b->lanes->model->now_us);
    bool is_known = start_us != RECORD_UNKNOWN && end_us != RECORD_UNKNOWN;
    draw_times(b, start_us, is_known ? end_us - start_us : RECORD_UNKNOWN);
    draw_label(b, buffer_bytes(&label), style);
    draw_exchange_bar(b, e);
    buffer_done(&label);
}

static void draw_handshake(const struct bar *b)
{
    const struct record_connection *r = b->lanes->connection->record;
    char label[128];
    struct bytes result =
        record_text(record_field(RECORD_CONNECTION, "open_result"), r);
    snprintf(label, sizeof label, "%s%.*s",
             r->open_kind == OPEN_HANDSHAKE ? "handshake " : "", (int)result.len,
             result.len > 0 ? (const char *)result.ptr : "");
    if (r->open_kind == OPEN_MIDSTREAM)
        snprintf(label, sizeof label, "seen from its middle on");
    bool is_bad = r->open_result == OPEN_REFUSED || r->open_result == OPEN_UNANSWERED;
    draw_packets(b, r->first_ref, 0);
    draw_times(b, r->start_us, r->handshake_us);
    draw_label(b, bytes_of_text(label), is_bad ? STYLE_BAD : STYLE_ACCENT);
    draw_folds(b);
    draw_span(b, r->start_us, handshake_end(r), BAR_REQUEST, STYLE_ACCENT);
}

static void draw_tunnel(const struct bar *b)
{
    const struct record_tunnel *t = b->lanes->connection->tunnel;
    struct buffer label = {.ptr = NULL};
    char up[FIGURE_MAX], down[FIGURE_MAX];
    figure_bytes(t->bytes[SIDE_CLIENT], up);
    figure_bytes(t->bytes[SIDE_SERVER], down);
    buffer_append_text(&label, "tunnel ");
    wire_text_add(&label, t->protocol, b->area.canvas->is_ascii);
    buffer_print(&label, "  ↑%s ↓%s", up, down);
    int64_t end_us = tunnel_end(t, b->lanes->model);
    bool has_length = t->start_us != RECORD_UNKNOWN && end_us != RECORD_UNKNOWN;
    draw_times(b, t->start_us, has_length ? end_us - t->start_us : RECORD_UNKNOWN);
    draw_label(b, buffer_bytes(&label), STYLE_ACCENT);
    draw_folds(b);
    draw_span(b, t->start_us, end_us, BAR_REQUEST, STYLE_ACCENT);
    buffer_done(&label);
}

static void draw_close(const struct bar *b)
{
    const struct model_connection *c = b->lanes->connection;
    const struct record_connection *r = c->record;
    char label[160] = "still open";
    int64_t end_us = c->is_over ? r->end_us : b->lanes->model->now_us;
    int64_t idle_us =
        c->is_over && end_us != RECORD_UNKNOWN ? r->idle_at_close_us : RECORD_UNKNOWN;
    if (!c->is_over && c->waiting == 0 && c->active_us != RECORD_UNKNOWN)
        idle_us = end_us - c->active_us;
    if (c->is_over) {
        static const char *const names[] = {"close_kind", "closed_by", "close_cause"};
        static const char *const before[] = {"end: ", " by ", ", "};
        size_t used = 0;
        label[0] = '\0';
        for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
            struct bytes t = record_text(record_field(RECORD_CONNECTION, names[i]), r);
            if (t.len == 0) continue;
            int n = snprintf(label + used, sizeof label - used, "%s%.*s",
                             used == 0 ? "end: " : before[i], (int)t.len,
                             (const char *)t.ptr);
            used += n > 0 ? (size_t)n : 0;
        }
    }
    draw_packets(b, c->is_over ? r->close_ref : 0, 0);
    draw_times(b, end_us, idle_us);
    draw_label(b, bytes_of_text(label),
               r->close_kind == CLOSE_RST ? STYLE_WARNING : STYLE_DIM);
    if (idle_us != RECORD_UNKNOWN)
        draw_span(b, end_us - idle_us, end_us, BAR_IDLE, STYLE_DIM);
    draw_folds(b);
    draw_span(b, end_us, end_us, c->is_over ? 'X' : 0x25b6, STYLE_BOLD);
}

void lanes_draw(const struct lanes *l, size_t index, struct canvas_area a, int row,
                unsigned chosen)
{
    const struct bar b = {
        .lanes = l, .area = a, .places = places_of(a), .row = row, .chosen = chosen};
    canvas_fill(a, row, 0, a.columns, ' ', chosen);
    switch (l->rows[index].kind) {
    case LANE_HANDSHAKE: draw_handshake(&b); break;
    case LANE_EXCHANGE: draw_exchange(&b, l->rows[index].exchange->record); break;
    case LANE_TUNNEL: draw_tunnel(&b); break;
    case LANE_CLOSE: draw_close(&b); break;
    }
}
