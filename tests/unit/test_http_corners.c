/* http: what seldom meets within messages. Bodies that were to wait, lengths that were
 * overruled, hidden requests, fields that disguise themselves; each whole and cut at
 * every byte. */
#include "http_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define GET1 "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
#define GET2 "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
#define OK1  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"
#define OK0  "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

/* clang-format off */
static const struct script_case cases[] = {
    { "overruled: a start line where the length ends", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        C("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n") },
        "> 1 POST / 1.1 chunked\n"
        "end 1 head=75 body=0\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n"
        "! length_with_coding attack C@0\n" },
    { "overruled: the length ends behind the end", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 500\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), CFIN },
        "> 1 POST / 1.1 chunked\n"
        "end 1 head=77 body=0\n"
        "! length_with_coding attack C@0\n" },
    { "overruled: the line there is cut by the end", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        C("GET /"), CFIN },
        "> 1 POST / 1.1 chunked\n"
        "end 1 head=75 body=0\n"
        "> 2 GET / ? unknown headcut\n"
        "cut 2 head=5 body=0\n"
        "! length_with_coding attack C@0\n"
        "! message_cut warning C@80\n" },
    { "overruled: a gap before that place, and over it", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n"),
        CGAP(8), C("aaaaaaaaaaaaaaaaaaaaaaaa"), CGAP(30), CFIN },
        "> 1 POST / 1.1 chunked\n"
        "cut 1 head=76 body=32 missing=38\n"
        "! length_with_coding attack C@0\n" },
    { "overruled: another finding stands before it, on the other side too", 0,
      { C("GET /1 HTTP/1.1\nHost: h\r\n\r\n"), 
        S("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        C("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n") },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=27 body=0\n"
        "< 1=1 exact 200 1.1 chunked\n"
        "end 1 head=66 body=0\n"
        "> 2 POST / 1.1 chunked\n"
        "end 2 head=75 body=0\n"
        "> 3 GET /2 1.1 none\n"
        "end 3 head=28 body=0\n"
        "! line_lf warning C@0\n"
        "! length_with_coding attack S@0\n"
        "! length_with_coding attack C@27\n" },
    { "withheld: the chunked body comes after all", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"),
        S("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"), C("4\r\nbody\r\n0\r\n\r\n") },
        "> 1 POST / 1.1 chunked\n"
        "< 1=1 exact 417 1.1 length\n"
        "end 1 head=38 body=0\n"
        "end 1 head=78 body=4\n" },
    { "withheld: a request in place of the chunked body", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"),
        S("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"), C(GET2) },
        "> 1 POST / 1.1 chunked\n"
        "< 1=1 exact 417 1.1 length\n"
        "end 1 head=38 body=0\n"
        "cut 1 head=78 body=0\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n" },
    { "withheld: answered amid the chunk's size", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n1"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), C("0\r\n0123456789abcdef\r\n0\r\n\r\n") },
        "> 1 POST / 1.1 chunked\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=0\n"
        "end 1 head=78 body=16\n" },
    { "withheld: answered amid a chunk", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbo"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), C("dy\r\n0\r\n\r\n"), C(GET2) },
        "> 1 POST / 1.1 chunked\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=0\n"
        "end 1 head=78 body=4\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n" },
    { "withheld: what was lost of the body", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n"), CGAP(60),
        S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), C("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n0123456789ab"), C(GET2) },
        "> 1 POST / 1.1 length\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=0\n"
        "end 1 head=71 body=100 missing=60 hidden=131 line=GET /2 HTTP/1.1\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n" },
    { "withheld: the next request line ends in LF alone", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n"),
        S("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"), C("GET /2 HTTP/1.1\nHost: h\r\n\r\n") },
        "> 1 POST / 1.1 length\n"
        "< 1=1 exact 417 1.1 length\n"
        "end 1 head=38 body=0\n"
        "cut 1 head=71 body=0\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=27 body=0\n"
        "! line_lf warning C@71\n" },
    { "withheld: a line with a flaw is body", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 20\r\n\r\n"),
        S("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"), C("GET  /2 HTTP/1.1\r\nab"), C(GET2) },
        "> 1 POST / 1.1 length\n"
        "< 1=1 exact 417 1.1 length\n"
        "end 1 head=38 body=0\n"
        "end 1 head=70 body=20 hidden=70 line=GET  /2 HTTP/1.1\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n" },
    { "withheld: without ACKs, by the order", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n"),
        SN("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"), CN(GET2) },
        "> 1 POST / 1.1 length\n"
        "< 1=1 exact 417 1.1 length\n"
        "end 1 head=38 body=0\n"
        "cut 1 head=71 body=0\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n" },
    { "hidden: only where a line begins", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\nxGET /in HTTP/1.1\r\ny") },
        "> 1 POST / 1.1 length\n"
        "end 1 head=48 body=20\n" },
    { "hidden: a line that ends in LF alone", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 24\r\n\r\nx\nGET /in HTTP/1.1\nabcd\n") },
        "> 1 POST / 1.1 length\n"
        "end 1 head=48 body=24 hidden=50 line=GET /in HTTP/1.1\n" },
    { "hidden: neither a version nor a method that is one", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\nGET / HTTP/1x1\r\nGet / HTTP/1.1\r\n\nGET /in HTTP/1.1\n") },
        "> 1 POST / 1.1 length\n"
        "end 1 head=48 body=50 hidden=81 line=GET /in HTTP/1.1\n" },
    { "a chunk's end with two CRs", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\r\n0\r\n\r\n") },
        "> 1 POST / 1.1 chunked\n"
        "cut 1 head=56 body=1\n"
        "! chunk_data_overrun attack C@61\n" },
    { "not chunked, but a part of its letters", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: hunk\r\n\r\n"),
        C("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunc-hunk\r\n\r\n") },
        "> 1 POST / 1.1 invalid\n"
        "end 1 head=53 body=0\n"
        "> 2 POST / 1.1 invalid\n"
        "end 2 head=59 body=0\n"
        "! coding_unknown warning C@26\n"
        "! coding_not_final attack C@0\n"
        "! coding_obfuscated attack C@79\n"
        "! coding_not_final attack C@53\n" },
    { "a transfer coding of no name", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \r\n\r\n"), CFIN },
        "> 1 POST / 1.1 invalid\n"
        "end 1 head=49 body=0\n"
        "! coding_unknown warning C@26\n"
        "! coding_not_final attack C@0\n" },
    { "chunked, but with letters between", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: cchunked\r\n\r\n"), CFIN },
        "> 1 POST / 1.1 invalid\n"
        "end 1 head=57 body=0\n"
        "! coding_obfuscated attack C@26\n"
        "! coding_not_final attack C@0\n" },
    { "chunked twice, and again", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n") },
        "> 1 POST / 1.1 chunked\n"
        "end 1 head=102 body=0\n"
        "! coding_repeated attack C@26\n"
        "! coding_repeated attack C@63\n" },
    { "an expectation disguised", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100 continues\r\nContent-Length: 0\r\n\r\n"),
        C("POST / HTTP/1.1\r\nHost: h\r\nExpect: x100-continue\r\n\r\n") },
        "> 1 POST / 1.1 length\n"
        "end 1 head=70 body=0\n"
        "> 2 POST / 1.1 none\n"
        "end 2 head=51 body=0\n"
        "! expect_unknown attack C@26\n"
        "! expect_no_body attack C@0\n"
        "! expect_unknown attack C@96\n"
        "! expect_no_body attack C@70\n" },
    { "an expectation of a server", 0,
      { C(GET1), S("HTTP/1.1 200 OK\r\nExpect: 100-continue\r\nHost: x\r\nContent-Length: 0\r\n\r\n") },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=69 body=0\n" },
    { "coding where none may stand", 0,
      { C(GET1), S("HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n"), C("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nabc") },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "< 1=1 exact 204 1.1 none\n"
        "end 1 head=47 body=0\n"
        "> 2 CONNECT a:1 1.1 none\n"
        "end 2 head=35 body=0\n"
        "< 2=2 exact 200 1.1 tunnel\n"
        "end 2 head=47 body=0\n"
        "switched 200 63 94\n"
        "handed over again S=abc\n"
        "! coding_forbidden warning S@0\n"
        "! coding_forbidden warning S@47\n"
        "! connect_with_body warning S@47\n" },
    { "authority without path, and a text that begins with @ behind it", 0,
      { C("GET http://h HTTP/1.1\r\nUser-Agent: @x\r\nHost: h\r\n\r\n") },
        "> 1 GET http://h 1.1 none\n"
        "end 1 head=50 body=0\n" },
    { "authority without path", 0,
      { C("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n"), C("GET http://u@h:80 HTTP/1.1\r\nHost: hh\r\n\r\n"),
        C("CONNECT http://x HTTP/1.1\r\nHost: y\r\n\r\n") },
        "> 1 GET http://h 1.1 none\n"
        "end 1 head=34 body=0\n"
        "> 2 GET http://u@h:80 1.1 none\n"
        "end 2 head=40 body=0\n"
        "> 3 CONNECT http://x 1.1 none\n"
        "end 3 head=38 body=0\n"
        "! host_mismatch warning C@34\n"
        "! request_target_form warning C@74\n" },
    { "Keep-Alive without values", 0,
      { C(GET1), S("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout, max=\r\nContent-Length: 0\r\n\r\n") },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=89 body=0\n" },
};
/* clang-format on */

/* What the finding says of the place where an overruled length ends. */
static void evidence_of_overruled_lengths(void **state)
{
#define BOTH(length)                                        \
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " length \
    "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    static const struct script_case told[] = {
        {"a request",
         0,
         {C(BOTH("5")), C(GET2)},
         "Content-Length: 5, a start line at its end: GET /2 HTTP/1.1\\r\\nHos"},
        {"part of one, and the end",
         0,
         {C(BOTH("5")), C("GET /"), CFIN},
         "Content-Length: 5, a start line at its end: GET /"},
        {"part of one, and a gap",
         0,
         {C(BOTH("5")), C("GET /"), CGAP(3), C("x\r\n")},
         "Content-Length: 5, a start line at its end: GET /"},
        {"none", 0, {C(BOTH("0"))}, "Content-Length: 0, no start line at its end"},
        {"an empty line, and no more",
         0,
         {C(BOTH("2")), CFIN},
         "Content-Length: 2, no start line at its end"},
        {"an empty line before a request",
         0,
         {C(BOTH("2")), C(GET2)},
         "Content-Length: 2, a start line at its end: \\n\\r\\nGET /2 HTTP/1.1\\r\\n"},
        {"behind a request",
         0,
         {C(BOTH("9")), C("GET /2 HTTP/1.1\r\n\r\n")},
         "Content-Length: 9, no start line at its end"},
        {"nothing", 0, {C(BOTH("500")), CFIN}, "Content-Length: 500"},
        {"a gap before it",
         0,
         {C(BOTH("35")), CGAP(20), C("0123456789"), C(GET2)},
         "Content-Length: 35, a start line at its end: GET /2 HTTP/1.1\\r\\nHo"},
        {"a gap over it", 0, {C(BOTH("10")), CGAP(20), C(GET2)}, "Content-Length: 10"},
    };
#undef BOTH
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(told); i++) {
        struct script_run r;
        char text[4 * FINDING_EVIDENCE_MAX + 1] = "";
        script_account(&r, told[i].steps, OPEN_HANDSHAKE, SCRIPT_WHOLE);
        const struct finding_list *l = r.conn.findings;
        for (uint32_t k = 0; l != NULL && k < l->count; k++) {
            const struct finding *f = &l->rows[k];
            if (f->code == FINDING_LENGTH_WITH_CODING)
                bytes_escape(bytes_of(f->evidence, f->evidence_length), text,
                             sizeof text);
        }
        if (strcmp(text, told[i].expected) != 0)
            fail_msg("%s: '%s'", told[i].name, text);
        script_run_done(&r);
    }
}

