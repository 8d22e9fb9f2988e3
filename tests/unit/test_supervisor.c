/* sandbox: the supervisor, its workers, and what it passes on. */
#include "sandbox_child.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NO_WORKER = 99, SEEN = 7 };

static const struct sandbox_options plain = {.mode = SANDBOX_ON};

/* ---- how workers end ---- */

/* `context`: how many times a worker ends with SUPERVISOR_AGAIN. */
static int end_again(const void *context)
{
    const unsigned *times = context;
    struct supervisor_end end;
    struct problem why;
    if (supervisor_start(&plain, &end, &why) != STATUS_OK) return NO_WORKER;
    if (end.is_worker) return end.attempt < *times ? SUPERVISOR_AGAIN : SEEN;
    return end.code == SEEN && end.attempt == *times ? 0 : 1;
}

static void another_worker_follows(void **state)
{
    (void)state;
    for (unsigned times = 0; times < 3; times++)
        assert_int_equal(sandbox_child_run(end_again, &times), 0);
}

static int die(const void *context)
{
    struct supervisor_end end;
    struct problem why;
    (void)context;
    if (supervisor_start(&plain, &end, &why) != STATUS_OK) return NO_WORKER;
    if (end.is_worker) {
        mount("a", "b", "c", 0, NULL);
        return 0;
    }
    bool is_told = strstr(end.talk.text, "forbidden") != NULL;
    return end.code == 128 + SIGSYS && is_told ? 0 : 1;
}

static void a_dead_worker_is_told(void **state)
{
    (void)state;
    assert_int_equal(sandbox_child_run(die, NULL), 0);
}

/* ---- signals ---- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct talk {
    int from_worker[2]; /* a byte: it waits; then a byte for each signal */
};

static void tell(const struct talk *t, char what)
{
    if (write(t->from_worker[1], &what, 1) != 1) _exit(NO_WORKER);
}

static char hear(const struct talk *t)
{
    char what = 0;
    return read(t->from_worker[0], &what, 1) == 1 ? what : 0;
}

/* The worker ends at SIGTERM with SEEN, and tells of every signal before. */
static int wait_for_signals(const struct talk *t)
{
    sigset_t taken;
    int number = 0;
    sigemptyset(&taken);
    sigaddset(&taken, SIGTERM);
    sigaddset(&taken, SIGHUP);
    sigaddset(&taken, SIGUSR1);
    sigprocmask(SIG_BLOCK, &taken, NULL);
    tell(t, 'w');
    while (number != SIGTERM) {
        if (sigwait(&taken, &number) != 0) return NO_WORKER;
        tell(t, number == SIGHUP ? 'h' : number == SIGUSR1 ? 'u' : 't');
    }
    return SEEN;
}

static int supervise(const struct talk *t)
{
    struct supervisor_end end;
    struct problem why;
    if (supervisor_start(&plain, &end, &why) != STATUS_OK) return NO_WORKER;
    return end.is_worker ? wait_for_signals(t) : end.code;
}

static pid_t start(struct talk *t)
{
    assert_int_equal(pipe(t->from_worker), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(t->from_worker[0]);
        _exit(supervise(t));
    }
    close(t->from_worker[1]);
    assert_int_equal(hear(t), 'w');
    return child;
}

static void signals_are_passed_on(void **state)
{
    (void)state;
    struct talk t;
    int status = 0;
    pid_t supervisor = start(&t);
    kill(supervisor, SIGUSR1);
    assert_int_equal(hear(&t), 'u');
    kill(supervisor, SIGHUP);
    assert_int_equal(hear(&t), 'h');
    kill(supervisor, SIGTERM);
    assert_int_equal(hear(&t), 't');
    assert_int_equal(waitpid(supervisor, &status, 0), supervisor);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), SEEN);
    close(t.from_worker[0]);
}

/* The pipe ends when the last who could write to it has gone. */
static void a_worker_is_not_left_behind(void **state)
{
    (void)state;
    struct talk t;
    pid_t supervisor = start(&t);
    kill(supervisor, SIGKILL);
    assert_int_equal(waitpid(supervisor, NULL, 0), supervisor);
    assert_int_equal(hear(&t), 0);
    close(t.from_worker[0]);
}

static int go_away(const void *context)
{
    struct supervisor_end end;
    struct problem why;
    (void)context;
    if (supervisor_start(&plain, &end, &why) != STATUS_OK) return NO_WORKER;
    return end.is_worker ? SUPERVISOR_AGAIN : end.code;
}

static void waiting_ends_when_told(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(go_away(NULL));
    const struct timespec some = {.tv_nsec = 600000000};
    nanosleep(&some, NULL);
    int64_t before_ms = now_ms();
    kill(child, SIGTERM);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(now_ms() - before_ms < 2000);
    assert_true(WIFEXITED(status));
    /* Told between two workers: in order. Told while one was being born: its code. */
    assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == SUPERVISOR_AGAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_worker_follows),
        cmocka_unit_test(a_dead_worker_is_told),
        cmocka_unit_test(signals_are_passed_on),
        cmocka_unit_test(a_worker_is_not_left_behind),
        cmocka_unit_test(waiting_ends_when_told),
    };
    return cmocka_run_group_tests_name("supervisor", tests, NULL, NULL);
}
