/* sandbox: system calls that are refused behind the gate, and the table of them. Every
 * case is a child of its own, since no way leads back. */
#include "sandbox/syscall_table.h"
#include "sandbox_child.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DIES = 1000 + SIGSYS, NO_GATE = 200, NO_HARM = 201, RETURNED = 202 };

/* ---- calls that are refused ---- */

struct call {
    const char *name;
    long number;
    long arguments[4];
    int expected; /* DIES, or the errno */
};

/* clang-format off */
static const struct call calls[] = {
    { "execve",            SYS_execve,            { 0 }, DIES },
    { "execveat",          SYS_execveat,          { -1 }, DIES },
    { "socket unix",       SYS_socket,            { AF_UNIX, SOCK_STREAM }, DIES },
    { "socket inet",       SYS_socket,            { AF_INET, SOCK_STREAM }, DIES },
    { "socket packet",     SYS_socket,            { AF_PACKET, SOCK_RAW }, DIES },
    { "socketpair",        SYS_socketpair,        { AF_UNIX, SOCK_STREAM }, DIES },
    { "connect",           SYS_connect,           { 0 }, DIES },
    { "bind",              SYS_bind,              { 0 }, DIES },
    { "listen",            SYS_listen,            { 0 }, DIES },
    { "sendto",            SYS_sendto,            { 0 }, DIES },
    { "ptrace",            SYS_ptrace,            { PTRACE_TRACEME }, DIES },
    { "process_vm_readv",  SYS_process_vm_readv,  { 1 }, DIES },
    { "process_vm_writev", SYS_process_vm_writev, { 1 }, DIES },
    { "pidfd_open",        SYS_pidfd_open,        { 1 }, DIES },
    { "pidfd_getfd",       SYS_pidfd_getfd,       { 1 }, DIES },
    { "bpf",               SYS_bpf,               { 0 }, DIES },
    { "perf_event_open",   SYS_perf_event_open,   { 0 }, DIES },
    { "keyctl",            SYS_keyctl,            { 0 }, DIES },
    { "add_key",           SYS_add_key,           { 0 }, DIES },
    { "mount",             SYS_mount,             { 0 }, DIES },
    { "umount2",           SYS_umount2,           { 0 }, DIES },
    { "pivot_root",        SYS_pivot_root,        { 0 }, DIES },
    { "chroot",            SYS_chroot,            { 0 }, DIES },
    { "unshare",           SYS_unshare,           { CLONE_NEWUSER }, DIES },
    { "setns",             SYS_setns,             { -1 }, DIES },
    { "init_module",       SYS_init_module,       { 0 }, DIES },
    { "finit_module",      SYS_finit_module,      { -1 }, DIES },
    { "kexec_load",        SYS_kexec_load,        { 0 }, DIES },
    { "reboot",            SYS_reboot,            { 0 }, DIES },
    { "setuid",            SYS_setuid,            { 0 }, DIES },
    { "setgid",            SYS_setgid,            { 0 }, DIES },
    { "setresuid",         SYS_setresuid,         { 0 }, DIES },
    { "setgroups",         SYS_setgroups,         { 0 }, DIES },
    { "capset",            SYS_capset,            { 0 }, DIES },
    { "userfaultfd",       SYS_userfaultfd,       { 0 }, DIES },
    { "io_uring_setup",    SYS_io_uring_setup,    { 1 }, DIES },
    { "io_uring_enter",    SYS_io_uring_enter,    { -1 }, DIES },
    { "open_by_handle_at", SYS_open_by_handle_at, { -1 }, DIES },
    { "memfd_create",      SYS_memfd_create,      { 0 }, DIES },
    { "clock_settime",     SYS_clock_settime,     { 0 }, DIES },
    { "syslog",            SYS_syslog,            { 3 }, DIES },
    { "another process",   SYS_clone,             { SIGCHLD }, EPERM },
    { "a namespace",       SYS_clone,             { CLONE_NEWUSER | SIGCHLD }, EPERM },
    { "clone3",            SYS_clone3,            { 0 }, ENOSYS },
    { "code by mmap",      SYS_mmap,              { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS }, EPERM },
    { "code by mprotect",  SYS_mprotect,          { 0, 0, PROT_READ | PROT_EXEC }, EPERM },
    { "a key pressed",     SYS_ioctl,             { 0, TIOCSTI }, EPERM },
    { "the terminal",      SYS_ioctl,             { 0, TIOCSCTTY }, EPERM },
    { "whose signals",     SYS_fcntl,             { 0, F_SETOWN, 1 }, EPERM },
    { "kill init",         SYS_kill,              { 1, 0 }, EPERM },
    { "kill all",          SYS_kill,              { -1, 0 }, EPERM },
    { "tgkill another",    SYS_tgkill,            { 1, 1, 0 }, EPERM },
    { "raise a limit",     SYS_prlimit64,         { 0, RLIMIT_CORE, 8 }, EPERM },
    { "limit of another",  SYS_prlimit64,         { 1, RLIMIT_CORE, 8 }, EPERM },
    { "prctl",             SYS_prctl,             { PR_SET_DUMPABLE, 1 }, EPERM },
    { "seccomp",           SYS_seccomp,           { 1 }, EPERM },
    { "landlock",          444,                   { 0, 0, 1 }, EPERM },
    { "fchmodat",          SYS_fchmodat,          { AT_FDCWD }, EPERM },
    { "fchown",            SYS_fchown,            { 0 }, EPERM },
    { "setsid",            SYS_setsid,            { 0 }, EPERM },
    { "setpriority",       SYS_setpriority,       { 0 }, EPERM },
    { "inotify_init1",     SYS_inotify_init1,     { 0 }, EPERM },
    { "shmget",            SYS_shmget,            { 0 }, EPERM },
    { "no such call",      4095,                  { 0 }, EPERM },
};
/* clang-format on */

