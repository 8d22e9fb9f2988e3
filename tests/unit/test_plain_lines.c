/* Plain lines, against their definition: each case at every place of the blocks they
 * are looked at in, flush against a page that nobody may read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard_page.h"
#include "http/chars.h"
#include "http/names.h"
#include "http/plain_lines.h"

static void test_every_byte(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        for (unsigned at = 0; at < BYTE_MAP_BYTES; at++) {
            uint8_t bytes[BYTE_MAP_BYTES];
            memset(bytes, 'x', sizeof bytes);
            bytes[at] = (uint8_t)c;
            struct byte_map map;
            byte_map_read(&map, bytes);
            uint64_t bit = UINT64_C(1) << at;
            bool is_control = c < 0x20 || c == 0x7f;
            if (c == '\t' || c == '\r' || c == '\n') is_control = false;
            assert_true(map.ends == (c == '\n' ? bit : 0));
            assert_true(map.returns == (c == '\r' ? bit : 0));
            assert_true(map.colons == (c == ':' ? bit : 0));
            assert_true(map.controls == (is_control ? bit : 0));
        }
    }
}

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
    { ":\r\n\r\n",                  ":|"           },
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
    plain_lines_begin(&lines, text);
    while (plain_lines_next(&lines, &line)) {
        const uint8_t *colon = memchr(line.text.ptr, ':', line.text.len);
        assert_true(colon == line.text.ptr + line.name_length);
        assert_true(lines.at == line.text.ptr + line.text.len + PLAIN_LINE_END);
        buffer_append(out, line.text);
        buffer_append_text(out, "|");
    }
}

/* Behind a first line of every length, so that a case is cut by blocks everywhere. */
static void test_cases(void **state)
{
    enum { FIRST_MAX = 3 * BYTE_MAP_BYTES };
    struct guard_page guard;
    struct buffer text = {.ptr = NULL}, expected = {.ptr = NULL}, lines = {.ptr = NULL};
    (void)state;
    guard_page_init(&guard, 4096);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        for (size_t length = 0; length < FIRST_MAX; length++) {
            buffer_clear(&text);
            buffer_clear(&expected);
            buffer_append_text(&text, "First: ");
            for (size_t n = 0; n < length; n++) buffer_append_text(&text, "x");
            buffer_append(&expected, buffer_bytes(&text));
            buffer_append_text(&expected, "|");
            buffer_append_text(&expected, cases[i].lines);
            buffer_append_text(&text, "\r\n");
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

/* A name with one byte changed is another one, but for a letter's case. */
static void test_names(void **state)
{
    static const char *const names[] = {"te",
                                        "host",
                                        "server",
                                        "upgrade",
                                        "connection",
                                        "content-length",
                                        "transfer-encoding",
                                        "sec-websocket-extensions"};
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
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
