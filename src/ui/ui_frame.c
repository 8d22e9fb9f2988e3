/* What stands around every page.
 *
 *   title, time, counters
 *   page, filter, marks of state
 *   the page's own area
 *   a sentence, a prompt, or what the keys do                                     */
#include "ui/figure.h"
#include "ui/ui_state.h"
#include "ui/wire_text.h"

#include <stdio.h>
#include <string.h>

enum { FRAME_TOP = 2, FRAME_BOTTOM = 1, TAB_MAX = 32, LABEL_GAP = 2 };

int ui_frame_top(const struct ui *u)
{
    (void)u;
    return FRAME_TOP;
}

static void add_count(struct buffer *out, const char *name, int64_t count)
{
    char text[FIGURE_MAX];
    if (count == RECORD_UNKNOWN) return;
    figure_count(count, text);
    buffer_print(out, "  %s %s", name, text);
}

static void add_drops(struct buffer *out, const struct ui_statistics *now)
{
    int64_t drops = 0;
    if (now->kernel_dropped > 0) drops += now->kernel_dropped;
    if (now->interface_dropped > 0) drops += now->interface_dropped;
    bool is_counted = now->kernel_dropped != RECORD_UNKNOWN;
    if (is_counted || drops > 0) add_count(out, "drops", drops);
    if (now->stored_dropped > 0) add_count(out, "ROWS LOST", now->stored_dropped);
    if (!now->is_up) buffer_append_text(out, "  INTERFACE DOWN");
}

static void draw_title(struct ui *u, struct canvas_area a)
{
    struct buffer left = {.ptr = NULL}, right = {.ptr = NULL};
    char clock[FIGURE_MAX];
    const struct model *m = u->model;
    canvas_fill(a, 0, 0, a.columns, ' ', STYLE_BAR);
    buffer_append_text(&left, " hopscope  ");
    wire_text_add(&left, bytes_of_text(u->title), a.canvas->is_ascii);
    figure_clock(m->now_us, clock);
    clock[8 < FIGURE_MAX ? 8 : 0] = '\0'; /* to the second */
    add_count(&right, "open", (int64_t)m->open_connections);
    add_count(&right, "conn",
              u->now.connections > 0 ? u->now.connections : (int64_t)m->counts.opened);
    add_count(&right, "exch",
              u->now.exchanges > 0 ? u->now.exchanges : (int64_t)m->counts.exchanges);
    add_count(&right, "failed", (int64_t)m->counts.failed);
    add_count(&right, "pkts", u->now.packets);
    add_drops(&right, &u->now);
    buffer_print(&right, "  %s ", clock);
    int used = canvas_write(a, 0, 0, a.columns, buffer_bytes(&left), STYLE_BAR) + 1;
    int width = canvas_width(buffer_bytes(&right));
    struct bytes rest = buffer_bytes(&right);
    /* Where there is no room, the counters that matter less go. */
    while (width > a.columns - used && rest.len > 0) {
        const uint8_t *next = memmem(rest.ptr + 1, rest.len - 1, "  ", 2);
        rest = next == NULL ? bytes_of(NULL, 0)
                            : bytes_from(rest, (size_t)(next - rest.ptr));
        width = canvas_width(rest);
    }
    canvas_right(a, 0, used, a.columns - used, rest, STYLE_BAR);
    buffer_done(&left);
    buffer_done(&right);
}

/* ---- the second line ---- */

static void add_filter(const struct ui *u, struct buffer *out)
{
    if (row_filter_is_empty(u->filter)) return;
    buffer_append_text(out, "  filter: ");
    wire_text_add(out, bytes_of_text(u->filter_text), u->canvas.is_ascii);
    if (ui_page_now(u) == PAGE_CONNECTIONS)
        buffer_print(out, " (%zu of %zu)", u->connections.count,
                     u->model->connection_count);
}

