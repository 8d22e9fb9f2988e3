/* Which tables and columns a kind of record is kept in: the field table, packed.
 *
 *   fields --PLACE_KEY, _ROW, _INTERNED--> a column each of the main table
 *          --PLACE_FLAGS----------------> bits of its columns flags, flags2
 *          --PLACE_SIDE-----------------> columns of side tables, keyed by the same id
 *          --PLACE_DERIVED--------------> no column
 *
 * Schema, views and inserts are loops over the plan, so they cannot disagree. */
#ifndef STORE_TABLE_PLAN_H
#define STORE_TABLE_PLAN_H

#include "hopscope/field.h"

#include <string.h>

enum {
    PLAN_NAME_MAX = 48,
    PLAN_COLUMNS_MAX = 48, /* of one table */
    PLAN_SIDES_MAX = 8,    /* side tables of one kind */
    PLAN_PARTS_MAX = 32,   /* figures in the flags of one kind */
    PLAN_FLAG_BITS = 62,   /* used of one integer: it stays positive */
};

enum column_kind {
    COLUMN_INTEGER,  /* record_integer, less that of `base` where it is known */
    COLUMN_REF,      /* record_ref, likewise; 0: NULL */
    COLUMN_TEXT,     /* the text itself */
    COLUMN_INTERNED, /* text.id of the text */
    COLUMN_FLAGS,    /* plan's parts from first_part on */
};

struct plan_column {
    char name[PLAN_NAME_MAX];
    enum column_kind kind;
    const struct field *field;      /* NULL: COLUMN_FLAGS */
    const struct field *base;       /* NULL: none */
    const struct field *of, *minus; /* of a side table's usual value; NULL: none */
    size_t first_part, part_count;
};

struct plan_table {
    const char *name;
    size_t column_count; /* of a side table without the key that it begins with */
    struct plan_column columns[PLAN_COLUMNS_MAX];
};

/* One figure in the flags: 0 is NULL; the byte of an enum or tri, a port plus one. */
struct flag_part {
    const struct field *field;
    unsigned column; /* 0: flags, 1: flags2 */
    unsigned shift, width;
    unsigned limit; /* an enum's and a tri's bytes are below it; 0: a port */
};

struct table_plan {
    enum record_kind kind;
    const struct record_layout *layout;
    const struct field *key; /* NULL: none */
    struct plan_table main;
    struct plan_table sides[PLAN_SIDES_MAX];
    size_t side_count;
    struct flag_part parts[PLAN_PARTS_MAX];
    size_t part_count;
};

void table_plan_make(enum record_kind kind, struct table_plan *plan);

/* The field of that name in the same record; never NULL: the tables are ours. */
const struct field *table_plan_field(const struct table_plan *plan, const char *name);
/* record_integer, without a call for most fields: a row reads some sixty of them. */
static inline int64_t table_plan_integer(const struct field *field, const void *record)
{
    int64_t value;
    if (field->type > FIELD_DURATION) return record_integer(field, record);
    memcpy(&value, (const uint8_t *)record + field->offset, sizeof value);
    return value;
}

/* What a side table's number is when the table has no row for this record. */
int64_t table_plan_usual(const struct plan_column *column, const void *record);

/* The bits of one figure, not yet shifted. */
static inline uint64_t table_plan_flag(const struct flag_part *part, const void *record)
{
    unsigned value = ((const uint8_t *)record)[part->field->offset];
    if (part->limit != 0) return value < part->limit ? value : 0;
    int64_t port = record_integer(part->field, record);
    return port == RECORD_UNKNOWN ? 0 : (uint64_t)port + 1;
}

#endif
