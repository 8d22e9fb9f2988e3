/* sandbox: what the kernel refuses while rights are given up, who is become, and what
 * stands in places that are none. Each row is a child: a filter of its own makes calls
 * fail before the gate closes.
 *
 *   root --calls that fail--> sandbox_enter --> a sentence; or who, with which rights
 */
#include "sandbox_child.h"

#include "sandbox/place.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NO_FILTER = 200, NO_GATE, NOBODY = 65534, DAEMON = 1 };
enum { CALL_LANDLOCK_CREATE = 444, CALL_LANDLOCK_RESTRICT = 446 };

/* ---- calls that fail ---- */

enum which { ALL, THOSE_WITH, THOSE_WITHOUT }; /* `first` as first argument */

struct refused {
    uint32_t call; /* 0: none */
    enum which which;
    uint32_t first;
};

static size_t write_rule(const struct refused *r, struct sock_filter *code)
{
    uint16_t test = r->which == ALL ? BPF_JGE : BPF_JEQ;
    uint8_t yes = r->which == THOSE_WITHOUT ? 1 : 0;
    const struct sock_filter rule[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, r->call, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
        BPF_JUMP((uint16_t)(BPF_JMP | BPF_K | test), r->first, yes, (uint8_t)!yes),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    };
    memcpy(code, rule, sizeof rule);
    return ARRAY_LENGTH(rule);
}

/* Root may filter itself without giving up new privileges, which are a row, too. */
static bool arm(const struct refused *refused, size_t count)
{
    struct sock_filter code[16];
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        if (refused[i].call != 0) length += write_rule(&refused[i], code + length);
    code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = (unsigned short)length, .filter = code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

struct refusal {
    const char *name;
    struct refused calls[2];
    enum status status;
    const char *words; /* of `why`, or of what is missing */
    uid_t user;        /* who it is afterwards */
};

static int be_refused(const void *context)
{
    const struct refusal *r = context;
    struct sandbox_options options = {.mode = SANDBOX_ON};
    struct problem missing = {.text = ""}, why = {.text = ""};
    if (!arm(r->calls, ARRAY_LENGTH(r->calls))) return NO_FILTER;
    if (sandbox_enter(&options, &missing, &why) != r->status) return 1;
    const char *said = r->status == STATUS_OK ? missing.text : why.text;
    if (r->words == NULL ? said[0] != '\0' : strstr(said, r->words) == NULL) return 2;
    if (strchr(said, '\n') != NULL) return 3;
    return geteuid() == r->user ? 0 : 4;
}

static void what_is_refused_is_told(void **state)
{
    /* clang-format off */
    static const struct refusal rows[] = {
        { "nothing", { { .call = 0 } }, STATUS_OK, NULL, NOBODY },
        { "reading capabilities", { { SYS_capget, ALL, 0 } },
          STATUS_FAILED, "cannot give up capabilities", 0 },
        { "groups of its own", { { SYS_getgroups, ALL, 0 } }, STATUS_OK, NULL, 0 },
        { "other groups", { { SYS_setgroups, ALL, 0 } }, STATUS_OK, NULL, 0 },
        { "trying a user", { { SYS_setresuid, ALL, 0 } }, STATUS_OK, NULL, 0 },
        { "trying a group", { { SYS_setresgid, ALL, 0 } }, STATUS_OK, NULL, 0 },
        { "becoming a user", { { SYS_setresuid, THOSE_WITHOUT, UINT32_MAX } },
          STATUS_FAILED, "cannot become user 65534", 0 },
        { "becoming a group", { { SYS_setresgid, THOSE_WITHOUT, UINT32_MAX } },
          STATUS_FAILED, "cannot become user 65534", 0 },
        { "users' names", { { SYS_openat, ALL, 0 } }, STATUS_OK, NULL, NOBODY },
        { "limits", { { SYS_prlimit64, ALL, 0 } }, STATUS_OK, NULL, NOBODY },
        { "no new privileges", { { SYS_prctl, THOSE_WITH, PR_SET_NO_NEW_PRIVS } },
          STATUS_OK, "no filter of system calls", NOBODY },
        { "Landlock's last step", { { CALL_LANDLOCK_RESTRICT, ALL, 0 } },
          STATUS_OK, "no Landlock", NOBODY },
        { "both", { { CALL_LANDLOCK_CREATE, ALL, 0 }, { SYS_seccomp, ALL, 0 } },
          STATUS_OK, "can be opened; this kernel takes no filter", NOBODY },
    };
    /* clang-format on */
    (void)state;
    /* A sanitizer's own calls are not meant. */
    if (sandbox_mode_usual() != SANDBOX_ON) skip();
    if (geteuid() != 0 || syscall(CALL_LANDLOCK_CREATE, NULL, 0, 1) <= 0) skip();
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        int got = sandbox_child_run(be_refused, &rows[i]);
        if (got == NO_FILTER) skip(); /* root of a container */
        if (got != 0) fail_msg("%s: %d", rows[i].name, got);
    }
}