static void add_replay(const struct ui *u, struct buffer *out)
{
    if (!u->options.is_replay || u->now.is_over) return;
    if (u->speed_percent == 0)
        buffer_append_text(out, "  at once");
    else
        buffer_print(out, "  x%g", u->speed_percent / 100.0);
    if (u->now.done_permille != RECORD_UNKNOWN)
        buffer_print(out, "  %d %%", (int)(u->now.done_permille / 10));
}

/* A main page's name, as the second line has it; its width. */
static int write_tab(const struct ui *u, enum ui_page i, char out[TAB_MAX])
{
    enum ui_page page = ui_page_now(u);
    bool has_room = u->canvas.columns >= 70 || i == page;
    snprintf(out, TAB_MAX, i == page ? "[%d %s]" : " %d %s ", (int)i + 1,
             has_room ? ui_view_of(i)->title : "");
    return (int)strlen(out);
}

bool ui_frame_tab_at(const struct ui *u, int column, enum ui_page *out)
{
    char tab[TAB_MAX];
    int at = 0;
    if (ui_page_now(u) > PAGE_TOTALS) return false;
    for (enum ui_page i = 0; i <= PAGE_TOTALS; i++) {
        int end = at + write_tab(u, i, tab);
        *out = i;
        if (column >= at && column < end) return true;
        at = end;
    }
    return false;
}

/* What the list is sorted by, where its head has no room to tell. */
static void add_sorting(const struct ui *u, struct buffer *out)
{
    const struct column_choice *choice = &u->columns;
    struct column by = columns_get(choice->sorted_by);
    for (size_t i = 0; i < choice->count; i++) {
        bool is_seen = u->connections.layout.widths[i] > 0;
        if (is_seen && choice->shown[i] == choice->sorted_by) return;
    }
    bool is_usual = choice->is_descending && strcmp(by.name, "start") == 0;
    if (!is_usual)
        buffer_print(out, "  by %s%s", by.title, choice->is_descending ? "▼" : "▲");
}

static void draw_state(struct ui *u, struct canvas_area a)
{
    struct buffer text = {.ptr = NULL};
    const struct model *m = u->model;
    enum ui_page page = ui_page_now(u);
    int at = 0;
    for (enum ui_page i = 0; i <= PAGE_TOTALS && page <= PAGE_TOTALS; i++) {
        char tab[TAB_MAX];
        write_tab(u, i, tab);
        at += canvas_text(a, 1, at, tab, i == page ? STYLE_BOLD : STYLE_DIM);
    }
    if (page > PAGE_TOTALS) {
        char title[64];
        snprintf(title, sizeof title, "[%s]", ui_view_of(page)->title);
        at += canvas_text(a, 1, at, title, STYLE_BOLD);
    }
    bool has_filter = page == PAGE_CONNECTIONS || page == PAGE_FINDINGS;
    if (has_filter) add_filter(u, &text);
    if (page == PAGE_CONNECTIONS) add_sorting(u, &text);
    if (m->marked > 0) buffer_print(&text, "  %u marked", (unsigned)m->marked);
    add_replay(u, &text);
    if (u->is_paused) buffer_append_text(&text, "  PAUSED");
    if (u->backlog.dropped > 0)
        buffer_print(&text, "  %llu rows not shown",
                     (unsigned long long)u->backlog.dropped);
    if (u->now.is_over && !u->options.is_replay) buffer_append_text(&text, "  ENDED");
    canvas_write(a, 1, at, a.columns - at, buffer_bytes(&text), STYLE_ACCENT);
    buffer_done(&text);
}

/* ---- the last line ---- */

struct label_place {
    struct canvas_area area;
    int row, wanted;
    uint32_t found;
};

/* Gives each label of this page's keys, and where it stands. Where there is no room for
 * all, the way out stays: nobody shall search for it. */
