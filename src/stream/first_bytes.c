/* A line that is text for FIRST_BYTES_TEXT bytes is decided by its end, or by a control
 * character, and no other byte; empty lines, by the first byte that is none. Everything
 * that is not text is decided by a few bytes. */
#include "stream/first_bytes.h"

enum { FIRST_BYTES_TEXT = 256 }; /* longer than any protocol's name or method */

static bool is_text(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (b.ptr[i] < 0x20 || b.ptr[i] == 0x7f) return false;
    return true;
}

/* Line ends alone; `before` is the byte in front. */
static bool is_empty_lines(uint8_t before, struct bytes b)
{
    for (size_t i = 0; i < b.len; before = b.ptr[i], i++) {
        bool fits = b.ptr[i] == '\n' || (b.ptr[i] == '\r' && before == '\n');
        if (!fits) return false;
    }
    return true;
}

bool first_bytes_have_news(struct bytes first, struct bytes more)
{
    if (first.len < FIRST_BYTES_TEXT) return true;
    struct bytes last = bytes_from(first, first.len - FIRST_BYTES_TEXT);
    if (is_text(last)) return !is_text(more);
    return !is_empty_lines('\n', last) || !is_empty_lines(last.ptr[last.len - 1], more);
}
