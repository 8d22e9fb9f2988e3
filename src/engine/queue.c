/*   fill:  empty --take_empty--> ... --hand_over--> full
 *   use:   full  --take_full---> ... --give_back--> empty     waits on either ring   */
#include "engine/queue.h"

#include <pthread.h>

struct ring {
    void **things;
    size_t first, count;
    pthread_cond_t changed;
};

struct queue {
    pthread_mutex_t mutex;
    size_t capacity;
    struct ring empty, full;
    bool is_ended, is_given_up;
};

static void ring_init(struct ring *r, size_t capacity)
{
    r->things = mem_alloc_array(capacity, sizeof *r->things);
    pthread_cond_init(&r->changed, NULL);
}

static void ring_done(struct ring *r)
{
    pthread_cond_destroy(&r->changed);
    mem_free(r->things);
}

static void ring_push(struct queue *q, struct ring *r, void *thing)
{
    r->things[(r->first + r->count) % q->capacity] = thing;
    r->count++;
}

static void *ring_pop(struct queue *q, struct ring *r)
{
    void *thing = r->things[r->first];
    r->first = (r->first + 1) % q->capacity;
    r->count--;
    return thing;
}

struct queue *queue_new(size_t capacity)
{
    struct queue *q = mem_alloc(sizeof *q);
    q->capacity = capacity;
    ring_init(&q->empty, capacity);
    ring_init(&q->full, capacity);
    pthread_mutex_init(&q->mutex, NULL);
    return q;
}

void *queue_drain(struct queue *q)
{
    if (q->empty.count > 0) return ring_pop(q, &q->empty);
    return q->full.count > 0 ? ring_pop(q, &q->full) : NULL;
}

void queue_free(struct queue *q)
{
    if (q == NULL) return;
    ring_done(&q->empty);
    ring_done(&q->full);
    pthread_mutex_destroy(&q->mutex);
    mem_free(q);
}

/* Moves a thing into a ring and tells one who waits for it. */
static void put(struct queue *q, struct ring *r, void *thing)
{
    pthread_mutex_lock(&q->mutex);
    ring_push(q, r, thing);
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&q->mutex);
}

/* Waits for a thing of the ring, or for the flag that says none will come. */
static void *take(struct queue *q, struct ring *r, const bool *is_over)
{
    void *thing = NULL;
    pthread_mutex_lock(&q->mutex);
    while (r->count == 0 && !*is_over) pthread_cond_wait(&r->changed, &q->mutex);
    if (r->count > 0) thing = ring_pop(q, r);
    pthread_mutex_unlock(&q->mutex);
    return thing;
}

/* All who wait at the ring learn of it. */
static void raise_flag(struct queue *q, struct ring *r, bool *flag)
{
    pthread_mutex_lock(&q->mutex);
    *flag = true;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&q->mutex);
}

void *queue_take_empty(struct queue *q)
{
    return take(q, &q->empty, &q->is_given_up);
}

void queue_hand_over(struct queue *q, void *full)
{
    put(q, &q->full, full);
}

void queue_end(struct queue *q)
{
    raise_flag(q, &q->full, &q->is_ended);
}

void *queue_take_full(struct queue *q)
{
    return take(q, &q->full, &q->is_ended);
}

void queue_give_back(struct queue *q, void *empty)
{
    put(q, &q->empty, empty);
}

void queue_give_up(struct queue *q)
{
    raise_flag(q, &q->empty, &q->is_given_up);
}
