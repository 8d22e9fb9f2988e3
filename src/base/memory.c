#include "hopscope/base.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Never a signal: what is committed stays whole and the caller sees exit code 1.
 *
 * Any thread may come here while the others work on, perhaps inside stdio or SQLite. So
 * nothing is flushed and nothing is taken down: exit(3) would wait for locks that they
 * hold, or pull from under them what they use. Only what was meant for this moment is
 * done (at_quick_exit: a terminal is given back). */
static _Noreturn void memory_end_program(size_t size)
{
    char text[320]; /* stdio might ask for memory */
    int length = snprintf(text, sizeof text,
                          "hopscope: out of memory (%zu bytes asked for); rows "
                          "committed so far are kept, a new database that was not "
                          "whole stays as .partial-%ld. Give it more memory or lower "
                          "--memory.\n",
                          size, (long)getpid());
    ssize_t told = write(STDERR_FILENO, text, (size_t)length);
    (void)told; /* a standard error that is closed changes nothing */
    quick_exit(STATUS_FAILED);
}

/* What comes and goes with each connection is small, and free() has kept the last few
 * blocks of its size at hand: glibc's malloc takes them from there, its calloc does
 * not. Large blocks come zeroed from the kernel, which calloc knows. */
enum { MEMORY_SMALL_BYTES = 1024 };

void *mem_alloc(size_t size)
{
    if (size == 0) size = 1;
    bool is_small = size <= MEMORY_SMALL_BYTES;
    void *block = is_small ? malloc(size) : calloc(1, size);
    if (!block) memory_end_program(size);
    return is_small ? memset(block, 0, size) : block;
}

void *mem_alloc_array(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) memory_end_program(SIZE_MAX);
    return mem_alloc(count * size);
}

void *mem_alloc_aligned(size_t alignment, size_t size)
{
    void *block;
    if (posix_memalign(&block, alignment, size) != 0) memory_end_program(size);
    return block;
}

void *mem_resize(void *block, size_t size)
{
    void *resized = realloc(block, size == 0 ? 1 : size);
    if (!resized) memory_end_program(size);
    return resized;
}

char *mem_copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = mem_alloc(size);
    memcpy(copy, text, size);
    return copy;
}

void mem_free_some(void *block)
{
    free(block);
}

#ifdef HOPSCOPE_SANITIZED
/* Of sanitizer/allocator_interface.h, which gcc does not bring. glibc's own allocator
 * is empty then, and asking it sets it up, which two threads must not do at once. */
size_t __sanitizer_get_current_allocated_bytes(void);

size_t mem_in_use(void)
{
    return __sanitizer_get_current_allocated_bytes();
}
#else
size_t mem_in_use(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
#endif

bool mem_may_reach(size_t bytes)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) return true;
    return (size_t)usage.ru_maxrss * 1024 >= bytes; /* Linux counts in KiB */
}
