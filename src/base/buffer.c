#include "hopscope/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BUFFER_FIRST_BYTES = 64 };

void buffer_reserve(struct buffer *b, size_t more)
{
    if (more <= b->capacity - b->len) return;
    size_t needed = more > SIZE_MAX / 2 - b->len ? SIZE_MAX : b->len + more;
    size_t capacity =
        b->capacity < BUFFER_FIRST_BYTES ? BUFFER_FIRST_BYTES : b->capacity;
    while (capacity < needed && capacity <= SIZE_MAX / 2) capacity *= 2;
    if (capacity < needed) capacity = needed;
    b->ptr = mem_resize(b->ptr, capacity);
    b->capacity = capacity;
}

void buffer_done(struct buffer *b)
{
    mem_free(b->ptr);
    *b = (struct buffer){.ptr = NULL};
}

void buffer_append_text(struct buffer *b, const char *text)
{
    buffer_append(b, bytes_of_text(text));
}

void buffer_print(struct buffer *b, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length > 0) {
        /* vsnprintf also writes a NUL, which is room used but not length. */
        buffer_reserve(b, (size_t)length + 1);
        vsnprintf((char *)b->ptr + b->len, (size_t)length + 1, format, again);
        b->len += (size_t)length;
    }
    va_end(again);
    va_end(arguments);
}
