/* When the protocols are asked again. What is not asked must be what they would answer
 * as before: cases and, byte by byte, whole beginnings. */
#include "hopscope/http.h"
#include "stream/first_bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TEXT = 300 };

static void news_is_what_may_change_a_verdict(void **state)
{
    (void)state;
    static const struct {
        char fill;
        size_t length;
        const char *more;
        bool is_news;
    } cases[] = {
        {'x', 10, "x", true},      /* a method may still end */
        {'x', TEXT, "yz", false},  /* a long target goes on */
        {'x', TEXT, "y\n", true},  /* the line's end */
        {'x', TEXT, "\r", true},   /* perhaps */
        {'x', TEXT, "\x01", true}, /* no text after all */
        {'\n', TEXT, "\n", false}, /* one more empty line */
        {'\n', TEXT, "\r\n", false}, {'\n', TEXT, "\r\r", true},
        {'\n', TEXT, "G", true},     {'\r', TEXT, "\n", true},
        {'\x01', TEXT, "x", true},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        uint8_t first[TEXT];
        memset(first, cases[i].fill, sizeof first);
        bool is_news = first_bytes_have_news(bytes_of(first, cases[i].length),
                                             bytes_of_text(cases[i].more));
        if (is_news != cases[i].is_news) fail_msg("case %zu", i);
    }
}

/* Asked with each byte, and only with those that are news: always the same answer. */
static void check_beginning(struct bytes text)
{
    enum probe verdict = PROBE_MORE;
    for (size_t len = 1; len <= text.len; len++) {
        struct bytes first = bytes_first(text, len - 1);
        enum probe now = http_probe(bytes_first(text, len), false);
        bool is_news = first_bytes_have_news(first, bytes_of(text.ptr + len - 1, 1));
        if (is_news) verdict = now;
        assert_int_equal(verdict, now);
        if (now != PROBE_MORE) return; /* nobody asks again */
    }
}

static void what_is_not_asked_would_be_answered_as_before(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "\r\n", "\n", "GET /", "HTTP/1.1 2", "\r",
        "x",    " ",  "\t",    "\x01",       " HTTP/1.1\r\n"};
    for (size_t i = 0; i < 5000; i++) {
        struct buffer text = {.ptr = NULL};
        uint32_t random = (uint32_t)i * 2654435761u + 1;
        for (int part = 0; part < 4; part++) {
            random = random * 1664525 + 1013904223;
            const char *piece = pieces[(random >> 16) % ARRAY_LENGTH(pieces)];
            size_t times = (random >> 24) % 4 == 0 ? TEXT : 1;
            for (size_t n = 0; n < times; n++) buffer_append_text(&text, piece);
        }
        check_beginning(buffer_bytes(&text));
        buffer_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(news_is_what_may_change_a_verdict),
        cmocka_unit_test(what_is_not_asked_would_be_answered_as_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
