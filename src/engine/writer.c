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
    pthread_t thread;
    enum status status; /* the writer thread's, until it has ended */
};

static enum status put_to_all(void *context, enum record_kind kind, const void *record)
{
    const struct writer *w = context;
    for (size_t i = 0; i < w->sink_count; i++) {
        enum status status = w->sinks[i].put(w->sinks[i].context, kind, record);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

static void *run(void *context)
{
    struct writer *w = context;
    struct record_sink all = {.context = w, .put = put_to_all};
    struct record_block *b;
    while ((b = queue_take_full(w->queue)) != NULL) {
        if (w->status == STATUS_OK) {
            w->status = record_block_drain(b, &all);
            if (w->status != STATUS_OK) queue_give_up(w->queue);
        }
        queue_give_back(w->queue, b);
    }
    return NULL;
}

struct writer *writer_start(const struct record_sink *sinks, size_t count,
                            struct problem *why)
{
    struct writer *w = mem_alloc(sizeof *w);
    w->sinks = sinks;
    w->sink_count = count;
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

static enum status put(void *context, enum record_kind kind, const void *record)
{
    struct writer *w = context;
    if (w->filling == NULL) return STATUS_FAILED;
    record_block_put(w->filling, kind, record);
    if (!record_block_is_full(w->filling)) return STATUS_OK;
    queue_hand_over(w->queue, w->filling);
    w->filling = queue_take_empty(w->queue);
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
