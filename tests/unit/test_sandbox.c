/* sandbox: files and limits behind the gate, threads that come later, older kernels.
 * Every case is a child of its own, since no way leads back. */
#include "sandbox/place.h"
#include "sandbox_child.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NO_GATE = 200 };

/* What a sanitizer lays aside for itself is beyond any limit. */
static bool is_plain(void)
{
    return sandbox_mode_usual() == SANDBOX_ON;
}

static bool has_landlock(void)
{
    return syscall(444, NULL, 0, 1) > 0;
}

/* ---- files ---- */

struct opening {
    const char *path;
    int flags;
    int expected; /* 0, or errno */
};

static int try_opening(const void *context)
{
    const struct opening *o = context;
    if (!sandbox_child_enter(&sandbox_child_gate)) return NO_GATE;
    int fd = open(o->path, o->flags | O_CLOEXEC, 0600);
    return fd < 0 ? errno : 0;
}

static void files_are_those_of_the_folder(void **state)
{
    (void)state;
    if (!has_landlock()) skip();
    assert_int_equal(mkdir("below", 0700), 0);
    const struct opening openings[] = {
        {"made.db", O_RDWR | O_CREAT, 0},
        {"made.db-wal", O_RDWR | O_CREAT | O_EXCL, 0},
        {"below/made", O_RDWR | O_CREAT, 0},
        {".", O_RDONLY | O_DIRECTORY, 0},
        {"/dev/urandom", O_RDONLY, 0},
        {"/etc/passwd", O_RDONLY, EACCES},
        {"/etc/shadow", O_RDONLY, EACCES},
        {"/proc/self/mem", O_RDWR, EACCES},
        {"/proc/self/environ", O_RDONLY, EACCES},
        {"/proc/1/status", O_RDONLY, EACCES},
        {"/usr/bin/env", O_RDONLY, EACCES},
        {"/", O_RDONLY | O_DIRECTORY, EACCES},
        {"..", O_RDONLY | O_DIRECTORY, EACCES},
        {"../beside", O_RDWR | O_CREAT, EACCES},
        {"/dev/null", O_RDWR, EACCES},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(openings); i++) {
        int got = sandbox_child_run(try_opening, &openings[i]);
        if (got != openings[i].expected)
            fail_msg("%s: %s", openings[i].path, strerror(got));
    }
}

static int rename_and_remove(const void *context)
{
    (void)context;
    if (!sandbox_child_enter(&sandbox_child_gate)) return NO_GATE;
    int fd = open("a", O_WRONLY | O_CREAT, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1 || ftruncate(fd, 0) != 0) return 1;
    if (close(fd) != 0 || rename("a", "b") != 0 || link("b", "c") != 0) return 2;
    if (unlink("b") != 0 || unlink("c") != 0) return 3;
    if (symlink("/etc", "s") == 0) return 4;
    return 0;
}

static void a_database_can_be_made(void **state)
{
    (void)state;
    assert_int_equal(sandbox_child_run(rename_and_remove, NULL), 0);
}

static int read_input(const void *context)
{
    const struct sandbox_place places[] = {{"in.pcap", SANDBOX_READ, false},
                                           {"nosuch", SANDBOX_READ, false},
                                           {"-", SANDBOX_READ, false},
                                           {NULL, SANDBOX_READ, false}};
    struct sandbox_options options = {
        .mode = SANDBOX_ON, .places = places, .place_count = ARRAY_LENGTH(places)};
    (void)context;
    if (!sandbox_child_enter(&options)) return NO_GATE;
    if (open("in.pcap", O_RDONLY) < 0) return 1;
    if (open("in.pcap", O_RDWR) >= 0) return 2;
    if (open("other.pcap", O_RDONLY) >= 0) return has_landlock() ? 3 : 0;
    return 0;
}

static void put_file(const char *path, const void *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size), size);
    close(fd);
}

static void an_input_is_read_only(void **state)
{
    (void)state;
    if (!has_landlock()) skip();
    put_file("in.pcap", "x", 1);
    put_file("other.pcap", "x", 1);
    assert_int_equal(sandbox_child_run(read_input, NULL), 0);
}

static void only_a_log_opens_the_folder(void **state)
{
    (void)state;
    char head[100] = "SQLite format 3";
    const struct sandbox_place place = {"x.db", SANDBOX_DATABASE, false};
    head[18] = head[19] = 1;
    put_file("x.db", head, sizeof head);
    assert_null(place_folder(&place));
    head[18] = head[19] = 2;
    put_file("x.db", head, sizeof head);
    char *folder = place_folder(&place);
    assert_string_equal(folder, ".");
    mem_free(folder);
    const struct sandbox_place deep = {"/a/b//", SANDBOX_MAKE, false};
    folder = place_folder(&deep);
    assert_string_equal(folder, "/a");
    mem_free(folder);
    const struct sandbox_place top = {"/a", SANDBOX_MAKE, false};
    folder = place_folder(&top);
    assert_string_equal(folder, "/");
    mem_free(folder);
}

/* ---- the state of the process, and of threads that come later ---- */

