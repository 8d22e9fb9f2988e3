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
    const int *number = context;
    char words[32];
    struct supervisor_end end;
    struct problem why;
    if (supervisor_start(&plain, &end, &why) != STATUS_OK) return NO_WORKER;
    if (end.is_worker) {
        signal(*number, SIG_DFL); /* the test's own handlers are not the worker's */
        if (*number == SIGSYS)
            mount("a", "b", "c", 0, NULL);
        else
            kill(getpid(), *number);
        return 0;
    }
    snprintf(words, sizeof words, "by signal %d", *number);
    bool is_told = strstr(end.talk.text, words) != NULL;
    bool is_call = strstr(end.talk.text, "forbidden") != NULL;
    bool is_alone = waitpid(-1, NULL, 0) < 0 && errno == ECHILD;
    bool is_good = is_told && is_call == (*number == SIGSYS) && is_alone;
    return end.code == 128 + *number && end.attempt == 0 && is_good ? 0 : 1;
}

/* It is not begun again: what kills one would kill the next. */
static void a_dead_worker_is_told(void **state)
{
    static const int numbers[] = {SIGKILL, SIGSEGV, SIGABRT, SIGBUS, SIGSYS};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        assert_int_equal(sandbox_child_run(die, &numbers[i]), 0);
}

/* ---- signals ---- */

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

static pid_t start(struct talk *t, int (*work)(const struct talk *t))
{
    assert_int_equal(pipe(t->from_worker), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(t->from_worker[0]);
        _exit(work(t));
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
    pid_t supervisor = start(&t, supervise);
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

/* As Ctrl-Z and fg of a shell do. */
static void a_pause_is_of_both(void **state)
{
    (void)state;
    struct talk t;
    int status = 0;
    pid_t supervisor = start(&t, supervise);
    kill(supervisor, SIGTSTP);
    assert_int_equal(waitpid(supervisor, &status, WUNTRACED), supervisor);
    assert_true(WIFSTOPPED(status));
    kill(supervisor, SIGUSR1);
    kill(supervisor, SIGCONT);
    assert_int_equal(hear(&t), 'u'); /* both go on */
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
    pid_t supervisor = start(&t, supervise);
    kill(supervisor, SIGKILL);
    assert_int_equal(waitpid(supervisor, NULL, 0), supervisor);
    assert_int_equal(hear(&t), 0);
    close(t.from_worker[0]);
}

/* ---- told to end ---- */

static int go_away(void)
{
    struct supervisor_end end;
    struct problem why;
    if (supervisor_start(&plain, &end, &why) != STATUS_OK) return NO_WORKER;
    if (end.is_worker) return SUPERVISOR_AGAIN;
    return waitpid(-1, NULL, 0) < 0 ? end.code : NO_WORKER;
}

/* Before the first worker, with one, between two, while one is being born. */
static void waiting_ends_when_told(void **state)
{
    static const int after_ms[] = {0, 1, 5, 250, 252, 255, 400};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(after_ms); i++) {
        int status = 0;
        fflush(NULL);
        signal(SIGTERM, SIG_IGN); /* the child's: nothing but its code ends it */
        pid_t child = fork();
        if (child == 0) _exit(go_away());
        signal(SIGTERM, SIG_DFL);
        assert_true(child >= 0);
        const struct timespec some = {.tv_nsec = after_ms[i] * 1000000L};
        nanosleep(&some, NULL);
        do { /* one that it ignores, as it has not begun to listen, is said again */
            kill(child, SIGTERM);
            nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        } while (waitpid(child, &status, WNOHANG) == 0);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), STATUS_OK);
    }
}

static int never_end(const struct talk *t)
{
    struct supervisor_end end;
    struct problem why;
    if (supervisor_start(&plain, &end, &why) != STATUS_OK) return NO_WORKER;
    if (!end.is_worker) return end.code;
    signal(SIGTERM, SIG_IGN);
    tell(t, 'w');
    while (true) pause();
}

/* Nor does one that is stopped: the first may be late, after the second nothing is. */
static void a_deaf_worker_is_ended(void **state)
{
    (void)state;
    struct talk t;
    int status = 0;
    pid_t supervisor = start(&t, never_end);
    do {
        kill(supervisor, SIGTERM);
        nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    } while (waitpid(supervisor, &status, WNOHANG) == 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 128 + SIGKILL);
    assert_int_equal(hear(&t), 0); /* nobody is left */
    close(t.from_worker[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_worker_follows),
        cmocka_unit_test(a_dead_worker_is_told),
        cmocka_unit_test(signals_are_passed_on),
        cmocka_unit_test(a_pause_is_of_both),
        cmocka_unit_test(a_worker_is_not_left_behind),
        cmocka_unit_test(waiting_ends_when_told),
        cmocka_unit_test(a_deaf_worker_is_ended),
    };
    return cmocka_run_group_tests_name("supervisor", tests, NULL, NULL);
}
