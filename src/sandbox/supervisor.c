/* Whoever holds the right to open an interface parses nothing, and whoever parses holds
 * no right.
 *
 *   supervisor --fork--> worker: opens, gives up its rights, works
 *     ^  '--signals-------->'  '--ends with 75: what it captured on has gone
 *     '--waits, forks the next
 *
 * Told to end twice, a worker has two seconds left; then it is ended.        */
#include "hopscope/sandbox.h"

#include "sandbox/seccomp.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    SUPERVISOR_WAIT_MIN_MS = 250,
    SUPERVISOR_WAIT_MAX_MS = 5000,
    SUPERVISOR_STEADY_MS = 10000,  /* who worked that long had come back for good */
    SUPERVISOR_SAME_MS = 250,      /* a shell, timeout(1) or a service manager may say a
                                      thing twice; the worker takes that as "at once" */
    SUPERVISOR_PATIENCE_MS = 2000, /* with a worker that was told to end at once */
};

struct supervisor {
    pid_t self, worker; /* worker 0: there is none */
    sigset_t taken, before;
    int64_t stopped_ms; /* when it was told to end; 0: never */
    int64_t until_ms;   /* when the worker has to be gone; 0: it may take its time */
    int64_t wait_ms;
};

static int64_t now_ms(void)
{
    return clock_monotonic_ns() / 1000000;
}

/* ---- signals ---- */

static void pass_on(struct supervisor *s, int number)
{
    if (s->worker > 0) kill(s->worker, number);
}

static void take_stop(struct supervisor *s, int number)
{
    int64_t ms = now_ms();
    bool is_first = s->stopped_ms == 0;
    if (!is_first && ms - s->stopped_ms < SUPERVISOR_SAME_MS) return;
    pass_on(s, number);
    if (is_first)
        s->stopped_ms = ms;
    else if (s->until_ms == 0)
        s->until_ms = ms + SUPERVISOR_PATIENCE_MS;
}

/* Ctrl-Z stops both, and fg continues both. */
static void take_pause(struct supervisor *s)
{
    pass_on(s, SIGSTOP);
    kill(s->self, SIGSTOP);
    pass_on(s, SIGCONT);
}

/* Waits so long (below 0: for ever) for a signal and acts on it. False: none came. */
static bool take_signal(struct supervisor *s, int64_t wait_ms)
{
    struct timespec wait = {.tv_sec = wait_ms / 1000,
                            .tv_nsec = wait_ms % 1000 * 1000000};
    int number = sigtimedwait(&s->taken, NULL, wait_ms < 0 ? NULL : &wait);
    if (number < 0) return errno == EINTR;
    if (number == SIGINT || number == SIGTERM)
        take_stop(s, number);
    else if (number == SIGTSTP)
        take_pause(s);
    else if (number != SIGCHLD)
        pass_on(s, number);
    return true;
}

static void take_signals(struct supervisor *s)
{
    sigemptyset(&s->taken);
    sigaddset(&s->taken, SIGINT);
    sigaddset(&s->taken, SIGTERM);
    sigaddset(&s->taken, SIGHUP);
    sigaddset(&s->taken, SIGUSR1);
    sigaddset(&s->taken, SIGTSTP);
    sigaddset(&s->taken, SIGCHLD);
    sigprocmask(SIG_BLOCK, &s->taken, &s->before);
}

/* ---- workers ---- */

/* A group of its own, so that what a terminal sends comes once, through the supervisor.
 */
static void begin_work(const struct supervisor *s)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != s->self) _exit(STATUS_FAILED);
    sigprocmask(SIG_SETMASK, &s->before, NULL);
}

static int wait_for_worker(struct supervisor *s)
{
    int state = 0;
    while (waitpid(s->worker, &state, WNOHANG) == 0) {
        int64_t wait_ms = s->until_ms == 0 ? -1 : s->until_ms - now_ms();
        if (s->until_ms != 0 && wait_ms < 0) wait_ms = 0;
        if (take_signal(s, wait_ms)) continue;
        pass_on(s, SIGKILL);
        s->until_ms = 0;
    }
    s->worker = 0;
    return state;
}

/* Whether there shall be another one. */
static bool wait_for_interface(struct supervisor *s, int64_t worked_ms)
{
    if (worked_ms > SUPERVISOR_STEADY_MS) s->wait_ms = SUPERVISOR_WAIT_MIN_MS;
    int64_t until_ms = now_ms() + s->wait_ms;
    for (int64_t ms = now_ms(); ms < until_ms && s->stopped_ms == 0; ms = now_ms())
        take_signal(s, until_ms - ms);
    s->wait_ms *= 2;
    if (s->wait_ms > SUPERVISOR_WAIT_MAX_MS) s->wait_ms = SUPERVISOR_WAIT_MAX_MS;
    return s->stopped_ms == 0;
}

static void conclude(int state, struct supervisor_end *end)
{
    if (WIFEXITED(state)) {
        end->code = WEXITSTATUS(state);
        return;
    }
    int number = WIFSIGNALED(state) ? WTERMSIG(state) : 0;
    end->code = 128 + number;
    problem_set(&end->talk, STATUS_OK, "the capturing process was ended by signal %d%s",
                number, number == SIGSYS ? ": it asked for a forbidden call" : "");
}

/* The same limits as a worker's, as far as a worker can be forked under them. */
static void restrict_self(const struct sandbox_options *options)
{
    const struct rlimit none = {.rlim_cur = 0};
    if (options->mode == SANDBOX_OFF) return;
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return;
    seccomp_restrict(SECCOMP_SUPERVISOR, options); /* the worker tells if it cannot */
}

enum status supervisor_start(const struct sandbox_options *options,
                             struct supervisor_end *end, struct problem *why)
{
    struct supervisor s = {.self = getpid(), .wait_ms = SUPERVISOR_WAIT_MIN_MS};
    *end = (struct supervisor_end){.attempt = 0};
    restrict_self(options);
    take_signals(&s);
    enum status rc = STATUS_OK;
    while (true) {
        int64_t begun_ms = now_ms();
        s.worker = fork();
        if (s.worker < 0) {
            rc = problem_set(why, STATUS_FAILED, "cannot start a process: %s",
                             strerror(errno));
            break;
        }
        if (s.worker == 0) {
            end->is_worker = true;
            begin_work(&s);
            return STATUS_OK;
        }
        conclude(wait_for_worker(&s), end);
        if (end->code != SUPERVISOR_AGAIN) break;
        end->attempt++;
        if (s.stopped_ms == 0 && wait_for_interface(&s, now_ms() - begun_ms)) continue;
        end->code = STATUS_OK; /* told to end, and there was nothing to do */
        break;
    }
    sigprocmask(SIG_SETMASK, &s.before, NULL);
    return rc;
}
