/* Which name a mistyped word was meant to be. */
#include "cli/command_table.h"
#include "cli/likeness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const struct {
    const char *word, *names[4], *meant; /* NULL: none of them */
} cases[] = {
    {"outptu", {"input", "output"}, "output"},     /* neighbours swapped */
    {"colour", {"count", "color"}, "color"},       /* one too many */
    {"heders", {"secrets", "headers"}, "headers"}, /* one missing */
    {"hesders", {"headers"}, "headers"},           /* one wrong */
    {"raed", {"read", "road"}, "read"},            /* the first of equals */
    {"reed", {"road", "read"}, "read"},            /* the nearer of two */
    {"read", {"read"}, "read"},                    /* itself */
    {"x", {"c", "q"}, NULL},                       /* every letter would change */
    {"", {"read", "c"}, NULL},                     /* nothing was typed */
    {"ab", {"abc", "ba"}, "abc"},                  /* short words: one slip */
    {"ba", {"abcd"}, NULL},                        /* not two */
    {"interfaces", {"internal", "interface"}, "interface"},
    {"frobnicate", {"read", "live", "count"}, NULL},
    {"\xff\xfe\xfd", {"set", "csv"}, NULL},
    {"an-option-of-more-than-thirty-one-letters", {"an-option"}, NULL},
    {"abcdefghijklmnopqrstuvwxyzabcde",
     {"abcdefghijklmnopqrstuvwxyzabcdf"},
     "abcdefghijklmnopqrstuvwxyzabcdf"}, /* as long as any can be */
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct likeness like = likeness_of(cases[i].word);
        for (size_t k = 0; k < 4 && cases[i].names[k] != NULL; k++)
            likeness_try(&like, cases[i].names[k]);
        if (cases[i].meant == NULL && like.name != NULL)
            fail_msg("'%s' is taken for %s", cases[i].word, like.name);
        if (cases[i].meant != NULL &&
            (like.name == NULL || strcmp(like.name, cases[i].meant) != 0))
            fail_msg("'%s' is taken for %s, not %s", cases[i].word,
                     like.name ? like.name : "nothing", cases[i].meant);
    }
}

/* Each command is found, guessed from itself, and has a bit and texts of its own. */
static void test_commands(void **state)
{
    unsigned bits = 0;
    (void)state;
    for (size_t i = 0; i < command_row_count; i++) {
        const struct command *c = command_rows[i];
        assert_ptr_equal(command_table_find(c->name), c);
        assert_ptr_equal(command_table_guess(c->name), c);
        assert_int_equal(bits & c->bit, 0);
        bits |= c->bit;
        assert_non_null(strstr(c->notes, "Exit status: 0 "));
        assert_non_null(c->run);
        assert_int_not_equal(strlen(c->about), 0);
        assert_int_not_equal(strlen(c->operands), 0);
    }
    assert_null(command_table_find("no-such-command"));
    assert_null(command_table_guess("no-such-command"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
