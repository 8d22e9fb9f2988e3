/* Chars: what is asked of many bytes at a time, against the same byte by byte: texts of
 * every length, with every byte at every place, flush against a guard page.
 *
 *   aaaa?aaaaaaa|page nobody may touch       ?: every byte, where the rest is plain */
#include "http/chars.h"

#include "guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { LENGTH_MAX = 40 };

static bool is_control(uint8_t c)
{
    return (c < 0x20 && c != '\t') || c == 0x7f;
}

static bool is_invisible(uint8_t c)
{
    return c < 0x21 || c > 0x7e;
}

static bool is_alnum(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_no_token(uint8_t c)
{
    return !is_alnum(c) && (c == 0 || strchr("!#$%&'*+-.^_`|~", c) == NULL);
}

static bool is_no_host(uint8_t c)
{
    return !is_alnum(c) && (c == 0 || strchr("-._~%!$&'()*+,;=:[]", c) == NULL);
}

struct question {
    const char *name;
    bool (*ask)(struct bytes text);
    bool (*is_odd)(uint8_t c); /* a byte that decides the answer */
    bool answer;               /* where there is one */
    const char *plain;         /* bytes that do not */
};

/* clang-format off */
static const struct question questions[] = {
    { "chars_has_control", chars_has_control, is_control,   true,  "a\t\x80" },
    { "chars_are_visible", chars_are_visible, is_invisible, false, "a!~" },
    { "chars_are_token",   chars_are_token,   is_no_token,  false, "aZ-9!" },
    { "chars_are_host",    chars_are_host,    is_no_host,   false, "aZ-9:" },
};
/* clang-format on */

static int check_length(struct guard_page *g, const struct question *q, char plain,
                        size_t length)
{
    uint8_t *at = g->map + (g->room - length);
    struct bytes placed = bytes_of(at, length);
    int faults = 0;
    memset(g->map, plain, g->room); /* nor do the bytes before it decide anything */
    for (size_t i = 0; i < length; i++) {
        for (int c = 0; c < 256; c++) {
            at[i] = (uint8_t)c;
            bool is_right = (q->ask(placed) == q->answer) == q->is_odd((uint8_t)c);
            if (!is_right && faults++ == 0)
                fprintf(stderr, "%s: %d at %zu of %zu\n", q->name, c, i, length);
        }
        at[i] = (uint8_t)plain;
    }
    return faults;
}

static void every_byte_at_every_place(void **state)
{
    struct guard_page g;
    int faults = 0;
    (void)state;
    guard_page_init(&g, LENGTH_MAX);
    for (size_t i = 0; i < ARRAY_LENGTH(questions); i++)
        for (const char *plain = questions[i].plain; *plain != '\0'; plain++)
            for (size_t length = 1; length <= LENGTH_MAX; length++)
                faults += check_length(&g, &questions[i], *plain, length);
    guard_page_done(&g);
    assert_int_equal(faults, 0);
}

static void of_nothing(void **state)
{
    const struct bytes nothing = bytes_of(NULL, 0);
    (void)state;
    assert_false(chars_has_control(nothing));
    assert_true(chars_are_visible(nothing));
    assert_false(chars_are_token(nothing));
    assert_true(chars_are_host(nothing));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_at_every_place),
        cmocka_unit_test(of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
