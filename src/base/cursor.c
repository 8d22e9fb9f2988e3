#include "hopscope/cursor.h"

uint64_t cursor_64(struct cursor *c)
{
    uint64_t first = cursor_32(c);
    uint64_t second = cursor_32(c);
    if (c->is_short) return 0;
    return c->is_little ? second << 32 | first : first << 32 | second;
}
