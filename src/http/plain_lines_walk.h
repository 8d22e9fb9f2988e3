/* The search for plain lines, over questions that a machine answers for many bytes at
 * once. Nothing behind the empty line is looked at but the rest of its block:
 *
 *   bytes  H o s t :  SP a . b CR LF A g e :
 *   odd    . . . . .  .  . . . 1  1  . . . .   the next one is the CR
 *   colons . . . . 1  .  . . . .  .  . . . 1   from the line's beginning the first one
 *   named  1 1 1 1 .  .  1 . 1 .  .  1 1 1 .   for names that nobody knows */
#ifndef HOPSCOPE_SRC_HTTP_PLAIN_LINES_WALK_H
#define HOPSCOPE_SRC_HTTP_PLAIN_LINES_WALK_H

#include "http/plain_lines.h"

#include <string.h>

#include "http/chars.h"
#include "http/coding.h"

enum {
    WALK_BLOCK = 64, /* bytes that there are at least */
    WALK_NAME = 16,
};

static inline bool plain_lines_is_named(uint8_t c)
{
    uint8_t small = c | 0x20;
    return (small >= 'a' && small <= 'z') || chars_is_digit(c) || c == '-';
}

/* What the including file answers in its machine's way. The bits of bytes, the first
 * byte's is the lowest: those of a block that are 0x00-0x1f, 0x7f or 0x80-0xff; of
 * WALK_NAME bytes the colons; of as many the ASCII letters, digits and hyphens. */
static inline uint64_t plain_lines_odd(const uint8_t *at);
static inline uint32_t plain_lines_colons(const uint8_t *at);
static inline uint32_t plain_lines_named(const uint8_t *at);

/* A block's bits, of which those at least are set that are odd. */
struct plain_lines_block {
    size_t at;
    uint64_t odd; /* which lose those that were looked at */
};

/* Goes on to the next block, the last of which ends where the head ends; of that, what
 * is before the line's beginning is left out. False: there is none. */
__attribute__((always_inline)) static inline bool
plain_lines_walk_on(struct plain_lines_block *b, struct bytes head, size_t at)
{
    b->at += WALK_BLOCK;
    if (b->at + WALK_BLOCK <= head.len) {
        b->odd = plain_lines_odd(head.ptr + b->at);
        return true;
    }
    if (b->at >= head.len) return false;
    b->at = head.len - WALK_BLOCK;
    b->odd = plain_lines_odd(head.ptr + b->at) & UINT64_MAX
                                                     << (at > b->at ? at - b->at : 0);
    return true;
}

/* Where the lines' CRs stand, up to the empty line or the first odd one. Behind each is
 * an LF and a byte more. */
__attribute__((noinline)) static size_t
plain_lines_walk_ends(uint32_t ends[PLAIN_LINES_MAX], struct bytes head)
{
    struct plain_lines_block b = {.at = 0, .odd = plain_lines_odd(head.ptr)};
    size_t count = 0, at = 0;
    while (count < PLAIN_LINES_MAX) {
        if (b.odd == 0) {
            if (!plain_lines_walk_on(&b, head, at)) break;
            continue;
        }
        unsigned bit = (unsigned)__builtin_ctzll(b.odd);
        size_t end = b.at + bit;
        if (end + PLAIN_LINE_END >= head.len) break;
        if (end <= at) {
            if (end == at) break;
            b.odd &= b.odd - 1; /* the last line's LF, which begins a block */
            continue;
        }
        if (memcmp(head.ptr + end, "\r\n", PLAIN_LINE_END) != 0) {
            if (head.ptr[end] != '\t' && head.ptr[end] < 0x80) break;
            b.odd &= b.odd - 1;
            continue;
        }
        b.odd &= ~UINT64_C(3) << bit;
        ends[count++] = (uint32_t)end;
        at = end + PLAIN_LINE_END;
    }
    return count;
}

/* Where the first colon from `at` on stands; `end` or behind it: the line has none. */
static inline size_t plain_lines_walk_far_colon(struct bytes head, size_t at,
                                                size_t end)
{
    for (; at < end && at + WALK_NAME <= head.len; at += WALK_NAME) {
        uint32_t colons = plain_lines_colons(head.ptr + at);
        if (colons != 0) return at + (unsigned)__builtin_ctz(colons);
    }
    while (at < end && head.ptr[at] != ':') at++;
    return at;
}

