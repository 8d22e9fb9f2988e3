/* What http takes for its own: whole, and as every beginning of it arrives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard_page.h"
#include "hopscope/http.h"

#include <stdio.h>

struct probe_case {
    const char *bytes;
    size_t length; /* 0: strlen */
    enum probe more, all;
};

/* clang-format off */
static const struct probe_case cases[] = {
    { "GET / HTTP/1.1\r\n",                 0, PROBE_CLIENT, PROBE_CLIENT },
    { "GET / HTTP/1.1\n",                   0, PROBE_CLIENT, PROBE_CLIENT },
    { "\r\n\nGET / HTTP/1.0\r\nHost: h",    0, PROBE_CLIENT, PROBE_CLIENT },
    { "FROB /x HTTP/1.1\r\n",               0, PROBE_CLIENT, PROBE_CLIENT },
    { "frob x HTTP/1.1\r\n",                0, PROBE_CLIENT, PROBE_CLIENT },
    { "GET /a b HTTP/1.1\r\n",              0, PROBE_CLIENT, PROBE_CLIENT },
    { "GET / HTTP/2.0\r\n",                 0, PROBE_CLIENT, PROBE_CLIENT },
    { "M / HTTP/1.1\r\n",                   0, PROBE_CLIENT, PROBE_CLIENT },
    { " / HTTP/1.1\r\n",                    0, PROBE_NO,     PROBE_NO     },
    { "NOTIFY * HTTP/1.1\r\n",              0, PROBE_CLIENT, PROBE_CLIENT },
    { "CONNECT h:443 HTTP/1.1\r\n",         0, PROBE_CLIENT, PROBE_CLIENT },
    { "GET /\r\n",                          0, PROBE_CLIENT, PROBE_CLIENT },
    { "GET http://h/\r\n",                  0, PROBE_CLIENT, PROBE_CLIENT },
    { "OPTIONS *\r\n",                      0, PROBE_CLIENT, PROBE_CLIENT },
    { "CONNECT h:443\r\n",                  0, PROBE_CLIENT, PROBE_CLIENT },
    { "GET /long",                          0, PROBE_MORE,   PROBE_CLIENT },
    { "GET /long HTTP/1",                   0, PROBE_MORE,   PROBE_CLIENT },
    { "GET /long HTTP/1.1\r",               0, PROBE_MORE,   PROBE_CLIENT },
    { "GET /a?b=c d",                       0, PROBE_MORE,   PROBE_CLIENT },
    { "GET ",                               0, PROBE_MORE,   PROBE_NO },
    { "GET key",                            0, PROBE_MORE,   PROBE_NO },
    { "FROB /x",                            0, PROBE_MORE,   PROBE_NO },
    { "G",                                  0, PROBE_MORE,   PROBE_NO },
    { "\r",                                 0, PROBE_MORE,   PROBE_NO },
    { "\r\n",                               0, PROBE_MORE,   PROBE_NO },
    { "HTTP/1.1 200 OK\r\n",                0, PROBE_SERVER, PROBE_SERVER },
    { "HTTP/1.1 2",                         0, PROBE_SERVER, PROBE_SERVER },
    { "HTTP/2.0 2",                         0, PROBE_SERVER, PROBE_SERVER },
    { "\r\nHTTP/1.0 404",                   0, PROBE_SERVER, PROBE_SERVER },
    { "HTTP/1.1 ",                          0, PROBE_MORE,   PROBE_NO },
    { "HTTP/",                              0, PROBE_MORE,   PROBE_NO },
    { "HT",                                 0, PROBE_MORE,   PROBE_NO },
    { "HTTP/1.1 \r\n",                      0, PROBE_NO,     PROBE_NO },
    { "HTTP/x",                             0, PROBE_NO,     PROBE_NO },
    { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",   0, PROBE_NO,     PROBE_NO },
    { "SSH-2.0-OpenSSH_9.2p1\r\n",          0, PROBE_NO,     PROBE_NO },
    { "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", 0, PROBE_NO,     PROBE_NO },
    { "220 mail.example ESMTP\r\n",         0, PROBE_NO,     PROBE_NO },
    { "EHLO client.example\r\n",            0, PROBE_NO,     PROBE_NO },
    { "USER anonymous\r\n",                 0, PROBE_NO,     PROBE_NO },
    { "RETR /file\r\n",                     0, PROBE_NO,     PROBE_NO },
    { "*1\r\n$4\r\nPING\r\n",               0, PROBE_NO,     PROBE_NO },
    { "GET key\r\n",                        0, PROBE_NO,     PROBE_NO },
    { "get /key 0 0 5\r\n",                 0, PROBE_NO,     PROBE_NO },
    { "OPTIONS sip:a SIP/2.0\r\n",          0, PROBE_NO,     PROBE_NO },
    { "REGISTER sip:a SIP/2.0\r\n",         0, PROBE_NO,     PROBE_NO },
    { "OPTIONS rtsp://h/ RTSP/1.0\r\n",     0, PROBE_NO,     PROBE_NO },
    { "DESCRIBE rtsp://h/ RTSP/1.0\r\n",    0, PROBE_NO,     PROBE_NO },
    { "CONNECT {\"verbose\":false}\r\n",    0, PROBE_NO,     PROBE_NO }, /* NATS */
    { "\x16\x03\x01\x02\x00\x01",           6, PROBE_NO,     PROBE_NO }, /* TLS */
    { "\x10\x1a\x00\x04MQTT",               8, PROBE_NO,     PROBE_NO },
    { "\x00\x00\x00\x85\xffSMB",            8, PROBE_NO,     PROBE_NO },
    { "\x00\x00\x00\x08\x04\xd2\x16\x2f",   8, PROBE_NO,     PROBE_NO }, /* Postgres */
    { "next HTTP/1.1\r\n",                  0, PROBE_NO,     PROBE_NO },
    { "GET /\x01",                          0, PROBE_NO,     PROBE_NO },
    { "AVERYVERYLONGTOKENTHATNOMETHODISCALLED", 0, PROBE_NO, PROBE_NO },
};
/* clang-format on */

static void test_probe(void **state)
{
    (void)state;
    struct guard_page guard;
    guard_page_init(&guard, 4096);
    int faults = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct probe_case *c = &cases[i];
        struct bytes bytes = bytes_of_text(c->bytes);
        if (c->length) bytes.len = c->length;
        bytes = guard_page_place(&guard, bytes);
        enum probe more = http_probe(bytes, false), all = http_probe(bytes, true);
        if (more == c->more && all == c->all) continue;
        fprintf(stderr, "%s: %d %d\n", c->bytes, more, all);
        faults++;
    }
    guard_page_done(&guard);
    assert_int_equal(faults, 0);
}

/* What is yes in the end was never no before, and no stays no. */
static void test_beginnings(void **state)
{
    (void)state;
    struct guard_page guard;
    guard_page_init(&guard, 4096);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct probe_case *c = &cases[i];
        size_t length = c->length ? c->length : strlen(c->bytes);
        enum probe before = PROBE_MORE;
        for (size_t cut = 0; cut <= length; cut++) {
            struct bytes first = guard_page_place(&guard, bytes_of(c->bytes, cut));
            enum probe now = http_probe(first, false);
            if (before != PROBE_MORE) assert_int_equal(now, before);
            before = now;
        }
        assert_int_equal(before, c->more);
    }
    guard_page_done(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe),
        cmocka_unit_test(test_beginnings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
