/* The loop's end of a ui: keys to views, records to the model, and when to draw.
 *
 *   key --prompt open?--> prompt --filter, path, yes--> filter, save, leave
 *          '--no--> table of keys --action--> the page's view, else the ui itself   */
#include "ui/ui_state.h"

#include "ui/preferences.h"
#include "ui/saving.h"
#include "ui/screen.h"

#include <stdio.h>
#include <string.h>

enum {
    UI_DRAW_MS = 500, /* between two drawings when nobody presses a key */
    UI_SENTENCE_MS = 6000,
    UI_KEYS_AT_ONCE = 64,
    UI_SPEED_MAX = 102400,
    UI_SPEED_MIN = 6,
};

static int64_t clock_ms(void)
{
    return clock_monotonic_ns() / 1000000;
}

/* ---- pages ---- */

const struct ui_view *ui_view_of(enum ui_page page)
{
    static const struct ui_view *const views[PAGE_COUNT] = {
        [PAGE_CONNECTIONS] = &view_connections, [PAGE_ORIGINS] = &view_origins,
        [PAGE_FINDINGS] = &view_findings,       [PAGE_TOTALS] = &view_totals,
        [PAGE_LADDER] = &view_ladder,           [PAGE_EXCHANGE] = &view_exchange,
        [PAGE_COLUMNS] = &view_columns,         [PAGE_HELP] = &view_help,
    };
    return views[page];
}

enum ui_page ui_page_now(const struct ui *u)
{
    return u->pages[u->page_count - 1];
}

/* The four main pages stand beside each other; the others lie on top. */
void ui_enter(struct ui *u, enum ui_page page)
{
    if (page <= PAGE_TOTALS) u->page_count = 0;
    if (u->page_count > 0 && ui_page_now(u) == page) return;
    if (u->page_count == UI_PAGES_DEEP) u->page_count--;
    u->pages[u->page_count++] = page;
}

void ui_back(struct ui *u)
{
    if (u->page_count > 1) u->page_count--;
}

void ui_open_connection(struct ui *u, int64_t connection, int64_t exchange)
{
    const struct model_connection *c = model_connection(u->model, connection);
    if (c == NULL) {
        ui_talk(u, "that connection is no longer kept here");
        return;
    }
    u->ladder.connection = connection;
    u->ladder.exchange =
        exchange != 0 || c->first == NULL ? exchange : c->first->record->id;
    u->ladder.list = u->ladder.segment_list = (struct pick_list){.at = 0};
    u->ladder.is_on_segments = false;
    ui_enter(u, PAGE_LADDER);
}

unsigned ui_places(const struct ui *u)
{
    return ui_view_of(ui_page_now(u))->place |
           (u->options.is_replay ? PLACE_REPLAY : 0);
}

/* ---- the filter ---- */

void ui_set_filter(struct ui *u, const char *text)
{
    struct row_filter *filter = NULL;
    u->filter_why.text[0] = '\0';
    if (row_filter_new(text, &filter, &u->filter_why) != STATUS_OK) return;
    row_filter_free(u->filter);
    u->filter = filter;
    u->filter_version++;
    snprintf(u->filter_text, sizeof u->filter_text, "%s", text);
}

static void begin_prompt(struct ui *u, enum prompt_kind kind)
{
    if (kind == PROMPT_FILTER) {
        snprintf(u->filter_before, sizeof u->filter_before, "%s", u->filter_text);
        prompt_begin(&u->prompt, kind, "Filter:", u->filter_text);
    } else if (kind == PROMPT_SAVE) {
        prompt_begin(&u->prompt, kind, "Save to:", "connections.csv");
    } else {
        prompt_begin(&u->prompt, kind, "Quit? y/n:", "");
    }
}

static void leave(struct ui *u)
{
    if (u->options.loss == NULL || u->now.is_over)
        u->is_leaving = true;
    else
        begin_prompt(u, PROMPT_LEAVE);
}

static void press_in_prompt(struct ui *u, uint32_t key)
{
    struct prompt *p = &u->prompt;
    enum prompt_kind kind = p->kind;
    if (kind == PROMPT_LEAVE) {
        p->kind = PROMPT_NONE;
        u->is_leaving = key == 'y' || key == 'Y';
        return;
    }
    enum prompt_event event = prompt_key(p, key);
    if (event == PROMPT_DONE || event == PROMPT_GIVEN_UP) p->kind = PROMPT_NONE;
    if (kind == PROMPT_SAVE) {
        if (event == PROMPT_DONE) saving_write(u, p->text);
        return;
    }
    if (event == PROMPT_GIVEN_UP) ui_set_filter(u, u->filter_before);
    if (event == PROMPT_EDITED) ui_set_filter(u, p->text);
    if (event == PROMPT_DONE) prompt_remember(p, u->filter_text);
    if (event == PROMPT_DONE && u->filter_why.text[0] != '\0')
        ui_talk(u, u->filter_why.text);
    if (event != PROMPT_EDITED && event != PROMPT_GOES_ON) u->filter_why.text[0] = '\0';
}

