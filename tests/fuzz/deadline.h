/* A flag that is raised some processor time from now, for queries that would run for
 * ever: the program's own stop flag ends them. */
#ifndef DEADLINE_H
#define DEADLINE_H

#include "fuzz_common.h"

#include <signal.h>
#include <sys/time.h>

/* What a signal handler can reach. */
static volatile sig_atomic_t deadline_flag;

static inline void deadline_pass(int number)
{
    (void)number;
    deadline_flag = 1;
}

/* Lowers the flag; `ms` 0: for good. Returns what query_open takes. */
static inline const volatile int *deadline_set(int ms)
{
    struct sigaction action = {.sa_handler = deadline_pass, .sa_flags = SA_RESTART};
    struct itimerval at = {
        .it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000L}};
    must(sigaction(SIGPROF, &action, NULL) == 0, "sigaction");
    deadline_flag = 0;
    must(setitimer(ITIMER_PROF, &at, NULL) == 0, "setitimer");
    return &deadline_flag;
}

#endif
