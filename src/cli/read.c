/* Wires the captures to their sinks, shows how far it is, prints the summary.
 *
 *   options --> engine_read --records--> summary --> standard output
 *                    '--progress, talk--> stderr  '--> store --> database */
#include "cli/read.h"

#include "cli/anonymize_key.h"
#include "cli/ask.h"
#include "cli/confine.h"
#include "cli/output.h"
#include "hopscope/anonymizer.h"
#include "hopscope/engine.h"
#include "hopscope/export.h"
#include "hopscope/store.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One run. The atomics are read by the thread that takes the signals. */
struct read_run {
    const struct options *options;
    struct summary *summary;
    struct store *store;               /* NULL: no -o */
    struct stats *stats;               /* NULL: no --stats */
    struct hash_key key;               /* of --anonymize */
    struct anonymizer *anonymizers[2]; /* by sink; NULL: nothing is to be hidden */
    struct progress progress;
    bool has_bar;
    _Atomic size_t bar_width; /* of the line on the terminal; 0: none */
    _Atomic uint64_t done_bytes, total_bytes, packets;
};

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
    int64_t now_ns = clock_monotonic_ns();
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

static void read_tell_stats(const struct read_run *run)
{
    struct buffer text = {.ptr = NULL};
    if (!run->stats) return;
    stats_format(run->stats, &text);
    fwrite(text.ptr, 1, text.len, stderr);
    buffer_done(&text);
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
    progress_format(&run->progress, &progress, clock_monotonic_ns(), line);
    read_erase_bar(run);
    output_complain(line);
    read_tell_stats(run);
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
        "it, for example:\n  hopscope ask %s%s%s\n",
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
    for (size_t i = 0; i < ARRAY_LENGTH(sinks) && anonymize_is_wanted(o); i++) {
        run->anonymizers[i] = anonymizer_new(run->key, sinks[i]);
        sinks[i] = anonymizer_sink(run->anonymizers[i]);
    }
    const struct engine_options engine = {
        .paths = o->paths,
        .path_count = o->path_count,
        .filter = o->filter,
        .first_capture_id = run->store ? store_first_capture_id(run->store) : 1,
        .memory_max = o->memory_max,
        .threads = o->threads,
        .vlan_in_key = o->vlan_in_key,
        .wants_headers = o->wants_headers,
        .wants_secrets = o->wants_secrets,
        .program_version = HOPSCOPE_VERSION,
        .sinks = sinks,
        .sink_count = run->store ? 2 : 1,
        .stats = run->stats,
        .progress = read_on_progress,
        .talk = read_on_talk,
        .context = run,
        .stop = signals_stop_flag(signals),
        .stop_fd = signals_stop_fd(signals),
    };
    stats_begin_phase(run->stats, STATS_READING);
    enum status rc = engine_read(&engine, why);
    stats_begin_phase(run->stats, STATS_FINISHING);
    read_erase_bar(run);
    if (!run->store) return rc;
    /* An empty `why` says that a sink refused: the store has the reason. */
    bool is_done = rc == STATUS_OK || rc == STATUS_DAMAGED;
    if (!is_done && why->text[0] != '\0') return rc;
    enum status finished = store_finish(run->store, why);
    if (finished != STATUS_OK) return finished;
    return rc;
}

/* A question that has rows says more than a damaged capture, which was told. */
static enum status read_gate(const struct read_run *run, const struct signals *signals,
                             enum status before, struct problem *why)
{
    enum status rc = ask_gate_run_on(run->options->output, run->options->fail_on,
                                     signals_stop_flag(signals), why);
    return rc == STATUS_OK ? before : rc;
}

/* Each file is opened when it is its turn, and some once more. */
static enum status read_confine(const struct options *o, struct problem *why)
{
    struct confine c;
    confine_init(&c, o);
    c.memory_max = o->memory_max;
    confine_add_files(&c, o->paths, o->path_count);
    confine_add(&c, o->output, SANDBOX_MAKE);
    return confine_enter(&c, why);
}

/* Nobody waits for a single packet: a thread that is woken waits for its turn, instead
 * of taking the processor from one at work (sched(7)). Who has chosen a policy keeps
 * it.
 */
static void read_as_batch(void)
{
    const struct sched_param none = {.sched_priority = 0};
    if (sched_getscheduler(0) == SCHED_OTHER) sched_setscheduler(0, SCHED_BATCH, &none);
}

static enum status read_run(const struct options *options, struct problem *why)
{
    static const char *const sinks[] = {"summary", "database"}; /* of read_captures */
    struct read_run run = {.options = options};
    struct signals_options handlers = {
        .stopping = read_on_stopping, .report = read_on_report, .context = &run};
    enum status rc = anonymize_key_get(options, &run.key, why);
    read_as_batch();
    if (rc == STATUS_OK) rc = read_confine(options, why);
    if (rc != STATUS_OK) return rc;
    progress_init(&run.progress, clock_monotonic_ns());
    run.has_bar = !options->is_quiet && isatty(STDERR_FILENO) == 1;
    run.summary = summary_new();
    if (options->wants_stats) run.stats = stats_new(sinks, options->output ? 2 : 1);
    struct signals *signals = signals_start(&handlers);
    if (options->fail_on) rc = ask_gate_check(options->fail_on, why);
    if (rc == STATUS_OK && options->output)
        rc = store_open(options->output, &run.store, why);
    if (rc == STATUS_OK) rc = read_captures(&run, signals, why);
    if (rc != STATUS_OK && rc != STATUS_DAMAGED) goto done;
    stats_begin_phase(run.stats, STATS_PRINTING);
    enum status printed = read_print_summary(&run, why);
    read_tell_stats(&run);
    if (run.store) read_say_where(&run);
    if (printed != STATUS_OK) rc = printed;
    if (options->fail_on && printed == STATUS_OK)
        rc = read_gate(&run, signals, rc, why);
done:
    signals_end(signals);
    stats_free(run.stats);
    store_free(run.store);
    summary_free(run.summary);
    for (size_t i = 0; i < ARRAY_LENGTH(run.anonymizers); i++)
        anonymizer_free(run.anonymizers[i]);
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
        "zstd, lz4, xz); - is standard input. Several files are read as one capture,\n"
        "merged by time, and connections go on from one to the next.",
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
        "--anonymize keeps times, sizes, ports, counts and findings. Addresses that share\n"
        "a prefix share one afterwards; names become other ones of the same length, word\n"
        "by word; evidence is left out. Without --anonymize-key, the key is random and\n"
        "forgotten.\n"
        "\n"
        "SIGINT or SIGTERM ends the reading in order, a second one at once. What was\n"
        "read until then is accounted for, the exit status is 0, and the capture's row\n"
        "says that it was stopped (damage). SIGUSR1 prints how far it is, and with\n"
        "--stats where the time went until then.\n"
        "\n"
        "Exit status: 0 done; 1 could not do it; 2 wrong usage; 3 done, but a capture is\n"
        "damaged (everything before the damage is accounted for); 4 done, and a question\n"
        "of --fail-on has rows (hopscope ask DB lists them).\n",
    .bit = COMMAND_READ,
    .run = read_run,
};
/* clang-format on */
