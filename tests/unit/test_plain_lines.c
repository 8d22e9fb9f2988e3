/* Plain lines, against their definition: each case at every place of the blocks they
 * are looked at in, flush against a page that nobody may read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard_page.h"
#include "http/byte_map.h"
#include "http/chars.h"
#include "http/names.h"
#include "http/plain_lines.h"

/* clang-format off */
static const struct plain_case {
    const char *text;  /* from the beginning of a line on */
    const char *lines; /* that are plain, each ended by '|' */
} cases[] = {
    { "A: b\r\nC:d\r\n\r\n",        "A: b|C:d|"    },
    { "A: b\r\nC: d\r\n",           "A: b|"        }, /* the next line may be a fold */
    { "A: b\r\n fold\r\nC: d\r\n\r\n", ""          },
    { "A: b\r\n\tfold\r\n\r\n",     ""             },
    { "A: b\nC: d\r\n\r\n",         ""             },
    { "A: b\r\r\nC: d\r\n\r\n",     ""             },
    { "A: b\rc\r\n\r\n",            ""             },
    { "A: b\x01\r\n\r\n",           ""             },
    { "A: b\x7f\r\n\r\n",           ""             },
    { "A: b\tc:d\xff\r\n\r\n",      "A: b\tc:d\xff|" },
    { "A b\r\nC: d\r\n\r\n",        ""             },
    { "A:b:c\r\n\r\n",              "A:b:c|"       },
    { "A \r\nB: c\r\n\r\n",         ""             },
    { "A :b\r\n\r\n",               ""             },
    { "X-1a-Z9:\t\r\n\r\n",          "X-1a-Z9:\t|"  },
    { "X_1: a\r\n\r\n",             ""             }, /* a token, but hardly a name */
    { "A: b\r\n\r\n",               "A: b|"        },
    { "A: b\r\n:\r\n\r\n",          "A: b|"        },
    { ":\r\n\r\n",                  ""             },
    { "A:\r\nB: c\rd\r\n\r\n",      "A:|"          },
    { "\r\nA: b\r\n\r\n",           ""             },
    { "\nA: b\r\n\r\n",             ""             },
    { "A: b",                       ""             },
    { "\r",                         ""             },
};
/* clang-format on */

static void take_lines(struct bytes text, struct buffer *out)
{
    struct plain_lines lines;
    struct plain_line line;
    buffer_clear(out);
    do {
        plain_lines_look(&lines, text);
        while (plain_lines_next(&lines, &line)) {
            const uint8_t *colon = memchr(line.text.ptr, ':', line.text.len);
            assert_true(colon == line.text.ptr + line.name_length);
            assert_true(line.text.ptr + line.text.len + PLAIN_LINE_END ==
                        text.ptr + lines.at);
            buffer_append(out, line.text);
            buffer_append_text(out, "|");
        }
        text = bytes_from(text, lines.at);
    } while (plain_lines_were_cut(&lines));
}

static void append_line(struct buffer *text, struct buffer *expected, size_t length)
{
    struct buffer line = {.ptr = NULL};
    buffer_append_text(&line, "First: ");
    for (size_t n = 0; n < length; n++) buffer_append_text(&line, "x");
    buffer_append(text, buffer_bytes(&line));
    buffer_append_text(text, "\r\n");
    buffer_append(expected, buffer_bytes(&line));
    buffer_append_text(expected, "|");
    buffer_done(&line);
}

/* Behind first lines of every length, so that a case is cut by blocks and by the window
 * everywhere. */
static void test_cases(void **state)
{
    enum { FIRST_MAX = PLAIN_LINES_BYTES + 2 * BYTE_MAP_BYTES, LINE = 150 };
    struct guard_page guard;
    struct buffer text = {.ptr = NULL}, expected = {.ptr = NULL}, lines = {.ptr = NULL};
    (void)state;
    guard_page_init(&guard, 4096);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        for (size_t length = 0; length < FIRST_MAX; length++) {
            buffer_clear(&text);
            buffer_clear(&expected);
            for (size_t left = length; left > 0;) {
                size_t here = left < LINE ? left : LINE;
                append_line(&text, &expected, here);
                left -= here;
            }
            buffer_append_text(&expected, cases[i].lines);
            buffer_append_text(&text, cases[i].text);
            take_lines(guard_page_place(&guard, buffer_bytes(&text)), &lines);
            if (!bytes_equal(buffer_bytes(&lines), buffer_bytes(&expected)))
                fail_msg("case %zu behind %zu bytes", i, length);
        }
    }
    buffer_done(&text);
    buffer_done(&expected);
    buffer_done(&lines);
    guard_page_done(&guard);
}

/* Names of every length with every byte at every place: a token or none. */
static void test_tokens(void **state)
{
    (void)state;
    for (size_t length = 1; length < 28; length++) {
        for (size_t place = 0; place < length; place++) {
            for (unsigned c = 0; c < 256; c++) {
                uint8_t name[28];
                memset(name, 'n', sizeof name);
                name[place] = (uint8_t)c;
                bool is_token = chars_are_token(bytes_of(name, length));
                assert_true(is_token == chars_is_token((uint8_t)c));
            }
        }
    }
}

/* clang-format off */
static const char *const names[] = { /* every row of the table */
    "te", "host", "cookie", "expect", "server", "trailer", "upgrade", "location",
    "connection", "keep-alive", "set-cookie", "user-agent", "content-type",
    "max-forwards", "authorization", "cache-control", "content-range",
    "content-length", "content-encoding", "proxy-connection", "www-authenticate",
    "transfer-encoding", "sec-websocket-key", "proxy-authenticate",
    "proxy-authorization", "sec-websocket-accept", "sec-websocket-extensions",
};
/* clang-format on */

/* A name with one byte changed is another one, but for a letter's case. */
static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct bytes whole = bytes_of_text(names[i]);
        enum field_name known = names_find_field(whole);
        assert_int_not_equal(known, FIELD_OTHER);
        for (size_t place = 0; place < whole.len; place++) {
            for (unsigned c = 0; c < 256; c++) {
                uint8_t name[32];
                memcpy(name, whole.ptr, whole.len);
                bool is_same = chars_lower((uint8_t)c) == name[place];
                name[place] = (uint8_t)c;
                enum field_name found = names_find_field(bytes_of(name, whole.len));
                assert_int_equal(found == known, is_same);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