/* ---- actions that are the same everywhere ---- */

static void pause_view(struct ui *u)
{
    struct record_sink sink = model_sink(u->model);
    u->is_paused = !u->is_paused;
    if (!u->is_paused) backlog_drain(&u->backlog, &sink);
}

static void change_speed(struct ui *u, enum action action)
{
    unsigned speed = u->speed_percent;
    char text[64];
    if (action == ACTION_AT_ONCE)
        speed = 0;
    else if (action == ACTION_FASTER)
        speed = speed == 0 || speed * 2 > UI_SPEED_MAX ? 0 : speed * 2;
    else
        speed = speed == 0 ? UI_SPEED_MAX : speed / 2;
    if (speed != 0 && speed < UI_SPEED_MIN) speed = UI_SPEED_MIN;
    u->speed_percent = speed;
    if (speed == 0)
        snprintf(text, sizeof text, "replay: at once");
    else
        snprintf(text, sizeof text, "replay: %g times as fast", speed / 100.0);
    ui_talk(u, text);
}

static bool act_on_page(struct ui *u, enum action action)
{
    static const struct {
        enum action action;
        enum ui_page page;
    } pages[] = {
        {ACTION_CONNECTIONS, PAGE_CONNECTIONS},
        {ACTION_ORIGINS, PAGE_ORIGINS},
        {ACTION_FINDINGS, PAGE_FINDINGS},
        {ACTION_TOTALS, PAGE_TOTALS},
        {ACTION_HELP, PAGE_HELP},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(pages); i++) {
        if (pages[i].action != action) continue;
        ui_enter(u, pages[i].page);
        return true;
    }
    return false;
}

static void act(struct ui *u, enum action action)
{
    if (ui_view_of(ui_page_now(u))->act(u, action) || act_on_page(u, action)) return;
    switch ((int)action) {
    case ACTION_BACK: ui_back(u); break;
    case ACTION_NEXT_VIEW: ui_enter(u, (ui_page_now(u) + 1) % (PAGE_TOTALS + 1)); break;
    case ACTION_FILTER: begin_prompt(u, PROMPT_FILTER); break;
    case ACTION_FILTER_CLEAR: ui_set_filter(u, ""); break;
    case ACTION_SAVE: begin_prompt(u, PROMPT_SAVE); break;
    case ACTION_PAUSE: pause_view(u); break;
    case ACTION_FASTER:
    case ACTION_SLOWER:
    case ACTION_AT_ONCE: change_speed(u, action); break;
    case ACTION_REDRAW:
        if (u->screen) screen_redraw(u->screen);
        break;
    case ACTION_QUIT:
        if (u->page_count > 1)
            ui_back(u);
        else
            leave(u);
        break;
    case ACTION_LEAVE: leave(u); break;
    }
}

static void click(struct ui *u, const struct key_press *press)
{
    const struct ui_view *view = ui_view_of(ui_page_now(u));
    if (press->row == u->canvas.rows - 1) {
        act(u, keys_action(ui_frame_key_at(u, press->column), ui_places(u)));
        return;
    }
    enum ui_page page;
    if (press->row == 1 && ui_frame_tab_at(u, press->column, &page)) {
        act(u, (enum action)(ACTION_CONNECTIONS + (int)page));
        return;
    }
    int row = press->row - ui_frame_top(u);
    if (view->click != NULL && row >= 0) view->click(u, row, press->column);
}

void ui_press(struct ui *u, const struct key_press *press)
{
    enum { WHEEL_ROWS = 3 };
    u->wants_draw = true;
    if (press->key == KEY_CODE_RESIZED || press->key == KEY_CODE_NONE) return;
    u->sentence[0] = '\0'; /* read */
    if (u->prompt.kind != PROMPT_NONE) {
        press_in_prompt(u, press->key);
    } else if (press->key == KEY_CODE_MOUSE) {
        click(u, press);
    } else if (press->key == KEY_CODE_WHEEL_UP || press->key == KEY_CODE_WHEEL_DOWN) {
        for (int i = 0; i < WHEEL_ROWS; i++)
            act(u, press->key == KEY_CODE_WHEEL_UP ? ACTION_UP : ACTION_DOWN);
    } else {
        act(u, keys_action(press->key, ui_places(u)));
    }
}

/* ---- records ---- */

static enum status take(struct ui *u, enum record_kind kind, const void *record,
                        bool is_update)
{
    struct record_sink sink = model_sink(u->model);
    if (u->is_paused) {
        backlog_add(&u->backlog, kind, record, is_update);
        return STATUS_OK;
    }
    return is_update ? sink.update(sink.context, kind, record)
                     : sink.put(sink.context, kind, record);
}

