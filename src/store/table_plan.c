#include "store/table_plan.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { PLAN_PORT_BITS = 17 };

/* ---- columns ---- */

/* "request_packet" is a view's name; the column holds the whole reference. */
static void write_name(const struct field *f, char out[PLAN_NAME_MAX])
{
    static const char packet[] = "packet";
    size_t len = strlen(f->name), suffix = sizeof packet - 1;
    bool is_packet = f->type == FIELD_PACKET && len >= suffix &&
                     strcmp(f->name + len - suffix, packet) == 0;
    int kept = (int)(is_packet ? len - suffix : len);
    snprintf(out, PLAN_NAME_MAX, "%.*s%s", kept, f->name, is_packet ? "ref" : "");
}

static enum column_kind kind_of(const struct field *f)
{
    if (f->place == PLACE_INTERNED) return COLUMN_INTERNED;
    if (f->type == FIELD_TEXT) return COLUMN_TEXT;
    if (f->type == FIELD_PACKET) return COLUMN_REF;
    assert(f->type != FIELD_ADDRESS && f->type != FIELD_ENUM);
    return COLUMN_INTEGER;
}

static void add_column(struct table_plan *plan, struct plan_table *table,
                       const struct field *f)
{
    assert(table->column_count < PLAN_COLUMNS_MAX);
    struct plan_column *c = &table->columns[table->column_count++];
    write_name(f, c->name);
    c->kind = kind_of(f);
    c->field = f;
    if (f->relative_to != NULL) c->base = table_plan_field(plan, f->relative_to);
    if (f->of != NULL) c->of = table_plan_field(plan, f->of);
    if (f->minus != NULL) c->minus = table_plan_field(plan, f->minus);
}

static struct plan_table *find_side(struct table_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->side_count; i++) {
        if (strcmp(plan->sides[i].name, name) == 0) return &plan->sides[i];
    }
    assert(plan->side_count < PLAN_SIDES_MAX);
    struct plan_table *side = &plan->sides[plan->side_count++];
    side->name = name;
    return side;
}

/* ---- flags ---- */

static void measure_part(struct flag_part *part)
{
    const struct field *f = part->field;
    part->width = PLAN_PORT_BITS;
    if (f->type == FIELD_PORT) return;
    part->limit = TRI_YES + 1;
    if (f->type == FIELD_ENUM)
        for (part->limit = 1; f->names[part->limit] != NULL;) part->limit++;
    part->width = 1;
    while (part->limit > 1u << part->width) part->width++;
}

static void add_part(struct table_plan *plan, const struct field *f)
{
    assert(plan->part_count < PLAN_PARTS_MAX);
    struct flag_part *part = &plan->parts[plan->part_count];
    assert(f->type == FIELD_TRI || f->type == FIELD_PORT || f->type == FIELD_ENUM);
    *part = (struct flag_part){.field = f};
    measure_part(part);
    if (plan->part_count > 0) {
        const struct flag_part *last = part - 1;
        part->column = last->column;
        part->shift = last->shift + last->width;
        if (part->shift + part->width > PLAN_FLAG_BITS) {
            part->column++;
            part->shift = 0;
        }
    }
    plan->part_count++;
}

static void add_flags(struct table_plan *plan)
{
    struct plan_column *c = NULL;
    for (size_t i = 0; i < plan->part_count; i++) {
        if (i == 0 || plan->parts[i].column != plan->parts[i - 1].column) {
            assert(plan->main.column_count < PLAN_COLUMNS_MAX);
            c = &plan->main.columns[plan->main.column_count++];
            snprintf(c->name, PLAN_NAME_MAX,
                     plan->parts[i].column == 0 ? "flags" : "flags2");
            c->kind = COLUMN_FLAGS;
            c->first_part = i;
        }
        c->part_count++;
    }
}

/* ---- the plan ---- */

void table_plan_make(enum record_kind kind, struct table_plan *plan)
{
    memset(plan, 0, sizeof *plan);
    plan->kind = kind;
    plan->layout = record_layout(kind);
    plan->main.name = plan->layout->table;
    for (size_t i = 0; i < plan->layout->field_count; i++) {
        const struct field *f = &plan->layout->fields[i];
        switch (f->place) {
        case PLACE_KEY:
            plan->key = f;
            add_column(plan, &plan->main, f);
            break;
        case PLACE_ROW:
        case PLACE_INTERNED: add_column(plan, &plan->main, f); break;
        case PLACE_FLAGS: add_part(plan, f); break;
        case PLACE_SIDE: add_column(plan, find_side(plan, f->side_table), f); break;
        case PLACE_DERIVED: break;
        }
    }
    add_flags(plan);
    assert(plan->side_count == 0 || plan->key != NULL);
}

const struct field *table_plan_field(const struct table_plan *plan, const char *name)
{
    const struct field *f = record_field(plan->kind, name);
    assert(f != NULL);
    return f;
}

int64_t table_plan_usual(const struct plan_column *column, const void *record)
{
    int64_t of = RECORD_UNKNOWN, minus = RECORD_UNKNOWN;
    bool is_set = column->of == NULL;
    if (!is_set) {
        of = table_plan_integer(column->of, record);
        is_set = of > 0;
    }
    switch (column->field->usual) {
    case USUALLY_NULL: return RECORD_UNKNOWN;
    case USUALLY_ZERO: return is_set ? 0 : RECORD_UNKNOWN;
    case USUALLY_ONE: return is_set ? 1 : RECORD_UNKNOWN;
    case USUALLY_DIFFERENCE:
        minus = table_plan_integer(column->minus, record);
        if (of == RECORD_UNKNOWN || minus == RECORD_UNKNOWN) return RECORD_UNKNOWN;
        return (int64_t)((uint64_t)of - (uint64_t)minus);
    }
    return RECORD_UNKNOWN;
}
