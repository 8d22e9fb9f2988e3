/* The screens beside a running capture, on the thread that polls it.
 *
 *   engine_live_poll --records, sums--> ui --keys--> end
 *   storing thread --sentence: one slot, taken by exchange--> ui
 *
 * Whoever leaves gets the terminal back at once; what is yet to be written is written
 * behind it, and no row is made up for a screen any more.                           */
#include "cli/live_view.h"

#include "cli/live_amount.h"
#include "cli/output.h"
#include "cli/view.h"
#include "cli/view_save.h"
#include "hopscope/ui.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    LIVE_VIEW_SAID_MAX = 4096,
    LIVE_VIEW_TELL_US = 250000,
    LIVE_VIEW_POLL_MS = 50,
    LIVE_VIEW_KNOWN_US = 3000000,   /* two ticks, and a second on the way */
    LIVE_VIEW_PATIENCE_US = 250000, /* an end that takes longer says why */
};

struct live_view {
    struct ui *ui; /* NULL: the terminal has been given back */
    struct kept_packets kept;
    char **paths; /* kept.paths: a file for each thread; owned */
    char title[UI_TITLE_MAX];
    struct buffer settings;
    _Atomic(char *) sentence; /* lines; owned by whoever takes them out */
    struct buffer said;       /* all of them, for when the screens have gone */
};

bool live_view_is_wanted(const struct options *o)
{
    bool is_terminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
    return is_terminal && !o->is_log && !o->is_json && !o->is_quiet;
}

/* Capture ids and files are in the same order. */
static void name_packets(struct live_view *v, const char *packets, size_t count)
{
    if (packets == NULL) return;
    v->paths = mem_alloc_array(count, sizeof *v->paths);
    for (size_t i = 0; i < count; i++) {
        char path[LIVE_AMOUNT_PATH_MAX];
        live_amount_of_thread(packets, i, path);
        v->paths[i] = mem_copy_text(path);
    }
    v->kept = (struct kept_packets){.paths = (const char *const *)v->paths,
                                    .path_count = count};
}

enum status live_view_open(const struct options *o, const char *packets,
                           struct live_view **out, struct problem *why)
{
    struct live_view *v = mem_alloc(sizeof *v);
    name_packets(v, packets, o->threads > 1 ? o->threads : 1);
    snprintf(v->title, sizeof v->title, "live %.60s%s%.40s",
             o->interface ? o->interface : "any", o->output ? " > " : "",
             o->output ? o->output : "");
    const struct ui_options options = {
        .title = v->title,
        .source = {.context = &v->kept,
                   .packets = packets ? kept_packets_read : NULL,
                   .save = view_save_write,
                   .save_endings = view_save_endings},
        .has_colour = output_has_color(o->color),
        .loss = o->output ? NULL : "what was seen is in no database (-o DB keeps it)",
        .settings = view_settings_path(&v->settings),
    };
    enum status rc = ui_open(&options, &v->ui, why);
    if (rc == STATUS_OK)
        *out = v;
    else
        live_view_close(v);
    return rc;
}

static enum status show_put(void *context, enum record_kind kind, const void *record)
{
    const struct live_view *v = context;
    if (v->ui == NULL) return STATUS_OK;
    struct record_sink screens = ui_sink(v->ui);
    return screens.put(screens.context, kind, record);
}

static enum status show_update(void *context, enum record_kind kind, const void *record)
{
    const struct live_view *v = context;
    if (v->ui == NULL) return STATUS_OK;
    struct record_sink screens = ui_sink(v->ui);
    return screens.update(screens.context, kind, record);
}

struct record_sink live_view_sink(struct live_view *v)
{
    return (struct record_sink){.context = v, .put = show_put, .update = show_update};
}

/* ---- header fields ---- */

static enum status put_but_headers(void *context, enum record_kind kind,
                                   const void *record)
{
    const struct record_sink *inner = context;
    if (kind == RECORD_HEADER) return STATUS_OK;
    return inner->put(inner->context, kind, record);
}

static enum status update_inner(void *context, enum record_kind kind,
                                const void *record)
{
    const struct record_sink *inner = context;
    return inner->update ? inner->update(inner->context, kind, record) : STATUS_OK;
}

static enum status tick_inner(void *context)
{
    const struct record_sink *inner = context;
    return inner->tick ? inner->tick(inner->context) : STATUS_OK;
}

struct record_sink live_view_without_headers(struct record_sink *inner)
{
    return (struct record_sink){.context = inner,
                                .put = put_but_headers,
                                .update = update_inner,
                                .tick = tick_inner};
}

/* ---- sentences ---- */

void live_view_talk(struct live_view *v, const char *sentence)
{
    char *before = atomic_exchange(&v->sentence, NULL);
    struct buffer lines = {.ptr = NULL};
    if (before != NULL && strlen(before) < LIVE_VIEW_SAID_MAX)
        buffer_print(&lines, "%s\n", before);
    buffer_append_text(&lines, sentence);
    buffer_append(&lines, bytes_of("", 1));
    mem_free(before);
    mem_free(atomic_exchange(&v->sentence, (char *)lines.ptr));
}