static enum status put(void *context, enum record_kind kind, const void *record)
{
    return take(context, kind, record, false);
}

static enum status update(void *context, enum record_kind kind, const void *record)
{
    return take(context, kind, record, true);
}

struct record_sink ui_sink(struct ui *u)
{
    return (struct record_sink){.context = u, .put = put, .update = update};
}

void ui_tell(struct ui *u, const struct ui_statistics *now)
{
    u->now = *now;
    u->is_due = true;
    if (u->is_paused) return;
    model_advance(u->model, now->now_us);
    origins_settle(&u->model->origins, now->is_over ? INT64_MAX : now->known_us);
    bool is_live = !u->options.is_replay && !now->is_over;
    rate_history_add(&u->history, u->model, now, is_live);
}

void ui_talk(struct ui *u, const char *sentence)
{
    snprintf(u->sentence, sizeof u->sentence, "%s", sentence);
    u->sentence_until_ms = clock_ms() + UI_SENTENCE_MS;
    u->wants_draw = true;
}

struct ui_replay ui_replay(const struct ui *u)
{
    return (struct ui_replay){.is_paused = u->is_paused,
                              .speed_percent = u->speed_percent};
}

void ui_set_speed(struct ui *u, unsigned percent)
{
    u->speed_percent = percent;
}

/* ---- life ---- */

struct ui *ui_new(const struct ui_options *options)
{
    struct ui *u = mem_alloc(sizeof *u);
    u->options = *options;
    snprintf(u->title, sizeof u->title, "%s", options->title);
    u->model = model_new();
    rate_history_init(&u->history);
    u->now = (struct ui_statistics){.now_us = RECORD_UNKNOWN,
                                    .packets = RECORD_UNKNOWN,
                                    .done_permille = RECORD_UNKNOWN,
                                    .is_up = true};
    u->speed_percent = 100;
    u->wants_draw = true;
    u->connections.is_following = true;
    u->origins.is_descending = true;
    u->origins.sorted_by = ORIGINS_SORTED_BY;
    columns_choose_usual(&u->columns);
    preferences_read(options->settings, &u->columns);
    ui_enter(u, PAGE_CONNECTIONS);
    return u;
}

void ui_free(struct ui *u)
{
    if (u == NULL) return;
    model_free(u->model);
    backlog_done(&u->backlog);
    canvas_done(&u->canvas);
    row_filter_free(u->filter);
    document_done(&u->exchange.page);
    document_done(&u->help_page);
    mem_free(u->connections.ids);
    mem_free(u->origins.rows);
    mem_free(u->findings.lines);
    mem_free(u->ladder.segments);
    mem_free(u);
}

enum status ui_open(const struct ui_options *options, struct ui **out,
                    struct problem *why)
{
    struct screen *screen = NULL;
    enum status rc = screen_open(options->has_colour, &screen, why);
    if (rc != STATUS_OK) return rc;
    *out = ui_new(options);
    (*out)->screen = screen;
    return STATUS_OK;
}

void ui_close(struct ui *u)
{
    if (u == NULL) return;
    screen_close(u->screen);
    ui_free(u);
}

int ui_fd(const struct ui *u)
{
    return screen_fd(u->screen);
}

int ui_wait_ms(const struct ui *u)
{
    int64_t rest = u->drawn_ms + UI_DRAW_MS - clock_ms();
    return u->wants_draw || rest < 0 ? 0 : (int)rest;
}

static void draw(struct ui *u, int64_t now_ms)
{
    int rows, columns;
    screen_size(u->screen, &rows, &columns);
    u->canvas.is_ascii = screen_is_ascii(u->screen);
    canvas_resize(&u->canvas, rows, columns);
    if (u->sentence[0] != '\0' && now_ms > u->sentence_until_ms) u->sentence[0] = '\0';
    ui_frame_draw(u);
    if (!screen_show(u->screen, &u->canvas)) return;
    u->wants_draw = u->is_due = false;
    u->drawn_version = u->model->version;
}

bool ui_serve(struct ui *u)
{
    struct key_press press;
    for (int i = 0; i < UI_KEYS_AT_ONCE && screen_key(u->screen, &press); i++)
        ui_press(u, &press);
    if (u->is_leaving || screen_is_gone(u->screen)) return false;
    int64_t now_ms = clock_ms();
    bool is_new = u->model->version != u->drawn_version || u->is_due ||
                  (u->sentence[0] != '\0' && now_ms > u->sentence_until_ms);
    bool is_time = now_ms - u->drawn_ms >= UI_DRAW_MS;
    if (u->wants_draw || (is_new && is_time)) draw(u, now_ms);
    if (is_time || !u->wants_draw) u->drawn_ms = is_time ? now_ms : u->drawn_ms;
    return true;
}
