/* Start lines, part by part: versions, targets and their forms, spacing, statuses;
 * lines that were cut; methods and what may begin one. */
#include "http/names.h"
#include "http/start_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct line_case {
    const char *text;
    bool is_taken, is_exact, is_flawless;
    enum http_version version;
    const char *target; /* or status, of a response */
};

/* clang-format off */
static const struct line_case request_cases[] = {
    { "GET / HTTP/1.1",        true,  true,  true,  VERSION_11,    "/" },
    { "GET / HTTP/1.0",        true,  true,  true,  VERSION_10,    "/" },
    { "GET / HTTP/1.9",        true,  true,  true,  VERSION_11,    "/" },
    { "GET / HTTP/2.0",        true,  true,  false, VERSION_OTHER, "/" },
    { "GET / http/1.1",        true,  false, false, VERSION_11,    "/" },
    { "GET / HTTP/x.1",        true,  false, false, VERSION_OTHER, "/" },
    { "GET / HTTP/1x1",        true,  false, false, VERSION_OTHER, "/" },
    { "GET / HTTP/1.x",        true,  false, false, VERSION_OTHER, "/" },
    { "GET / HTTP/1.10",       true,  false, false, VERSION_OTHER, "/" },
    { "GET / HTTP/",           true,  false, false, VERSION_OTHER, "/" },
    { "POST /a?b=c HTTP/1.1",  true,  true,  true,  VERSION_11,    "/a?b=c" },
    { "PUT / HTTP/1.0",        true,  true,  true,  VERSION_10,    "/" },
    { "HEAD /a\x80 HTTP/1.1",  true,  true,  false, VERSION_11,    "/a\x80" },
    { "POST /a\tb HTTP/1.1",   true,  true,  false, VERSION_11,    "/a\tb" },
    { "POSTS / HTTP/1.1",      true,  true,  false, VERSION_11,    "/" },
    { "GET\t/ HTTP/1.0",       true,  true,  false, VERSION_10,    "/" },
    { "GET / HTTP/1.1 ",       true,  true,  false, VERSION_11,    "/" },
    { "GET /HTTP/1.1",         true,  false, false, VERSION_09,    "/HTTP/1.1" },
    { "GET  HTTP/1.1",         true,  true,  false, VERSION_11,    ""  },
    { "GET /a b HTTP/1.1",     true,  true,  false, VERSION_11,    "/a b" },
    { "GET\t/ HTTP/1.1",       true,  true,  false, VERSION_11,    "/" },
    { "GET /\tHTTP/1.1",       true,  true,  false, VERSION_11,    "/" },
    { " GET / HTTP/1.1",       true,  true,  false, VERSION_11,    "/" },
    { "GET *  HTTP/1.1",       true,  true,  false, VERSION_11,    "*" },
    { "GET * HTTP/1.1",        true,  true,  false, VERSION_11,    "*" },
    { "OPTIONS * HTTP/1.1",    true,  true,  true,  VERSION_11,    "*" },
    { "OPTIONS /x HTTP/1.1",   true,  true,  true,  VERSION_11,    "/x" },
    { "PRI * HTTP/2.0",        true,  true,  false, VERSION_OTHER, "*" },
    { "CONNECT a:1 HTTP/1.1",  true,  true,  true,  VERSION_11,    "a:1" },
    { "CONNECT 443 HTTP/1.1",  true,  true,  false, VERSION_11,    "443" },
    { "CONNECT a443 HTTP/1.1", true,  true,  false, VERSION_11,    "a443" },
    { "CONNECT a: HTTP/1.1",   true,  true,  false, VERSION_11,    "a:" },
    { "CONNECT :1 HTTP/1.1",   true,  true,  false, VERSION_11,    ":1" },
    { "CONNECT / HTTP/1.1",    true,  true,  false, VERSION_11,    "/" },
    { "GET ftp://a/ HTTP/1.1", true,  true,  true,  VERSION_11,    "ftp://a/" },
    { "GET ://a/ HTTP/1.1",    true,  true,  false, VERSION_11,    "://a/" },
    { "GET ftp:a/ HTTP/1.1",   true,  true,  false, VERSION_11,    "ftp:a/" },
    { "GET ftp:/a HTTP/1.1",   true,  true,  false, VERSION_11,    "ftp:/a" },
    { "GET a.b HTTP/1.1",      true,  true,  false, VERSION_11,    "a.b" },
    { "NOVEL / HTTP/1.1",      true,  true,  false, VERSION_11,    "/" },
    { "G@T / HTTP/1.1",        true,  false, false, VERSION_11,    "/" },
    { "G@T / HTTP/1x1",        false, false, false, VERSION_OTHER, NULL },
    { "G\x01T / HTTP/1.1",     false, false, false, VERSION_OTHER, NULL },
    { "GET /",                 true,  false, false, VERSION_09,    "/" },
    { "GET http://a/",         true,  false, false, VERSION_09,    "http://a/" },
    { "GET HTTPS://a/",        true,  false, false, VERSION_09,    "HTTPS://a/" },
    { "OPTIONS *",             true,  false, false, VERSION_09,    "*" },
    { "OPTIONS /",             true,  false, false, VERSION_09,    "/" },
    { "CONNECT a:1",           true,  false, false, VERSION_09,    "a:1" },
    { "GET x",                 false, false, false, VERSION_OTHER, NULL },
    { "GET / a",               false, false, false, VERSION_OTHER, NULL },
    { "NOVEL /",               false, false, false, VERSION_OTHER, NULL },
    { "GET",                   false, false, false, VERSION_OTHER, NULL },
    { " \t ",                  false, false, false, VERSION_OTHER, NULL },
    { "",                      false, false, false, VERSION_OTHER, NULL },
};

