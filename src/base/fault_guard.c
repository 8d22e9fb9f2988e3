/* A handler has no context, so all it does is to say so and to go: quick_exit gives the
 * terminal back, if a screen is up (at_quick_exit). */
#include "hopscope/fault_guard.h"

#include "hopscope/base.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct fault_guard {
    struct sigaction fault, abortion; /* as they were */
};

enum { GUARD_BYTES = 256 << 10 /* more than such a call asks for */ };

static void end_at_fault(int number)
{
    static const char told[] =
        "hopscope: a library of the system has failed, most likely for want of memory; "
        "rows committed so far are kept\n";
    (void)number;
    ssize_t written = write(STDERR_FILENO, told, sizeof told - 1);
    (void)written;
    quick_exit(STATUS_FAILED);
}

struct fault_guard *fault_guard_begin(void)
{
    struct fault_guard *g = mem_alloc(sizeof *g);
    /* Again, the fault is nobody's but ours: SA_RESETHAND. */
    struct sigaction action = {.sa_flags = (int)SA_RESETHAND};
    mem_free(mem_alloc(GUARD_BYTES));
    action.sa_handler = end_at_fault;
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &g->fault);
    sigaction(SIGABRT, &action, &g->abortion);
    return g;
}

void fault_guard_end(struct fault_guard *g)
{
    sigaction(SIGSEGV, &g->fault, NULL);
    sigaction(SIGABRT, &g->abortion, NULL);
    mem_free(g);
}

/* What cannot be filled comes again, to whoever ends programs. */
static void fill_lost_page(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    uintptr_t page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    void *page = (void *)((uintptr_t)info->si_addr & ~(page_bytes - 1));
    void *filled = MAP_FAILED;
    if (info->si_code == BUS_ADRERR)
        filled = mmap(page, page_bytes, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (filled == MAP_FAILED) signal(SIGBUS, SIG_DFL);
}

void fault_guard_fill_lost_pages(void)
{
    struct sigaction action = {.sa_flags = SA_SIGINFO};
    action.sa_sigaction = fill_lost_page;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}
