/* engine: the queue between threads. Whatever number of things a sleeper is woken for,
 * even one that never comes together, all things arrive, each producer's in its order,
 * and nobody sleeps for good. labels: threads */
#include "engine/queue.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CAPACITY = 6, PRODUCERS_MAX = 3, THINGS_EACH = 3000 };

struct thing {
    size_t producer, number;
};

struct producer {
    struct queue *queue;
    size_t number;
    bool was_refused;
    pthread_t thread;
};

static void *produce(void *context)
{
    struct producer *p = context;
    for (size_t i = 0; i < THINGS_EACH; i++) {
        struct thing *t = queue_take_empty(p->queue);
        p->was_refused = t == NULL;
        if (t == NULL) return NULL;
        *t = (struct thing){.producer = p->number, .number = i};
        size_t waiting = queue_hand_over(p->queue, t);
        if (waiting == 0 || waiting > CAPACITY) abort();
    }
    return NULL;
}

struct run {
    struct queue *queue;
    struct thing things[CAPACITY];
    struct producer producers[PRODUCERS_MAX];
    size_t producer_count;
};

static void run_start(struct run *r, size_t producer_count, size_t wake_count)
{
    *r = (struct run){.producer_count = producer_count};
    r->queue = queue_new(CAPACITY, wake_count);
    for (size_t i = 0; i < CAPACITY; i++) queue_give_back(r->queue, &r->things[i]);
    for (size_t i = 0; i < producer_count; i++) {
        r->producers[i] = (struct producer){.queue = r->queue, .number = i};
        pthread_create(&r->producers[i].thread, NULL, produce, &r->producers[i]);
    }
}

static void run_end(struct run *r)
{
    size_t left = 0;
    for (size_t i = 0; i < r->producer_count; i++)
        pthread_join(r->producers[i].thread, NULL);
    while (queue_drain(r->queue) != NULL) left++;
    assert_int_equal(left, CAPACITY);
    queue_free(r->queue);
}

/* The same thread consumes and, at the end, joins: so the end is another's to tell. */
static void *end_when_joined(void *context)
{
    struct run *r = context;
    for (size_t i = 0; i < r->producer_count; i++)
        pthread_join(r->producers[i].thread, NULL);
    queue_end(r->queue);
    return NULL;
}

static void all_things_arrive(size_t producer_count, size_t wake_count)
{
    size_t next[PRODUCERS_MAX] = {0};
    struct run r;
    struct thing *t;
    pthread_t ending;
    run_start(&r, producer_count, wake_count);
    pthread_create(&ending, NULL, end_when_joined, &r);
    while ((t = queue_take_full(r.queue)) != NULL) {
        assert_int_equal(t->number, next[t->producer]);
        next[t->producer]++;
        queue_give_back(r.queue, t);
    }
    pthread_join(ending, NULL);
    r.producer_count = 0; /* joined */
    for (size_t i = 0; i < producer_count; i++) assert_int_equal(next[i], THINGS_EACH);
    run_end(&r);
}

static void sleepers_are_woken_whatever_for(void **state)
{
    (void)state;
    for (size_t producers = 1; producers <= PRODUCERS_MAX; producers++) {
        for (size_t wake_count = 1; wake_count <= CAPACITY + 1; wake_count++)
            all_things_arrive(producers, wake_count);
    }
}

/* Its consumer gives up after some things: those who fill learn of it, asleep or not.
 */
static void who_fills_learns_that_nobody_uses(void **state)
{
    (void)state;
    for (size_t wake_count = 1; wake_count <= CAPACITY + 1; wake_count++) {
        struct run r;
        run_start(&r, PRODUCERS_MAX, wake_count);
        for (size_t i = 0; i < 2 * CAPACITY; i++)
            queue_give_back(r.queue, queue_take_full(r.queue));
        queue_give_up(r.queue);
        run_end(&r);
        for (size_t i = 0; i < PRODUCERS_MAX; i++)
            assert_true(r.producers[i].was_refused);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sleepers_are_woken_whatever_for),
        cmocka_unit_test(who_fills_learns_that_nobody_uses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
