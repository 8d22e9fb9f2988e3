/* Which tables and columns a kind of record is kept in: the field table, packed. A row
 * costs by its columns, so small figures share integers, and rare ones stand aside.
 *
 *   PLACE_KEY, _ROW, _INTERNED --> a column each of the main table
 *    ... with bits, and _FLAGS --> parts of its columns packed1, packed2, ...
 *   PLACE_SIDE ------------------> columns of side tables, keyed by the same id
 *   PLACE_DERIVED ---------------> no column
 *
 *   exchange   id | connection_id | target | request_start_us | packed1 | packed2 | ..
 *                                                            /         \
 *                    user_agent 23 | host 23 | request_body_bytes 16 | lowest bit
 *   exchange_quality   id | stream_id | ...        a row when one of them is unusual
 *   exchange_large     id | ordinal | host | ...   a row when one needs more bits
 *   text               id | value                  what the numbers of texts stand for
 *
 * A part is 0 for NULL, all ones where the number is in `<table>_large`, else the
 * number plus one (of an enum its value). */
#include "store/table_plan.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
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
    assert(f->type != FIELD_ADDRESS && f->type != FIELD_ENUM);
    return COLUMN_NUMBER;
}

static unsigned enum_value(const struct field *f, const char *name)
{
    unsigned i = 1;
    while (strcmp(f->names[i], name) != 0) {
        i++;
        assert(f->names[i] != NULL); /* the tables are ours */
    }
    return i;
}

static struct plan_column *add_column(struct table_plan *plan, struct plan_table *table,
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
    if (f->where == NULL) return c;
    c->where = table_plan_field(plan, f->where);
    c->where_value = enum_value(c->where, f->is);
    return c;
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

/* ---- packed columns ---- */

static unsigned limit_of(const struct field *f)
{
    if (f->place == PLACE_INTERNED) return 0; /* its text's number is packed */
    if (f->type == FIELD_TRI) return TRI_YES + 1;
    if (f->type != FIELD_ENUM) return 0;
    unsigned limit = 1;
    while (f->names[limit] != NULL) limit++;
    return limit;
}

static unsigned width_of(const struct plan_part *part)
{
    if (part->field->bits != 0) return part->field->bits;
    if (part->limit == 0) return PLAN_PORT_BITS;
    unsigned width = 1;
    while (part->limit > 1u << width) width++;
    return width;
}

static struct plan_part *add_part(struct table_plan *plan, const struct field *f)
{
    assert(plan->part_count < PLAN_PARTS_MAX);
    struct plan_part *part = &plan->parts[plan->part_count++];
    *part = (struct plan_part){.field = f, .limit = limit_of(f)};
    part->width = width_of(part);
    assert(part->width > 0 && part->width <= PLAN_WORD_BITS);
    return part;
}

/* A number that may need more bits than its part has. */
static void add_bounded(struct table_plan *plan, const struct field *f)
{
    snprintf(plan->large_name, sizeof plan->large_name, "%s_large", plan->main.name);
    struct plan_table *large = find_side(plan, plan->large_name);
    plan->large = (size_t)(large - plan->sides);
    add_part(plan, f)->wide = add_column(plan, large, f);
}

/* Of one table, so what stands first there comes first. */
static int compare_widths(const void *a, const void *b)
{
    const struct plan_part *x = a, *y = b;
    if (x->width != y->width) return x->width > y->width ? -1 : 1;
    return x->field < y->field ? -1 : 1;
}

/* Each in the first word that has room, the widest first: the narrow ones fill what
 * those leave, and hardly a bit of a word is lost. */
static void choose_words(struct table_plan *plan)
{
    unsigned used[PLAN_PARTS_MAX] = {0};
    qsort(plan->parts, plan->part_count, sizeof *plan->parts, compare_widths);
    for (size_t i = 0; i < plan->part_count; i++) {
        struct plan_part *part = &plan->parts[i];
        while (used[part->word] + part->width > PLAN_WORD_BITS) part->word++;
        used[part->word] += part->width;
    }
}

static int compare_words(const void *a, const void *b)
{
    const struct plan_part *x = a, *y = b;
    if (x->word != y->word) return x->word < y->word ? -1 : 1;
    return compare_widths(b, a);
}

/* The widest on top: few values need all their bits, and SQLite does not store the
 * zeros before a number. */
static void place_parts(struct table_plan *plan)
{
    choose_words(plan);
    qsort(plan->parts, plan->part_count, sizeof *plan->parts, compare_words);
    for (size_t i = 1; i < plan->part_count; i++) {
        const struct plan_part *below = &plan->parts[i - 1];
        if (plan->parts[i].word == below->word)
            plan->parts[i].shift = below->shift + below->width;
    }
}

static void add_words(struct table_plan *plan)
{
    struct plan_column *c = NULL;
    place_parts(plan);
    for (size_t i = 0; i < plan->part_count; i++) {
        if (i == 0 || plan->parts[i].word != plan->parts[i - 1].word) {
            assert(plan->main.column_count < PLAN_COLUMNS_MAX);
            c = &plan->main.columns[plan->main.column_count++];
            snprintf(c->name, PLAN_NAME_MAX, "packed%u", plan->parts[i].word + 1);
            c->kind = COLUMN_PACKED;
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
        case PLACE_INTERNED:
            if (f->bits != 0)
                add_bounded(plan, f);
            else
                add_column(plan, &plan->main, f);
            break;
        case PLACE_FLAGS: add_part(plan, f); break;
        case PLACE_SIDE: add_column(plan, find_side(plan, f->side_table), f); break;
        case PLACE_DERIVED: break;
        }
    }
    add_words(plan);
    assert(plan->side_count == 0 || plan->key != NULL);
}

const struct field *table_plan_field(const struct table_plan *plan, const char *name)
{
    const struct field *f = record_field(plan->kind, name);
    assert(f != NULL);
    return f;
}
