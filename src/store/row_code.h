/* How a record becomes a row: the plan of one table, boiled down. A plan's columns and
 * fields take some 200 bytes apiece and a row looks at sixty of them; its steps take 40
 * and stay in the core's nearest cache.
 *
 *   record --step: a member, less its base--> number --width 0--> a cell of its own
 *                                                '--else--> some bits of a cell */
#ifndef STORE_ROW_CODE_H
#define STORE_ROW_CODE_H

#include "store/row_batch.h"
#include "store/shared_text.h"
#include "store/table_plan.h"

enum row_reading {
    READ_NUMBER,   /* int64_t; RECORD_UNKNOWN: NULL */
    READ_REF,      /* likewise; 0 is NULL, too */
    READ_BYTE,     /* an enum or tri, as it is */
    READ_OTHER,    /* what record_integer gives */
    READ_TEXT,     /* kept in the batch */
    READ_INTERNED, /* number of the shared text */
    READ_NAME,     /* likewise, of an enum's name */
    READ_ADDRESS,  /* likewise, of an address */
};

/* A number in the record that another one is taken from. */
struct row_operand {
    uint16_t offset;
    bool is_there, is_ref;
};

struct row_step {
    const struct field *field;
    uint8_t reading;            /* enum row_reading */
    uint8_t cell, shift, width; /* width 0: the whole cell */
    uint16_t offset;
    uint8_t limit; /* of READ_BYTE: other values are 0 */
    /* of a side table: what it is where no row is */
    uint8_t usual; /* enum field_usual */
    struct row_operand base, of, minus;
    uint16_t where_offset;
    uint8_t where_value;
};

struct row_code {
    size_t cell_count, first_packed; /* cells from there on are made of bits */
    size_t step_count;
    struct row_step steps[PLAN_COLUMNS_MAX + PLAN_PARTS_MAX];
};

/* `first_cell`: how many cells stand before those of the plan's columns. */
void row_code_make(const struct table_plan *plan, const struct plan_table *table,
                   size_t first_cell, struct row_code *code);
/* Fills the row's cells. *is_large: a number needs more bits than it has; its part is
 * all ones. SQLITE_OK, or SQLite's code while a shared text was written. */
int row_code_fill(const struct row_code *code, struct shared_text *texts,
                  const void *record, struct row_batch *batch, int64_t *cells,
                  bool *is_large);
/* Whether a side table's row would say anything that its absence does not. */
bool row_code_is_unusual(const struct row_code *code, int64_t key, const void *record);

#endif
