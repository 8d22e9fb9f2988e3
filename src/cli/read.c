/* Wires the captures to their sinks, shows how far it is, prints the summary.
 *
 *   options --> engine_read --records--> summary --> standard output
 *                    '--progress, talk--> stderr  '--> store --> database */
#include "cli/read.h"

#include "cli/output.h"
#include "hopscope/engine.h"
#include "hopscope/export.h"
#include "hopscope/store.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* One run. The atomics are read by the thread that takes the signals. */
struct read_run {
    const struct options *options;
    struct summary *summary;
    struct store *store; /* NULL: no -o */
    struct progress progress;
    bool has_bar;
    _Atomic size_t bar_width; /* of the line on the terminal; 0: none */
    _Atomic uint64_t done_bytes, total_bytes, packets;
};

static int64_t read_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- talk ---- */

static void read_erase_bar(struct read_run *run)
{
    size_t width = atomic_exchange(&run->bar_width, 0);
    if (width > 0) fprintf(stderr, "\r%*s\r", (int)width, "");
}

static void read_on_progress(void *context, const struct engine_progress *progress)
{
    struct read_run *run = context;
    char line[PROGRESS_LINE_MAX];
    atomic_store(&run->done_bytes, progress->done_bytes);
    atomic_store(&run->total_bytes, progress->total_bytes);
    atomic_store(&run->packets, progress->packets);
    int64_t now_ns = read_now_ns();
    if (!run->has_bar || !progress_is_due(&run->progress, now_ns)) return;
    size_t length = progress_format(&run->progress, progress, now_ns, line);
    size_t before = atomic_exchange(&run->bar_width, length);
    size_t rest = before > length ? before - length : 0;
    fprintf(stderr, "\r%s%*s", line, (int)rest, "");
}

static void read_on_talk(void *context, const char *sentence)
{
    read_erase_bar(context);
    output_complain(sentence);
}

static void read_on_stopping(void *context)
{
    read_erase_bar(context);
    output_complain("stopping; what was read is accounted for (again: stop at once)");
}

static void read_on_report(void *context)
{
    struct read_run *run = context;
    char line[PROGRESS_LINE_MAX];
    struct engine_progress progress = {
        .done_bytes = atomic_load(&run->done_bytes),
        .total_bytes = atomic_load(&run->total_bytes),
        .packets = atomic_load(&run->packets),
    };
    progress_format(&run->progress, &progress, read_now_ns(), line);
    read_erase_bar(run);
    output_complain(line);
}

/* ---- what comes out ---- */

static enum status read_print_summary(const struct read_run *run, struct problem *why)
{
    struct buffer text = {.ptr = NULL};
    struct summary_style style = {.width = output_width(),
                                  .has_colour = output_has_color(run->options->color)};
    if (run->options->is_json)
        summary_json_write(run->summary, &text);
    else
        summary_text_write(run->summary, &style, &text);
    enum status rc = output_write(buffer_bytes(&text), why);
    buffer_done(&text);
    return rc;
}

static void read_say_where(const struct read_run *run)
{
    struct summary_totals totals = summary_totals(run->summary);
    const char *path = run->options->output;
    if (run->options->is_quiet) return;
    bool is_plain = strpbrk(path, " '\"\\$`;&|<>()*?[]!#~") == NULL;
    fprintf(
        stderr,
        "hopscope: %s has the account of %llu connection%s and %llu exchange%s; ask "
        "it, for example:\n  sqlite3 -box %s%s%s 'SELECT host, target, status, "
        "wait_ms FROM exchanges ORDER BY wait_ms DESC LIMIT 10'\n",
        path, (unsigned long long)totals.connections,
        totals.connections == 1 ? "" : "s", (unsigned long long)totals.exchanges,
        totals.exchanges == 1 ? "" : "s", is_plain ? "" : "\"", path,
        is_plain ? "" : "\"");
}

/* ---- the run ---- */

