#include "hopscope/base.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Never a signal: what is committed stays whole and the caller sees exit code 1. */
static _Noreturn void memory_end_program(size_t size)
{
    fprintf(stderr,
            "hopscope: out of memory (%zu bytes asked for); rows written so far are "
            "kept. Give it more memory or lower --memory.\n",
            size);
    exit(STATUS_FAILED);
}

void *mem_alloc(size_t size)
{
    void *block = calloc(1, size == 0 ? 1 : size);
    if (!block) memory_end_program(size);
    return block;
}

void *mem_alloc_array(size_t count, size_t size)
{
    if (count == 0 || size == 0) return mem_alloc(1);
    void *block = calloc(count, size); /* refuses a product that overflows */
    if (!block) memory_end_program(count > SIZE_MAX / size ? SIZE_MAX : count * size);
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

void mem_free(void *block)
{
    free(block);
}

size_t mem_in_use(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

bool mem_may_reach(size_t bytes)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) return true;
    return (size_t)usage.ru_maxrss * 1024 >= bytes; /* Linux counts in KiB */
}
