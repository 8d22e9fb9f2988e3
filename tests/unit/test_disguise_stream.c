/* cli: one direction of a connection and what is shown in its place. Heads, chunks,
 * WebSocket frames and TLS hellos: as they are, cut at every byte, and lying. */
#include "cli/disguise_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NONE OFFSET_UNKNOWN

static const struct hash_key key = {.k0 = 1, .k1 = 2};

/* What is known of a stream before it is hidden. */
struct knowledge {
    struct disguise_message messages[3];
    size_t message_count;
    struct disguise_gap gap; /* length 0: none */
    uint64_t websocket_at, tunnel_at;
};

/* The caller ends `out` with disguise_stream_done. */
static void hide(struct bytes in, const struct knowledge *known,
                 struct disguise_stream *out)
{
    struct pseudonym *p = pseudonym_new(key);
    disguise_stream_init(out);
    buffer_append(&out->bytes, in);
    out->messages = mem_alloc_array(known->message_count + 1, sizeof *out->messages);
    for (size_t i = 0; i < known->message_count; i++)
        out->messages[out->message_count++] = known->messages[i];
    if (known->gap.length > 0) {
        out->gaps = mem_alloc(sizeof *out->gaps);
        out->gaps[out->gap_count++] = known->gap;
    }
    out->websocket_at = known->websocket_at;
    out->tunnel_at = known->tunnel_at;
    disguise_stream_hide(out, p);
    assert_int_equal(out->bytes.len, in.len);
    pseudonym_free(p);
}

static bool contains(struct bytes text, struct bytes part)
{
    for (size_t i = 0; i + part.len <= text.len; i++)
        if (memcmp(text.ptr + i, part.ptr, part.len) == 0) return true;
    return false;
}

/* `shown` has the bytes that must be there, and # where anything may be. */
static void check(struct bytes in, const struct knowledge *known, const char *shown)
{
    struct disguise_stream s;
    hide(in, known, &s);
    assert_int_equal(in.len, strlen(shown));
    for (size_t i = 0; i < in.len; i++) {
        if (shown[i] == '#' || s.bytes.ptr[i] == (uint8_t)shown[i]) continue;
        fail_msg("byte %zu: %.*s, not %s", i, (int)in.len, (char *)s.bytes.ptr, shown);
    }
    disguise_stream_done(&s);
}

/* ---- messages ---- */

