/* A thread that waits for the signals every other thread has blocked. A handler could
 * reach its state through a global only; this one has an owner.
 *
 *   first --stop flag, descriptor--> who works ends in order, or
 *     '--second, or patience over--> the end at once */
#include "hopscope/engine.h"

#include "engine/wake_fd.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct signals {
    struct signals_options options;
    sigset_t taken;
    pthread_t thread;
    int stop;    /* written by the thread, read by all */
    int stopped; /* the thread's: by which signal; 0: not yet */
    int stop_fd;
    bool is_ending;
};

static void signals_stop(struct signals *s, int number)
{
    if (__atomic_exchange_n(&s->stop, 1, __ATOMIC_SEQ_CST)) _exit(128 + number);
    s->stopped = number;
    wake_fd_raise(s->stop_fd);
    if (s->options.stopping) s->options.stopping(s->options.context);
}

/* The next signal; below 0: none, look again. Who was told to end and is deep in a
 * library, where nobody looks at the flag, is not waited for longer than it may take.
 */
static int signals_wait(const struct signals *s)
{
    unsigned wait_ms = s->options.patience_ms;
    const struct timespec wait = {.tv_sec = wait_ms / 1000,
                                  .tv_nsec = wait_ms % 1000 * 1000000L};
    bool is_limited = wait_ms > 0 && s->stopped != 0;
    int number = sigtimedwait(&s->taken, NULL, is_limited ? &wait : NULL);
    if (number < 0 && errno == EAGAIN) _exit(128 + s->stopped);
    return number;
}

static void *signals_run(void *argument)
{
    struct signals *s = argument;
    while (true) {
        int number = signals_wait(s);
        if (number < 0) continue;
        if (__atomic_load_n(&s->is_ending, __ATOMIC_SEQ_CST)) return NULL;
        if (number == SIGUSR1) {
            if (s->options.report) s->options.report(s->options.context);
        } else if (number == SIGHUP) {
            s->options.hangup(s->options.context);
        } else {
            signals_stop(s, number);
        }
    }
}

/* Takes a signal, unless whoever started us wants it ignored, as a shell does with
 * SIGINT for programs in the background. */
static void signals_take(sigset_t *taken, int number)
{
    struct sigaction action;
    bool is_ignored =
        sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
    if (!is_ignored) sigaddset(taken, number);
}

static void signals_fill(sigset_t *taken, bool has_hangup)
{
    sigemptyset(taken);
    signals_take(taken, SIGINT);
    signals_take(taken, SIGTERM);
    if (has_hangup) signals_take(taken, SIGHUP);
    sigaddset(taken, SIGUSR1); /* also what ends the thread */
}

void signals_hold(bool has_hangup)
{
    sigset_t taken;
    signals_fill(&taken, has_hangup);
    pthread_sigmask(SIG_BLOCK, &taken, NULL);
}

struct signals *signals_start(const struct signals_options *options)
{
    struct signals *s = mem_alloc(sizeof *s);
    s->options = *options;
    s->stop_fd = eventfd(0, EFD_CLOEXEC);
    signals_fill(&s->taken, s->options.hangup != NULL);
    pthread_sigmask(SIG_BLOCK, &s->taken, NULL);
    if (pthread_create(&s->thread, NULL, signals_run, s) == 0) return s;
    /* Without the thread the signals keep their usual meaning, which is to end us. */
    pthread_sigmask(SIG_UNBLOCK, &s->taken, NULL);
    s->is_ending = true;
    return s;
}

const volatile int *signals_stop_flag(const struct signals *s)
{
    return &s->stop;
}

int signals_stop_fd(const struct signals *s)
{
    return s->stop_fd;
}

void signals_end(struct signals *s)
{
    if (!s) return;
    if (!s->is_ending) {
        __atomic_store_n(&s->is_ending, true, __ATOMIC_SEQ_CST);
        pthread_kill(s->thread, SIGUSR1);
        pthread_join(s->thread, NULL);
        pthread_sigmask(SIG_UNBLOCK, &s->taken, NULL);
    }
    if (s->stop_fd >= 0) close(s->stop_fd);
    mem_free(s);
}
