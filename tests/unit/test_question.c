/* The questions as the program carries them: heads that say what they should, and
 * parameters that all find their place. */
#include "hopscope/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char *sql_of(const struct question *q, const char *setting)
{
    struct buffer out = {.ptr = NULL};
    struct problem why = {.text = ""};
    const char *settings[] = {setting};
    enum status rc =
        question_write_sql(q, settings, setting == NULL ? 0 : 1, &out, &why);
    if (rc != STATUS_OK) print_error("%s: %s\n", q->name, why.text);
    assert_int_equal(rc, STATUS_OK);
    return (char *)out.ptr;
}

static void every_head_is_whole(void **state)
{
    struct question q;
    size_t count = 0;
    (void)state;
    for (; question_get(count, &q); count++) {
        assert_true(q.title.len > 0 && q.title.len <= 60);
        assert_true(q.keys.len > 0 && q.figures.len > 0);
        assert_true(bytes_start_with(q.about, "-- title: "));
        assert_non_null(memmem(q.about.ptr, q.about.len, "\n-- tells: ", 11));
        assert_non_null(memmem(q.about.ptr, q.about.len, "\n-- read: ", 10));
        assert_true(bytes_start_with(q.sql, "SELECT") ||
                    bytes_start_with(q.sql, "WITH"));
    }
    assert_int_equal(count, 20);
    assert_true(question_find("handshake-tax", &q));
    assert_true(question_find("handshake_tax", &q)); /* as its view has it */
    assert_false(question_find("", &q));
}

static void parameters_are_used_and_replaced(void **state)
{
    struct question q;
    (void)state;
    for (size_t i = 0; question_get(i, &q); i++) {
        char *plain = sql_of(&q, NULL);
        for (const char *c = strchr(plain, ':'); c != NULL; c = strchr(c + 1, ':'))
            assert_true(c[1] < 'a' || c[1] > 'z'); /* no :name is left */
        for (size_t p = 0; p < q.param_count; p++) {
            char setting[64];
            snprintf(setting, sizeof setting, "%.*s=31415.5", (int)q.params[p].name.len,
                     (const char *)q.params[p].name.ptr);
            char *set = sql_of(&q, setting);
            assert_non_null(strstr(set, "31415.5"));
            assert_null(strstr(plain, "31415.5"));
            assert_true(q.params[p].about.len > 0);
            mem_free(set);
        }
        mem_free(plain);
    }
}

static void only_numbers_get_in(void **state)
{
    static const char *const bad[] = {
        "slow_ms=1 OR 1", "slow_ms='1'", "slow_ms=",     "slow_ms=0x1", "slow_ms=1e3",
        "slow_ms=.5",     "slow_ms=-1",  "slow_ms=1..2", "Slow_ms=1",   "slow_ms",
    };
    struct question q;
    (void)state;
    assert_true(question_find("connects", &q));
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        struct buffer out = {.ptr = NULL};
        struct problem why = {.text = ""};
        assert_int_equal(question_write_sql(&q, &bad[i], 1, &out, &why), STATUS_USAGE);
        assert_true(why.text[0] != '\0');
        assert_int_equal(out.len, 0);
        buffer_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_head_is_whole),
        cmocka_unit_test(parameters_are_used_and_replaced),
        cmocka_unit_test(only_numbers_get_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