static void heads_keep_what_frames_them(void **state)
{
    static const struct {
        const char *in;
        uint64_t head_end;
        bool is_chunked;
        const char *shown;
    } cases[] = {
        {"GET /secret HTTP/1.1\r\nHost: a.secret\r\n\r\n", NONE, false,
         "GET /###### HTTP/1.1\r\nHost: #.######\r\n\r\n"},
        {"GET /secret HTTP/1.1\nHost: a.secret\n\n", NONE, false,
         "GET /###### HTTP/1.1\nHost: #.######\n\n"},
        {"\r\nGET /secret HTTP/1.1\r\n\r\n", NONE, false,
         "\r\nGET /###### HTTP/1.1\r\n\r\n"},
        {"GET\t/secret \t HTTP/1.1\r\n\r\n", NONE, false,
         "GET\t/###### \t HTTP/1.1\r\n\r\n"},
        {"GET /secret\r\n\r\n", NONE, false, "GET /######\r\n\r\n"},
        {"GET /secret secret\r\n\r\n", NONE, false, "GET /###### ######\r\n\r\n"},
        {"GET\r\n\r\n", NONE, false, "GET\r\n\r\n"},
        {"SECRETS / HTTP/1.1\r\n\r\n", NONE, false, "####### / HTTP/1.1\r\n\r\n"},
        {"HTTP/1.1 200 Secret\r\n\r\n", NONE, false, "HTTP/1.1 200 ######\r\n\r\n"},
        {"HTTP/1.1 2\r\n\r\n", NONE, false, "HTTP/1.1 2\r\n\r\n"},
        {"GET / HTTP/1.1\r\nHost:\t a.secret\r\n\tb.secret\r\n\r\n", NONE, false,
         "GET / HTTP/1.1\r\nHost:\t #.######\r\n\t#.######\r\n\r\n"},
        {"GET / HTTP/1.1\r\nno colon secret\r\n\r\n", NONE, false,
         "GET / HTTP/1.1\r\n## ##### ######\r\n\r\n"},
        {"GET / HTTP/1.1\r\nContent-Length \t: 5\r\n\r\n", NONE, false,
         "GET / HTTP/1.1\r\nContent-Length \t: 5\r\n\r\n"},
        {"GET / HTTP/1.1\r\nX-Secret: secret\r\n: secret\r\nHost:\r\n\r\n", NONE, false,
         "GET / HTTP/1.1\r\n#-######: ######\r\n: ######\r\nHost:\r\n\r\n"},
        {"GET / HTTP/1.1\r\n\r\nbo\r\ndy", 18, false, "GET / HTTP/1.1\r\n\r\nxxxxxx"},
        {"G / HTTP/1.1\r\n\r\n5;secret=a\r\nhello\r\n0\r\nX-Secret: a\r\n\r\n", 16,
         true, "# / HTTP/1.1\r\n\r\n5;######=#\r\nxxxxx\r\n0\r\n#-######: #\r\n\r\n"},
        {"G / HTTP/1.1\r\n\r\nAb\r\nhello", 16, true,
         "# / HTTP/1.1\r\n\r\nAb\r\nxxxxx"}, /* longer than what is there */
        {"G / HTTP/1.1\r\n\r\n2\nab\n0\n\n", 16, true,
         "# / HTTP/1.1\r\n\r\n2\nxx\n0\n\n"},
        {"G / HTTP/1.1\r\n\r\n2\r\nabsecret\r\n", 16, true,
         "# / HTTP/1.1\r\n\r\n2\r\nxxxxxxxxxx"}, /* no line end behind the chunk */
        {"G / HTTP/1.1\r\n\r\n2\r\nab\r", 16, true, "# / HTTP/1.1\r\n\r\n2\r\nxxx"},
        {"G / HTTP/1.1\r\n\r\nsecret\r\nhello", 16, true,
         "# / HTTP/1.1\r\n\r\n######\r\nxxxxx"},
        {"G / HTTP/1.1\r\n\r\nfffffffffffffffff\r\nhi", 16, true,
         "# / HTTP/1.1\r\n\r\n#################\r\nxx"}, /* beyond any size */
        {"G / HTTP/1.1\r\n\r\n", 16, true, "# / HTTP/1.1\r\n\r\n"},
        {"\r\n\r\n", NONE, false, "\r\n\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct knowledge known = {
            .messages = {{.start = 0,
                          .head_end = cases[i].head_end,
                          .end = NONE,
                          .is_chunked = cases[i].is_chunked}},
            .message_count = 1,
            .websocket_at = NONE,
            .tunnel_at = NONE,
        };
        check(bytes_of_text(cases[i].in), &known, cases[i].shown);
    }
}

static void a_head_that_is_cut_tells_no_more_than_a_whole_one(void **state)
{
    static const char in[] =
        "POST http://joan:hunter22@intranet.example:8080/salaries?q=joanna HTTP/1.1\r\n"
        "Host: intranet.example:8080\r\nAuthorization: Basic am9hbjpodW50ZXIyMg==\r\n"
        "Cookie: id=hunter22\r\nReferer: http://intranet.example/salaries\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
        "8\r\nhunter22\r\n5;a=hunter22\r\nabcde\r\n0\r\nX-Who: joanna\r\n\r\n";
    static const char *const secrets[] = {"hunter22", "intranet", "salaries",
                                          "joanna",   "am9hbj",   "abcde"};
    (void)state;
    for (size_t len = 0; len <= sizeof in - 1; len++) {
        const char *end = strstr(in, "\r\n\r\n8");
        struct knowledge known = {
            .messages = {{.end = NONE,
                          .head_end = (uint64_t)(end - in) + 4,
                          .is_chunked = true}},
            .message_count = 1,
            .websocket_at = NONE,
            .tunnel_at = NONE,
        };
        struct disguise_stream s;
        hide(bytes_of(in, len), &known, &s);
        for (size_t i = 0; i < ARRAY_LENGTH(secrets); i++)
            if (contains(buffer_bytes(&s.bytes), bytes_of_text(secrets[i])))
                fail_msg("cut at %zu: %s", len, secrets[i]);
        disguise_stream_done(&s);
    }
}