static enum status read_captures(struct read_run *run, const struct signals *signals,
                                 struct problem *why)
{
    const struct options *o = run->options;
    struct record_sink sinks[2] = {summary_sink(run->summary)};
    if (run->store) sinks[1] = store_sink(run->store);
    const struct engine_options engine = {
        .paths = o->paths,
        .path_count = o->path_count,
        .filter = o->filter,
        .first_capture_id = run->store ? store_first_capture_id(run->store) : 1,
        .memory_max = o->memory_max,
        .vlan_in_key = o->vlan_in_key,
        .wants_headers = o->wants_headers,
        .wants_secrets = o->wants_secrets,
        .program_version = HOPSCOPE_VERSION,
        .sinks = sinks,
        .sink_count = run->store ? 2 : 1,
        .progress = read_on_progress,
        .talk = read_on_talk,
        .context = run,
        .stop = signals_stop_flag(signals),
        .stop_fd = signals_stop_fd(signals),
    };
    enum status rc = engine_read(&engine, why);
    read_erase_bar(run);
    if (!run->store) return rc;
    /* An empty `why` says that a sink refused: the store has the reason. */
    bool is_done = rc == STATUS_OK || rc == STATUS_DAMAGED;
    if (!is_done && why->text[0] != '\0') return rc;
    enum status finished = store_finish(run->store, why);
    if (finished != STATUS_OK) return finished;
    return rc;
}

static enum status read_run(const struct options *options, struct problem *why)
{
    struct read_run run = {.options = options};
    struct signals_options handlers = {
        .stopping = read_on_stopping, .report = read_on_report, .context = &run};
    progress_init(&run.progress, read_now_ns());
    run.has_bar = !options->is_quiet && isatty(STDERR_FILENO) == 1;
    run.summary = summary_new();
    struct signals *signals = signals_start(&handlers);
    enum status rc = STATUS_OK;
    if (options->output) rc = store_open(options->output, &run.store, why);
    if (rc == STATUS_OK) rc = read_captures(&run, signals, why);
    if (rc != STATUS_OK && rc != STATUS_DAMAGED) goto done;
    enum status printed = read_print_summary(&run, why);
    if (run.store) read_say_where(&run);
    if (printed != STATUS_OK) rc = printed;
done:
    signals_end(signals);
    store_free(run.store);
    summary_free(run.summary);
    return rc;
}

/* clang-format off */
const struct command read_command = {
    .name = "read",
    .operands = "FILE... [FILTER]",
    .purpose = "read saved captures, print a summary, fill a database",
    .about =
        "Reads saved captures, accounts for every HTTP connection in them, and prints a\n"
        "summary on standard output. FILE is pcap or pcapng, plain or compressed (gzip,\n"
        "zstd, lz4); - is standard input. Several files are read as one capture, merged\n"
        "by time, and connections go on from one to the next.",
    .notes =
        "FILTER is what tcpdump takes. The first word after a FILE that is neither an\n"
        "existing file nor an option, and looks like a filter (tcp, port, host, not, an\n"
        "address, ...), begins it, and so does --; all that follows belongs to it:\n"
        "    hopscope read a.pcap b.pcap host 10.0.0.1 and port 8080\n"
        "A filter that cuts off one direction of a connection spoils its account.\n"
        "\n"
        "Packet numbers are those of Wireshark. Bytes of the wire that are not printable\n"
        "ASCII are escaped (\\x1b); in JSON and the database, only what is no UTF-8.\n"
        "\n"
        "SIGINT or SIGTERM ends the reading in order, a second one at once; SIGUSR1\n"
        "prints how far it is. What was read until then is accounted for, the exit\n"
        "status is 0, and the capture's row says that it was stopped (damage).\n"
        "\n"
        "Exit status: 0 done; 1 could not do it; 2 wrong usage; 3 done, but a capture is\n"
        "damaged (everything before the damage is accounted for).\n",
    .bit = COMMAND_READ,
    .run = read_run,
};
/* clang-format on */