/* Most names are shorter than what is looked at at once. */
__attribute__((always_inline)) static inline size_t
plain_lines_walk_colon(struct bytes head, size_t at, size_t end)
{
    uint32_t colons =
        at + WALK_NAME <= head.len ? plain_lines_colons(head.ptr + at) : 0;
    if (colons == 0) return plain_lines_walk_far_colon(head, at, end);
    return at + (unsigned)__builtin_ctz(colons);
}

/* Whether nothing but bytes of a name stands before the colon. */
__attribute__((always_inline)) static inline bool
plain_lines_walk_is_name(struct bytes head, size_t at, size_t colon)
{
    for (; at + WALK_NAME <= head.len; at += WALK_NAME) {
        unsigned named = (unsigned)__builtin_ctz(~plain_lines_named(head.ptr + at));
        if (named < WALK_NAME) return at + named == colon;
    }
    while (plain_lines_is_named(head.ptr[at])) at++;
    return at == colon;
}

/* Lines that follow on each other. */
struct plain_lines_run {
    size_t at;            /* of the first, which ends at the first of */
    const uint32_t *ends; /* these, where their CRs stand */
    size_t count;
};

/* Takes the start line off all the lines there are, and leaves as many as are asked
 * for. Of `length` bytes that are the head's, one must stand behind the start line: of
 * fields the white space that fills them up takes care. */
static inline void plain_lines_walk_start(struct plain_lines *out,
                                          struct plain_lines_run *run, size_t length,
                                          const struct plain_lines_request *asked)
{
    out->is_full = run->count == PLAIN_LINES_MAX;
    out->start_length = 0;
    if (asked->has_start && run->count > 0) {
        size_t end = run->ends[0] + (size_t)PLAIN_LINE_END;
        run->ends++;
        run->count = end < length ? run->count - 1 : 0;
        run->at = end < length ? end : 0;
        out->start_length = end < length ? end - PLAIN_LINE_END : 0;
    }
    if (run->count > asked->fields_max) run->count = asked->fields_max;
}

/* Fills in the fields of a run, up to the first line that is none. */
__attribute__((noinline)) static void
plain_lines_walk_fields(struct plain_lines *out, struct bytes head,
                        const struct plain_lines_run *run, uint32_t wanted)
{
    struct plain_line *line = out->lines;
    size_t i = 0, at = run->at, before = at;
    for (; i < run->count; i++) {
        size_t end = run->ends[i];
        size_t colon = plain_lines_walk_colon(head, at, end);
        if (colon == at || colon >= end) break;
        enum field_name name = names_find_field(bytes_of(head.ptr + at, colon - at));
        bool is_wanted = (wanted >> name & 1) != 0;
        if (name == FIELD_OTHER) {
            if (!plain_lines_walk_is_name(head, at, colon)) break;
            if (!coding_cannot_look_alike(colon - at)) is_wanted = true;
        }
        if (is_wanted) {
            line->at = (uint32_t)at;
            line->length = (uint32_t)(end - at);
            line->name_length = (uint32_t)(colon - at);
            line->number = (uint32_t)i + 1;
            line->name = name;
            line++;
        }
        before = at;
        at = end + PLAIN_LINE_END;
    }
    if (i > 0 && chars_is_blank(head.ptr[at])) { /* the last one goes on */
        at = before;
        i--;
        if (line > out->lines && line[-1].at == before) line--;
    }
    out->taken = at;
    out->fields = (uint32_t)i;
    out->count = (uint32_t)(line - out->lines);
}

/* Few bytes are filled up with white space, so that what ends behind them is no plain
 * line. */
static inline struct bytes plain_lines_fill(struct bytes head,
                                            uint8_t filled[WALK_BLOCK])
{
    memset(filled, '\t', WALK_BLOCK);
    if (head.len > 0) memcpy(filled, head.ptr, head.len);
    return bytes_of(filled, WALK_BLOCK);
}

/* plain_lines_find, by the including file's answers. Two loops, each with a machine's
 * registers to itself. */
static inline void plain_lines_walk(struct plain_lines *out, struct bytes head,
                                    const struct plain_lines_request *asked)
{
    uint8_t filled[WALK_BLOCK];
    uint32_t ends[PLAIN_LINES_MAX];
    size_t length = head.len;
    if (head.len < WALK_BLOCK) head = plain_lines_fill(head, filled);
    struct plain_lines_run run = {.ends = ends};
    run.count = plain_lines_walk_ends(ends, head);
    plain_lines_walk_start(out, &run, length, asked);
    plain_lines_walk_fields(out, head, &run, asked->wanted);
}

#endif
