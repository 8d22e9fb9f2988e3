/* Waiting for another thread, but not for ever. */
#ifndef ENGINE_TIMED_WAIT_H
#define ENGINE_TIMED_WAIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* A condition for timed_wait. pthread_cond_destroy ends it. */
static inline void timed_wait_init(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

/* pthread_cond_wait until that time of clock_monotonic_ns. False: it has come. */
static inline bool timed_wait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                              int64_t until_ns)
{
    struct timespec until = {.tv_sec = until_ns / 1000000000,
                             .tv_nsec = until_ns % 1000000000};
    return pthread_cond_timedwait(condition, mutex, &until) == 0;
}

#endif