/* Nobody knows what stands between messages, before them or behind them. */
static void what_is_no_message_is_covered(void **state)
{
    static const char in[] = "secret\r\nGET /a HTTP/1.1\r\n\r\nsecret\nGET /b\r\n\r\n";
    struct knowledge known = {
        .messages = {{.start = 8, .head_end = 27, .end = 27},
                     {.start = 34, .head_end = 34, .end = 34}, /* empty */
                     {.start = 500, .head_end = 600, .end = 700}},
        .message_count = 3,
        .websocket_at = NONE,
        .tunnel_at = NONE,
    };
    (void)state;
    check(bytes_of_text(in), &known,
          "xxxxxx\r\nGET /# HTTP/1.1\r\n\r\nxxxxxx\nxxxxxx\r\n\r\n");
    known.websocket_at = known.tunnel_at = 5000; /* beyond the end */
    check(bytes_of_text("secret"), &known, "xxxxxx");
    check(bytes_of(NULL, 0), &known, "");
}

static void the_preface_of_http_2_stays(void **state)
{
    static const char in[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nsecret";
    struct knowledge known = {.websocket_at = NONE, .tunnel_at = NONE};
    (void)state;
    check(bytes_of_text(in), &known, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nxxxxxx");
    check(bytes_of_text("PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n"), &known,
          "xxxxxxxxxxxxxx\r\n\r\nxx\r\n\r\n");
    known.tunnel_at = 0;
    check(bytes_of_text(in), &known, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nxxxxxx");
    known.gap = (struct disguise_gap){.offset = 3, .length = 1};
    check(bytes_of_text(in), &known, "xxxxxxxxxxxxxx\r\n\r\nxx\r\n\r\nxxxxxx");
}

static void bytes_that_were_lost_are_told(void **state)
{
    struct disguise_stream s;
    struct disguise_gap gap = {.offset = 10, .length = 5};
    (void)state;
    disguise_stream_init(&s);
    for (int i = 0; i < 20; i++) buffer_append_text(&s.bytes, "x");
    s.gaps = &gap;
    s.gap_count = 1;
    assert_true(disguise_stream_has(&s, 0, 10));
    assert_true(disguise_stream_has(&s, 15, 5));
    assert_true(disguise_stream_has(&s, 20, 0));
    assert_false(disguise_stream_has(&s, 9, 2));
    assert_false(disguise_stream_has(&s, 14, 1));
    assert_false(disguise_stream_has(&s, 15, 6));
    assert_false(disguise_stream_has(&s, 21, 0));
    assert_false(disguise_stream_has(&s, UINT64_MAX, UINT64_MAX));
    s.gaps = NULL;
    disguise_stream_done(&s);
}

/* ---- WebSocket ---- */

static void frames_keep_heads_and_close_codes(void **state)
{
    static const struct {
        const char *in;
        size_t len;
        const char *shown;
    } cases[] = {
        {"\x81\x06secret", 8, "\x81\x06xxxxxx"},
        {"\x81\x86\x01\x02\x03\x04secret", 12, "\x81\x86\x01\x02\x03\x04yz{|yz"},
        {"\x81\x7e\x00\x06secret\x8a\x01z", 13, "\x81\x7e#\x06xxxxxx\x8a\x01#"},
        {"\x82\x7f\x00\x00\x00\x00\x00\x00\x00\x02se\x81\x01s", 15,
         "\x82\x7f#######\x02xx\x81\x01x"},
        {"\x88\x08\x03\xe8secret", 10, "\x88\x08\x03\xe8xxxxxx"},
        {"\x88\x01\x03", 3, "\x88\x01\x03"},
        {"\x89\x06secret\x8a\x06secret", 16, "\x89\x06######\x8a\x06######"},
        {"\x81\x20secret", 8, "\x81\x20xxxxxx"}, /* longer than what is there */
        {"\x81", 1, "x"},                        /* half a head */
        {"\x81\x7e\x00", 3, "xxx"},
        {"\x81\x86\x01\x02", 4, "xxxx"},
        {"\x81\x01s\x81", 4, "\x81\x01xx"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct knowledge known = {.websocket_at = 0, .tunnel_at = NONE};
        check(bytes_of(cases[i].in, cases[i].len), &known, cases[i].shown);
    }
}

/* A control frame may lie about its size; a ping and its pong are told apart no less
 * than before. */
static void pings_and_pongs_stay_pairs(void **state)
{
    static const char pair[] = "\x89\x06secret\x8a\x06secret\x8a\x06Secret";
    struct knowledge known = {.websocket_at = 0, .tunnel_at = NONE};
    struct disguise_stream s;
    uint8_t large[4 + 300] = {0x89, 0x7e, 300 >> 8, 300 & 0xff};
    (void)state;
    hide(bytes_of(pair, sizeof pair - 1), &known, &s);
    assert_memory_equal(s.bytes.ptr + 2, s.bytes.ptr + 10, 6);
    assert_memory_not_equal(s.bytes.ptr + 2, s.bytes.ptr + 18, 6);
    assert_memory_not_equal(s.bytes.ptr + 2, "secret", 6);
    disguise_stream_done(&s);
    memset(large + 4, 's', sizeof large - 4);
    hide(bytes_of(large, sizeof large), &known, &s);
    assert_false(contains(buffer_bytes(&s.bytes), bytes_of_text("ssss")));
    disguise_stream_done(&s);
}

/* ---- TLS ---- */

#define RANDOM_32 "RANDOMRANDOMRANDOMRANDOMRANDOMRA"
/* A record with a ClientHello: session id, ciphers, compression; SNI, ALPN, groups and
 * an extension that nobody knows. Then a change of cipher, and data. */
static const uint8_t client[] = "\x16\x03\x01\x00\x76"
                                "\x01\x00\x00\x72\x03\x03" RANDOM_32 "\x04SESS"
                                "\x00\x04\x13\x01\x13\x02\x01\x00"
                                "\x00\x41"
                                "\x00\x00\x00\x13\x00\x11\x00\x00\x0ehidden.example"
                                "\x00\x10\x00\x0b\x00\x09\x02h2\x05nobod"
                                "\x00\x0a\x00\x04\x00\x02\x00\x1d"
                                "\x12\x34\x00\x0fprivate-private"
                                "\x14\x03\x03\x00\x01\x01"
                                "\x17\x03\x03\x00\x06secret";
static const uint8_t server[] = "\x16\x03\x03\x00\x36"
                                "\x02\x00\x00\x32\x03\x03" RANDOM_32 "\x00\x13\x01\x00"
                                "\x00\x0a\x00\x10\x00\x06\x00\x04\x03who"
                                "\x15\x03\x03\x00\x02\x01\x00";

static void hellos_keep_versions_and_lose_names(void **state)
{
    struct knowledge known = {.websocket_at = NONE, .tunnel_at = NONE};
    struct disguise_stream s;
    (void)state;
    hide(bytes_of(client, sizeof client - 1), &known, &s);
    struct bytes out = buffer_bytes(&s.bytes);
    assert_memory_equal(out.ptr, client, 11);                    /* heads and version */
    assert_true(contains(out, bytes_of("\x13\x01\x13\x02", 4))); /* ciphers */
    assert_true(contains(out, bytes_of("\x02h2\x05", 4)));       /* of a standard */
    assert_true(contains(out, bytes_of("\x00\x0a\x00\x04\x00\x02\x00\x1d", 8)));
    assert_true(contains(out, bytes_of("\x14\x03\x03\x00\x01\x01\x17\x03\x03", 9)));
    static const char *const lost[] = {"RANDOM", "SESS",    "hidden", "example",
                                       "nobod",  "private", "secret"};
    for (size_t i = 0; i < ARRAY_LENGTH(lost); i++)
        if (contains(out, bytes_of_text(lost[i]))) fail_msg("%s is there", lost[i]);
    disguise_stream_done(&s);

    hide(bytes_of(server, sizeof server - 1), &known, &s);
    out = buffer_bytes(&s.bytes);
    /* The server's random may ask the client to try again; an alert says why it ends.
     */
    assert_true(contains(out, bytes_of_text(RANDOM_32)));
    assert_true(contains(out, bytes_of("\x15\x03\x03\x00\x02\x01\x00", 7)));
    assert_false(contains(out, bytes_of_text("who")));
    disguise_stream_done(&s);
}

static void hellos_that_are_cut_or_lie_tell_no_names(void **state)
{
    static const char *const lost[] = {"RANDOM", "hidden", "private", "secret"};
    uint8_t bent[sizeof client - 1];
    (void)state;
    for (size_t i = 0; i <= sizeof bent; i++) {
        for (size_t way = 0; way < 4; way++) {
            struct knowledge known = {.websocket_at = NONE, .tunnel_at = NONE};
            struct disguise_stream s;
            size_t len = sizeof bent;
            memcpy(bent, client, sizeof bent);
            if (way == 0) len = i;
            if (way == 1) known.gap = (struct disguise_gap){.offset = i, .length = 1};
            if (way == 2 && i < len) bent[i] = 0xff;
            if (way == 3 && i < len) bent[i] = 0;
            hide(bytes_of(bent, len), &known, &s);
            struct bytes out = buffer_bytes(&s.bytes);
            /* A kind that is bent may make of a name what is harmless by its kind. */
            for (size_t k = 0; way < 2 && k < ARRAY_LENGTH(lost); k++)
                if (contains(out, bytes_of_text(lost[k])))
                    fail_msg("%zu, %zu: %s", i, way, lost[k]);
            disguise_stream_done(&s);
        }
    }
}

static void tls_is_looked_for_where_it_can_be(void **state)
{
    static const char switched[] = "GET / HTTP/1.1\r\n\r\n\x17\x03\x03\x00\x06secret";
    static const struct {
        const char *in;
        size_t len;
        uint64_t messages, tunnel_at;
        const char *shown;
    } cases[] = {
        {"\x17\x03\x03\x00\x02se\x17\x03\x03\x00\x02se", 14, 0, NONE,
         "\x17\x03\x03#\x02##\x17\x03\x03#\x02##"},
        {"\x17\x04\x03\x00\x02se", 7, 0, NONE, "xxxxxxx"}, /* no such version */
        {"\x13\x03\x03\x00\x02se", 7, 0, NONE, "xxxxxxx"}, /* no such kind */
        {"\x18\x03\x03\x00\x02se", 7, 0, NONE, "xxxxxxx"},
        {"\x17\x03", 2, 0, NONE, "xx"},
        {"\x17\x03\x03\x00\x01s\x63\x03\x03\x00\x01s", 12, 0, NONE,
         "\x17\x03\x03#\x01#xxxxxx"},
        {"\x17\x03\x03\x00\x01s\x17\x02\x03\x00\x01s", 12, 0, NONE,
         "\x17\x03\x03#\x01#xxxxxx"},
        {"\x15\x03\x03\x00\x03sec", 8, 0, NONE, "\x15\x03\x03#\x03###"},
        {switched, sizeof switched - 1, 1, 18,
         "GET / HTTP/1.1\r\n\r\n\x17\x03\x03#\x06######"},
        {switched, sizeof switched - 1, 1, 20, "GET / HTTP/1.1\r\n\r\nxxxxxxxxxxx"},
        {switched, sizeof switched - 1, 1, 400, "GET / HTTP/1.1\r\n\r\nxxxxxxxxxxx"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct knowledge known = {.messages = {{.head_end = 18, .end = 18}},
                                  .message_count = cases[i].messages,
                                  .websocket_at = NONE,
                                  .tunnel_at = cases[i].tunnel_at};
        check(bytes_of(cases[i].in, cases[i].len), &known, cases[i].shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_keep_what_frames_them),
        cmocka_unit_test(a_head_that_is_cut_tells_no_more_than_a_whole_one),
        cmocka_unit_test(what_is_no_message_is_covered),
        cmocka_unit_test(the_preface_of_http_2_stays),
        cmocka_unit_test(bytes_that_were_lost_are_told),
        cmocka_unit_test(frames_keep_heads_and_close_codes),
        cmocka_unit_test(pings_and_pongs_stay_pairs),
        cmocka_unit_test(hellos_keep_versions_and_lose_names),
        cmocka_unit_test(hellos_that_are_cut_or_lie_tell_no_names),
        cmocka_unit_test(tls_is_looked_for_where_it_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
