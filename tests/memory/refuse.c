/* A library to be preloaded: allocations that fail where they are told to. Only those
 * of main and after count, so that the loader's own do not.
 *
 *   main --> malloc, calloc, realloc, ... --count--> REFUSE_AT reached? --> NULL
 *                                               '--> glibc's own
 *
 * REFUSE_AT=N       the Nth fails (0: none)
 * REFUSE_EVER=1     and every one after it
 * REFUSE_COUNT=PATH at exit, how many there were goes there */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <dlfcn.h>

void *glibc_malloc(size_t size) __asm__("__libc_malloc");
void *glibc_calloc(size_t count, size_t size) __asm__("__libc_calloc");
void *glibc_realloc(void *block, size_t size) __asm__("__libc_realloc");
void *glibc_memalign(size_t alignment, size_t size) __asm__("__libc_memalign");

static _Atomic bool is_counting;
static _Atomic unsigned long count, refuse_at;
static _Atomic bool refuses_ever;

static bool is_refused(void)
{
    if (!is_counting) return false;
    unsigned long number = atomic_fetch_add(&count, 1) + 1;
    unsigned long at = refuse_at;
    if (at == 0 || number < at || (number > at && !refuses_ever)) return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return is_refused() ? NULL : glibc_malloc(size);
}

void *calloc(size_t nmemb, size_t size)
{
    return is_refused() ? NULL : glibc_calloc(nmemb, size);
}

void *realloc(void *ptr, size_t size)
{
    return is_refused() ? NULL : glibc_realloc(ptr, size);
}

void *memalign(size_t alignment, size_t size)
{
    return is_refused() ? NULL : glibc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **memptr, size_t alignment, size_t size)
{
    *memptr = memalign(alignment, size);
    return *memptr == NULL ? ENOMEM : 0;
}

/* ---- main, between the beginning and the end of counting ---- */

static int (*real_main)(int argc, char **argv, char **envp);

static int count_fd = -1;

static void write_count(void)
{
    char text[32];
    is_counting = false;
    int length = snprintf(text, sizeof text, "%lu\n", (unsigned long)count);
    ssize_t written = write(count_fd, text, (size_t)length);
    (void)written;
}

static int counted_main(int argc, char **argv, char **envp)
{
    const char *at = getenv("REFUSE_AT");
    const char *ever = getenv("REFUSE_EVER");
    const char *path = getenv("REFUSE_COUNT");
    /* Now: a program may give up the right to open files. */
    if (path != NULL) {
        count_fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
        atexit(write_count);
    }
    refuse_at = at == NULL ? 0 : strtoul(at, NULL, 10);
    refuses_ever = ever != NULL && *ever == '1';
    is_counting = true;
    return real_main(argc, argv, envp);
}

typedef int start_main(int (*main)(int, char **, char **), int argc, char **argv,
                       void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
                       void *stack_end);

start_main counted_start __asm__("__libc_start_main");

int counted_start(int (*main)(int, char **, char **), int argc, char **argv,
                  void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
                  void *stack_end)
{
    start_main *real = NULL;
    void *found = dlsym(RTLD_NEXT, "__libc_start_main");
    memcpy(&real, &found, sizeof real);
    real_main = main;
    return real(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}
