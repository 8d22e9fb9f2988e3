/* Totals: the last minutes second by second, and sums. */
#include "ui/figure.h"
#include "ui/ui_state.h"

#include <stdio.h>
#include <string.h>

enum { TOTALS_LABEL = 22, TOTALS_VALUE = 9 };

/* ---- rates ---- */

static const struct rate_row {
    enum history_row row;
    const char *title;
    void (*format)(int64_t value, char out[FIGURE_MAX]);
    enum canvas_style style;
} rates[] = {
    {HISTORY_PACKETS, "packets/s", figure_count, STYLE_ACCENT},
    {HISTORY_BYTES, "bytes/s", figure_bytes, STYLE_ACCENT},
    {HISTORY_OPENED, "connections opened/s", figure_count, STYLE_GOOD},
    {HISTORY_EXCHANGES, "exchanges/s", figure_count, STYLE_GOOD},
    {HISTORY_FAILED, "failed exchanges/s", figure_count, STYLE_BAD},
    {HISTORY_FINDINGS, "findings/s", figure_count, STYLE_WARNING},
    {HISTORY_DROPS, "packets dropped/s", figure_count, STYLE_BAD},
};

static void draw_rate(struct ui *u, struct canvas_area a, int row,
                      const struct rate_row *r)
{
    static const uint32_t bars[] = {' ',    0x2581, 0x2582, 0x2583, 0x2584,
                                    0x2585, 0x2586, 0x2587, 0x2588};
    int left = TOTALS_LABEL + 2 * TOTALS_VALUE + 2;
    int width =
        a.columns - left - 1 < HISTORY_SECONDS ? a.columns - left - 1 : HISTORY_SECONDS;
    int64_t now = 0, most = 0, value;
    char figure[FIGURE_MAX];
    for (int i = 0; i < (width > 0 ? width : HISTORY_SECONDS); i++) {
        if (rate_history_get(&u->history, r->row, i, &value) && value > most)
            most = value;
    }
    bool is_known = rate_history_now(&u->history, r->row, u->now.is_over, &now);
    canvas_text(a, row, 1, r->title, STYLE_PLAIN);
    r->format(is_known ? now : RECORD_UNKNOWN, figure);
    canvas_right(a, row, TOTALS_LABEL, TOTALS_VALUE, bytes_of_text(figure), STYLE_BOLD);
    r->format(is_known ? most : RECORD_UNKNOWN, figure);
    canvas_right(a, row, TOTALS_LABEL + TOTALS_VALUE, TOTALS_VALUE,
                 bytes_of_text(figure), STYLE_DIM);
    for (int i = 0; i < width && most > 0; i++) {
        if (!rate_history_get(&u->history, r->row, width - 1 - i, &value)) continue;
        int step = value == 0 ? 0 : (int)(1 + (double)value * 7 / (double)most);
        canvas_fill(a, row, left + i, 1,
                    bars[step > 8   ? 8
                         : step < 0 ? 0
                                    : step],
                    r->style);
    }
}

/* ---- sums ---- */

struct sum_row {
    const char *title;
    int64_t value;
    void (*format)(int64_t value, char out[FIGURE_MAX]);
    bool is_bad; /* when it is not 0 */
};

enum { SUMS_MAX = 32 };

