/* cursor: the only way captured bytes are read (part of layer base). A read past the
 * end returns 0 and sets `is_short`, once and for all: fields are read straight down
 * and checked once.
 *
 *   at ......... end       every packet is read so: what moves it stands here, so that
 *    '--move-->            a run of fields is compiled to loads and comparisons */
#ifndef HOPSCOPE_CURSOR_H
#define HOPSCOPE_CURSOR_H

#include "hopscope/bytes.h"

struct cursor {
    const uint8_t *at, *end;
    bool is_short;
    bool
        is_little; /* byte order of cursor_16 and cursor_32; network order by default */
};

static inline struct cursor cursor_of(struct bytes b)
{
    static const uint8_t nothing[1] = {0}; /* NULL + 0 has no meaning in C17 */
    const uint8_t *at = b.ptr ? b.ptr : nothing;
    return (struct cursor){.at = at, .end = at + (b.ptr ? b.len : 0)};
}

static inline size_t cursor_left(const struct cursor *c)
{
    return (size_t)(c->end - c->at);
}

/* Moves over `len` bytes and returns where they begin; NULL when there are fewer. The
 * first short read uses up the rest, so that no later and smaller field is read from
 * the wrong place. */
static inline const uint8_t *cursor_move(struct cursor *c, size_t len)
{
    const uint8_t *at = c->at;
    if (__builtin_expect(cursor_left(c) < len, 0)) {
        c->is_short = true;
        c->at = c->end;
        return NULL;
    }
    c->at = at + len;
    return at;
}

/* Moves over the next `len` bytes and sets `part` to read them: fields of a header of
 * fixed length are then read without further checks, as the compiler knows where they
 * end. False: there are fewer, and `is_short` is set. */
static inline bool cursor_enter(struct cursor *c, size_t len, struct cursor *part)
{
    const uint8_t *at = cursor_move(c, len);
    if (at == NULL) return false;
    *part = (struct cursor){.at = at, .end = at + len, .is_little = c->is_little};
    return true;
}

static inline uint8_t cursor_8(struct cursor *c)
{
    const uint8_t *at = cursor_move(c, 1);
    return at ? at[0] : 0;
}

static inline uint16_t cursor_be16(struct cursor *c)
{
    const uint8_t *at = cursor_move(c, 2);
    return at ? (uint16_t)((unsigned)at[0] << 8 | at[1]) : 0;
}

static inline uint32_t cursor_be32(struct cursor *c)
{
    const uint8_t *at = cursor_move(c, 4);
    if (!at) return 0;
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* In the cursor's own byte order, like cursor_32 and cursor_64. */
static inline uint16_t cursor_16(struct cursor *c)
{
    uint16_t value = cursor_be16(c);
    return c->is_little ? __builtin_bswap16(value) : value;
}

static inline uint32_t cursor_32(struct cursor *c)
{
    uint32_t value = cursor_be32(c);
    return c->is_little ? __builtin_bswap32(value) : value;
}

uint64_t cursor_64(struct cursor *c);

static inline void cursor_skip(struct cursor *c, size_t len)
{
    cursor_move(c, len);
}

static inline struct bytes cursor_take(struct cursor *c, size_t len) /* empty: short */
{
    const uint8_t *at = cursor_move(c, len);
    return at ? bytes_of(at, len) : bytes_of(c->end, 0);
}

static inline struct bytes cursor_rest(const struct cursor *c)
{
    return bytes_of(c->at, cursor_left(c));
}

#endif
