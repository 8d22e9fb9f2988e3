/* intern: which text has which number. Its short way looks at a text's ends only, so
 * texts of every length that differ in any one byte must stay apart. */
#include "guard_page.h"
#include "store/intern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LENGTH_MAX = 40, FORGETS = 3 };

/* Text 0 of a length, or that text with byte `changed` - 1 another one. */
static struct bytes text_of(uint8_t text[LENGTH_MAX], size_t length, size_t changed)
{
    for (size_t i = 0; i < length; i++) text[i] = (uint8_t)(0xa0 + i);
    if (changed > 0) text[changed - 1] ^= 0x81;
    return bytes_of(text, length);
}

static int64_t id_of(size_t length, size_t changed)
{
    return (int64_t)(length * 100 + changed + 1);
}

static void texts_that_differ_in_one_byte_stay_apart(void **state)
{
    uint8_t text[LENGTH_MAX];
    struct intern *n = intern_new();
    (void)state;
    for (size_t length = 0; length <= LENGTH_MAX; length++) {
        for (size_t changed = 0; changed <= length; changed++) {
            assert_int_equal(intern_find(n, text_of(text, length, changed)), 0);
            intern_add(n, text_of(text, length, changed), id_of(length, changed));
        }
    }
    for (int again = 0; again < 2; again++) { /* the second time by the short way */
        for (size_t length = 0; length <= LENGTH_MAX; length++) {
            for (size_t changed = 0; changed <= length; changed++)
                assert_int_equal(intern_find(n, text_of(text, length, changed)),
                                 id_of(length, changed));
        }
    }
    intern_free(n);
}

static void nothing_beyond_a_text_is_read(void **state)
{
    struct intern *n = intern_new();
    struct guard_page page;
    (void)state;
    guard_page_init(&page, LENGTH_MAX);
    for (size_t length = 0; length <= LENGTH_MAX; length++) {
        uint8_t text[LENGTH_MAX];
        struct bytes guarded = guard_page_place(&page, text_of(text, length, 0));
        intern_add(n, guarded, id_of(length, 0));
        assert_int_equal(intern_find(n, guarded), id_of(length, 0));
    }
    guard_page_done(&page);
    intern_free(n);
}

static void what_is_forgotten_can_be_learnt_again(void **state)
{
    struct intern *n = intern_new();
    char text[32];
    (void)state;
    for (int64_t i = 0; i < FORGETS * INTERN_COUNT_MAX; i++) {
        int length = snprintf(text, sizeof text, "text number %lld", (long long)i);
        struct bytes added = bytes_of(text, (size_t)length);
        assert_int_equal(intern_find(n, added), 0);
        intern_add(n, added, i + 1);
        assert_int_equal(intern_find(n, added), i + 1);
    }
    assert_int_equal(intern_find(n, bytes_of_text("text number 0")), 0);
    intern_free(n);
}

static void what_is_kept_is_never_forgotten(void **state)
{
    enum { KEPT = 54 };
    struct intern *n = intern_new();
    char text[32];
    (void)state;
    for (int64_t i = 0; i < FORGETS * INTERN_COUNT_MAX; i++) {
        int length = snprintf(text, sizeof text, "text number %lld", (long long)i);
        intern_add(n, bytes_of(text, (size_t)length), i + 1);
        if (i + 1 == KEPT) intern_keep(n, KEPT);
    }
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < KEPT; i++) {
            int length = snprintf(text, sizeof text, "text number %d", i);
            assert_int_equal(intern_find(n, bytes_of(text, (size_t)length)), i + 1);
        }
        intern_forget(n);
    }
    assert_int_equal(n->count, KEPT);
    assert_int_equal(intern_find(n, bytes_of_text("text number 54")), 0);
    intern_free(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_differ_in_one_byte_stay_apart),
        cmocka_unit_test(nothing_beyond_a_text_is_read),
        cmocka_unit_test(what_is_forgotten_can_be_learnt_again),
        cmocka_unit_test(what_is_kept_is_never_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
