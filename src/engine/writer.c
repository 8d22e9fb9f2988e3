/* The writing thread, and the ways to it.
 *
 *   thread --put--> port's block --full--> queue --> writer --> every sink
 *   thread --put--> port's block --full----'                               */
#include "engine/writer.h"

#include "engine/queue.h"

#include <pthread.h>
#include <string.h>

enum {
    WRITER_BLOCKS = 16,
    WRITER_WAKE_BLOCKS = 1, /* a millisecond of work; see SHARD_BATCHES */
};

struct writer_port {
    struct writer *writer;
    struct record_block *filling; /* NULL: the writer gave up */
    const void *room;             /* in it, given out last */
    struct stopwatch *watch;
    bool is_shared; /* the writer has other ports, whose records come between */
};

struct writer {
    const struct record_sink *sinks;
    size_t sink_count;
    struct queue *queue;
    struct writer_port first; /* what writer_sink leads to */
    struct stats *stats;      /* NULL: none, like the watches */
    struct stopwatch *watch;
    uint64_t exchanges; /* of the block at hand */
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
    const struct record_sink *end = w->sinks + w->sink_count;
    w->exchanges += kind == RECORD_EXCHANGE;
    for (const struct record_sink *sink = w->sinks; sink < end; sink++) {
        enum status status = sink->put(sink->context, kind, record);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

/* The same of a block that is a sample: it learns what each sink takes. */
static enum status put_to_all_watched(void *context, enum record_kind kind,
                                      const void *record)
{
    struct writer *w = context;
    w->exchanges += kind == RECORD_EXCHANGE;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < w->sink_count && status == STATUS_OK; i++) {
        stopwatch_turn_to(w->watch, sink_stage(i));
        status = w->sinks[i].put(w->sinks[i].context, kind, record);
    }
    stopwatch_turn_to(w->watch, WRITER_LOOP);
    return status;
}

static void write_block(struct writer *w, struct record_block *b)
{
    bool is_sample = stopwatch_is_sampling(w->watch);
    struct record_sink all = {.context = w,
                              .put = is_sample ? put_to_all_watched : put_to_all};
    uint64_t records = record_block_count(b);
    w->exchanges = 0;
    w->status = record_block_drain(b, &all);
    stats_count_records(w->stats, records, w->exchanges);
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

static void writer_free(struct writer *w)
{
    struct record_block *b;
    while ((b = queue_drain(w->queue)) != NULL) record_block_free(b);
    queue_free(w->queue);
    mem_free(w);
}

struct writer *writer_start(const struct record_sink *sinks, size_t count,
                            struct stats *stats, struct stopwatch *reader,
                            struct problem *why)
{
    struct writer *w = mem_alloc(sizeof *w);
    w->sinks = sinks;
    w->sink_count = count;
    w->stats = stats;
    w->watch = stats_watch(stats, STATS_WRITER);
    w->queue = queue_new(WRITER_BLOCKS + WRITER_PORTS_MAX, WRITER_WAKE_BLOCKS);
    for (int i = 0; i < WRITER_BLOCKS; i++)
        queue_give_back(w->queue, record_block_new());
    w->first = (struct writer_port){.writer = w, .watch = reader};
    w->first.filling = queue_take_empty(w->queue);
    int error = pthread_create(&w->thread, NULL, run, w);
    if (error == 0) return w;
    problem_set(why, STATUS_FAILED, "cannot start the writer thread: %s",
                strerror(error));
    record_block_free(w->first.filling);
    writer_free(w);
    return NULL;
}

static void hand_over(struct writer_port *p)
{
    queue_hand_over(p->writer->queue, p->filling);
    uint64_t begun_ns = stopwatch_exact_begin(p->watch);
    p->filling = queue_take_empty(p->writer->queue);
    stopwatch_exact_end(p->watch, READER_WAIT, begun_ns);
}

/* What belongs to the record before it. */
static bool is_sequel(enum record_kind kind)
{
    return kind == RECORD_TUNNEL || kind == RECORD_FINDING;
}

/* The block that takes the record; NULL: the writer gave up. */
static struct record_block *block_for(struct writer_port *p, enum record_kind kind)
{
    if (p->filling == NULL || !record_block_is_full(p->filling)) return p->filling;
    if (!p->is_shared || !is_sequel(kind)) hand_over(p);
    return p->filling;
}

/* A record that was made in the block's room is put there: nothing has been put since,
 * so the block is as full as it was. */
static enum status put(void *context, enum record_kind kind, const void *record)
{
    struct writer_port *p = context;
    uint8_t before = stopwatch_turn_to(p->watch, READER_HAND_OVER);
    struct record_block *b = record == p->room ? p->filling : block_for(p, kind);
    if (b != NULL) record_block_put(b, kind, record);
    stopwatch_turn_to(p->watch, before);
    return b == NULL ? STATUS_FAILED : STATUS_OK;
}

static void *room(void *context, enum record_kind kind, size_t text_bytes)
{
    struct writer_port *p = context;
    uint8_t before = stopwatch_turn_to(p->watch, READER_HAND_OVER);
    struct record_block *b = block_for(p, kind);
    void *room_given = b == NULL ? NULL : record_block_room(b, kind, text_bytes);
    p->room = room_given;
    stopwatch_turn_to(p->watch, before);
    return room_given;
}

struct record_sink writer_port_sink(struct writer_port *p)
{
    return (struct record_sink){.context = p, .put = put, .room = room};
}

struct record_sink writer_sink(struct writer *w)
{
    return writer_port_sink(&w->first);
}

struct writer_port *writer_port_open(struct writer *w, struct stopwatch *watch)
{
    struct writer_port *p = mem_alloc(sizeof *p);
    *p = (struct writer_port){.writer = w, .watch = watch, .is_shared = true};
    p->filling = record_block_new(); /* one more for each, so that none can starve */
    return p;
}

void writer_port_close(struct writer_port *p)
{
    if (p->filling != NULL) queue_hand_over(p->writer->queue, p->filling);
    mem_free(p);
}

enum status writer_finish(struct writer *w)
{
    if (w->first.filling != NULL) queue_hand_over(w->queue, w->first.filling);
    queue_end(w->queue);
    pthread_join(w->thread, NULL);
    enum status status = w->status;
    writer_free(w);
    return status;
}
