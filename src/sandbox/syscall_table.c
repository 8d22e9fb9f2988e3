/* What hopscope, libpcap, SQLite, ncurses and the C library ask of the kernel once
 * their files are known, and what must never be asked. Those whose arguments are looked
 * at come first; the kernel remembers the rest by number.
 *
 * tests/sandbox/test_syscalls.sh runs every command and compares. */
#include "sandbox/syscall_table.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define ROW(name, rule)                \
    {                                  \
#name, SYS_##name, rule, 0, 0, \
        {                              \
            0                          \
        }                              \
    }
#define ALLOWED(name) ROW(name, SYSCALL_ALLOWED)
#define KILLS(name)   ROW(name, SYSCALL_KILLS)
#define OPENING(name) ROW(name, SYSCALL_OPENING)

/* clang-format off */
const struct syscall_row syscall_rows[] = {
    /* ---- by their arguments ---- */
    { "mmap",      SYS_mmap,      SYSCALL_WITHOUT, 2, 1, { PROT_EXEC } },
    { "mprotect",  SYS_mprotect,  SYSCALL_WITHOUT, 2, 1, { PROT_EXEC } },
    { "fcntl",     SYS_fcntl,     SYSCALL_ONE_OF,  1, 9,
      { F_GETLK, F_SETLK, F_SETLKW, F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_OFD_SETLK, F_OFD_GETLK } },
    { "ioctl",     SYS_ioctl,     SYSCALL_ONE_OF,  1, 10,
      { TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGWINSZ, FIONREAD, TCFLSH, TIOCGPGRP,
        SIOCGIFFLAGS, SIOCGIFINDEX } },
    { "clone",     SYS_clone,     SYSCALL_WITH,    0, 1, { CLONE_THREAD | CLONE_VM | CLONE_SIGHAND } },
    { "prlimit64", SYS_prlimit64, SYSCALL_ONE_OF,  2, 1, { 0 } }, /* the new limit: none */
    { "kill",      SYS_kill,      SYSCALL_SELF,    0, 0, { 0 } },
    { "tgkill",    SYS_tgkill,    SYSCALL_SELF,    0, 0, { 0 } },

    /* ---- files ---- */
    ALLOWED(read), ALLOWED(pread64), ALLOWED(readv), ALLOWED(write), ALLOWED(pwrite64),
    ALLOWED(writev), ALLOWED(lseek), ALLOWED(close), ALLOWED(openat), ALLOWED(fstat),
    ALLOWED(newfstatat), ALLOWED(statx), ALLOWED(statfs), ALLOWED(fstatfs),
    ALLOWED(faccessat), ALLOWED(faccessat2), ALLOWED(readlinkat), ALLOWED(getcwd),
    ALLOWED(getdents64), ALLOWED(unlinkat), ALLOWED(renameat), ALLOWED(renameat2),
    ALLOWED(linkat), ALLOWED(mkdirat), ALLOWED(ftruncate), ALLOWED(fallocate),
    ALLOWED(fadvise64), ALLOWED(fsync), ALLOWED(fdatasync), ALLOWED(sync_file_range),
    ALLOWED(flock), ALLOWED(dup), ALLOWED(dup3), ALLOWED(umask),
    ROW(fchown, SYSCALL_REFUSED), /* SQLite as root; it lives without */
    ROW(fchmod, SYSCALL_REFUSED),
    /* ---- memory, threads ---- */
    ALLOWED(brk), ALLOWED(munmap), ALLOWED(mremap), ALLOWED(madvise), ALLOWED(futex),
    ALLOWED(set_robust_list), ALLOWED(rseq), ALLOWED(sched_yield),
    ALLOWED(sched_getaffinity), ALLOWED(membarrier),
    ROW(clone3, SYSCALL_ABSENT), /* its flags cannot be looked at */
    /* ---- time, waiting ---- */
    ALLOWED(clock_gettime), ALLOWED(clock_getres), ALLOWED(clock_nanosleep),
    ALLOWED(nanosleep), ALLOWED(gettimeofday), ALLOWED(ppoll), ALLOWED(pselect6),
    ALLOWED(restart_syscall), ALLOWED(eventfd2),
    /* ---- signals, end ---- */
    ALLOWED(rt_sigaction), ALLOWED(rt_sigprocmask), ALLOWED(rt_sigreturn),
    ALLOWED(rt_sigtimedwait), ALLOWED(rt_sigpending), ALLOWED(sigaltstack),
    ALLOWED(exit), ALLOWED(exit_group),
    /* ---- what it is told of itself ---- */
    ALLOWED(getpid), ALLOWED(gettid), ALLOWED(getppid), ALLOWED(getuid), ALLOWED(geteuid),
    ALLOWED(getgid), ALLOWED(getegid), ALLOWED(getrandom), ALLOWED(getrusage),
    ALLOWED(sysinfo), ALLOWED(uname), ALLOWED(times), ALLOWED(getrlimit),
    /* ---- a capture that is open ---- */
    ALLOWED(getsockopt), ALLOWED(setsockopt), ALLOWED(recvmsg), ALLOWED(recvfrom),
#ifdef SYS_open /* older ones, which newer machines do not have */
    ALLOWED(open), ALLOWED(stat), ALLOWED(lstat), ALLOWED(access), ALLOWED(readlink),
    ALLOWED(unlink), ALLOWED(rename), ALLOWED(link), ALLOWED(mkdir), ALLOWED(rmdir),
    ALLOWED(poll), ALLOWED(select), ALLOWED(time), ALLOWED(dup2), ALLOWED(alarm),
    KILLS(fork), KILLS(vfork), KILLS(ioperm), KILLS(iopl), KILLS(modify_ldt),
#endif
    /* ---- never ---- */
    KILLS(execve), KILLS(execveat), KILLS(ptrace), KILLS(process_vm_readv),
    KILLS(process_vm_writev), KILLS(process_madvise), KILLS(pidfd_getfd), KILLS(pidfd_open),
    KILLS(pidfd_send_signal), KILLS(kcmp), KILLS(bpf), KILLS(perf_event_open), KILLS(keyctl),
    KILLS(add_key), KILLS(request_key), KILLS(mount), KILLS(umount2), KILLS(pivot_root),
    KILLS(chroot), KILLS(move_mount), KILLS(open_tree), KILLS(fsopen), KILLS(fsmount),
    KILLS(unshare), KILLS(setns), KILLS(init_module), KILLS(finit_module),
    KILLS(delete_module), KILLS(kexec_load), KILLS(reboot), KILLS(swapon), KILLS(swapoff),
    KILLS(acct), KILLS(quotactl), KILLS(setuid), KILLS(setgid), KILLS(setreuid),
    KILLS(setregid), KILLS(setresuid), KILLS(setresgid), KILLS(setgroups), KILLS(setfsuid),
    KILLS(setfsgid), KILLS(userfaultfd), KILLS(io_uring_setup),
    KILLS(io_uring_enter), KILLS(io_uring_register), KILLS(open_by_handle_at),
    KILLS(name_to_handle_at), KILLS(settimeofday), KILLS(clock_settime), KILLS(adjtimex),
    KILLS(sethostname), KILLS(personality), KILLS(mknodat), KILLS(memfd_create),
    KILLS(vmsplice), KILLS(fanotify_init), KILLS(syslog),
    /* ---- not after an interface has been opened ---- */
    ROW(socket, SYSCALL_NAMES), ROW(connect, SYSCALL_NAMES), OPENING(bind), OPENING(listen),
    OPENING(accept4), OPENING(socketpair), OPENING(sendto), OPENING(sendmsg),
    OPENING(sendmmsg), OPENING(capset),
};
/* clang-format on */

const size_t syscall_row_count = ARRAY_LENGTH(syscall_rows);

uint32_t syscall_table_machine(void)
{
#if defined(__x86_64__) && !defined(__ILP32__)
    return AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
    return AUDIT_ARCH_AARCH64;
#else
    return 0;
#endif
}

uint32_t syscall_table_end(void)
{
#if defined(__x86_64__)
    return 0x40000000; /* __X32_SYSCALL_BIT */
#else
    return 0;
#endif
}