/* A thread with a filter that this one has not: not all can get the same. */
static void *filter_itself(void *is_armed)
{
    const struct refused none = {.call = 0};
    *(bool *)is_armed = arm(&none, 1);
    return NULL;
}

static void *wait_for_ever(void *fd)
{
    char byte;
    bool is_armed;
    filter_itself(&is_armed);
    if (write(((int *)fd)[1], &is_armed, sizeof is_armed) != 1) return NULL;
    while (read(((int *)fd)[2], &byte, 1) > 0) continue;
    return NULL;
}

static int have_a_thread(const void *context)
{
    int fd[4];
    pthread_t thread;
    struct sandbox_options options = {.mode = SANDBOX_ON};
    struct problem missing = {.text = ""}, why;
    bool is_armed = false;
    (void)context;
    if (pipe(fd) != 0 || pipe(fd + 2) != 0) return 1;
    if (pthread_create(&thread, NULL, wait_for_ever, fd) != 0) return 2;
    if (read(fd[0], &is_armed, sizeof is_armed) != 1) return 3;
    if (!is_armed) return NO_FILTER;
    if (sandbox_enter(&options, &missing, &why) != STATUS_OK) return 4;
    return strstr(missing.text, "no filter of system calls") != NULL ? 0 : 5;
}

static void a_thread_apart_is_told(void **state)
{
    (void)state;
    if (geteuid() != 0) skip();
    int got = sandbox_child_run(have_a_thread, NULL);
    if (got == NO_FILTER) skip();
    assert_int_equal(got, 0);
}

/* ---- who is become ---- */

struct caller {
    const char *sudo;
    uid_t real, expected;
};

static int be_called(const void *context)
{
    const struct caller *c = context;
    const struct sandbox_place none[] = {{NULL, SANDBOX_READ, false}};
    const struct sandbox_options options = {
        .mode = SANDBOX_ON, .places = none, .place_count = 1};
    if (c->sudo != NULL) setenv("SUDO_UID", c->sudo, 1);
    if (c->real != 0 && setresuid(c->real, 0, 0) != 0) return NO_FILTER;
    if (!sandbox_child_enter(&options)) return NO_GATE;
    return getuid() == c->expected && geteuid() == c->expected ? 0 : 1;
}

static void the_caller_is_become(void **state)
{
    static const struct caller callers[] = {
        {NULL, 0, NOBODY},         {"1", 0, DAEMON},
        {"4242", 0, 4242},         {"", 0, NOBODY},
        {":", 0, NOBODY},          {"-1", 0, NOBODY},
        {"1x", 0, NOBODY},         {"0", 0, NOBODY},
        {"4294967295", 0, NOBODY}, {"99999999999999999999999", 0, NOBODY},
        {NULL, 4242, 4242},        {"1", 4242, 4242},
    };
    (void)state;
    if (geteuid() != 0) skip();
    for (size_t i = 0; i < ARRAY_LENGTH(callers); i++) {
        int got = sandbox_child_run(be_called, &callers[i]);
        if (got == NO_FILTER) skip();
        if (got != 0)
            fail_msg("SUDO_UID=%s: %d", callers[i].sudo ? callers[i].sudo : "-", got);
    }
}

/* ---- places ---- */

struct where {
    const char *path;
    enum sandbox_use use;
    uid_t expected;
};

static int go_there(const void *context)
{
    const struct where *w = context;
    const struct sandbox_place place = {w->path, w->use, false};
    const struct sandbox_options options = {
        .mode = SANDBOX_ON, .places = &place, .place_count = 1};
    if (!sandbox_child_enter(&options)) return NO_GATE;
    return geteuid() == w->expected ? 0 : 1;
}

static void odd_places_are_no_obstacle(void **state)
{
    static const struct where places[] = {
        {"", SANDBOX_MAKE, NOBODY},
        {"pipe", SANDBOX_MAKE, 0}, /* root's own */
        {"nosuch/made.db", SANDBOX_MAKE, 0},
        {"short.db/below", SANDBOX_READ, NOBODY},
        {"short.db", SANDBOX_DATABASE, NOBODY},
    };
    (void)state;
    if (geteuid() != 0) skip();
    assert_int_equal(chmod(".", 0755), 0);
    int fd = open("short.db", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "SQLite", 6), 6);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    close(fd);
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        int got = sandbox_child_run(go_there, &places[i]);
        if (got != 0) fail_msg("'%s': %d, %d", places[i].path, got, (int)geteuid());
    }
}

