/* Plain lines, against their definition: each case at every place of the blocks they
 * are looked at in, flush against a page that nobody may read, by each of the ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard_page.h"

/* The way of machines whose vectors are not written down is compiled in here. */
#define plain_lines_find plain_lines_find_portable
#include "http/plain_lines_portable.c" // NOLINT(bugprone-suspicious-include)
#undef plain_lines_find

void plain_lines_find(struct plain_lines *out, struct bytes head,
                      const struct plain_lines_request *asked); /* the program's own */

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
    { "A: b\tcdefgh",               ""             },
    { "A: b\xff\tghijk",            ""             },
    { "\r",                         ""             },
};
/* clang-format on */

typedef void (*finder)(struct plain_lines *, struct bytes,
                       const struct plain_lines_request *);
static const finder ways[] = {plain_lines_find, plain_lines_find_portable};

static void take_lines(finder find, struct bytes text, struct buffer *out)
{
    const struct plain_lines_request asked = {.fields_max = UINT32_MAX,
                                              .wanted = UINT32_MAX};
    struct plain_lines found;
    buffer_clear(out);
    do {
        find(&found, text, &asked);
        assert_int_equal(found.count, found.fields);
        assert_int_equal(found.start_length, 0);
        size_t taken = 0;
        for (size_t i = 0; i < found.count; i++) {
            const struct plain_line *line = &found.lines[i];
            struct bytes whole = bytes_of(line->text, line->length);
            const uint8_t *colon = memchr(whole.ptr, ':', whole.len);
            assert_true(colon == whole.ptr + line->name_length);
            assert_true(line->text == text.ptr + taken);
            taken += line->length + PLAIN_LINE_END;
            buffer_append(out, whole);
            buffer_append_text(out, "|");
        }
        assert_int_equal(found.taken, taken);
        text = bytes_from(text, taken);
    } while (found.fields == PLAIN_LINES_MAX);
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
    enum { FIRST_MAX = 20 * PLAIN_LINES_LOOK, LINE = 150 };
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
            if (text.len < PLAIN_LINES_LEAST) buffer_clear(&expected);
            struct bytes placed = guard_page_place(&guard, buffer_bytes(&text));
            for (size_t way = 0; way < ARRAY_LENGTH(ways); way++) {
                take_lines(ways[way], placed, &lines);
                if (!bytes_equal(buffer_bytes(&lines), buffer_bytes(&expected)))
                    fail_msg("case %zu behind %zu bytes, way %zu", i, length, way);
            }
        }
    }
    buffer_done(&text);
    buffer_done(&expected);
    buffer_done(&lines);
    guard_page_done(&guard);
}

/* Every byte at every place of a name and of a value. */
static void test_bytes(void **state)
{
    enum { LINE = 40, COLON = 20, BYTES = 80 };
    struct guard_page guard;
    struct buffer lines = {.ptr = NULL};
    (void)state;
    guard_page_init(&guard, 4096);
    for (size_t place = 0; place < LINE; place++) {
        if (place == COLON) continue;
        for (unsigned c = 0; c < 256; c++) {
            uint8_t text[BYTES];
            memset(text, 'a', sizeof text);
            memcpy(text + LINE, "\r\nb:c\r\n\r\n", 9);
            text[COLON] = ':';
            text[place] = (uint8_t)c;
            bool is_plain = !chars_is_control((uint8_t)c);
            if (place < COLON) is_plain = plain_lines_is_named((uint8_t)c);
            if (place < COLON && place > 0 && c == ':') is_plain = true;
            struct bytes placed = guard_page_place(&guard, bytes_of(text, BYTES));
            for (size_t way = 0; way < ARRAY_LENGTH(ways); way++) {
                take_lines(ways[way], placed, &lines);
                if (lines.len != (is_plain ? LINE + 5 : 0))
                    fail_msg("byte %u at %zu, way %zu", c, place, way);
            }
        }
    }
    buffer_done(&lines);
    guard_page_done(&guard);
}

