/* row_batch: in which order the rows of a batch are written. */
#include "store/row_batch.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { COLUMNS = 2, STEP = 37, FEW = 5 };

/* Rows with these keys, and their number beside it. */
static void add_row(struct row_batch *b, int64_t key)
{
    int64_t number = (int64_t)b->row_count, *cells = row_batch_add(b);
    cells[0] = key;
    cells[1] = number;
}

static void rows_without_keys_stay_as_they_came(void **state)
{
    struct row_batch b;
    (void)state;
    row_batch_init(&b, COLUMNS);
    for (int64_t i = 0; i < FEW; i++) add_row(&b, FEW - i);
    row_batch_sort(&b, false);
    for (size_t i = 0; i < FEW; i++) assert_int_equal(row_batch_row(&b, i)[1], i);
    row_batch_done(&b);
}

static void keys_grow_and_equal_ones_stay_as_they_came(void **state)
{
    struct row_batch b;
    (void)state;
    row_batch_init(&b, COLUMNS);
    for (int round = 0; round < 2; round++) { /* an emptied batch forgets its order */
        for (int64_t i = 0; !row_batch_is_full(&b); i++) {
            int64_t falling = ROW_BATCH_ROWS - i,
                    mixed = i * STEP % (ROW_BATCH_ROWS / 2);
            add_row(&b, round == 0 ? falling : mixed);
        }
        row_batch_sort(&b, true);
        for (size_t i = 1; i < ROW_BATCH_ROWS; i++) {
            const int64_t *before = row_batch_row(&b, i - 1),
                          *row = row_batch_row(&b, i);
            assert_true(before[0] < row[0] ||
                        (before[0] == row[0] && before[1] < row[1]));
        }
        row_batch_clear(&b);
    }
    row_batch_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_without_keys_stay_as_they_came),
        cmocka_unit_test(keys_grow_and_equal_ones_stay_as_they_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
