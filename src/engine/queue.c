#include "engine/queue.h"

#include <pthread.h>

struct ring {
    struct record_block **blocks;
    size_t first, count;
};

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t capacity;
    struct ring empty, full;
    bool is_ended, is_given_up;
};

static void ring_push(struct queue *q, struct ring *r, struct record_block *b)
{
    r->blocks[(r->first + r->count) % q->capacity] = b;
    r->count++;
}

static struct record_block *ring_pop(struct queue *q, struct ring *r)
{
    struct record_block *b = r->blocks[r->first];
    r->first = (r->first + 1) % q->capacity;
    r->count--;
    return b;
}

struct queue *queue_new(size_t block_count)
{
    struct queue *q = mem_alloc(sizeof *q);
    q->capacity = block_count;
    q->empty.blocks = mem_alloc_array(block_count, sizeof(struct record_block *));
    q->full.blocks = mem_alloc_array(block_count, sizeof(struct record_block *));
    for (size_t i = 0; i < block_count; i++)
        ring_push(q, &q->empty, record_block_new());
    pthread_mutex_init(&q->mutex, NULL);
    pthread_cond_init(&q->changed, NULL);
    return q;
}

void queue_free(struct queue *q)
{
    if (q == NULL) return;
    while (q->empty.count > 0) record_block_free(ring_pop(q, &q->empty));
    while (q->full.count > 0) record_block_free(ring_pop(q, &q->full));
    mem_free(q->empty.blocks);
    mem_free(q->full.blocks);
    pthread_cond_destroy(&q->changed);
    pthread_mutex_destroy(&q->mutex);
    mem_free(q);
}

/* Moves a block into a ring and tells the other thread. */
static void put(struct queue *q, struct ring *r, struct record_block *b)
{
    pthread_mutex_lock(&q->mutex);
    ring_push(q, r, b);
    pthread_cond_signal(&q->changed);
    pthread_mutex_unlock(&q->mutex);
}

/* Waits for a block of the ring, or for the flag that says none will come. */
static struct record_block *take(struct queue *q, struct ring *r, const bool *is_over)
{
    struct record_block *b = NULL;
    pthread_mutex_lock(&q->mutex);
    while (r->count == 0 && !*is_over) pthread_cond_wait(&q->changed, &q->mutex);
    if (r->count > 0) b = ring_pop(q, r);
    pthread_mutex_unlock(&q->mutex);
    return b;
}

static void raise_flag(struct queue *q, bool *flag)
{
    pthread_mutex_lock(&q->mutex);
    *flag = true;
    pthread_cond_signal(&q->changed);
    pthread_mutex_unlock(&q->mutex);
}

struct record_block *queue_take_empty(struct queue *q)
{
    return take(q, &q->empty, &q->is_given_up);
}

void queue_hand_over(struct queue *q, struct record_block *full)
{
    put(q, &q->full, full);
}

void queue_end(struct queue *q)
{
    raise_flag(q, &q->is_ended);
}

struct record_block *queue_take_full(struct queue *q)
{
    return take(q, &q->full, &q->is_ended);
}

void queue_give_back(struct queue *q, struct record_block *empty)
{
    put(q, &q->empty, empty);
}

void queue_give_up(struct queue *q)
{
    raise_flag(q, &q->is_given_up);
}