static const struct line_case response_cases[] = {
    { "HTTP/1.1 200 OK",   true,  true,  true,  VERSION_11,    "200" },
    { "HTTP/1.0 404",      true,  true,  true,  VERSION_10,    "404" },
    { "HTTP/1.1 100 ",     true,  true,  true,  VERSION_11,    "100" },
    { "HTTP/1.1 204\tOK",  true,  true,  true,  VERSION_11,    "204" },
    { "HTTP/1.1 2:0 OK",   true,  false, false, VERSION_11,    "0" },
    { "HTTP/1.1 599 x",    true,  true,  true,  VERSION_11,    "599" },
    { "HTTP/1.1 600 x",    true,  true,  false, VERSION_11,    "600" },
    { "HTTP/1.1 099 x",    true,  true,  false, VERSION_11,    "99" },
    { "HTTP/1.1 000 x",    true,  false, false, VERSION_11,    "0" },
    { "HTTP/1.1 20 x",     true,  false, false, VERSION_11,    "0" },
    { "HTTP/1.1 2000 x",   true,  false, false, VERSION_11,    "0" },
    { "HTTP/1.1 2x0 x",    true,  false, false, VERSION_11,    "0" },
    { "HTTP/1.1  200 OK",  true,  true,  false, VERSION_11,    "200" },
    { "HTTP/1.1\t200 OK",  true,  true,  false, VERSION_11,    "200" },
    { "HTTP/1.1",          true,  false, false, VERSION_11,    "0" },
    { "HTTP/3 200 OK",     true,  false, false, VERSION_OTHER, "200" },
    { "http/1.1 200 OK",   true,  false, false, VERSION_11,    "200" },
    { "ICY 200 OK",        false, false, false, VERSION_OTHER, NULL },
    { "",                  false, false, false, VERSION_OTHER, NULL },
};
/* clang-format on */

static void check_line(const struct line_case *c, enum side from)
{
    struct start_line l;
    bool is_taken = start_line_read(bytes_of_text(c->text), from, &l);
    if (is_taken != c->is_taken) fail_msg("'%s': taken %d", c->text, is_taken);
    if (!is_taken) return;
    bool is_same = l.is_exact == c->is_exact && l.is_flawless == c->is_flawless &&
                   l.version == c->version;
    bool is_text = from == SIDE_SERVER ? l.status == atoi(c->target)
                                       : bytes_are(l.target, c->target);
    if (!is_same || !is_text)
        fail_msg("'%s': exact %d flawless %d version %d status %d target %.*s", c->text,
                 l.is_exact, l.is_flawless, l.version, l.status, (int)l.target.len,
                 (const char *)l.target.ptr);
}

static void lines_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(request_cases); i++)
        check_line(&request_cases[i], SIDE_CLIENT);
    for (size_t i = 0; i < ARRAY_LENGTH(response_cases); i++)
        check_line(&response_cases[i], SIDE_SERVER);
}

/* Of a line without its end, as much as it tells. */
static void lines_that_were_cut(void **state)
{
    /* clang-format off */
    static const struct { enum side from; const char *text; bool is_taken; } cases[] = {
        { SIDE_CLIENT, "GET ",          true  },
        { SIDE_CLIENT, "GET /a",        true  },
        { SIDE_CLIENT, "GET /a HTT",    true  },
        { SIDE_CLIENT, "GET",           false },
        { SIDE_CLIENT, "NOVEL /a",      true  },
        { SIDE_CLIENT, "NOVEL https://a", true },
        { SIDE_CLIENT, "NOVEL a",       false },
        { SIDE_CLIENT, "NOVEL ",        false },
        { SIDE_CLIENT, "N@VEL /a",      false },
        { SIDE_SERVER, "HTTP/1.1 200",  true  },
        { SIDE_SERVER, "HTTP/1.1 20",   false },
        { SIDE_SERVER, "HTTP/1.1",      false },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct start_line l;
        if (start_line_read_cut(bytes_of_text(cases[i].text), cases[i].from, &l) !=
            cases[i].is_taken)
            fail_msg("'%s'", cases[i].text);
    }
}

