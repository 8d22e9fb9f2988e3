/* hidden: request lines inside a body (RFC 9112, section 11.2), whole and in pieces cut
 * at every byte; and what is not looked at. */
#include "http/hidden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hopscope/http.h"

enum { BODY_AT = 1000 /* stream offset of the body */ };

struct hidden_case {
    const char *body, *line; /* "": none */
    uint64_t offset;         /* of the line, from the body's first byte */
};

/* clang-format off */
static const struct hidden_case cases[] = {
    { "GET /x HTTP/1.1\r\n",                      "GET /x HTTP/1.1", 0  },
    { "GET /x HTTP/1.1\n",                        "GET /x HTTP/1.1", 0  },
    { "\r\n\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n", "GET /x HTTP/1.1", 3  },
    { "a=b&c=d\r\nPOST / HTTP/1.0\r\n",           "POST / HTTP/1.0", 9  },
    { "Q\nGET /x HTTP/1.1\r\nGET /y HTTP/1.1\r\n", "GET /x HTTP/1.1", 2 },
    { "A\r\nM / HTTP/1.1\r\n",                    "M / HTTP/1.1",    3  },
    { "GET /x HTTP/1.1",                          "",                0  }, /* no end */
    { "get /x HTTP/1.1\r\n",                      "",                0  },
    { " GET /x HTTP/1.1\r\n",                     "",                0  },
    { "GET /x FTP/1.1\r\n",                       "",                0  },
    { "\r\n\r\n\r\n",                             "",                0  },
};
/* clang-format on */

static void expect_line(const struct hidden *h, const char *line, uint64_t offset)
{
    struct bytes found = hidden_line(h);
    if (line[0] == 0) {
        assert_null(found.ptr);
        assert_int_equal(h->found_offset, OFFSET_UNKNOWN);
        return;
    }
    assert_int_equal(found.len, strlen(line));
    assert_memory_equal(found.ptr, line, found.len);
    assert_int_equal(h->found_offset, BODY_AT + offset);
}

static void lines_are_found_however_they_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct bytes body = bytes_of_text(cases[i].body);
        for (size_t cut = 0; cut <= body.len; cut++) {
            struct hidden h;
            hidden_init(&h);
            hidden_look(&h, BODY_AT, bytes_first(body, cut));
            hidden_look(&h, BODY_AT + cut, bytes_from(body, cut));
            expect_line(&h, cases[i].line, cases[i].offset);
        }
        struct hidden h;
        hidden_init(&h);
        for (size_t k = 0; k < body.len; k++)
            hidden_look(&h, BODY_AT + k, bytes_first(bytes_from(body, k), 1));
        expect_line(&h, cases[i].line, cases[i].offset);
    }
}

/* A chunk's data begin a line, whatever the chunk before ended with. */
static void chunks_begin_lines(void **state)
{
    (void)state;
    struct hidden h;
    hidden_init(&h);
    hidden_look(&h, BODY_AT, bytes_of_text("a=b"));
    hidden_begin_line(&h);
    hidden_look(&h, BODY_AT + 10, bytes_of_text("GET /x HTTP/1.1\r\n"));
    hidden_begin_line(&h); /* what was found stays */
    expect_line(&h, "GET /x HTTP/1.1", 10);
}

/* Only the beginning of a body is looked at: the line's last byte may be the last. */
static void the_look_ends_at_its_cap(void **state)
{
    (void)state;
    static const char line[] = "GET /x HTTP/1.1\n";
    enum { LENGTH = sizeof line - 1 };
    static uint8_t body[HTTP_HIDDEN_BYTES_MAX + LENGTH];
    for (size_t beyond = 0; beyond <= 2; beyond++)
        for (size_t piece = 1000; piece <= sizeof body; piece *= 8) {
            size_t at = HTTP_HIDDEN_BYTES_MAX - LENGTH + beyond;
            struct bytes all = bytes_of(body, sizeof body);
            struct hidden h;
            memset(body, '\n', sizeof body);
            memcpy(body + at, line, LENGTH);
            hidden_init(&h);
            for (size_t k = 0; k < all.len; k += piece)
                hidden_look(&h, BODY_AT + k, bytes_first(bytes_from(all, k), piece));
            expect_line(&h, beyond == 0 ? "GET /x HTTP/1.1" : "", at);
        }
}

/* Longer lines are not taken for request lines. */
static void lines_have_a_longest(void **state)
{
    (void)state;
    for (size_t length = HIDDEN_LINE_MAX - 2; length <= HIDDEN_LINE_MAX + 2; length++)
        for (size_t cut = 1; cut <= length; cut++) {
            char line[HIDDEN_LINE_MAX + 4];
            struct hidden h;
            int target = (int)length - (int)strlen("GET / HTTP/1.1");
            (void)snprintf(line, sizeof line, "GET /%0*d HTTP/1.1\n", target, 0);
            hidden_init(&h);
            struct bytes all = bytes_of(line, length + 1);
            hidden_look(&h, BODY_AT, bytes_first(all, cut));
            hidden_look(&h, BODY_AT + cut, bytes_from(all, cut));
            line[length] = 0;
            expect_line(&h, length < HIDDEN_LINE_MAX ? line : "", 0); /* and its LF */
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_found_however_they_are_cut),
        cmocka_unit_test(chunks_begin_lines),
        cmocka_unit_test(the_look_ends_at_its_cap),
        cmocka_unit_test(lines_have_a_longest),
    };
    return cmocka_run_group_tests_name("hidden", tests, NULL, NULL);
}