/* Lines, each as a complaint of its own. */
static void complain(struct bytes rest)
{
    while (rest.len > 0) {
        const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
        char line[512];
        size_t len = end == NULL ? rest.len : (size_t)(end - rest.ptr);
        snprintf(line, sizeof line, "%.*s", (int)len, (const char *)rest.ptr);
        output_complain(line);
        rest = bytes_from(rest, len + 1);
    }
}

static void show_sentence(struct live_view *v)
{
    char *lines = atomic_exchange(&v->sentence, NULL);
    if (lines == NULL) return;
    if (v->ui == NULL) {
        complain(bytes_of_text(lines));
    } else {
        const char *last = strrchr(lines, '\n');
        ui_talk(v->ui, last == NULL ? lines : last + 1);
        if (v->said.len < LIVE_VIEW_SAID_MAX) buffer_print(&v->said, "%s\n", lines);
    }
    mem_free(lines);
}

/* What the screens showed for some seconds stays to be read. */
static void give_terminal_back(struct live_view *v)
{
    ui_close(v->ui);
    v->ui = NULL;
    complain(buffer_bytes(&v->said));
    buffer_clear(&v->said);
}

/* ---- the loop ---- */

static void tell(struct live_view *v, const struct engine_live_statistics *now,
                 bool is_over)
{
    const struct ui_statistics all = {
        .now_us = clock_epoch_ns() / 1000,
        .known_us = clock_epoch_ns() / 1000 - LIVE_VIEW_KNOWN_US,
        .packets = (int64_t)now->packets,
        .bytes = (int64_t)now->bytes,
        .kernel_dropped = (int64_t)now->kernel_dropped,
        .interface_dropped = (int64_t)now->interface_dropped,
        .connections = (int64_t)now->connections,
        .exchanges = (int64_t)now->exchanges,
        .evicted_connections = (int64_t)now->evicted_connections,
        .memory_bytes = (int64_t)now->memory_bytes,
        .stored_waiting = (int64_t)now->stored.waiting_rows,
        .stored_dropped = (int64_t)now->stored.dropped_rows,
        .stored_lag_us = now->stored.lag_ns / 1000,
        .shown_dropped = (int64_t)now->shown.dropped_rows,
        .done_permille = RECORD_UNKNOWN,
        .is_up = now->is_up,
        .is_over = is_over,
    };
    ui_tell(v->ui, &all);
}

/* The user may read meanwhile why it takes its time. */
static void end_behind(struct live_view *v, struct engine_live *engine,
                       struct engine_live_statistics *now)
{
    int64_t began_us = clock_monotonic_ns() / 1000;
    bool has_said = false;
    while (engine_live_poll(engine, LIVE_VIEW_POLL_MS, now)) {
        show_sentence(v);
        int64_t spent_us = clock_monotonic_ns() / 1000 - began_us;
        int64_t lag_us = now->stored.lag_ns / 1000;
        bool is_long =
            spent_us > LIVE_VIEW_PATIENCE_US || lag_us > LIVE_VIEW_PATIENCE_US;
        if (has_said || !is_long) continue;
        char line[128];
        snprintf(line, sizeof line,
                 "ending: %llu rows and what the kernel holds are being written",
                 (unsigned long long)now->stored.waiting_rows);
        output_complain(line);
        has_said = true;
    }
}

void live_view_run(struct live_view *v, struct engine_live *engine,
                   uint32_t first_capture_id, struct engine_live_statistics *now,
                   const struct live_view_ending *ending)
{
    bool is_open = true;
    int64_t told_us = 0;
    v->kept.first_capture_id = first_capture_id;
    while (v->ui != NULL) {
        if (is_open) is_open = engine_live_poll(engine, 0, now);
        show_sentence(v);
        int64_t now_us = clock_epoch_ns() / 1000;
        if (!is_open || now_us - told_us > LIVE_VIEW_TELL_US) {
            tell(v, now, !is_open);
            told_us = now_us;
        }
        bool is_left = !ui_serve(v->ui);
        if (is_left) ending->end(ending->context);
        if (is_left || atomic_load(ending->is_ending)) break;
        struct pollfd fds[] = {
            {.fd = is_open ? engine_live_fd(engine) : -1, .events = POLLIN},
            {.fd = ui_fd(v->ui), .events = POLLIN},
        };
        /* Signals are somebody else's thread: its wish is looked at often enough. */
        int wait_ms = ui_wait_ms(v->ui);
        poll(fds, ARRAY_LENGTH(fds), wait_ms > 250 ? 250 : wait_ms);
    }
    give_terminal_back(v);
    if (is_open) end_behind(v, engine, now);
}

void live_view_close(struct live_view *v)
{
    if (v == NULL) return;
    show_sentence(v);
    give_terminal_back(v);
    buffer_done(&v->said);
    buffer_done(&v->settings);
    for (size_t i = 0; i < v->kept.path_count; i++) mem_free(v->paths[i]);
    mem_free(v->paths);
    mem_free(v);
}
