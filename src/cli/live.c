/* Wires an interface to a database, lines and a file of packets, until it is told to
 * end.
 *
 *   capture thread --> queue --> storing thread: summary, database
 *                 '--> queue --> this thread: the screens, or lines on standard output
 *   signals thread --> end, next part, report                           */
#include "cli/live.h"

#include "cli/live_amount.h"
#include "cli/live_guard.h"
#include "cli/live_log.h"
#include "cli/live_mask.h"
#include "cli/live_view.h"
#include "cli/output.h"
#include "hopscope/engine_live.h"
#include "hopscope/export.h"
#include "hopscope/live_store.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LIVE_POLL_MS = 250,
    LIVE_SLOW_READER_MS = 100, /* a pause for whoever reads the lines */
    LIVE_LAST_READER_MS = 300,
    LIVE_LINES_WAITING_MAX = 1 << 20 /* bytes; then nothing is taken from the queue */
};

/* One run. The atomics are the signals thread's, too. */
struct live_run {
    const struct options *options;
    struct engine_live *engine;
    struct summary *summary;
    struct live_store *store; /* NULL: no -o */
    struct live_view *view;   /* NULL: no screens */
    struct record_sink store_sink;
    struct buffer lines;
    struct live_amounts amounts;
    struct live_guard guard;
    struct live_mask mask;
    bool is_on_terminal, has_view;
    _Atomic bool is_ending, wants_report;
};

/* ---- signals ---- */

static void live_end(struct live_run *run)
{
    atomic_store(&run->is_ending, true);
    if (run->store) live_store_hurry(run->store);
    engine_live_end(run->engine);
}

static void live_on_stopping(void *context)
{
    live_end(context);
}

/* The terminal has gone, or somebody has moved the files away. */
static void live_on_hangup(void *context)
{
    struct live_run *run = context;
    if (run->is_on_terminal)
        live_end(run);
    else
        engine_live_next_part(run->engine);
}

static void live_on_report(void *context)
{
    struct live_run *run = context;
    atomic_store(&run->wants_report, true);
}

/* ---- what the engine asks for ---- */

static void live_on_talk(void *context, const char *sentence)
{
    struct live_run *run = context;
    if (run->view)
        live_view_talk(run->view, sentence);
    else
        output_complain(sentence);
}

static int64_t live_epoch_s(void)
{
    return (int64_t)time(NULL);
}

static void live_packets_path(void *context, size_t thread,
                              char out[ENGINE_LIVE_PATH_MAX])
{
    const struct live_run *run = context;
    char path[LIVE_AMOUNT_PATH_MAX];
    live_amount_of_thread(run->options->packets, thread, path);
    bool is_there = access(path, F_OK) == 0; /* SIGHUP, and nobody has moved it away */
    if (run->amounts.has_parts || is_there)
        live_amount_name(path, live_epoch_s(), out);
    else
        snprintf(out, ENGINE_LIVE_PATH_MAX, "%s", path);
}

static void live_store_path(const struct live_run *run, char out[LIVE_AMOUNT_PATH_MAX])
{
    if (run->amounts.has_parts)
        live_amount_name(run->options->output, live_epoch_s(), out);
    else
        snprintf(out, LIVE_AMOUNT_PATH_MAX, "%s", run->options->output);
}

static enum status live_on_next_part(void *context)
{
    struct live_run *run = context;
    char path[LIVE_AMOUNT_PATH_MAX];
    live_store_path(run, path);
    return live_store_go_on(run->store, path);
}

static uint64_t live_stored_bytes(void *context)
{
    const struct live_run *run = context;
    return run->store ? live_store_bytes(run->store) : 0;
}

/* ---- lines ---- */

static enum status live_log_put(void *context, enum record_kind kind,
                                const void *record)
{
    struct live_run *run = context;
    if (kind == RECORD_EXCHANGE) live_log_write(record, &run->lines);
    return STATUS_OK;
}

/* A reader that is slow holds this thread up, until the end is near. */
static void live_write_lines(struct live_run *run)
{
    do {
        if (live_log_flush(&run->lines, LIVE_SLOW_READER_MS)) continue;
        if (errno != EPIPE) output_complain("standard output takes no more lines");
        buffer_clear(&run->lines);
        live_end(run);
    } while (run->lines.len > LIVE_LINES_WAITING_MAX && !atomic_load(&run->is_ending));
}

static enum status live_log_tick(void *context)
{
    live_write_lines(context);
    return STATUS_OK;
}

/* ---- the run ---- */

static void live_watch(struct live_run *run, uint32_t first_capture_id,
                       struct engine_live_statistics *now)
{
    if (run->view) {
        struct live_view_ending ending = {&run->is_ending, live_on_stopping, run};
        live_view_run(run->view, run->engine, first_capture_id, now, &ending);
        return;
    }
    while (engine_live_poll(run->engine, LIVE_POLL_MS, now)) {
        if (atomic_exchange(&run->wants_report, false)) live_log_report(now);
    }
    live_log_flush(&run->lines, LIVE_SLOW_READER_MS);
}

