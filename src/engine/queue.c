/*   fill:  empty --take_empty--> ... --hand_over--> full
 *   use:   full  --take_full---> ... --give_back--> empty     waits on either ring   */
#include "engine/queue.h"

#include "engine/timed_wait.h"

enum { QUEUE_SLEEP_NS = 100000000 }; /* at the most: fewer than `wake_count` may wait */

struct ring {
    void **things;
    size_t first, count, sleepers;
    pthread_cond_t changed;
};

struct queue {
    pthread_mutex_t mutex;
    size_t capacity, wake_count;
    struct ring empty, full;
    bool is_ended, is_given_up;
};

static void ring_init(struct ring *r, size_t capacity)
{
    r->things = mem_alloc_array(capacity, sizeof *r->things);
    timed_wait_init(&r->changed);
}

static void ring_done(struct ring *r)
{
    pthread_cond_destroy(&r->changed);
    mem_free(r->things);
}

static void ring_push(const struct queue *q, struct ring *r, void *thing)
{
    r->things[(r->first + r->count) % q->capacity] = thing;
    r->count++;
}

static void *ring_pop_first(const struct queue *q, struct ring *r)
{
    void *thing = r->things[r->first];
    r->first = (r->first + 1) % q->capacity;
    r->count--;
    return thing;
}

/* The one that was used last, which is the likeliest to be in a cache still. */
static void *ring_pop_last(const struct queue *q, struct ring *r)
{
    r->count--;
    return r->things[(r->first + r->count) % q->capacity];
}

static void ring_wake(struct ring *r)
{
    if (r->sleepers > 0) pthread_cond_broadcast(&r->changed);
}

struct queue *queue_new(size_t capacity, size_t wake_count)
{
    struct queue *q = mem_alloc(sizeof *q);
    q->capacity = capacity;
    q->wake_count = wake_count;
    ring_init(&q->empty, capacity);
    ring_init(&q->full, capacity);
    pthread_mutex_init(&q->mutex, NULL);
    return q;
}

void *queue_drain(struct queue *q)
{
    if (q->empty.count > 0) return ring_pop_last(q, &q->empty);
    return q->full.count > 0 ? ring_pop_first(q, &q->full) : NULL;
}

void queue_free(struct queue *q)
{
    if (q == NULL) return;
    ring_done(&q->empty);
    ring_done(&q->full);
    pthread_mutex_destroy(&q->mutex);
    mem_free(q);
}

/* Who is woken needs the mutex at once, and finds it free. */
static size_t put(struct queue *q, struct ring *r, void *thing)
{
    pthread_mutex_lock(&q->mutex);
    ring_push(q, r, thing);
    size_t count = r->count;
    bool wakes = count >= q->wake_count && r->sleepers > 0;
    pthread_mutex_unlock(&q->mutex);
    if (wakes) pthread_cond_broadcast(&r->changed);
    return count;
}

/* Sleeps until the ring has something, or the flag says that nothing will come. The
 * other side may sleep for want of as many as it is woken for; it takes what there is,
 * since from here on only it can go on. */
static void await(struct queue *q, struct ring *r, struct ring *other,
                  const bool *is_over)
{
    r->sleepers++;
    while (r->count == 0 && !*is_over) {
        if (other->count > 0) ring_wake(other);
        timed_wait(&r->changed, &q->mutex, clock_monotonic_ns() + QUEUE_SLEEP_NS);
    }
    r->sleepers--;
}

/* All who wait at the ring learn of it. */
static void raise_flag(struct queue *q, struct ring *r, bool *flag)
{
    pthread_mutex_lock(&q->mutex);
    *flag = true;
    ring_wake(r);
    pthread_mutex_unlock(&q->mutex);
}

void *queue_take_empty(struct queue *q)
{
    void *thing = NULL;
    pthread_mutex_lock(&q->mutex);
    if (q->empty.count == 0) await(q, &q->empty, &q->full, &q->is_given_up);
    if (q->empty.count > 0 && !q->is_given_up) thing = ring_pop_last(q, &q->empty);
    pthread_mutex_unlock(&q->mutex);
    return thing;
}

size_t queue_hand_over(struct queue *q, void *full)
{
    return put(q, &q->full, full);
}

void queue_end(struct queue *q)
{
    raise_flag(q, &q->full, &q->is_ended);
}

void *queue_take_full(struct queue *q)
{
    void *thing = NULL;
    pthread_mutex_lock(&q->mutex);
    if (q->full.count == 0) await(q, &q->full, &q->empty, &q->is_ended);
    if (q->full.count > 0) thing = ring_pop_first(q, &q->full);
    pthread_mutex_unlock(&q->mutex);
    return thing;
}

void queue_give_back(struct queue *q, void *empty)
{
    put(q, &q->empty, empty);
}

void queue_give_up(struct queue *q)
{
    raise_flag(q, &q->empty, &q->is_given_up);
}
