/* `read`: captures on this thread, through pipelines on others, records to the sinks on
 * one more, then a record for each capture that says how far the rest can be believed.
 */
#include "hopscope/engine.h"

#include "engine/capture_row.h"
#include "engine/read_ahead.h"
#include "engine/shards.h"
#include "engine/stats.h"
#include "engine/writer.h"

#include <stdio.h>

enum { PROGRESS_EVERY_FRAMES = 64 }; /* a slow pipe shall be seen to move, too */

struct run {
    const struct engine_options *options;
    struct capture_set *set;
    struct writer *writer;
    struct shards *shards;
    struct stopwatch *watch; /* NULL: nobody asks */
    uint64_t frames;
};

static void tell_progress(const struct run *r)
{
    stopwatch_set_units(r->watch, r->frames);
    if (r->options->progress == NULL) return;
    struct engine_progress progress = {.packets = r->frames};
    capture_set_progress(r->set, &progress.done_bytes, &progress.total_bytes);
    r->options->progress(r->options->context, &progress);
}

static enum status read_frames(struct run *r)
{
    const volatile int *stop = r->options->stop;
    struct frame frames[CAPTURE_BATCH_MAX];
    while (stop == NULL || __atomic_load_n(stop, __ATOMIC_RELAXED) == 0) {
        stopwatch_begin(r->watch, READER_READ);
        size_t count = capture_set_next_batch(r->set, frames);
        if (count == 0) break;
        enum status status = shards_frames(r->shards, r->set, frames, count);
        if (status != STATUS_OK) return status;
        stopwatch_turn_to(r->watch, READER_LOOP);
        uint64_t before = r->frames;
        r->frames += count;
        if (before / PROGRESS_EVERY_FRAMES != r->frames / PROGRESS_EVERY_FRAMES)
            tell_progress(r);
        stopwatch_end(r->watch);
    }
    stopwatch_end(r->watch);
    tell_progress(r);
    return STATUS_OK;
}

/* Shards end with the reading, however that has ended. */
static enum status finish_frames(struct run *r, enum status read)
{
    uint64_t begun_ns = stopwatch_exact_begin(r->watch);
    enum status status = shards_finish(r->shards);
    stopwatch_exact_end(r->watch, READER_FINISH, begun_ns);
    return read == STATUS_OK ? status : read;
}

static int64_t us_or_unknown(int64_t ns)
{
    return ns == CAPTURE_NUMBER_UNKNOWN ? RECORD_UNKNOWN : ns / 1000;
}

static int64_t known_or_unknown(int64_t value)
{
    return value < 0 ? RECORD_UNKNOWN : value;
}

static size_t list_link_types(const struct capture_info *info, char *out, size_t size)
{
    struct buffer list = {0};
    for (uint32_t i = 0; i < info->link_type_count; i++) {
        const char *name = capture_link_type_name(info->link_types[i]);
        if (i > 0) buffer_append_text(&list, ",");
        if (name != NULL)
            buffer_append_text(&list, name);
        else
            buffer_print(&list, "%u", info->link_types[i]);
    }
    size_t len = list.len < size ? list.len : size;
    for (size_t i = 0; i < len; i++) out[i] = (char)list.ptr[i];
    buffer_done(&list);
    return len;
}

/* What the account of a capture that was not read to its end has to say of that. */
static void tell_stop(const struct run *r, const struct capture_info *info,
                      struct problem *damage)
{
    bool is_stopped = r->options->stop != NULL &&
                      __atomic_load_n(r->options->stop, __ATOMIC_RELAXED) != 0;
    if (damage->text[0] != 0 || info->is_at_end || !is_stopped) return;
    problem_set(damage, STATUS_OK, "stopped by a signal after %llu packet%s",
                (unsigned long long)info->packets, info->packets == 1 ? "" : "s");
    struct problem sentence;
    problem_set(&sentence, STATUS_OK, "%.300s: %s", info->path, damage->text);
    if (r->options->talk != NULL) r->options->talk(r->options->context, sentence.text);
}

