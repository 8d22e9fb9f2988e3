/* How a record becomes a row: the plan of one table, boiled down. A plan's columns and
 * fields take some 200 bytes apiece and a row looks at sixty of them; here they take
 * four to forty and stay in the core's nearest cache, those of one shape in a row:
 *
 *   record --whole-----> a cell of its own
 *     |'-----flags-----.
 *     |'-----number-----> some bits of a cell
 *     |'-----relative--'
 *     |'-----shared: number of a text that rows share --.
 *      '-----step: whatever is rare ---------------------> either */
#ifndef STORE_ROW_CODE_H
#define STORE_ROW_CODE_H

#include "store/row_batch.h"
#include "store/row_flags.h"
#include "store/shared_text.h"
#include "store/table_plan.h"

/* A number as it is. */
struct row_whole {
    uint16_t offset;
    uint8_t cell;
};

/* Some bits of a cell. */
struct row_bits {
    uint64_t max; /* what is above it is unknown, or large; 0: the whole cell */
    uint8_t cell, shift;
};

struct row_number {
    struct row_bits bits;
    uint16_t offset;
};

/* A number less another one, where both are there. */
struct row_difference {
    int64_t none, base_none; /* there is no such number: RECORD_UNKNOWN, of packets 0 */
    uint16_t offset, base_offset;
};

struct row_relative {
    struct row_bits bits;
    struct row_difference of;
};

enum row_sharing {
    SHARE_TEXT,       /* some bits for a text: the usual one */
    SHARE_WHOLE_TEXT, /* a cell for a text */
    SHARE_ADDRESS,    /* as text */
};

/* The number of a shared text. */
struct row_shared {
    struct row_bits bits;
    enum row_sharing sharing;
    uint16_t offset;
};

enum row_reading {
    READ_OTHER,    /* what record_integer gives */
    READ_PACKET,   /* its reference */
    READ_PORT,     /* an endpoint's */
    READ_RELATIVE, /* the difference */
    READ_TEXT,     /* kept in the batch */
};

struct row_step {
    struct row_bits bits;
    enum row_reading reading;
    uint16_t offset;
    const struct field *field;
    struct row_difference of; /* READ_RELATIVE */
};

struct row_code {
    size_t cell_count, first_packed; /* cells from there on are made of bits */
    size_t whole_count, number_count, relative_count;
    size_t shared_count, step_count;
    struct row_whole wholes[PLAN_COLUMNS_MAX];
    struct row_flags flags;
    struct row_number numbers[PLAN_PARTS_MAX];
    struct row_relative relatives[PLAN_PARTS_MAX];
    /* In the plan's order: it is the one in which new texts get their numbers. */
    struct row_shared shared[PLAN_COLUMNS_MAX + PLAN_PARTS_MAX];
    struct row_step steps[PLAN_COLUMNS_MAX + PLAN_PARTS_MAX];
};

/* `first_cell`: how many cells stand before those of the plan's columns. `*code` is all
 * zero. */
void row_code_make(const struct table_plan *plan, const struct plan_table *table,
                   size_t first_cell, struct row_code *code);
/* Fills the row's cells. *is_large: a number needs more bits than it has; its part is
 * all ones. SQLITE_OK, or SQLite's code while a shared text was written. */
int row_code_fill(struct row_code *code, struct shared_text *texts, const void *record,
                  struct row_batch *batch, int64_t *cells, bool *is_large);

#endif
