/* A ring of blocks that grows up to its cap and then lets go of the oldest.
 *
 *   filling --full, or flushed--> [oldest ... newest] --take--> taken --> spare
 *                                   '-- no room: dropped, counted          */
#include "engine/live_queue.h"

#include "engine/timed_wait.h"
#include "engine/wake_fd.h"

enum {
    QUEUE_BLOCK_BYTES = 400 << 10, /* a little more than a block usually takes */
    QUEUE_BLOCKS_MIN = 8,
    QUEUE_SPARE_MAX = 8,     /* kept; the rest goes back to the system */
    QUEUE_SEQUELS_MAX = 128, /* more than a connection has of rows behind its own */
};

struct slot {
    struct record_block *block;
    int64_t since_ns;
    uint32_t marks;
};

struct live_queue {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct slot *ring;
    size_t capacity, first, count;
    struct record_block *spare[QUEUE_SPARE_MAX];
    size_t spare_count;
    uint64_t waiting_rows, dropped_rows;
    bool is_ended;
    int wake_fd;
    struct slot filling; /* the analysing thread's own; so is the next one */
    uint32_t sequels;    /* that were put one behind the other */
};

struct live_queue *live_queue_new(size_t bytes_max, int wake_fd)
{
    struct live_queue *q = mem_alloc(sizeof *q);
    q->capacity = bytes_max / QUEUE_BLOCK_BYTES;
    if (q->capacity < QUEUE_BLOCKS_MIN) q->capacity = QUEUE_BLOCKS_MIN;
    q->ring = mem_alloc_array(q->capacity, sizeof *q->ring);
    q->filling.block = record_block_new();
    q->wake_fd = wake_fd;
    timed_wait_init(&q->changed);
    pthread_mutex_init(&q->mutex, NULL);
    return q;
}

void live_queue_free(struct live_queue *q)
{
    if (q == NULL) return;
    for (size_t i = 0; i < q->count; i++)
        record_block_free(q->ring[(q->first + i) % q->capacity].block);
    while (q->spare_count > 0) record_block_free(q->spare[--q->spare_count]);
    record_block_free(q->filling.block);
    mem_free(q->ring);
    pthread_cond_destroy(&q->changed);
    pthread_mutex_destroy(&q->mutex);
    mem_free(q);
}

/* ---- with the mutex held ---- */

static struct record_block *spare_block(struct live_queue *q)
{
    return q->spare_count > 0 ? q->spare[--q->spare_count] : NULL;
}

static void keep_spare(struct live_queue *q, struct record_block *block)
{
    record_block_clear(block);
    if (q->spare_count < QUEUE_SPARE_MAX)
        q->spare[q->spare_count++] = block;
    else
        record_block_free(block);
}

static struct slot pop(struct live_queue *q)
{
    struct slot oldest = q->ring[q->first];
    q->first = (q->first + 1) % q->capacity;
    q->count--;
    q->waiting_rows -= record_block_count(oldest.block);
    return oldest;
}

/* The mark of what goes is the next one's. */
static void drop_oldest(struct live_queue *q)
{
    struct slot oldest = pop(q);
    q->dropped_rows += record_block_count(oldest.block);
    struct slot *next = q->count > 0 ? &q->ring[q->first] : &q->filling;
    next->marks += oldest.marks;
    keep_spare(q, oldest.block);
}

static void wake(struct live_queue *q)
{
    pthread_cond_signal(&q->changed);
    if (q->wake_fd < 0) return;
    wake_fd_raise(q->wake_fd);
}

/* ---- the analysing thread's side ---- */

static void hand_over(struct live_queue *q)
{
    if (record_block_is_empty(q->filling.block) && q->filling.marks == 0) return;
    pthread_mutex_lock(&q->mutex);
    if (q->count == q->capacity) drop_oldest(q);
    q->ring[(q->first + q->count) % q->capacity] = q->filling;
    q->count++;
    q->waiting_rows += record_block_count(q->filling.block);
    q->filling = (struct slot){.block = spare_block(q)};
    wake(q);
    pthread_mutex_unlock(&q->mutex);
    if (q->filling.block == NULL) q->filling.block = record_block_new();
}

/* Findings and tunnels stay in one block with the connection before them: who is told
 * that it has ended asks for them no more. */
static struct record_block *block_for(struct live_queue *q, enum record_kind kind)
{
    bool is_sequel = kind == RECORD_FINDING || kind == RECORD_TUNNEL;
    q->sequels = is_sequel ? q->sequels + 1 : 0;
    bool may_stay = is_sequel && q->sequels <= QUEUE_SEQUELS_MAX;
    if (!may_stay && record_block_is_full(q->filling.block)) hand_over(q);
    if (q->filling.since_ns == 0) q->filling.since_ns = clock_monotonic_ns();
    return q->filling.block;
}

void live_queue_put(struct live_queue *q, enum record_kind kind, const void *record)
{
    record_block_put(block_for(q, kind), kind, record);
}

void live_queue_update(struct live_queue *q, enum record_kind kind, const void *record)
{
    pthread_mutex_lock(&q->mutex);
    bool is_behind = q->count > q->capacity / 2;
    pthread_mutex_unlock(&q->mutex);
    if (!is_behind) record_block_update(block_for(q, kind), kind, record);
}

void live_queue_mark(struct live_queue *q)
{
    hand_over(q);
    q->filling.marks++;
}

void live_queue_flush(struct live_queue *q)
{
    pthread_mutex_lock(&q->mutex);
    /* Small blocks behind others would only use the places up. */
    bool is_busy = q->count > 0;
    pthread_mutex_unlock(&q->mutex);
    if (!is_busy) hand_over(q);
}

void live_queue_end(struct live_queue *q)
{
    hand_over(q);
    pthread_mutex_lock(&q->mutex);
    q->is_ended = true;
    wake(q);
    pthread_mutex_unlock(&q->mutex);
}

/* ---- the other side ---- */

struct live_queue_item live_queue_take(struct live_queue *q, int wait_ms)
{
    int64_t until_ns = clock_monotonic_ns() + wait_ms * (int64_t)1000000;
    struct live_queue_item item = {.block = NULL};
    pthread_mutex_lock(&q->mutex);
    while (q->count == 0 && !q->is_ended && wait_ms > 0)
        if (!timed_wait(&q->changed, &q->mutex, until_ns)) break;
    if (q->count > 0) {
        struct slot oldest = pop(q);
        item.block = oldest.block;
        item.marks = oldest.marks;
        item.since_ns = oldest.since_ns;
    } else {
        item.is_end = q->is_ended;
    }
    pthread_mutex_unlock(&q->mutex);
    return item;
}

void live_queue_give_back(struct live_queue *q, struct record_block *block)
{
    pthread_mutex_lock(&q->mutex);
    keep_spare(q, block);
    pthread_mutex_unlock(&q->mutex);
}

struct live_queue_state live_queue_state(struct live_queue *q)
{
    pthread_mutex_lock(&q->mutex);
    struct live_queue_state state = {
        .waiting_rows = q->waiting_rows,
        .dropped_rows = q->dropped_rows,
        .oldest_ns = q->count > 0 ? q->ring[q->first].since_ns : 0,
    };
    pthread_mutex_unlock(&q->mutex);
    return state;
}