/* In the middle of something else, what is hardly ever there by chance. */
static void likely_requests(void **state)
{
    /* clang-format off */
    static const struct { const char *text; bool is_likely; } cases[] = {
        { "GET /a HTTP/1.1",      true  },
        { "NOVEL /a HTTP/1.1",    true  },
        { "M-SEARCH /a HTTP/1.1", true  },
        { "MK_COL /a HTTP/1.1",   true  },
        { "Novel /a HTTP/1.1",    false },
        { "A1 /a HTTP/1.1",       false },
        { "A! /a HTTP/1.1",       false },
        { "GET  HTTP/1.1",        false },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct start_line l;
        assert_true(start_line_read(bytes_of_text(cases[i].text), SIDE_CLIENT, &l));
        if (start_line_is_likely(&l) != cases[i].is_likely)
            fail_msg("'%s'", cases[i].text);
    }
}

static void what_may_begin_a_line(void **state)
{
    /* clang-format off */
    static const struct { enum side from; const char *text; bool may; } cases[] = {
        { SIDE_SERVER, "",         true  }, { SIDE_SERVER, "H",        true  },
        { SIDE_SERVER, "hTtP/",    true  }, { SIDE_SERVER, "HTTP/9",   true  },
        { SIDE_SERVER, "HTTQ",     false }, { SIDE_SERVER, "x",        false },
        { SIDE_CLIENT, "G",        true  }, { SIDE_CLIENT, "GET / HTTP/1.1\r\n", true },
        { SIDE_CLIENT, "GET / HTTP/1.",  true  }, { SIDE_CLIENT, "@", false },
    };
    static const struct { const char *text; bool may; } methods[] = {
        { "", true },     { "G", true },     { "GET", true },  { "GET ", true },
        { "GETS", false }, { "GET/", false }, { "ET /", false }, { "PATCH / H", true },
        { "g", false },
    };
    static const struct { enum method method; bool is_idempotent; } idempotent[] = {
        { METHOD_OTHER, false }, { METHOD_GET, true }, { METHOD_HEAD, true },
        { METHOD_POST, false }, { METHOD_PUT, true }, { METHOD_DELETE, true },
        { METHOD_CONNECT, false }, { METHOD_OPTIONS, true }, { METHOD_TRACE, true },
        { METHOD_PATCH, false }, { METHOD_PRI, false },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        if (start_line_may_begin(bytes_of_text(cases[i].text), cases[i].from) !=
            cases[i].may)
            fail_msg("'%s'", cases[i].text);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(methods); i++) {
        if (names_may_begin_method(bytes_of_text(methods[i].text)) != methods[i].may)
            fail_msg("method '%s'", methods[i].text);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(idempotent); i++)
        assert_int_equal(method_is_idempotent(idempotent[i].method),
                         idempotent[i].is_idempotent);
}

static void first_bytes_of_a_side(void **state)
{
    /* clang-format off */
    static const struct { const char *text; enum probe part, whole; } cases[] = {
        { "",                     PROBE_MORE,   PROBE_NO     },
        { "\r\n\n",               PROBE_MORE,   PROBE_NO     },
        { "\r\n\r",               PROBE_MORE,   PROBE_NO     },
        { "\rGET / HTTP/1.1\r\n", PROBE_NO,     PROBE_NO     },
        { "\r\nGET / HTTP/1.1\n", PROBE_CLIENT, PROBE_CLIENT },
        { "GET / HTTP/1.1",       PROBE_MORE,   PROBE_CLIENT },
        { "GET / HTTP/1x1\r\n",   PROBE_NO,     PROBE_NO     },
        { "GET /\r\n",            PROBE_CLIENT, PROBE_CLIENT },
        { "GET  HTTP/1.1\r\n",    PROBE_NO,     PROBE_NO     },
        { "PRI * HTTP/2.0\r\n",   PROBE_NO,     PROBE_NO     },
        { "PRI * HTTP/1.1\r\n",   PROBE_CLIENT, PROBE_CLIENT },
        { "NOVEL / HTTP/1.1\r\n", PROBE_CLIENT, PROBE_CLIENT },
        { "NOVEL /",              PROBE_MORE,   PROBE_NO     },
        { "GET a",                PROBE_MORE,   PROBE_NO     },
        { "GET",                  PROBE_MORE,   PROBE_NO     },
        { "GET\n",                PROBE_NO,     PROBE_NO     },
        { "GET:/ HTTP/1.1\n",     PROBE_NO,     PROBE_NO     },
        { "GET /\x01 HTTP/1.1\n", PROBE_NO,     PROBE_NO     },
        { "HTTP/1.1 2",           PROBE_SERVER, PROBE_SERVER },
        { "HTTP/1.1 ",            PROBE_MORE,   PROBE_NO     },
        { "HTTP/1.1 \n",          PROBE_NO,     PROBE_NO     },
        { "HTTP/1.1 x",           PROBE_NO,     PROBE_NO     },
        { "HTTP/a",               PROBE_NO,     PROBE_NO     },
        { "A234567890123456789012345678901234", PROBE_NO, PROBE_NO },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct bytes text = bytes_of_text(cases[i].text);
        if (http_probe(text, false) != cases[i].part ||
            http_probe(text, true) != cases[i].whole)
            fail_msg("'%s': %d, %d", cases[i].text, http_probe(text, false),
                     http_probe(text, true));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(lines_that_were_cut),
        cmocka_unit_test(likely_requests),
        cmocka_unit_test(what_may_begin_a_line),
        cmocka_unit_test(first_bytes_of_a_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