static enum status put_capture(const struct run *r, const struct capture_info *info)
{
    struct record_sink sink = writer_sink(r->writer);
    struct pipeline_counters n = shards_counters(r->shards, info->capture_id);
    struct record_capture row;
    char link_types[256];
    record_clear(RECORD_CAPTURE, &row);
    row.id = info->capture_id;
    row.source = bytes_of_text(info->path);
    row.kind = bytes_of_text("file");
    row.format = bytes_of_text(info->format);
    if (info->link_type_count > 0) { /* else no interface is known */
        row.link_types =
            bytes_of(link_types, list_link_types(info, link_types, sizeof link_types));
        row.snaplen = info->snaplen;
    }
    row.start_us = us_or_unknown(info->start_ns);
    row.end_us = us_or_unknown(info->end_ns);
    row.packets = (int64_t)info->packets;
    row.bytes = (int64_t)info->bytes;
    row.kernel_dropped = known_or_unknown(info->kernel_dropped);
    row.interface_dropped = known_or_unknown(info->interface_dropped);
    row.truncated_packets = (int64_t)info->truncated;
    capture_row_fill_counted(&n, &row);
    struct problem damage = info->damage;
    tell_stop(r, info, &damage);
    if (damage.text[0] != 0) row.damage = bytes_of_text(damage.text);
    row.program_version = bytes_of_text(r->options->program_version);
    return sink.put(sink.context, RECORD_CAPTURE, &row);
}

/* The captures' own rows; STATUS_DAMAGED when one of them was. */
static enum status conclude(const struct run *r)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < capture_set_count(r->set); i++) {
        const struct capture_info *info = capture_set_info(r->set, i);
        if (info->damage.text[0] != 0) {
            status = STATUS_DAMAGED;
            if (r->options->talk != NULL)
                r->options->talk(r->options->context, info->damage.text);
        }
        if (info->note.text[0] != 0 && r->options->talk != NULL)
            r->options->talk(r->options->context, info->note.text);
        if (put_capture(r, info) != STATUS_OK) return STATUS_FAILED;
    }
    return status;
}

static enum status start_analysis(struct run *r, struct problem *why)
{
    const struct engine_options *options = r->options;
    struct pipeline_options shard = {
        .key = hash_key_random(),
        .first_capture_id = options->first_capture_id,
        .memory_max = options->memory_max,
        .vlan_in_key = options->vlan_in_key,
        .wants_headers = options->wants_headers,
        .wants_secrets = options->wants_secrets,
    };
    struct shards_options shards = {
        .pipeline = shard,
        .count = options->threads > 1 ? options->threads : 1,
        .writer = r->writer,
        .stats = options->stats,
        .watch = r->watch,
    };
    r->shards = shards_start(&shards, why);
    return r->shards != NULL ? STATUS_OK : STATUS_FAILED;
}

static enum status run(struct run *r, struct problem *why)
{
    const struct engine_options *options = r->options;
    r->watch = stats_watch(options->stats, STATS_READER);
    r->writer = writer_start(options->sinks, options->sink_count, options->stats,
                             r->watch, why);
    if (r->writer == NULL) return STATUS_FAILED;
    enum status status = start_analysis(r, why);
    if (status == STATUS_OK) {
        /* Plain bytes are better read where they are looked at. */
        struct read_ahead *ahead =
            capture_set_is_packed(r->set) ? read_ahead_start(r->set) : NULL;
        stopwatch_start(r->watch);
        status = finish_frames(r, read_frames(r));
        stopwatch_stop(r->watch);
        read_ahead_end(ahead);
    }
    if (status == STATUS_OK) status = conclude(r);
    shards_free(r->shards);
    enum status written = writer_finish(r->writer);
    return written == STATUS_OK ? status : written;
}

enum status engine_read(const struct engine_options *options, struct problem *why)
{
    if (options->threads > ENGINE_THREADS_MAX)
        return problem_set(why, STATUS_USAGE, "--threads takes 1 to %d, not %zu",
                           ENGINE_THREADS_MAX, options->threads);
    if (options->first_capture_id + options->path_count > ENGINE_CAPTURES_MAX)
        return problem_set(
            why, STATUS_FAILED,
            "more than %d captures in one database: write to another one",
            ENGINE_CAPTURES_MAX);
    struct run r = {.options = options};
    struct capture_options capture = {
        .filter = options->filter,
        .first_capture_id = options->first_capture_id,
        .stop_fd = options->stop_fd,
    };
    enum status status =
        capture_set_open(options->paths, options->path_count, &capture, &r.set, why);
    if (status != STATUS_OK) return status;
    status = run(&r, why);
    capture_set_close(r.set);
    return status;
}
