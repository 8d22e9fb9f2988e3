/* What a live run says of itself: figures once a second, sentences, capture rows. */
#include "engine/capture_row.h"
#include "engine/live_run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void live_account_say(struct engine_live *l, const char *format, ...)
{
    struct problem sentence;
    l = l->first; /* whose sentences poll tells */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence.text, sizeof sentence.text, format, arguments);
    va_end(arguments);
    pthread_mutex_lock(&l->mutex);
    struct live_sentences *s = &l->sentences;
    if (s->count == ENGINE_LIVE_SENTENCES_MAX) {
        s->first = (s->first + 1) % ENGINE_LIVE_SENTENCES_MAX;
        s->count--;
    }
    s->texts[(s->first + s->count++) % ENGINE_LIVE_SENTENCES_MAX] = sentence;
    pthread_mutex_unlock(&l->mutex);
}

/* ---- figures ---- */

void live_account_publish(struct engine_live *l)
{
    struct engine_live_statistics *s = &l->sums;
    struct live_capture_drops drops = live_capture_drops(l->capture);
    struct pipeline_counters n = pipeline_counters(l->pipeline, l->part.capture_id);
    s->elapsed_ns = clock_monotonic_ns() - l->started_ns;
    s->kernel_dropped = drops.kernel;
    s->interface_dropped = drops.interface;
    s->memory_bytes = mem_in_use();
    s->capture_id = l->part.capture_id;
    s->is_up = live_capture_is_up(l->capture);
    pthread_mutex_lock(&l->mutex);
    l->now = *s;
    l->now.connections += n.connections;
    l->now.exchanges += n.exchanges;
    l->now.evicted_connections += n.evicted_connections;
    pthread_mutex_unlock(&l->mutex);
}

/* ---- the capture row ---- */

/* Why the account of the part is not whole; empty: it is. */
static void tell_damage(struct engine_live *l, uint64_t dropped_rows,
                        struct problem *out)
{
    *out = l->damage;
    size_t len = strlen(out->text);
    const char *join = len > 0 ? "; " : "";
    if (dropped_rows > 0) {
        snprintf(out->text + len, sizeof out->text - len,
                 "%s%llu rows dropped: the database was too slow", join,
                 (unsigned long long)dropped_rows);
        len = strlen(out->text);
        join = "; ";
    }
    if (l->part.unwritten > 0)
        snprintf(out->text + len, sizeof out->text - len,
                 "%s%llu packets are not in the file of packets: the disk refused",
                 join, (unsigned long long)l->part.unwritten);
}

static int64_t us_or_unknown(int64_t ns)
{
    return ns == CAPTURE_NUMBER_UNKNOWN ? RECORD_UNKNOWN : record_us(ns);
}

void live_account_put_capture(struct engine_live *l, bool is_last)
{
    const struct live_part *part = &l->part;
    struct live_capture_drops drops = live_capture_drops(l->capture);
    struct pipeline_counters n = pipeline_counters(l->pipeline, part->capture_id);
    struct live_queue_state stored = live_queue_state(l->stored);
    struct problem damage;
    struct record_capture row;
    record_clear(RECORD_CAPTURE, &row);
    row.id = part->capture_id;
    row.source = bytes_of_text(live_capture_interface(l->capture));
    row.kind = bytes_of_text("live");
    row.format = bytes_of_text(l->packets == NULL ? NULL : "pcapng");
    row.link_types =
        bytes_of_text(capture_link_type_name(live_capture_link_type(l->capture)));
    row.snaplen = live_capture_snaplen(l->capture);
    row.start_us = us_or_unknown(part->start_ns);
    row.end_us = us_or_unknown(part->end_ns);
    row.packets = (int64_t)part->packets;
    row.bytes = (int64_t)part->bytes;
    row.kernel_dropped = (int64_t)(drops.kernel - part->drops_before.kernel);
    row.interface_dropped = (int64_t)(drops.interface - part->drops_before.interface);
    row.truncated_packets = (int64_t)part->truncated;
    capture_row_fill_counted(&n, &row);
    tell_damage(l, stored.dropped_rows - part->dropped_rows_before, &damage);
    if (damage.text[0] != '\0') row.damage = bytes_of_text(damage.text);
    row.program_version = bytes_of_text(l->options.program_version);
    struct live_queue *const queues[] = {l->stored, l->shown};
    for (size_t i = 0; i < ARRAY_LENGTH(queues); i++) {
        if (queues[i] == NULL) continue;
        if (is_last)
            live_queue_put(queues[i], RECORD_CAPTURE, &row);
        else
            live_queue_update(queues[i], RECORD_CAPTURE, &row);
    }
}
