/* Field lines that hold nothing odd: most lines of most heads. The beginning of a head
 * is looked at once; two bytes of a line then tell whether it is plain:
 *
 *   bytes     H o s t :  SP a . b CR LF A g e :
 *   stops     . . . . 1  1  . 1 . 1  1  . . . 1    the first one is the colon
 *   controls  . . . . .  .  . . . 1  1  . . . .    the first one is the CR; LF follows
 */
#ifndef HOPSCOPE_SRC_HTTP_PLAIN_LINES_H
#define HOPSCOPE_SRC_HTTP_PLAIN_LINES_H

#include "hopscope/base.h"
#include "http/byte_map.h"
#include "http/chars.h"

enum {
    PLAIN_LINES_BLOCKS = 8, /* looked at at once: most heads, and not much of a body */
    PLAIN_LINES_BYTES = PLAIN_LINES_BLOCKS * BYTE_MAP_BYTES,
    PLAIN_LINE_END = 2, /* CRLF */
};

struct plain_lines {
    struct bytes window; /* what was looked at */
    size_t at;           /* in there, where the next line begins */
    /* Of the window; the bits of what is behind it are set as far as they are read. */
    uint64_t controls[PLAIN_LINES_BLOCKS + 1], stops[PLAIN_LINES_BLOCKS + 1];
};

struct plain_line {
    struct bytes text; /* without its CRLF */
    size_t name_length;
};

/* Looks at the first bytes of `rest`, which begins where a line begins. */
void plain_lines_look(struct plain_lines *p, struct bytes rest);

/* Whether a longer look may find more lines, from `at` on. */
static inline bool plain_lines_were_cut(const struct plain_lines *p)
{
    return p->at > 0 && p->window.len == PLAIN_LINES_BYTES;
}

/* The first byte from `from` on, which is one of the window or the byte behind it,
 * whose bit is set. */
static inline size_t plain_lines_find(const uint64_t *map, size_t from)
{
    size_t at = from / 8;
    uint64_t bits = byte_map_bits(map, at) & UINT64_MAX << from % 8;
    while (bits == 0) bits = byte_map_bits(map, at += sizeof bits);
    return at * 8 + (size_t)__builtin_ctzll(bits);
}

/* True: `*line` is the next line, whole and in place: a name of letters, digits and
 * hyphens, a colon, no control byte but HTAB, CRLF, and the line behind it does not
 * continue it. False: it is another one, or its end or the byte behind that is not in
 * the window. */
static inline bool plain_lines_next(struct plain_lines *p, struct plain_line *line)
{
    const uint8_t *bytes = p->window.ptr;
    size_t colon = plain_lines_find(p->stops, p->at);
    size_t end = plain_lines_find(p->controls, colon);
    while (end + PLAIN_LINE_END < p->window.len && bytes[end] == '\t')
        end = plain_lines_find(p->controls, end + 1);
    if (end + PLAIN_LINE_END >= p->window.len) return false;
    if (bytes[colon] != ':' || colon == p->at) return false;
    if (memcmp(bytes + end, "\r\n", PLAIN_LINE_END) != 0) return false;
    if (chars_is_blank(bytes[end + PLAIN_LINE_END])) return false;
    line->text = bytes_of(bytes + p->at, end - p->at);
    line->name_length = colon - p->at;
    p->at = end + PLAIN_LINE_END;
    return true;
}

#endif
