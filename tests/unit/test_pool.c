/* Items are apart, cleared, used again, and memory that nobody uses goes back. */
#include "hopscope/pool.h"

#include "hopscope/base.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ITEMS = 5000, ITEM_BYTES = 200 };

static bool is_filled_with(const uint8_t *item, uint8_t value)
{
    for (size_t i = 0; i < ITEM_BYTES; i++)
        if (item[i] != value) return false;
    return true;
}

static void items_are_apart_and_cleared(void **state)
{
    (void)state;
    static const size_t strides[] = {1, 2, 7, 163, 164, 1000};
    struct pool *p = pool_new(ITEM_BYTES);
    uint8_t *items[ITEMS] = {NULL};
    for (size_t round = 0; round < ARRAY_LENGTH(strides); round++) {
        for (size_t i = 0; i < ITEMS; i++) {
            if (items[i] != NULL) continue;
            items[i] = pool_take(p);
            assert_int_equal((uintptr_t)items[i] % 16, 0);
            assert_true(is_filled_with(items[i], 0));
            memset(items[i], (int)(i % 255 + 1), ITEM_BYTES);
        }
        for (size_t i = 0; i < ITEMS; i++)
            assert_true(is_filled_with(items[i], (uint8_t)(i % 255 + 1)));
        for (size_t i = 0; i < ITEMS; i += strides[round]) {
            pool_give(p, items[i]);
            items[i] = NULL;
        }
    }
    for (size_t i = 0; i < ITEMS; i++)
        if (items[i] != NULL) pool_give(p, items[i]);
    pool_free(p);
}

static void what_nobody_uses_is_given_back(void **state)
{
    (void)state;
    size_t before = mem_in_use();
    struct pool *p = pool_new(ITEM_BYTES);
    void *items[ITEMS];
    for (size_t i = 0; i < ITEMS; i++) items[i] = pool_take(p);
    size_t most = mem_in_use();
    assert_true(most - before >= (size_t)ITEMS * ITEM_BYTES);
    assert_true(most - before <= (size_t)ITEMS * (ITEM_BYTES + 40));
    for (size_t i = 0; i < ITEMS; i++) pool_give(p, items[i]); /* the oldest first */
    assert_true(mem_in_use() - before <= 2 * 32768 + 4096);    /* one slab stays */
    pool_free(p);
}

static void the_last_given_is_the_next_taken(void **state)
{
    (void)state;
    struct pool *p = pool_new(ITEM_BYTES);
    void *a = pool_take(p), *b = pool_take(p);
    pool_give(p, a);
    assert_ptr_equal(pool_take(p), a);
    pool_give(p, b);
    pool_give(p, a);
    pool_free(p);
    pool_free(NULL);
}

static void whole_lines_have_their_own(void **state)
{
    (void)state;
    enum { LINE_BYTES = 64, LINES_BYTES = 15 * LINE_BYTES, SOME = 100 };
    struct pool *p = pool_new(LINES_BYTES);
    void *items[SOME];
    for (size_t i = 0; i < SOME; i++) {
        items[i] = pool_take(p);
        assert_int_equal((uintptr_t)items[i] % LINE_BYTES, 0);
    }
    for (size_t i = 0; i < SOME; i++) pool_give(p, items[i]);
    pool_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_apart_and_cleared),
        cmocka_unit_test(what_nobody_uses_is_given_back),
        cmocka_unit_test(the_last_given_is_the_next_taken),
        cmocka_unit_test(whole_lines_have_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
