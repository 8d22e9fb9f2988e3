#include "engine/writer.h"

#include "engine/queue.h"

#include <pthread.h>
#include <string.h>

enum { WRITER_BLOCKS = 16 };

struct writer {
    const struct record_sink *sinks;
    size_t sink_count;
    struct queue *queue;
    struct record_block *filling; /* the analysing thread's; NULL: the writer gave up */
    struct stats *stats;          /* NULL: none, like the watches */
    struct stopwatch *reader_watch, *watch;
    uint64_t records, exchanges; /* of the block at hand */
    pthread_t thread;
    enum status status; /* the writer thread's, until it has ended */
};

static uint8_t sink_stage(size_t sink)
{
    size_t last = STATS_SINKS_MAX - 1; /* those beyond share its stage */
    return (uint8_t)(WRITER_SINKS + (sink < last ? sink : last));
}

static enum status put_to_all(void *context, enum record_kind kind, const void *record)
{
    struct writer *w = context;
    w->records++;
    if (kind == RECORD_EXCHANGE) w->exchanges++;
    for (size_t i = 0; i < w->sink_count; i++) {
        stopwatch_turn_to(w->watch, sink_stage(i));
        enum status status = w->sinks[i].put(w->sinks[i].context, kind, record);
        if (status != STATUS_OK) return status;
    }
    stopwatch_turn_to(w->watch, WRITER_LOOP);
    return STATUS_OK;
}

static void write_block(struct writer *w, struct record_block *b)
{
    struct record_sink all = {.context = w, .put = put_to_all};
    w->records = w->exchanges = 0;
    w->status = record_block_drain(b, &all);
    stats_count_records(w->stats, w->records, w->exchanges);
    if (w->status != STATUS_OK) queue_give_up(w->queue);
}

static struct record_block *wait_for_block(struct writer *w)
{
    uint64_t begun_ns = stopwatch_exact_begin(w->watch);
    struct record_block *b = queue_take_full(w->queue);
    stopwatch_exact_end(w->watch, WRITER_WAIT, begun_ns);
    return b;
}

static void *run(void *context)
{
    struct writer *w = context;
    struct record_block *b;
    stopwatch_start(w->watch);
    while ((b = wait_for_block(w)) != NULL) {
        stopwatch_begin(w->watch, WRITER_LOOP);
        if (w->status == STATUS_OK) write_block(w, b);
        queue_give_back(w->queue, b);
        stopwatch_end(w->watch);
    }
    stopwatch_stop(w->watch);
    return NULL;
}

struct writer *writer_start(const struct record_sink *sinks, size_t count,
                            struct stats *stats, struct stopwatch *reader,
                            struct problem *why)
{
    struct writer *w = mem_alloc(sizeof *w);
    w->sinks = sinks;
    w->sink_count = count;
    w->stats = stats;
    w->reader_watch = reader;
    w->watch = stats_watch(stats, STATS_WRITER);
    w->queue = queue_new(WRITER_BLOCKS);
    w->filling = queue_take_empty(w->queue);
    int error = pthread_create(&w->thread, NULL, run, w);
    if (error == 0) return w;
    problem_set(why, STATUS_FAILED, "cannot start the writer thread: %s",
                strerror(error));
    record_block_free(w->filling);
    queue_free(w->queue);
    mem_free(w);
    return NULL;
}

static void hand_over(struct writer *w)
{
    queue_hand_over(w->queue, w->filling);
    uint64_t begun_ns = stopwatch_exact_begin(w->reader_watch);
    w->filling = queue_take_empty(w->queue);
    stopwatch_exact_end(w->reader_watch, READER_WAIT, begun_ns);
}

static enum status put(void *context, enum record_kind kind, const void *record)
{
    struct writer *w = context;
    if (w->filling == NULL) return STATUS_FAILED;
    uint8_t before = stopwatch_turn_to(w->reader_watch, READER_HAND_OVER);
    record_block_put(w->filling, kind, record);
    if (record_block_is_full(w->filling)) hand_over(w);
    stopwatch_turn_to(w->reader_watch, before);
    return w->filling == NULL ? STATUS_FAILED : STATUS_OK;
}

struct record_sink writer_sink(struct writer *w)
{
    return (struct record_sink){.context = w, .put = put};
}

enum status writer_finish(struct writer *w)
{
    if (w->filling != NULL) queue_hand_over(w->queue, w->filling);
    queue_end(w->queue);
    pthread_join(w->thread, NULL);
    enum status status = w->status;
    queue_free(w->queue);
    mem_free(w);
    return status;
}
