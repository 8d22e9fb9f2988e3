/* row_code: a record's packed cells must say what the plan says, read straight from the
 * field table: for records of every kind, random ones, and ones of which all is as in a
 * row before but for one enum, be its value one that has no name. */
#include "hopscope/record.h"
#include "random_record.h"
#include "store/row_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
    RANDOM_ROWS = 500,
    ENUM_ROWS = 2000,
    VALUES = 12,
    FIRST_CELL = 1,
    CELLS_MAX = 1 + PLAN_COLUMNS_MAX
};

struct fixture {
    sqlite3 *db;
    struct shared_text texts;
    struct row_batch batch;
    struct table_plan plan;
    struct row_code *code;
    struct random_source random;
};

static void open_fixture(struct fixture *f, enum record_kind kind)
{
    memset(f, 0, sizeof *f);
    f->random.state = 1 + (uint64_t)kind;
    assert_int_equal(sqlite3_open(":memory:", &f->db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(f->db, "CREATE TABLE text(id INTEGER PRIMARY KEY, value TEXT)",
                     NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(shared_text_open(&f->texts, f->db), SQLITE_OK);
    table_plan_make(kind, &f->plan);
    f->code = mem_alloc(sizeof *f->code);
    row_code_make(&f->plan, &f->plan.main, FIRST_CELL, f->code);
    row_batch_init(&f->batch, f->code->cell_count);
}

static void close_fixture(struct fixture *f)
{
    row_batch_done(&f->batch);
    mem_free(f->code);
    shared_text_close(&f->texts);
    sqlite3_close(f->db);
}

/* Of a packet its reference. */
static int64_t number_of(const struct field *f, const void *row)
{
    int64_t number = record_integer(f, row);
    if (f->type == FIELD_PACKET && number != RECORD_UNKNOWN)
        number = (int64_t)record_ref(f, row);
    return number;
}

static int64_t text_id(struct fixture *f, const struct field *field, const void *row)
{
    char text[ADDRESS_TEXT_MAX];
    struct bytes shown = record_text(field, row);
    int64_t id;
    if (field->type == FIELD_ADDRESS)
        shown = bytes_of(text, record_format(field, row, text, sizeof text));
    if (field->type == FIELD_ADDRESS && shown.len == 0) return RECORD_UNKNOWN;
    assert_int_equal(shared_text_find(&f->texts, shown, &id), SQLITE_OK);
    return id;
}

/* See table_plan.h. */
static uint64_t expected_part(struct fixture *f, const struct plan_part *part,
                              const void *row, bool *is_large)
{
    const struct field *field = part->field;
    const struct field *base = part->wide == NULL ? NULL : part->wide->base;
    if (part->limit != 0) {
        uint8_t value = ((const uint8_t *)row)[field->offset];
        return value < part->limit ? value : 0;
    }
    int64_t number =
        field->place == PLACE_INTERNED ? text_id(f, field, row) : number_of(field, row);
    if (number == RECORD_UNKNOWN) return 0;
    if (base != NULL && number_of(base, row) != RECORD_UNKNOWN)
        number = (int64_t)((uint64_t)number - (uint64_t)number_of(base, row));
    if (number >= 0 && (uint64_t)number < table_plan_mask(part) - 1)
        return (uint64_t)number + 1;
    if (number == RECORD_UNKNOWN) return 0;
    *is_large = true;
    return table_plan_mask(part);
}

/* Twice, because the second time all of it is known. */
static void check_row(struct fixture *f, const void *row)
{
    for (int again = 0; again < 2; again++) {
        int64_t cells[CELLS_MAX];
        bool is_large = false, expect_large = false;
        memset(cells, 0xff, sizeof cells);
        assert_int_equal(
            row_code_fill(f->code, &f->texts, row, &f->batch, cells, &is_large),
            SQLITE_OK);
        for (size_t i = 0; i < f->plan.main.column_count; i++) {
            const struct plan_column *c = &f->plan.main.columns[i];
            if (c->kind != COLUMN_PACKED) continue;
            uint64_t expected = 0;
            for (size_t k = 0; k < c->part_count; k++) {
                const struct plan_part *part = &f->plan.parts[c->first_part + k];
                expected |= expected_part(f, part, row, &expect_large) << part->shift;
            }
            assert_int_equal((uint64_t)cells[FIRST_CELL + i], expected);
        }
        assert_int_equal(is_large, expect_large);
        row_batch_clear(&f->batch);
    }
}

/* A text too long to be remembered gets another number each time. */
static void random_row(struct fixture *f, enum random_fill fill, int64_t id,
                       union any_record *out)
{
    random_record(&f->random, f->plan.kind, fill, id, out);
    for (size_t i = 0; i < f->plan.layout->field_count; i++) {
        const struct field *field = &f->plan.layout->fields[i];
        struct bytes text = record_text(field, out);
        if (field->type != FIELD_TEXT || text.len <= INTERN_TEXT_BYTES_MAX) continue;
        text.len = INTERN_TEXT_BYTES_MAX;
        memcpy((uint8_t *)out + field->offset, &text, sizeof text);
    }
}

static void packed_cells_are_as_the_plan_says(void **state)
{
    (void)state;
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        struct fixture f;
        open_fixture(&f, (enum record_kind)kind);
        for (int i = 0; i < RANDOM_ROWS; i++) {
            union any_record row;
            random_row(&f, (enum random_fill)(i % RANDOM_FILL_COUNT), i + 1, &row);
            check_row(&f, &row);
        }
        close_fixture(&f);
    }
}

static void one_other_enum_is_seen(void **state)
{
    (void)state;
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        struct fixture f;
        union any_record row;
        open_fixture(&f, (enum record_kind)kind);
        random_row(&f, RANDOM_EVERYTHING, 1, &row);
        for (int i = 0; i < ENUM_ROWS && f.plan.part_count > 0; i++) {
            uint64_t pick = random_next(&f.random) % f.plan.part_count;
            const struct plan_part *part = &f.plan.parts[pick];
            uint8_t value = (uint8_t)(random_next(&f.random) % VALUES);
            if (part->limit == 0) continue;
            memcpy((uint8_t *)&row + part->field->offset, &value, sizeof value);
            check_row(&f, &row);
        }
        close_fixture(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_cells_are_as_the_plan_says),
        cmocka_unit_test(one_other_enum_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
