/* Loaded before the C library (LD_PRELOAD): faults of the machine under a whole
 * program, switched on and off from outside while it runs.
 *
 *   test --file FAULT_CONTROL, mapped by both--> clock of the day, writing to disks  */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* As service.py has it. */
struct control {
    _Atomic int64_t clock_ahead_s; /* of the clock of the day */
    _Atomic int64_t stalls;        /* not 0: who writes waits until it is */
    _Atomic int64_t write_error;   /* errno of writing and syncing; 0: none */
    _Atomic int64_t met;           /* how often one of the last two was met */
};

/* Whoever loads this has no place for it. */
static struct control *control;

__attribute__((constructor)) static void find_control(void)
{
    const char *path = getenv("FAULT_CONTROL");
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED) control = map;
    close(fd);
}

static bool refuses_writing(void)
{
    if (control == NULL) return false;
    if (atomic_load(&control->stalls) != 0) atomic_fetch_add(&control->met, 1);
    while (atomic_load(&control->stalls) != 0) {
        struct timespec pause = {.tv_nsec = 10000000};
        nanosleep(&pause, NULL);
    }
    int64_t error = atomic_load(&control->write_error);
    if (error == 0) return false;
    atomic_fetch_add(&control->met, 1);
    errno = (int)error;
    return true;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): of the library's */

/* ---- disks, as SQLite uses them ---- */

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset)
{
    if (refuses_writing()) return -1;
    return syscall(SYS_pwrite64, fd, data, length, offset);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset)
{
    return pwrite64(fd, data, length, offset);
}

int fsync(int fd)
{
    return refuses_writing() ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return refuses_writing() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

/* ---- the clock of the day ---- */

int clock_gettime(clockid_t id, struct timespec *out)
{
    long rc = syscall(SYS_clock_gettime, id, out);
    if (rc == 0 && id == CLOCK_REALTIME && control != NULL)
        out->tv_sec += atomic_load(&control->clock_ahead_s);
    return (int)rc;
}

time_t time(time_t *out)
{
    struct timespec now = {.tv_sec = 0};
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL) *out = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now = {.tv_sec = 0};
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *out = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
