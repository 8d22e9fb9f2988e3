/* The enums of a row, which are some bits of its packed cells each. Rows of a table
 * mostly say in all of them what some row before them said, so what the enums of a
 * record make of the cells is looked up as a whole:
 *
 *   record --words in which enums are--> known? --yes--> packed cells
 *                                          '--no--> bit by bit, and known from now on
 */
#ifndef STORE_ROW_FLAGS_H
#define STORE_ROW_FLAGS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ROW_FLAGS_FACTOR UINT64_C(0xff51afd7ed558ccd) /* mixes bits */

enum {
    ROW_FLAGS_MAX = 48,
    ROW_FLAGS_WORDS_MAX = 8,
    ROW_FLAGS_CELLS_MAX = 8,
    ROW_FLAGS_KNOWN_BITS = 6,
};

/* An enum or tri as it is. */
struct row_flag {
    uint16_t offset;
    uint8_t limit; /* other values are 0 */
    uint8_t cell, shift;
};

struct row_flags_word {
    uint64_t mask; /* of the bytes that are enums */
    uint16_t offset;
};

struct row_flags_known {
    uint64_t words[ROW_FLAGS_WORDS_MAX];
    uint64_t cells[ROW_FLAGS_CELLS_MAX];
};

/* All zero: no enums; and nothing is known but that no enums make no bits. */
struct row_flags {
    size_t flag_count, word_count, cell_count;
    struct row_flag flags[ROW_FLAGS_MAX];
    struct row_flags_word words[ROW_FLAGS_WORDS_MAX];
    struct row_flags_known known[1 << ROW_FLAGS_KNOWN_BITS];
};

/* `flag`: its cell counts from the first packed one. Before the first row. */
void row_flags_add(struct row_flags *f, struct row_flag flag);
/* What stands in the record's words is what is known there from now on. */
void row_flags_learn(const struct row_flags *f, const void *record,
                     struct row_flags_known *known);

/* The record's word with nothing but enums in it. */
static inline uint64_t row_flags_word(const struct row_flags_word *w,
                                      const void *record)
{
    uint64_t word;
    memcpy(&word, (const uint8_t *)record + w->offset, sizeof word);
    return word & w->mask;
}

/* Sets all packed cells of the row. */
static inline void row_flags_put(struct row_flags *f, const void *record,
                                 int64_t *cells)
{
    uint64_t mixed = 0, differ = 0;
    for (size_t i = 0; i < f->word_count; i++)
        mixed = (mixed ^ row_flags_word(&f->words[i], record)) * ROW_FLAGS_FACTOR;
    struct row_flags_known *known = &f->known[mixed >> (64 - ROW_FLAGS_KNOWN_BITS)];
    for (size_t i = 0; i < f->word_count; i++)
        differ |= row_flags_word(&f->words[i], record) ^ known->words[i];
    if (differ != 0) row_flags_learn(f, record, known);
    for (size_t i = 0; i < f->cell_count; i++) cells[i] = (int64_t)known->cells[i];
}

#endif
