/* side_code: which side tables get a row. The short checks must say the same as the
 * rules of field.h read straight from the field table, for records of every kind:
 * random ones, and ones in which all is usual but for one figure. */
#include "random_record.h"
#include "store/side_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { RANDOM_ROWS = 2000, KEY_SHIFT = 16 };

static int64_t shown(const struct table_plan *plan, const char *name, const void *row)
{
    return record_integer(table_plan_field(plan, name), row);
}

/* The rule of one field, as field.h has it; `figure`: whether that of which it is one
 * has any. */
static int64_t usual_value(const struct table_plan *plan, const struct field *f,
                           int64_t key, const void *row)
{
    bool has_any = f->of == NULL || shown(plan, f->of, row) > 0;
    switch (f->usual) {
    case USUALLY_NULL: return RECORD_UNKNOWN;
    case USUALLY_ZERO: return has_any ? 0 : RECORD_UNKNOWN;
    case USUALLY_ONE: return has_any ? 1 : RECORD_UNKNOWN;
    case USUALLY_DIFFERENCE: {
        int64_t of = shown(plan, f->of, row), minus = shown(plan, f->minus, row);
        if (of == RECORD_UNKNOWN || minus == RECORD_UNKNOWN) return RECORD_UNKNOWN;
        return (int64_t)((uint64_t)of - (uint64_t)minus);
    }
    case USUALLY_EQUAL: {
        const struct field *where = table_plan_field(plan, f->where);
        bool is_so = bytes_are(record_text(where, row), f->is);
        return is_so ? shown(plan, f->of, row) : RECORD_UNKNOWN;
    }
    case USUALLY_OF_KEY: return key >> KEY_SHIFT;
    }
    return RECORD_UNKNOWN;
}

static bool is_usual(const struct table_plan *plan, const struct field *f, int64_t key,
                     const void *row)
{
    if (f->type == FIELD_TEXT) return record_text(f, row).ptr == NULL;
    int64_t value = record_integer(f, row);
    if (f->type == FIELD_PACKET && value != RECORD_UNKNOWN)
        value = (int64_t)record_ref(f, row);
    return value == usual_value(plan, f, key, row);
}

static uint32_t expected_rows(const struct table_plan *plan, int64_t key,
                              const void *row)
{
    uint32_t rows = 0;
    for (size_t i = 0; i < plan->side_count; i++) {
        const struct plan_table *side = &plan->sides[i];
        if (plan->large_name[0] != '\0' && i == plan->large) continue;
        for (size_t k = 0; k < side->column_count; k++) {
            if (!is_usual(plan, side->columns[k].field, key, row))
                rows |= UINT32_C(1) << i;
        }
    }
    return rows;
}

static void set_number(const struct field *f, int64_t value, void *row)
{
    if (f->type == FIELD_PACKET && value == RECORD_UNKNOWN) value = 0;
    memcpy((uint8_t *)row + f->offset, &value, sizeof value);
}

/* Gives every figure of a side table its usual value. */
static void make_usual(const struct table_plan *plan, int64_t key, void *row)
{
    static const struct bytes no_text = {.ptr = NULL};
    for (size_t i = 0; i < plan->layout->field_count; i++) {
        const struct field *f = &plan->layout->fields[i];
        if (f->place != PLACE_SIDE || f->type == FIELD_TEXT) continue;
        set_number(f, usual_value(plan, f, key, row), row);
    }
    for (size_t i = 0; i < plan->layout->field_count; i++) {
        const struct field *f = &plan->layout->fields[i];
        if (f->place == PLACE_SIDE && f->type == FIELD_TEXT)
            memcpy((uint8_t *)row + f->offset, &no_text, sizeof no_text);
    }
}

static int64_t make_row(struct random_source *r, enum record_kind kind,
                        enum random_fill fill, union any_record *row)
{
    int64_t key = (int64_t)((random_next(r) % 7 + 1) << 48 | random_next(r) % 1000000);
    random_record(r, kind, fill, key, row);
    return key;
}

static void rows_of_random_records_are_as_the_rules_say(void **state)
{
    struct random_source r = {.state = 7};
    (void)state;
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        struct table_plan plan;
        struct side_code code;
        table_plan_make((enum record_kind)kind, &plan);
        side_code_make(&plan, &code);
        for (int i = 0; i < RANDOM_ROWS; i++) {
            union any_record row;
            enum random_fill fill = (enum random_fill)(i % RANDOM_FILL_COUNT);
            int64_t key = make_row(&r, (enum record_kind)kind, fill, &row);
            if (i % 2 == 0) make_usual(&plan, key, &row);
            assert_int_equal(side_code_find_rows(&code, key, &row),
                             expected_rows(&plan, key, &row));
        }
    }
}

/* What is wrong about one figure is in the row of its table, and in no other but those
 * whose figures are taken from it. */
static void one_unusual_figure_is_found(void **state)
{
    struct random_source r = {.state = 11};
    static const int64_t odd[] = {RECORD_UNKNOWN, -1, 0, 1, 2, INT64_MAX};
    (void)state;
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        struct table_plan plan;
        struct side_code code;
        table_plan_make((enum record_kind)kind, &plan);
        side_code_make(&plan, &code);
        for (size_t i = 0; i < plan.layout->field_count; i++) {
            const struct field *f = &plan.layout->fields[i];
            if (f->place != PLACE_SIDE || f->type == FIELD_TEXT) continue;
            for (size_t k = 0; k < ARRAY_LENGTH(odd); k++) {
                union any_record row;
                enum random_fill fill = (enum random_fill)(k % RANDOM_FILL_COUNT);
                int64_t key = make_row(&r, (enum record_kind)kind, fill, &row);
                make_usual(&plan, key, &row);
                set_number(f, odd[k], &row);
                assert_int_equal(side_code_find_rows(&code, key, &row),
                                 expected_rows(&plan, key, &row));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_random_records_are_as_the_rules_say),
        cmocka_unit_test(one_unusual_figure_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