static void each_label(const struct ui *u,
                       void (*each)(struct label_place *place, uint32_t key,
                                    const char *text, int at),
                       struct label_place *place)
{
    unsigned places = ui_places(u);
    int at = 0;
    for (size_t i = 0; i < key_row_count; i++) {
        const struct key_row *row = &key_rows[i];
        char first[KEY_NAME_MAX], second[KEY_NAME_MAX] = "", text[64];
        if (row->label == NULL || !(row->places & places)) continue;
        keys_name(row->keys[0], first);
        if (row->keys[0] > KEY_CODE_F0 && row->keys[1] != 0)
            keys_name(row->keys[1], second);
        snprintf(text, sizeof text, "%s%s%s %s", first, *second ? " " : "", second,
                 row->label);
        int end = at + (int)strlen(text);
        int kept = row->action == ACTION_QUIT ? 0 : LABEL_GAP + (int)strlen("q Quit");
        if (end + kept > u->canvas.columns) continue;
        each(place, row->keys[0], text, at);
        at = end + LABEL_GAP;
    }
}

static void draw_label(struct label_place *p, uint32_t key, const char *text, int at)
{
    const char *label = strrchr(text, ' ');
    int names = (int)(label - text);
    (void)key;
    canvas_write(p->area, p->row, at, names, bytes_of(text, (size_t)names),
                 STYLE_BAR_KEY);
    canvas_text(p->area, p->row, at + names, label, STYLE_DIM);
}

static void find_label(struct label_place *p, uint32_t key, const char *text, int at)
{
    if (p->wanted >= at && p->wanted < at + (int)strlen(text)) p->found = key;
}

uint32_t ui_frame_key_at(const struct ui *u, int column)
{
    struct label_place place = {.wanted = column};
    each_label(u, find_label, &place);
    return place.found;
}

static void draw_prompt(struct ui *u, struct canvas_area a, int row)
{
    const char *hint = u->prompt.kind == PROMPT_LEAVE ? u->options.loss : "";
    if (u->prompt.kind == PROMPT_FILTER) hint = u->filter_why.text;
    if (u->prompt.kind == PROMPT_SAVE) hint = u->options.source.save_endings;
    prompt_draw(&u->prompt, a, row);
    if (hint == NULL || *hint == '\0') return;
    struct bytes text = bytes_of_text(hint);
    int used = (int)strlen(u->prompt.label) + (int)strlen(u->prompt.text) + 3;
    if (u->prompt.kind == PROMPT_LEAVE)
        canvas_write(a, row, used, a.columns - used, text, STYLE_WARNING);
    else if (used + canvas_width(text) < a.columns)
        canvas_right(a, row, used, a.columns - used, text, STYLE_DIM);
}

static void draw_bottom(struct ui *u, struct canvas_area a)
{
    int row = a.rows - 1;
    if (u->prompt.kind != PROMPT_NONE) {
        draw_prompt(u, a, row);
        return;
    }
    if (u->sentence[0] != '\0') {
        struct buffer text = {.ptr = NULL};
        wire_text_add(&text, bytes_of_text(u->sentence), a.canvas->is_ascii);
        canvas_write(a, row, 0, a.columns, buffer_bytes(&text), STYLE_BOLD);
        buffer_done(&text);
        return;
    }
    struct label_place place = {.area = a, .row = row};
    each_label(u, draw_label, &place);
}

void ui_frame_draw(struct ui *u)
{
    struct canvas_area all = canvas_all(&u->canvas);
    if (all.rows < UI_ROWS_MIN || all.columns < UI_COLUMNS_MIN) {
        canvas_text(all, 0, 0, "too small: 40x8 at least", STYLE_BOLD);
        return;
    }
    struct canvas_area inside = canvas_part(
        all, FRAME_TOP, 0, all.rows - FRAME_TOP - FRAME_BOTTOM, all.columns);
    ui_view_of(ui_page_now(u))->draw(u, inside);
    draw_title(u, all);
    draw_state(u, all);
    draw_bottom(u, all);
}
