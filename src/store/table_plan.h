/* Which tables and columns a kind of record is kept in. Schema, views and inserts are
 * loops over the plan, so they cannot disagree. */
#ifndef STORE_TABLE_PLAN_H
#define STORE_TABLE_PLAN_H

#include "hopscope/field.h"

enum {
    PLAN_NAME_MAX = 48,
    PLAN_COLUMNS_MAX = 48, /* of one table */
    PLAN_SIDES_MAX = 10,   /* side tables of one kind */
    PLAN_PARTS_MAX = 48,   /* figures in the packed columns of one kind */
    PLAN_WORD_BITS = 63,   /* used of one integer: it stays positive */
};

enum column_kind {
    COLUMN_NUMBER,   /* record_ref of a packet, else record_integer; less that of `base`
                        where it is known */
    COLUMN_TEXT,     /* the text itself */
    COLUMN_INTERNED, /* text.id of the text */
    COLUMN_PACKED,   /* plan's parts from first_part on */
};

struct plan_column {
    char name[PLAN_NAME_MAX];
    enum column_kind kind;
    const struct field *field; /* NULL: COLUMN_PACKED */
    const struct field *base;  /* NULL: none */
    /* of a side table's usual value; NULL: none */
    const struct field *of, *minus, *where;
    unsigned where_value; /* enum value of the field's `is` */
    size_t first_part, part_count;
};

struct plan_table {
    const char *name;
    size_t column_count; /* of a side table without the key that it begins with */
    struct plan_column columns[PLAN_COLUMNS_MAX];
};

struct plan_part {
    const struct field *field;
    const struct plan_column *wide; /* in the table of large numbers; NULL: it fits */
    unsigned word, shift, width;    /* word 0: packed1 */
    unsigned limit; /* an enum's and a tri's bytes are below it; 0: neither */
};

struct table_plan {
    enum record_kind kind;
    const struct record_layout *layout;
    const struct field *key; /* NULL: none */
    struct plan_table main;
    struct plan_table sides[PLAN_SIDES_MAX];
    size_t side_count;
    char large_name[PLAN_NAME_MAX]; /* of the side table that `wide` columns are of */
    size_t large;                   /* its index */
    struct plan_part parts[PLAN_PARTS_MAX];
    size_t part_count;
};

void table_plan_make(enum record_kind kind, struct table_plan *plan);

/* The field of that name in the same record; never NULL: the tables are ours. */
const struct field *table_plan_field(const struct table_plan *plan, const char *name);
/* All ones: the number is in the table of large ones. */
static inline uint64_t table_plan_mask(const struct plan_part *part)
{
    return (UINT64_C(1) << part->width) - 1;
}

#endif