/* Every field with a name is told, however it is written; one without is none. */
static void odd_fields_are_told(void **state)
{
    /* clang-format off */
    static const struct { const char *lines, *told; } fields[] = {
        { "X: y\r\n",        "name=X value=y" },
        { "X : y\r\n",       "name=X value=y" },
        { "X@\t: y\r\n",    "name=X@ value=y" },
        { "X: y\r\n z\r\n",  "name=X value=y\\r\\n z" },
        { "@: y\r\n",        "name=@ value=y" },
        { "X:\r\n",          "name=X value=" },
        { " : y\r\n",        NULL },
        { ": y\r\n",         NULL },
        { "X y\r\n",         NULL },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        struct script_run r;
        char text[128];
        snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n",
                 fields[i].lines);
        const struct script_step steps[SCRIPT_STEPS_MAX] = {C(text)};
        script_account(&r, steps, OPEN_HANDSHAKE, SCRIPT_WHOLE);
        const char *full = (const char *)r.full.ptr, *second = strstr(full, "field 2 ");
        const char *told = fields[i].told;
        bool is_right = told == NULL ? second == NULL
                                     : second != NULL && strstr(second, told) != NULL;
        if (!is_right) fail_msg("'%s': %s", fields[i].lines, full);
        script_run_done(&r);
    }
}

static void test_cases(void **state)
{
    (void)state;
    assert_int_equal(script_check_all(cases, ARRAY_LENGTH(cases)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases),
                                       cmocka_unit_test(evidence_of_overruled_lengths),
                                       cmocka_unit_test(odd_fields_are_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