static int make_call(const void *context)
{
    const struct call *c = context;
    const long *a = c->arguments;
    if (!sandbox_child_enter(&sandbox_child_gate)) return NO_GATE;
    errno = 0;
    if (syscall(c->number, a[0], a[1], a[2], a[3]) >= 0) return NO_HARM;
    return errno;
}

static void calls_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++) {
        int got = sandbox_child_run(make_call, &calls[i]);
        if (got != calls[i].expected)
            fail_msg("%s: %d, not %d", calls[i].name, got, calls[i].expected);
    }
}

static int make_call_warned(const void *context)
{
    struct sandbox_options options = sandbox_child_gate;
    options.mode = SANDBOX_WARN;
    const struct call *c = context;
    if (!sandbox_child_enter(&options)) return NO_GATE;
    syscall(c->number, c->arguments[0], c->arguments[1], c->arguments[2]);
    return RETURNED;
}

static void warning_refuses_nothing(void **state)
{
    (void)state;
    const struct call bind = {"bind", SYS_bind, {-1}, 0};
    assert_int_equal(sandbox_child_run(make_call_warned, &bind), RETURNED);
}

static int ask_name(const void *context)
{
    struct sandbox_options options = sandbox_child_gate;
    options.asks_names = true;
    (void)context;
    if (!sandbox_child_enter(&options)) return NO_GATE;
    return socket(AF_INET, SOCK_DGRAM, 0) < 0 ? errno : NO_HARM;
}

static void a_filter_may_ask_in_vain(void **state)
{
    (void)state;
    assert_int_equal(sandbox_child_run(ask_name, NULL), EACCES);
}

/* ---- the table ---- */

static void rows_are_single(void **state)
{
    (void)state;
    for (size_t i = 0; i < syscall_row_count; i++)
        for (size_t k = 0; k < i; k++)
            if (syscall_rows[i].number == syscall_rows[k].number)
                fail_msg("%s stands twice", syscall_rows[i].name);
    struct buffer list = {.ptr = NULL};
    syscall_list_write(&list);
    for (size_t i = 0; i < syscall_row_count; i++) {
        struct bytes rest = buffer_bytes(&list);
        char word[64];
        snprintf(word, sizeof word, " %s", syscall_rows[i].name);
        assert_non_null(memmem(rest.ptr, rest.len, word, strlen(word)));
    }
    buffer_done(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(calls_are_refused, sandbox_child_enter_folder,
                                        sandbox_child_leave_folder),
        cmocka_unit_test_setup_teardown(warning_refuses_nothing,
                                        sandbox_child_enter_folder,
                                        sandbox_child_leave_folder),
        cmocka_unit_test_setup_teardown(a_filter_may_ask_in_vain,
                                        sandbox_child_enter_folder,
                                        sandbox_child_leave_folder),
        cmocka_unit_test(rows_are_single),
    };
    return cmocka_run_group_tests_name("sandbox_calls", tests, NULL, NULL);
}
