#include "hopscope/base.h"

struct cursor cursor_of(struct bytes b)
{
    static const uint8_t nothing[1] = {0}; /* NULL + 0 has no meaning in C17 */
    const uint8_t *at = b.ptr ? b.ptr : nothing;
    return (struct cursor){.at = at, .end = at + (b.ptr ? b.len : 0)};
}

/* Moves over `len` bytes and returns where they begin; NULL when there are fewer. The
 * first short read uses up the rest, so that no later and smaller field is read from
 * the wrong place. */
static const uint8_t *cursor_move(struct cursor *c, size_t len)
{
    if (cursor_left(c) < len || c->is_short) {
        c->is_short = true;
        c->at = c->end;
        return NULL;
    }
    const uint8_t *at = c->at;
    c->at += len;
    return at;
}

uint8_t cursor_8(struct cursor *c)
{
    const uint8_t *at = cursor_move(c, 1);
    return at ? at[0] : 0;
}

static uint16_t cursor_join16(uint8_t high, uint8_t low)
{
    return (uint16_t)((unsigned)high << 8 | low);
}

static uint32_t cursor_join32(uint16_t high, uint16_t low)
{
    return (uint32_t)high << 16 | low;
}

uint16_t cursor_be16(struct cursor *c)
{
    const uint8_t *at = cursor_move(c, 2);
    return at ? cursor_join16(at[0], at[1]) : 0;
}

uint32_t cursor_be32(struct cursor *c)
{
    const uint8_t *at = cursor_move(c, 4);
    if (!at) return 0;
    return cursor_join32(cursor_join16(at[0], at[1]), cursor_join16(at[2], at[3]));
}

uint16_t cursor_16(struct cursor *c)
{
    if (!c->is_little) return cursor_be16(c);
    const uint8_t *at = cursor_move(c, 2);
    return at ? cursor_join16(at[1], at[0]) : 0;
}

uint32_t cursor_32(struct cursor *c)
{
    if (!c->is_little) return cursor_be32(c);
    const uint8_t *at = cursor_move(c, 4);
    if (!at) return 0;
    return cursor_join32(cursor_join16(at[3], at[2]), cursor_join16(at[1], at[0]));
}

uint64_t cursor_64(struct cursor *c)
{
    uint64_t first = cursor_32(c);
    uint64_t second = cursor_32(c);
    if (c->is_short) return 0;
    return c->is_little ? second << 32 | first : first << 32 | second;
}

void cursor_skip(struct cursor *c, size_t len)
{
    cursor_move(c, len);
}

struct bytes cursor_take(struct cursor *c, size_t len)
{
    const uint8_t *at = cursor_move(c, len);
    return at ? bytes_of(at, len) : bytes_of(c->end, 0);
}

struct bytes cursor_rest(const struct cursor *c)
{
    return bytes_of(c->at, cursor_left(c));
}
