/* The search for plain lines, over questions that a machine answers for many bytes at
 * once. First the lines' ends, a block of bytes after the other; then each name, which
 * waits for no other line. Nothing behind the empty line is looked at but the rest of
 * its block:
 *
 *   bytes  H o s t :  SP a . b  CR LF A g e :
 *   odd    . . . . .  .  . . .  1  1  . . . .   the first one of two is the CR
 *   colons . . . . 1  .  . . .  .  .  . . . 1   from the line's beginning the first one
 *   alike  - - - - -                            5: all bytes of the row "host:"
 *   named  - - - -                              4: for names that have no row */
#ifndef HOPSCOPE_SRC_HTTP_PLAIN_LINES_WALK_H
#define HOPSCOPE_SRC_HTTP_PLAIN_LINES_WALK_H

#include "http/plain_lines.h"

#include <string.h>

#include "http/chars.h"
#include "http/coding.h"

enum {
    WALK_ENDS_MAX = PLAIN_LINES_MAX + PLAIN_LINES_BLOCK / PLAIN_LINE_END,
    WALK_AHEAD = 11 * PLAIN_LINES_BLOCK, /* asked for before it is looked at */
};

static inline bool plain_lines_is_named(uint8_t c)
{
    uint8_t small = c | 0x20;
    return (small >= 'a' && small <= 'z') || chars_is_digit(c) || c == '-';
}

/* What the including file answers in its machine's way. The bits of bytes, the first
 * byte's is the lowest: those of PLAIN_LINES_BLOCK that are 0x00-0x1f, 0x7f or
 * 0x80-0xff; of PLAIN_LINES_LOOK the colons. And how many of as many are, from the
 * first one on, ASCII letters, digits and hyphens; or, case apart, those of a row of
 * names, which stands where PLAIN_LINES_LOOK divides the address. */
static inline uint64_t plain_lines_odd(const uint8_t *at);
static inline uint32_t plain_lines_colons(const uint8_t *at);
static inline size_t plain_lines_named(const uint8_t *at);
static inline size_t plain_lines_alike(const uint8_t *at, const uint8_t *row);

/* ---- where the lines end ---- */

/* Whether an odd byte that begins no CRLF may stand in a plain line, or is the LF of
 * the line that ended last. */
static inline bool plain_lines_walk_passes(const uint8_t *at, const uint8_t *lf)
{
    return *at == '\t' || *at >= 0x80 || at == lf;
}

/* Another core has read the bytes. Those of a message come in order, which is seen to
 * by the machine itself; it is the next packet, mostly behind this one, that is far. */
static inline void plain_lines_walk_prefetch(const uint8_t *at)
{
    __builtin_prefetch((const void *)((uintptr_t)at + WALK_AHEAD));
}

/* Where the lines' CRs stand, up to the empty line or the first odd one; behind each
 * are an LF and a byte more. The last block is the one at `last`. Returns how many: of
 * the last block there may be more than PLAIN_LINES_MAX. */
__attribute__((noinline)) static size_t
plain_lines_walk_ends(const uint8_t *ends[WALK_ENDS_MAX], const uint8_t *at,
                      const uint8_t *last)
{
    const uint8_t **end = ends, *lf = NULL;
    for (; end < ends + PLAIN_LINES_MAX; at += PLAIN_LINES_BLOCK) {
        plain_lines_walk_prefetch(at);
        uint64_t odd = at <= last ? plain_lines_odd(at)
                                  : plain_lines_odd(last) >> (unsigned)(at - last);
        while (odd != 0) {
            const uint8_t *place = at + (uint32_t)__builtin_ctzll(odd);
            odd &= odd - 1;
            if (memcmp(place, "\r\n", PLAIN_LINE_END) != 0) {
                if (plain_lines_walk_passes(place, lf)) continue;
                return (size_t)(end - ends);
            }
            odd &= odd - 1; /* the LF, unless it begins the next block */
            *end++ = place;
            lf = place + 1;
            if (place[PLAIN_LINE_END] == '\r') return (size_t)(end - ends);
        }
        if (at >= last) break;
    }
    return (size_t)(end - ends);
}

/* ---- what its name is ---- */

struct plain_lines_name {
    size_t length;
    uint8_t known; /* enum field_name */
    uint8_t asked; /* the bit of `wanted` that tells whether somebody asks for it */
};