static enum status live_print_summary(struct live_run *run, struct problem *why)
{
    struct buffer text = {.ptr = NULL};
    struct summary_style style = {.width = output_width(),
                                  .has_colour = output_has_color(run->options->color)};
    if (run->options->is_json)
        summary_json_write(run->summary, &text);
    else
        summary_text_write(run->summary, &style, &text);
    /* Told to end, it does not wait for a reader that is held. */
    size_t before = text.len + 1;
    bool is_there = true;
    while (is_there && text.len > 0 &&
           (text.len < before || !atomic_load(&run->is_ending))) {
        before = text.len;
        is_there = live_log_flush(&text, LIVE_LAST_READER_MS);
    }
    bool is_lost = text.len > 0 && (is_there || errno != EPIPE);
    buffer_done(&text);
    if (!is_lost) return STATUS_OK;
    return problem_set(why, STATUS_FAILED, "nobody takes the summary");
}

static enum status live_open(struct live_run *run, const struct record_sink *stored,
                             const struct record_sink *shown, struct problem *why)
{
    const struct options *o = run->options;
    bool has_lines = !o->is_quiet && (o->is_log || !o->is_json);
    const struct engine_live_options engine = {
        .capture =
            {
                .interface = o->interface,
                .filter = o->filter,
                .link_type = o->link_type,
                .snaplen =
                    (uint32_t)(o->snaplen < LIVE_CAPTURE_SNAPLEN ? o->snaplen : 0),
                .buffer_kib =
                    (uint32_t)(o->buffer_kib < INT32_MAX ? o->buffer_kib : INT32_MAX),
                .is_quiet_mode = o->is_quiet_mode,
            },
        .packets_max = o->packets_max,
        .threads = o->threads,
        .memory_max = o->memory_max,
        .vlan_in_key = o->vlan_in_key,
        .wants_headers = o->wants_headers || run->has_view,
        .wants_secrets = o->wants_secrets,
        .program_version = HOPSCOPE_VERSION,
        .stored = stored,
        .stored_count = o->output ? 2 : 1,
        .next_part = o->output ? live_on_next_part : NULL,
        .shown = shown,
        .shown_count = has_lines ? 1 : 0,
        .talk = live_on_talk,
        .packets_path = o->packets ? live_packets_path : NULL,
        .part_bytes = run->amounts.part_bytes,
        .part_ns = run->amounts.part_ns,
        .stored_bytes = live_stored_bytes,
        .context = run,
    };
    return engine_live_open(&engine, &run->engine, why);
}

static enum status live_open_store(struct live_run *run, struct record_sink *sink,
                                   struct problem *why)
{
    char path[LIVE_AMOUNT_PATH_MAX];
    struct live_store_options store = {
        .keep_us = run->amounts.keep_ns / 1000, .talk = live_on_talk, .context = run};
    if (!run->options->output) return STATUS_OK;
    live_store_path(run, path);
    enum status rc = live_store_open(path, &store, &run->store, why);
    if (rc != STATUS_OK) return rc;
    *sink = run->store_sink = live_store_sink(run->store);
    if (run->has_view && !run->options->wants_headers)
        *sink = live_view_without_headers(&run->store_sink);
    return STATUS_OK;
}

/* Where the screens cannot be, there are lines. */
static void live_open_view(struct live_run *run, struct record_sink *shown)
{
    struct problem why = {.text = ""};
    const char *packets = run->amounts.has_parts ? NULL : run->options->packets;
    if (!run->has_view) return;
    enum status rc = live_view_open(run->options, packets, &run->view, &why);
    if (rc == STATUS_OK) *shown = live_view_sink(run->view);
    if (rc != STATUS_OK) output_complain(why.text);
}

/* Ends what is open; the first thing that went wrong is the one to tell. */
static enum status live_finish(struct live_run *run, struct problem *why)
{
    enum status rc = engine_live_close(run->engine, why);
    struct problem store_why = {.text = ""};
    if (!run->store) return rc;
    enum status stored = live_store_close(run->store, &store_why);
    run->store = NULL;
    if (stored == STATUS_OK) return rc;
    if (why->text[0] == '\0') *why = store_why;
    return stored;
}

