/* text_ends: a text's first and last bytes (part of layer base). Two texts of up to
 * TEXT_ENDS_BYTES are the same when their lengths and ends are; of longer ones that
 * differ mostly the ends do. For small caches in front of a table with a keyed hash:
 * who aims at collisions there gets misses, and no more. */
#ifndef HOPSCOPE_TEXT_ENDS_H
#define HOPSCOPE_TEXT_ENDS_H

#include "hopscope/bytes.h"

enum { TEXT_ENDS_BYTES = 2 * sizeof(uint64_t) };

/* The first and the last eight bytes, which overlap in a shorter text. */
struct text_ends {
    uint64_t first, last;
};

/* Pieces of a fixed size, because copying a few bytes of any number is a call. */
static inline struct text_ends text_ends_of(struct bytes text)
{
    struct text_ends ends = {.first = 0};
    const uint8_t *p = text.ptr;
    uint32_t piece[2];
    if (text.len >= sizeof ends.first) {
        memcpy(&ends.first, p, sizeof ends.first);
        memcpy(&ends.last, p + text.len - sizeof ends.last, sizeof ends.last);
    } else if (text.len >= sizeof piece[0]) {
        memcpy(&piece[0], p, sizeof piece[0]);
        memcpy(&piece[1], p + text.len - sizeof piece[1], sizeof piece[1]);
        ends.first = piece[0];
        ends.last = piece[1];
    } else if (text.len > 0) {
        ends.first = (uint64_t)p[0] | (uint64_t)p[text.len / 2] << 8;
        ends.last = p[text.len - 1];
    }
    return ends;
}

/* A number of `bits` bits, less than 64, for a slot of a cache. Texts with the same
 * ends often differ in length, as "service-9.example.com" and "service-10.example.com".
 */
static inline size_t text_ends_slot(struct text_ends ends, size_t length, unsigned bits)
{
    uint64_t mixed = ((ends.first + length) ^ (ends.last << 17 | ends.last >> 47)) *
                     UINT64_C(0xff51afd7ed558ccd);
    return (size_t)(mixed >> (64 - bits));
}

/* Whether `text`, whose ends are `a`, is the one at `other` with ends `b` and the same
 * length. */
static inline bool text_ends_match(struct text_ends a, struct bytes text,
                                   struct text_ends b, const uint8_t *other)
{
    if (a.first != b.first || a.last != b.last) return false;
    return text.len <= TEXT_ENDS_BYTES || memcmp(other, text.ptr, text.len) == 0;
}

#endif