enum { PLAIN_LINES_LIKE_CODING = 31 }; /* a bit of no field: always asked for */

/* Whether a look at `at` ends in the head, whose last block begins at `last`. */
static inline bool plain_lines_has_look(const uint8_t *at, const uint8_t *last)
{
    return at <= last + PLAIN_LINES_BLOCK - PLAIN_LINES_LOOK;
}

/* Any name; length 0: there is none with a colon behind it. */
__attribute__((noinline)) static struct plain_lines_name
plain_lines_walk_any_name(const uint8_t *at, const uint8_t *last)
{
    struct plain_lines_name out = {.length = 0};
    size_t left = (size_t)(last + PLAIN_LINES_LEAST - at);
    size_t i = plain_lines_has_look(at, last) ? plain_lines_named(at) : 0;
    while (i < left && plain_lines_is_named(at[i])) i++;
    if (i == left || at[i] != ':') return out;
    out.length = i;
    out.known = out.asked = (uint8_t)names_find_field(bytes_of(at, i));
    if (out.known == FIELD_OTHER && !coding_cannot_look_alike(i))
        out.asked = PLAIN_LINES_LIKE_CODING;
    return out;
}

/* Mostly the first look shows all of a name that has a row, and no branch depends on
 * whose it is. Neither a row nor a name has a byte of a line's end, so that the colon
 * is the line's. */
__attribute__((always_inline)) static inline struct plain_lines_name
plain_lines_walk_name(const uint8_t *at, const uint8_t *last)
{
    uint32_t colons = plain_lines_has_look(at, last) ? plain_lines_colons(at) : 0;
    if (colons != 0) {
        size_t length = (size_t)__builtin_ctz(colons);
        const struct names_row *row = names_row_of(bytes_of(at, length));
        if (plain_lines_alike(at, row->text) > length)
            return (struct plain_lines_name){length, row->name, row->name};
    }
    return plain_lines_walk_any_name(at, last);
}

/* ---- lines ---- */

/* The fields from `at` on, `count` of which end there, up to the first line that is
 * none; returns where that one begins. The lines do not wait for each other. */
static inline const uint8_t *
plain_lines_walk_fields(struct plain_lines *out, const uint8_t *at, const uint8_t *last,
                        const uint8_t *const *ends, size_t count, uint32_t wanted)
{
    struct plain_line *line = out->lines;
    const uint8_t *before = at;
    size_t i = 0;
    for (; i < count; i++) {
        struct plain_lines_name name = plain_lines_walk_name(at, last);
        if (name.length == 0) break;
        /* Written whether it stays or not, which is hard to foretell. */
        *line = (struct plain_line){.text = at,
                                    .length = (uint32_t)(ends[i] - at),
                                    .name_length = (uint16_t)name.length,
                                    .name = name.known};
        line += wanted >> name.asked & 1;
        before = at;
        at = ends[i] + PLAIN_LINE_END;
    }
    if (i > 0 && chars_is_blank(*at)) { /* the last one goes on */
        at = before;
        i--;
        if (line > out->lines && line[-1].text == before) line--;
    }
    out->fields = (uint32_t)i;
    out->count = (uint32_t)(line - out->lines);
    return at;
}

/* plain_lines_find, by the including file's answers. */
static inline void plain_lines_walk(struct plain_lines *out, struct bytes head,
                                    const struct plain_lines_request *asked)
{
    const uint8_t *ends[WALK_ENDS_MAX], *const *end = ends, *at = head.ptr;
    out->start_length = out->taken = out->fields = out->count = 0;
    if (head.len < PLAIN_LINES_LEAST || *at == '\r') return;
    const uint8_t *last = head.ptr + head.len - PLAIN_LINES_LEAST;
    size_t count = plain_lines_walk_ends(ends, at, last);
    if (asked->has_start) {
        if (count == 0) return;
        out->start_length = (size_t)(*end - at);
        at = *end++ + PLAIN_LINE_END;
        count--;
    }
    if (count > PLAIN_LINES_MAX) count = PLAIN_LINES_MAX;
    if (count > asked->fields_max) count = asked->fields_max;
    uint32_t wanted = asked->wanted | 1u << PLAIN_LINES_LIKE_CODING;
    at = plain_lines_walk_fields(out, at, last, end, count, wanted);
    out->taken = (size_t)(at - head.ptr);
}

#endif