static size_t list_sums(const struct ui *u, struct sum_row rows[SUMS_MAX])
{
    const struct model *m = u->model;
    const struct ui_statistics *n = &u->now;
    const struct model_counts *c = &m->counts;
    const struct sum_row all[] = {
        {"packets seen", n->packets, figure_count, false},
        {"bytes seen", n->bytes, figure_bytes, false},
        {"dropped by the kernel", n->kernel_dropped, figure_count, true},
        {"dropped by the card", n->interface_dropped, figure_count, true},
        {"connections open", (int64_t)m->open_connections, figure_count, false},
        {"connections opened", (int64_t)c->opened, figure_count, false},
        {"connections refused", (int64_t)c->refused, figure_count, true},
        {"given up for memory", n->evicted_connections, figure_count, true},
        {"exchanges", (int64_t)c->exchanges, figure_count, false},
        {"failed exchanges", (int64_t)c->failed, figure_count, true},
        {"findings: attack", (int64_t)c->findings[SEVERITY_ATTACK], figure_count, true},
        {"findings: warning", (int64_t)c->findings[SEVERITY_WARNING], figure_count,
         true},
        {"findings: info", (int64_t)c->findings[SEVERITY_INFO], figure_count, false},
        {"memory", n->memory_bytes, figure_bytes, false},
        {"rows waiting to be stored", n->stored_waiting, figure_count, false},
        {"... for", n->stored_lag_us, figure_duration, false},
        {"rows lost to a slow disk", n->stored_dropped, figure_count, true},
        {"rows too fast for a screen", n->shown_dropped, figure_count, true},
        {"connections kept here", (int64_t)m->connection_count, figure_count, false},
        {"... let go", (int64_t)c->forgotten_connections, figure_count, false},
        {"exchanges kept here", (int64_t)m->exchange_count, figure_count, false},
        {"... let go", (int64_t)c->forgotten_exchanges, figure_count, false},
        {"... of both: memory", (int64_t)(m->row_bytes + m->header_bytes), figure_bytes,
         false},
        {"findings let go", (int64_t)c->forgotten_findings, figure_count, false},
        {"texts cut", (int64_t)c->cut_texts, figure_count, false},
    };
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(all); i++) {
        if (all[i].value != RECORD_UNKNOWN) rows[count++] = all[i];
    }
    return count;
}

static void draw_sums(struct ui *u, struct canvas_area a)
{
    struct sum_row rows[SUMS_MAX];
    size_t count = list_sums(u, rows);
    int pair = 40;
    size_t across = a.columns >= 3 * pair ? 3 : a.columns >= 2 * pair ? 2 : 1;
    size_t down = (count + across - 1) / across;
    pick_list_fit(&u->totals_scroll, down, a.rows);
    for (size_t i = 0; i < count; i++) {
        char figure[FIGURE_MAX];
        int row = (int)(i % down) - (int)u->totals_scroll.top;
        int column = (int)(i / down) * pair;
        bool is_bad = rows[i].is_bad && rows[i].value > 0;
        rows[i].format(rows[i].value, figure);
        canvas_text(a, row, column + 1, rows[i].title, STYLE_PLAIN);
        canvas_right(a, row, column + 27, 10, bytes_of_text(figure),
                     is_bad ? STYLE_BAD : STYLE_BOLD);
        if (is_bad) canvas_text(a, row, column + 38, "!", STYLE_BAD);
    }
}

static void draw(struct ui *u, struct canvas_area a)
{
    char head[160];
    int rows = (int)ARRAY_LENGTH(rates) + 1;
    canvas_fill(a, 0, 0, a.columns, ' ', STYLE_BAR);
    snprintf(head, sizeof head, " %-*s%*s%*s  seconds, the newest at the right",
             TOTALS_LABEL - 1, "Rates", TOTALS_VALUE, "now", TOTALS_VALUE, "most");
    canvas_text(a, 0, 0, head, STYLE_BAR);
    bool is_low = a.rows < rows + 6;
    if (is_low) rows = a.rows / 2;
    for (int i = 1; i < rows; i++) draw_rate(u, a, i, &rates[i - 1]);
    canvas_fill(a, rows, 0, a.columns, ' ', STYLE_BAR);
    canvas_text(a, rows, 0, " Since the start", STYLE_BAR);
    draw_sums(u, canvas_part(a, rows + 1, 0, a.rows - rows - 1, a.columns));
}

static bool act(struct ui *u, enum action action)
{
    return pick_list_scroll(&u->totals_scroll, action);
}

const struct ui_view view_totals = {
    .title = "Totals", .place = PLACE_TOTALS, .draw = draw, .act = act};