/* clang-format off */
#define BODY "0123456789012345678901234567890123456789012345678901234567890123456789"
#define LONG "GET /" BODY " HTTP/1.1" /* of 84 bytes */
static const struct asked_case {
    const char *text;
    struct plain_lines_request asked;
    size_t start;
    uint32_t fields;
    const char *told; /* first letters of fields */
} asked_cases[] = {
    { "Host: a\r\nX: b\r\nServer: c\r\n\r\n" BODY, { false, 9, 1u << FIELD_HOST },   0, 3, "H" },
    { "X: a\r\nX: b\r\nServer: c\r\n\r\n" BODY,    { false, 9, 1u << FIELD_SERVER }, 0, 3, "S" },
    { "X: a\r\nX: b\r\nServer: c\r\n\r\n" BODY,    { false, 2, 1u << FIELD_SERVER }, 0, 2, ""  },
    { "Transfer: a\r\nX: b\r\n\r\n" BODY,           { false, 9, 0 },                 0, 2, "T" },
    { "X: a\r\nTransfer--Encoding: a\r\n\r\n" BODY, { false, 9, 0 },                 0, 2, "T" },
    { "GET / HTTP/1.1\r\nHost: a\r\n\r\n" BODY,     { true, 9, UINT32_MAX },        14, 1, "H" },
    { "GET / HTTP/1.1\r\nHost: a\r\n\r\n" BODY,     { false, 9, UINT32_MAX },        0, 0, ""  },
    { "GET / HTTP/1.1\r\n Host: a\r\n\r\n" BODY,    { true, 9, UINT32_MAX },        14, 0, ""  },
    { "GET / HTTP/1.1\r\n\r\n" BODY,                 { true, 9, UINT32_MAX },        14, 0, ""  },
    { "GET / HTTP/1.1\nHost: a\r\n\r\n" BODY,       { true, 9, UINT32_MAX },         0, 0, ""  },
    { "\r\nHost: a\r\n\r\n" BODY,                  { true, 9, UINT32_MAX },         0, 0, ""  },
    { LONG "\r\n",                                   { true, 9, UINT32_MAX },         0, 0, ""  },
    { LONG "\r\n\r",                                 { true, 9, UINT32_MAX },        84, 0, ""  },
    { LONG "\r\nHost: a\r\n",                       { true, 9, UINT32_MAX },        84, 0, ""  },
    { LONG "\r\nHost: a\r\nX",                      { true, 9, UINT32_MAX },        84, 1, "H" },
    { "GET / HTTP/1.1\r\nHost: a\r\n\r\n",          { true, 9, UINT32_MAX },         0, 0, ""  },
};
/* clang-format on */

static void test_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(asked_cases); i++) {
        const struct asked_case *c = &asked_cases[i];
        for (size_t way = 0; way < ARRAY_LENGTH(ways); way++) {
            struct plain_lines found;
            char told[8] = "";
            ways[way](&found, bytes_of_text(c->text), &c->asked);
            assert_int_equal(found.fields, c->fields);
            assert_int_equal(found.start_length, c->start);
            size_t start = c->start > 0 ? c->start + PLAIN_LINE_END : 0;
            if (c->fields == 0) assert_int_equal(found.taken, start);
            for (size_t n = 0; n < found.count; n++)
                told[n] = (char)found.lines[n].text[0];
            assert_string_equal(told, c->told);
        }
    }
}

/* More lines than are looked at at once, and texts too short for one look. */
static void test_many(void **state)
{
    enum { LINES = PLAIN_LINES_MAX + 8 };
    struct buffer text = {.ptr = NULL}, expected = {.ptr = NULL}, lines = {.ptr = NULL};
    (void)state;
    for (size_t n = 0; n < LINES; n++) append_line(&text, &expected, n);
    buffer_append_text(&text, "\r\n");
    for (size_t way = 0; way < ARRAY_LENGTH(ways); way++) {
        take_lines(ways[way], buffer_bytes(&text), &lines);
        assert_true(bytes_equal(buffer_bytes(&lines), buffer_bytes(&expected)));
        for (size_t length = 0; length < PLAIN_LINES_LEAST; length++) {
            take_lines(ways[way], bytes_first(buffer_bytes(&text), length), &lines);
            assert_int_equal(lines.len, 0);
        }
    }
    buffer_done(&text);
    buffer_done(&expected);
    buffer_done(&lines);
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
                if (!chars_is_token((uint8_t)c)) continue; /* no field's name */
                memcpy(name, whole.ptr, whole.len);
                bool is_same = chars_lower((uint8_t)c) == name[place];
                name[place] = (uint8_t)c;
                enum field_name found = names_find_field(bytes_of(name, whole.len));
                assert_int_equal(found == known, is_same);
            }
        }
    }
}

/* A line whose name has a row, with one byte of it changed: plain if it is a name
 * still, and that of the row if it differs by a letter's case. */
static void test_rows(void **state)
{
    const struct plain_lines_request asked = {.fields_max = 1, .wanted = UINT32_MAX};
    (void)state;
    for (size_t i = 0; i < NAMES_SLOTS; i++) {
        const struct names_row *row = &names_rows[i];
        uint8_t text[2 * PLAIN_LINES_LEAST] = "";
        memcpy(text, row->text, row->length + (size_t)1);
        memcpy(text + row->length + 1, "\r\nX", 3);
        for (size_t place = 0; place < row->length; place++) {
            for (unsigned c = 0; c < 256; c++) {
                struct plain_lines found;
                uint8_t line[sizeof text];
                if (c == ':' || c == '\r' || c == '\n') continue;
                memcpy(line, text, sizeof text);
                line[place] = (uint8_t)c;
                bool is_same = chars_lower((uint8_t)c) == row->text[place];
                bool is_named = plain_lines_is_named((uint8_t)c);
                struct bytes head = bytes_of(line, sizeof line);
                for (size_t way = 0; way < ARRAY_LENGTH(ways); way++) {
                    ways[way](&found, head, &asked);
                    assert_int_equal(found.count, is_named ? 1 : 0);
                    if (!is_named) continue;
                    assert_int_equal(found.lines[0].name_length, row->length);
                    if (is_same) assert_int_equal(found.lines[0].name, row->name);
                    if (!is_same) assert_int_equal(found.lines[0].name, FIELD_OTHER);
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),  cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_asked),  cmocka_unit_test(test_many),
        cmocka_unit_test(test_tokens), cmocka_unit_test(test_names),
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
