/* Upgrade and CONNECT: what is held, decided, handed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http_script.h"

#define UPGRADE                                                                   \
    "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: " \
    "websocket\r\n\r\n"
#define SWITCHING   "HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
#define OK_RESPONSE "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
#define CONNECT     "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"
#define GET(path)   "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

/* clang-format off */
static const struct script_case switch_cases[] = {
    { "websocket", 0, { C(UPGRADE), S(SWITCHING), C("frames"), S("more"), CFIN, SFIN },
      "> 1 GET /ws 1.1 none\n"
      "end 1 head=82 body=0\n"
      "< 1=1 exact 101 1.1 none\n"
      "end 1 head=59 body=0\n"
      "switched 101 82 59\n"
      "handed over C=frames|end S=more|end\n" },
    { "bytes behind the 101 in its chunk", 0, { C(UPGRADE), S(SWITCHING "frames"), C("answer") },
      "> 1 GET /ws 1.1 none\n"
      "end 1 head=82 body=0\n"
      "< 1=1 exact 101 1.1 none\n"
      "end 1 head=59 body=0\n"
      "switched 101 82 59\n"
      "handed over C=answer S=frames\n" },
    { "optimistic bytes", 0, { C(UPGRADE "early"), C("er"), S(SWITCHING "x"), C("late") },
      "> 1 GET /ws 1.1 none\n"
      "end 1 head=82 body=0\n"
      "< 1=1 exact 101 1.1 none\n"
      "end 1 head=59 body=0\n"
      "switched 101 82 59\n"
      "handed over C=earlyerlate S=x\n" },
    { "declined, a request was pipelined behind", 0, { C(UPGRADE GET("/b") GET("/c")), S(OK_RESPONSE OK_RESPONSE), S(OK_RESPONSE) },
      "> 1 GET /ws 1.1 none\n"
      "end 1 head=82 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "> 3 GET /c 1.1 none\n"
      "end 3 head=28 body=0\n"
      "end 1 head=38 body=2\n"
      "< 2=2 exact 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "< 3=3 exact 200 1.1 length\n"
      "end 3 head=38 body=2\n" },
    { "declined, optimistic bytes are no HTTP", 0, { C(UPGRADE "\x81\x02hi"), S(OK_RESPONSE), C(GET("/b")), S(OK_RESPONSE) },
      "> 1 GET /ws 1.1 none\n"
      "end 1 head=82 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "resync C\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 2=2 inferred 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "! request_line_garbage warning C@82\n" },
    { "declined twice in one chunk", 0, { C(UPGRADE UPGRADE GET("/c")), S(OK_RESPONSE OK_RESPONSE OK_RESPONSE) },
      "> 1 GET /ws 1.1 none\n"
      "end 1 head=82 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "> 2 GET /ws 1.1 none\n"
      "end 2 head=82 body=0\n"
      "end 1 head=38 body=2\n"
      "< 2=2 exact 200 1.1 length\n"
      "> 3 GET /c 1.1 none\n"
      "end 3 head=28 body=0\n"
      "end 2 head=38 body=2\n"
      "< 3=3 exact 200 1.1 length\n"
      "end 3 head=38 body=2\n" },
    { "offered without Connection", 0, { C("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\n\r\n" GET("/b")), S(OK_RESPONSE OK_RESPONSE) },
      "> 1 GET / 1.1 none\n"
      "end 1 head=41 body=0\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "< 2=2 exact 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "! hop_field_unlisted warning C@0\n" },
    { "offered with a body", 0, { C("POST / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 4\r\n\r\nab"), C("cdEARLY"), S("HTTP/1.1 100 C\r\n\r\n" SWITCHING) },
      "> 1 POST / 1.1 length\n"
      "end 1 head=80 body=4\n"
      "< 1=1 exact 100 1.1 none\n"
      "end 1 head=18 body=0\n"
      "< 2=1 exact 101 1.1 none\n"
      "end 2 head=59 body=0\n"
      "switched 101 84 77\n"
      "handed over C=EARLY\n" },
    { "nobody asked", 0, { C(GET("/")), S(SWITCHING "x"), C("y") },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "< 1=1 exact 101 1.1 none\n"
      "end 1 head=59 body=0\n"
      "switched 101 27 59\n"
      "handed over C=y S=x\n" },
    { "an earlier response comes first", 0, { C(GET("/a") UPGRADE "early"), S(OK_RESPONSE), S(SWITCHING) },
      "> 1 GET /a 1.1 none\n"
      "end 1 head=28 body=0\n"
      "> 2 GET /ws 1.1 none\n"
      "end 2 head=82 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "< 2=2 exact 101 1.1 none\n"
      "end 2 head=59 body=0\n"
      "switched 101 110 99\n"
      "handed over C=early\n" },
    { "CONNECT", 0, { C(CONNECT), S("HTTP/1.1 200 Connection established\r\n\r\n"), C("client hello"), S("server hello") },
      "> 1 CONNECT a:443 1.1 none\n"
      "end 1 head=39 body=0\n"
      "< 1=1 exact 200 1.1 tunnel\n"
      "end 1 head=39 body=0\n"
      "switched 200 39 39\n"
      "handed over again C=client hello S=server hello\n" },
    { "CONNECT, optimistic", 0, { C(CONNECT "hello"), S("HTTP/1.1 204 N\r\nContent-Length: 5\r\n\r\nxyz"), SFIN },
      "> 1 CONNECT a:443 1.1 none\n"
      "end 1 head=39 body=0\n"
      "< 1=1 exact 204 1.1 tunnel\n"
      "end 1 head=37 body=0\n"
      "switched 204 39 37\n"
      "handed over again C=hello S=xyz|end\n"
      "! length_forbidden warning S@0\n"
      "! connect_with_body warning S@0\n" },
    { "CONNECT with a 200 and a length", 0, { C(CONNECT), S("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nxyz") },
      "> 1 CONNECT a:443 1.1 none\n"
      "end 1 head=39 body=0\n"
      "< 1=1 exact 200 1.1 tunnel\n"
      "end 1 head=38 body=0\n"
      "switched 200 39 38\n"
      "handed over again S=xyz\n"
      "! length_forbidden warning S@0\n"
      "! connect_with_body warning S@0\n" },
    { "CONNECT refused", 0, { C(CONNECT GET("/b")), S("HTTP/1.1 407 P\r\nContent-Length: 2\r\n\r\nno" OK_RESPONSE) },
      "> 1 CONNECT a:443 1.1 none\n"
      "end 1 head=39 body=0\n"
      "< 1=1 exact 407 1.1 length\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "end 1 head=37 body=2\n"
      "< 2=2 exact 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "held, then a gap and the end", 0, { C(UPGRADE GET("/b")), CGAP(5), CFIN, S(OK_RESPONSE OK_RESPONSE) },
      "> 1 GET /ws 1.1 none\n"
      "end 1 head=82 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "end 1 head=38 body=2\n"
      "< 2=2 exact 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "never answered, requests were held", 0, { C(UPGRADE GET("/b")), CFIN, SRST },
      "> 1 GET /ws 1.1 none\n"
      "end 1 head=82 body=0\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n" },
    { "never answered, other bytes were held", 0, { C(CONNECT "\x16\x03\x01"), SRST },
      "> 1 CONNECT a:443 1.1 none\n"
      "end 1 head=39 body=0\n" },
    { "a message in progress at the switch", 0, { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"), S(SWITCHING), C("def") },
      "> 1 POST / 1.1 length\n"
      "< 1=1 exact 101 1.1 none\n"
      "end 1 head=59 body=0\n"
      "cut 1 head=48 body=3\n"
      "switched 101 51 59\n"
      "handed over C=def\n" },
    { "the answer is lost", 0, { C(UPGRADE "x"), SGAP(60), S("frames") },
      "> 1 GET /ws 1.1 none\n"
      "end 1 head=82 body=0\n"
      "lost 1 x1 missing=60\n" },
};
/* clang-format on */

static void test_switches(void **state)
{
    (void)state;
    assert_int_equal(script_check_all(switch_cases, ARRAY_LENGTH(switch_cases)), 0);
}

/* More held than the cap: it is parsed, and nothing is held again. */
static void test_held_overflow(void **state)
{
    (void)state;
    enum { CHUNK_BYTES = 64 << 10, CHUNK_COUNT = 6 };
    struct script_run r;
    struct stream stream = {.run = &r};
    uint8_t *text = mem_alloc(CHUNK_BYTES);
    size_t length = 0, requests = 0;
    for (; length + sizeof CONNECT <= CHUNK_BYTES; requests++) {
        memcpy(text + length, CONNECT, sizeof CONNECT - 1);
        length += sizeof CONNECT - 1;
    }
    script_run_init(&r);
    r.instance = r.protocol.open(r.protocol.context, &stream, &r.conn);
    struct chunk chunk = {.from = SIDE_CLIENT, .data = bytes_of(text, length)};
    for (int i = 0; i < CHUNK_COUNT; i++) {
        r.protocol.feed(r.instance, &chunk);
        chunk.offset += length;
    }
    size_t ends = 0;
    buffer_append(&r.brief, bytes_of("", 1));
    for (const char *at = (char *)r.brief.ptr; (at = strstr(at, "end ")) != NULL; at++)
        ends++;
    assert_int_equal(ends, requests * CHUNK_COUNT);
    r.protocol.close(r.instance);
    script_run_done(&r);
    mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_switches),
        cmocka_unit_test(test_held_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