static enum status live_capture(struct live_run *run, struct problem *why)
{
    struct record_sink stored[2] = {summary_sink(run->summary)};
    struct record_sink shown = {run, live_log_put, NULL, live_log_tick, NULL};
    struct signals_options handlers = {.stopping = live_on_stopping,
                                       .report = live_on_report,
                                       .hangup = live_on_hangup,
                                       .context = run};
    enum status rc = live_open(run, stored, &shown, why);
    if (rc != STATUS_OK && run->guard.is_again) {
        *why = (struct problem){.text = ""}; /* it is away yet */
        return STATUS_GONE;
    }
    if (rc != STATUS_OK) return rc;
    if (run->guard.is_again) live_on_talk(run, "the interface is back");
    const char *warning = live_capture_filter_warning(run->options->filter);
    if (warning && !run->options->is_quiet) live_on_talk(run, warning);
    struct engine_live_statistics now = {.packets = 0};
    rc = live_guard_enter(&run->guard, why);
    if (rc == STATUS_OK) rc = live_open_store(run, &stored[1], why);
    if (rc == STATUS_OK) live_open_view(run, &shown);
    live_mask_cover(&run->mask, &stored[0]);
    live_mask_cover(&run->mask, &stored[1]);
    live_mask_cover(&run->mask, &shown);
    struct signals *signals = rc == STATUS_OK ? signals_start(&handlers) : NULL;
    uint32_t first = run->store ? live_store_first_capture_id(run->store) : 1;
    if (rc == STATUS_OK) rc = engine_live_start(run->engine, first, why);
    if (rc == STATUS_OK) live_watch(run, first, &now);
    signals_end(signals);
    struct problem later = {.text = ""};
    enum status finished = live_finish(run, &later);
    live_view_close(run->view);
    if (rc != STATUS_OK) return rc;
    if (!run->options->is_quiet) live_log_report(&now);
    *why = later;
    return finished;
}

static enum status live_list(const struct options *options, struct problem *why)
{
    struct buffer text = {.ptr = NULL};
    enum status rc = live_interfaces_list(options->lists_all, &text, why);
    if (rc == STATUS_OK) rc = output_write(buffer_bytes(&text), why);
    buffer_done(&text);
    return rc;
}

static enum status live_work(struct live_run *run, struct problem *why)
{
    const struct options *options = run->options;
    run->summary = summary_new();
    enum status rc = live_capture(run, why);
    bool is_done = rc == STATUS_OK || rc == STATUS_DAMAGED || rc == STATUS_GONE;
    bool has_nothing = run->guard.is_again && run->engine == NULL;
    if (is_done && !has_nothing && !options->is_quiet) {
        enum status printed = live_print_summary(run, why);
        if (printed != STATUS_OK) rc = printed;
    }
    buffer_done(&run->lines);
    summary_free(run->summary);
    return rc;
}

static enum status live_run(const struct options *options, struct problem *why)
{
    struct live_run run = {.options = options};
    if (options->lists_interfaces || options->lists_all) return live_list(options, why);
    signals_hold(true);
    enum status rc = live_amount_read(options, &run.amounts, why);
    if (rc == STATUS_OK) rc = live_mask_begin(options, &run.mask, why);
    if (rc != STATUS_OK) return rc;
    run.is_on_terminal = isatty(STDIN_FILENO) == 1 || isatty(STDOUT_FILENO) == 1;
    run.has_view = live_view_is_wanted(options) && !options->reopens;
    rc = live_guard_begin(options, run.has_view, &run.guard, why);
    if (rc == STATUS_OK && run.guard.is_supervisor)
        rc = (enum status)run.guard.code; /* the workers have said why */
    else if (rc == STATUS_OK)
        rc = live_work(&run, why);
    live_guard_done(&run.guard);
    live_mask_done(&run.mask);
    return rc;
}

/* clang-format off */
const struct command live_command = {
    .name = "live",
    .operands = "[FILTER]",
    .purpose = "capture on an interface, show its connections as they come",
    .about =
        "Captures on an interface and accounts for every HTTP connection as it goes:\n"
        "screens on a terminal (? shows the keys) or lines on standard output, rows in a\n"
        "database that others may read meanwhile (-o), the packets themselves (-w). A\n"
        "summary is printed at the end.",
    .notes =
        "All words that are no options are the FILTER, which tcpdump would take. One\n"
        "that cuts off a direction of a connection spoils its account.\n"
        "\n"
        "Lines: time, client, server, method, host, target, status, wait, size of the\n"
        "response's body, connection#number of the exchange on it.\n"
        "\n"
        "The database is in WAL mode meanwhile and has finished exchanges within a\n"
        "second; what is not finished has the state open. It never holds the capture\n"
        "up: rows wait in memory while it is locked or the disk is full, up to a quarter\n"
        "of --memory; then the oldest go, and are counted. A file that takes nothing for\n"
        "good is left, and the rows go on in one beside it (live-2.db). To begin, 16 MiB\n"
        "must be free.\n"
        "\n"
        "--anonymize disguises what is stored, printed and shown alike; the packets (-w)\n"
        "it cannot: slice --anonymize does. Without --anonymize-key, the key is random\n"
        "and forgotten.\n"
        "\n"
        "SIGINT or SIGTERM ends the capture in order, within two seconds. SIGHUP ends it\n"
        "on a terminal; elsewhere new files are begun, so that those moved away are\n"
        "whole. SIGUSR1 prints what was seen and dropped.\n"
        "\n"
        "To capture without being root: setcap cap_net_raw+ep on this program.\n"
        "\n"
        "Exit status: 0 done; 1 could not do it; 2 wrong usage; 3 done, but the account\n"
        "is not whole: rows or packets could not be kept; 75 done, because the interface\n"
        "has gone.\n",
    .bit = COMMAND_LIVE,
    .takes_no_file = true,
    .run = live_run,
};
/* clang-format on */
