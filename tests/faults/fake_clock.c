/* The names of the C library, which a program may define for itself. They have nobody
 * to carry their state, so this is a variable of the file. */
#include "fake_clock.h"

#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static _Atomic int64_t ahead_ns;

void fake_clock_advance(int64_t ns)
{
    atomic_fetch_add(&ahead_ns, ns);
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): of the library's */

int clock_gettime(clockid_t id, struct timespec *out)
{
    if (syscall(SYS_clock_gettime, id, out) != 0) return -1;
    if (id != CLOCK_MONOTONIC) return 0;
    int64_t ns = out->tv_nsec + atomic_load(&ahead_ns);
    out->tv_sec += ns / 1000000000;
    out->tv_nsec = ns % 1000000000;
    return 0;
}

int nanosleep(const struct timespec *pause, struct timespec *rest)
{
    (void)rest;
    fake_clock_advance((int64_t)pause->tv_sec * 1000000000 + pause->tv_nsec);
    return 0;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
