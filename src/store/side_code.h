/* Which side tables get a row of a record. A figure that stands aside is mostly what
 * its field says it usually is: the check of one is a few instructions, and those of
 * one shape stand in a row.
 *
 *   record --all checks of each shape in turn--> bit per side table: a row there */
#ifndef STORE_SIDE_CODE_H
#define STORE_SIDE_CODE_H

#include "store/table_plan.h"

enum { SIDE_CHECKS_MAX = 48 }; /* of one shape and kind of record */

/* Always the same number: RECORD_UNKNOWN, or 0. */
struct side_constant {
    int64_t usual;
    uint32_t side; /* its bit */
    uint16_t offset;
};

/* One number where that of which it is a figure has any at all, else RECORD_UNKNOWN. */
struct side_figure {
    int64_t usual;
    uint64_t of_mask; /* of a packet its number alone counts */
    uint32_t side;
    uint16_t offset, of;
};

/* `of` less `minus`; RECORD_UNKNOWN where one of them is. */
struct side_difference {
    uint32_t side;
    uint16_t offset, of, minus;
};

/* `of` where a byte has one value, else RECORD_UNKNOWN. */
struct side_equal {
    uint32_t side;
    uint16_t offset, of, where;
    uint8_t value;
};

/* No text. */
struct side_text {
    uint32_t side;
    uint16_t offset;
};

/* A packet that is the key without its lowest 16 bits. */
struct side_packet {
    uint32_t side;
    uint16_t offset;
};

struct side_code {
    struct side_constant constants[SIDE_CHECKS_MAX];
    struct side_figure figures[SIDE_CHECKS_MAX];
    struct side_difference differences[SIDE_CHECKS_MAX];
    struct side_equal equals[SIDE_CHECKS_MAX];
    struct side_text texts[SIDE_CHECKS_MAX];
    struct side_packet packets[SIDE_CHECKS_MAX];
    size_t constant_count, figure_count, difference_count;
    size_t equal_count, text_count, packet_count;
};

/* The table of large numbers has no checks: what is large comes out while the main row
 * is filled. */
void side_code_make(const struct table_plan *plan, struct side_code *code);
/* Bit per side table, in the plan's order: its row would say something that its absence
 * does not. `key`: the record's. */
uint32_t side_code_find_rows(const struct side_code *code, int64_t key,
                             const void *record);

#endif