static int check_status(void)
{
    /* clang-format off */
    static const struct { const char *name, *value; } lines[] = {
        { "CapEff", "0000000000000000" }, { "CapPrm", "0000000000000000" },
        { "CapAmb", "0000000000000000" }, { "CapInh", "0000000000000000" },
        { "NoNewPrivs", "1" },            { "Seccomp", "2" },
    };
    /* clang-format on */
    char value[64];
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        if (!sandbox_child_status(lines[i].name, value)) return 100 + (int)i;
        if (strcmp(value, lines[i].value) != 0) return 10 + (int)i;
    }
    return 0;
}

static void *check_in_thread(void *result)
{
    *(int *)result = check_status();
    return NULL;
}

static int look_at_self(const void *context)
{
    const struct sandbox_place places[] = {{"/proc", SANDBOX_READ, true},
                                           {"made.db", SANDBOX_MAKE, false}};
    struct sandbox_options options = {.mode = SANDBOX_ON,
                                      .places = places,
                                      .place_count = ARRAY_LENGTH(places),
                                      .memory_max = is_plain() ? 64 << 20 : 0};
    struct rlimit core;
    pthread_t thread;
    int in_thread = -1;
    (void)context;
    if (!sandbox_child_enter(&options)) return NO_GATE;
    int rc = check_status();
    if (rc != 0) return rc;
    if (pthread_create(&thread, NULL, check_in_thread, &in_thread) != 0) return 50;
    pthread_join(thread, NULL);
    if (in_thread != 0) return in_thread + 30;
    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0) return 51;
    return 0;
}

static void every_thread_is_inside(void **state)
{
    (void)state;
    assert_int_equal(sandbox_child_run(look_at_self, NULL), 0);
}

static int take_too_much(const void *context)
{
    struct sandbox_options options = sandbox_child_gate;
    options.memory_max = 64 << 20;
    (void)context;
    if (!sandbox_child_enter(&options)) return NO_GATE;
    size_t most = (size_t)(64 + 16 + 256 + 4 * 32) << 20;
    void *fine = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *beyond =
        mmap(NULL, most, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fine == MAP_FAILED) return 1;
    return beyond == MAP_FAILED ? 0 : 2;
}

static void memory_has_an_end(void **state)
{
    (void)state;
    if (!is_plain()) skip();
    assert_int_equal(sandbox_child_run(take_too_much, NULL), 0);
}

static int go_on_as_before(const void *context)
{
    struct sandbox_options options = {.mode = SANDBOX_OFF};
    char value[64];
    (void)context;
    if (!sandbox_child_enter(&options)) return NO_GATE;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || !sandbox_child_status("Seccomp", value)) return 1;
    return open("/etc/passwd", O_RDONLY) < 0 ? 2 : 0;
}

static void off_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(sandbox_child_run(go_on_as_before, NULL), 0);
}

/* ---- older kernels ---- */

/* As if the kernel did not know that call. */
static bool forget_call(uint32_t number)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = ARRAY_LENGTH(code), .filter = code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

struct older {
    uint32_t forgotten;
    const char *word; /* what is told */
    bool opens, connects;
};

static int be_older(const void *context)
{
    const struct older *o = context;
    struct problem missing, why;
    if (!forget_call(o->forgotten)) return NO_GATE;
    if (sandbox_enter(&sandbox_child_gate, &missing, &why) != STATUS_OK) return 1;
    if (strstr(missing.text, o->word) == NULL) return 2;
    if (strchr(missing.text, '\n') != NULL) return 3;
    bool opens = open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0;
    if (opens != o->opens) return 4;
    if (o->connects) return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 0 : 5;
    return setsid() < 0 && errno == EPERM ? 0 : 6;
}

static void what_a_kernel_has_not_is_told(void **state)
{
    (void)state;
    if (!has_landlock()) skip();
    const struct older kernels[] = {
        {444, "Landlock", true, false},
        {SYS_seccomp, "seccomp", false, true},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(kernels); i++)
        assert_int_equal(sandbox_child_run(be_older, &kernels[i]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_those_of_the_folder,
                                        sandbox_child_enter_folder,
                                        sandbox_child_leave_folder),
        cmocka_unit_test_setup_teardown(a_database_can_be_made,
                                        sandbox_child_enter_folder,
                                        sandbox_child_leave_folder),
        cmocka_unit_test_setup_teardown(an_input_is_read_only,
                                        sandbox_child_enter_folder,
                                        sandbox_child_leave_folder),
        cmocka_unit_test_setup_teardown(only_a_log_opens_the_folder,
                                        sandbox_child_enter_folder,
                                        sandbox_child_leave_folder),
        cmocka_unit_test_setup_teardown(every_thread_is_inside,
                                        sandbox_child_enter_folder,
                                        sandbox_child_leave_folder),
        cmocka_unit_test_setup_teardown(memory_has_an_end, sandbox_child_enter_folder,
                                        sandbox_child_leave_folder),
        cmocka_unit_test_setup_teardown(what_a_kernel_has_not_is_told,
                                        sandbox_child_enter_folder,
                                        sandbox_child_leave_folder),
        cmocka_unit_test_setup_teardown(off_changes_nothing, sandbox_child_enter_folder,
                                        sandbox_child_leave_folder),
    };
    return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