struct scratch {
    const char *variable, *folder; /* folder NULL: none of these variables is there */
    const char *file;
    bool is_made;
};

static int make_scratch(const void *context)
{
    const struct scratch *s = context;
    const struct sandbox_options options = {.mode = SANDBOX_ON};
    unsetenv("HOME");
    unsetenv("TMPDIR");
    setenv("TERMINFO", "", 1);
    if (s->folder != NULL) setenv(s->variable, s->folder, 1);
    if (!sandbox_child_enter(&options)) return NO_GATE;
    int file = open(s->file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return (file >= 0) == s->is_made ? 0 : 1;
}

/* SQLite sorts there what memory is too small for. */
static void there_is_room_for_sorting(void **state)
{
    static const struct scratch rows[] = {
        {"TMPDIR", "open", "open/a", true},
        {"SQLITE_TMPDIR", "open", "open/b", true},
        {"TMPDIR", "nosuch", "open/c", false},
        {"TMPDIR", "closed", "closed/a", false},
        {"TMPDIR", "file", "file", false},
        {"TMPDIR", NULL, "open/d", false},
    };
    (void)state;
    if (geteuid() != 0 || syscall(CALL_LANDLOCK_CREATE, NULL, 0, 1) <= 0) skip();
    assert_int_equal(chmod(".", 0755), 0);
    assert_int_equal(mkdir("open", 0700), 0);
    assert_int_equal(chmod("open", 0777), 0);
    assert_int_equal(mkdir("closed", 0700), 0);
    int fd = open("file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, 0666), 0);
    close(fd);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        int got = sandbox_child_run(make_scratch, &rows[i]);
        if (got != 0) fail_msg("row %zu: %d", i, got);
    }
}

/* ---- limits ---- */

static int be_limited(const void *context)
{
    const struct rlimit *before = context;
    const struct sandbox_options options = {.mode = SANDBOX_ON};
    struct rlimit after;
    if (setrlimit(RLIMIT_NOFILE, before) != 0) return NO_FILTER;
    if (!sandbox_child_enter(&options)) return NO_GATE;
    if (getrlimit(RLIMIT_NOFILE, &after) != 0) return 1;
    rlim_t most = before->rlim_max < 1024 ? before->rlim_max : 1024;
    rlim_t now = before->rlim_cur < most ? before->rlim_cur : most;
    return after.rlim_max == most && after.rlim_cur == now ? 0 : 2;
}

static void limits_only_sink(void **state)
{
    static const struct rlimit limits[] = {
        {100, 200}, {200, 200}, {100, 4000}, {4000, 4000}, {1024, 1024}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(limits); i++) {
        int got = sandbox_child_run(be_limited, &limits[i]);
        if (got == NO_FILTER) continue; /* the machine gives no more */
        assert_int_equal(got, 0);
    }
}

/* ---- the supervisor ---- */

static int supervise(const void *context)
{
    const struct refused *r = context;
    const struct sandbox_options options = {.mode = SANDBOX_ON};
    struct supervisor_end end;
    struct problem why = {.text = ""};
    if (!arm(r, 1)) return NO_FILTER;
    if (supervisor_start(&options, &end, &why) == STATUS_OK)
        return end.is_worker ? 7 : end.code;
    return strstr(why.text, "cannot start a process") != NULL ? 8 : 9;
}

static void no_process_is_told(void **state)
{
    static const struct refused fork_fails = {SYS_clone, ALL, 0};
    static const struct refused privileges = {SYS_prctl, THOSE_WITH,
                                              PR_SET_NO_NEW_PRIVS};
    (void)state;
    if (geteuid() != 0) skip();
    int got = sandbox_child_run(supervise, &fork_fails);
    if (got == NO_FILTER) skip();
    assert_int_equal(got, 8);
    assert_int_equal(sandbox_child_run(supervise, &privileges), 7);
}

#define IN_FOLDER(test)                                               \
    cmocka_unit_test_setup_teardown(test, sandbox_child_enter_folder, \
                                    sandbox_child_leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_refused_is_told),
        cmocka_unit_test(a_thread_apart_is_told),
        cmocka_unit_test(the_caller_is_become),
        IN_FOLDER(odd_places_are_no_obstacle),
        IN_FOLDER(there_is_room_for_sorting),
        cmocka_unit_test(limits_only_sink),
        cmocka_unit_test(no_process_is_told),
    };
    return cmocka_run_group_tests_name("sandbox_refusals", tests, NULL, NULL);
}
