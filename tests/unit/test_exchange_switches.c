/* exchange: what was offered in Upgrade and what came of it, the names that a tunnel is
 * told by, and the host of a request. Case by case, as the fields say it. */
#include "tracker_bench.h"

/* ---- Upgrade (SEMANTICS 8; RFC 9110, section 7.8) ---- */

struct upgrade_case {
    const char *offered, *chosen; /* NULL: no such field */
    bool lacks_option;            /* `upgrade` in Connection */
    enum method method;
    int status; /* 0: no response */
    enum upgrade_result result;
    const char *findings;
};

#define LONG_TOKEN \
    "a123456789b123456789c123456789d123456789e123456789f123456789g123456789"

static const struct upgrade_case upgrade_cases[] = {
    /* clang-format off */
    { "websocket", "websocket", 0, METHOD_GET, 101, UPGRADE_SWITCHED, "" },
    { "h2c,\twebsocket\t , foo", "WebSocket", 0, METHOD_GET, 101, UPGRADE_SWITCHED, "" },
    { "h2c , ,  ", "h2c", 0, METHOD_GET, 101, UPGRADE_SWITCHED, "" },
    { "TLS/1.0", "TLS/1.0, HTTP/1.1", 0, METHOD_GET, 101, UPGRADE_SWITCHED, "" },
    { "TLS/1.0", " , TLS/1.0,, ", 0, METHOD_GET, 101, UPGRADE_SWITCHED, "" },
    { "TLS/1.0", "TLS/1.0, foo", 0, METHOD_GET, 101, UPGRADE_INVALID, "upgrade_unoffered@0 " },
    { "TLS/1.0", "HTTP/1.1, TLS/1.0", 0, METHOD_GET, 101, UPGRADE_INVALID, "upgrade_unoffered@0 " },
    { "foo", " , ", 0, METHOD_GET, 101, UPGRADE_INVALID, "upgrade_unoffered@0 " },
    { "foo", NULL, 0, METHOD_GET, 101, UPGRADE_INVALID, "upgrade_unoffered@0 " },
    { "foo", "fo", 0, METHOD_GET, 101, UPGRADE_INVALID, "upgrade_unoffered@0 " },
    { LONG_TOKEN, LONG_TOKEN, 0, METHOD_GET, 101, UPGRADE_INVALID, "upgrade_unoffered@0 " },
    { "foo", "foo", true, METHOD_GET, 101, UPGRADE_UNSOLICITED, "upgrade_unsolicited@0 " },
    { NULL, "foo", 0, METHOD_GET, 101, UPGRADE_UNSOLICITED, "upgrade_unsolicited@0 " },
    { NULL, "foo", 0, METHOD_CONNECT, 101, UPGRADE_UNSOLICITED, "upgrade_unsolicited@0 " },
    { "foo", NULL, 0, METHOD_GET, 200, UPGRADE_DECLINED, "" },
    { "foo", NULL, 0, METHOD_GET, 0, UPGRADE_NONE, "" },
    { "foo", NULL, true, METHOD_GET, 200, UPGRADE_NONE, "" },
    { NULL, NULL, 0, METHOD_GET, 200, UPGRADE_NONE, "" },
    { NULL, "foo", 0, METHOD_GET, 426, UPGRADE_REQUIRED, "" },
    { NULL, NULL, 0, METHOD_GET, 426, UPGRADE_REQUIRED, "upgrade_required_bare@0 " },
    { NULL, NULL, 0, METHOD_CONNECT, 204, UPGRADE_TUNNEL, "" },
    { NULL, NULL, 0, METHOD_CONNECT, 407, UPGRADE_DECLINED, "" },
    { NULL, NULL, 0, METHOD_CONNECT, 0, UPGRADE_NONE, "" },
    /* clang-format on */
};

static struct bytes text_or_none(const char *text)
{
    return text == NULL ? bytes_of(NULL, 0) : bytes_of_text(text);
}

static void offers_and_choices(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(upgrade_cases); i++) {
        const struct upgrade_case *c = &upgrade_cases[i];
        struct bench b;
        bench_init(&b, NULL);
        struct message m = bench_message(&b, SIDE_CLIENT, 0);
        m.method = c->method;
        m.upgrade = text_or_none(c->offered);
        m.flags = c->lacks_option ? 0 : MESSAGE_CONNECTION_UPGRADE;
        bench_head(&b, &m);
        bench_end(&b, &m);
        if (c->status != 0) {
            struct message r = bench_message(&b, SIDE_SERVER, 100);
            r.status = c->status;
            r.upgrade = text_or_none(c->chosen);
            bench_head(&b, &r);
            bench_end(&b, &r);
        }
        bench_over(&b, CLOSE_OPEN);
        if (b.exchanges[0].row.upgrade_result != c->result ||
            strcmp((const char *)b.findings.ptr, c->findings) != 0)
            fail_msg("%s, %s, %d: result %d, '%s'", c->offered ? c->offered : "-",
                     c->chosen ? c->chosen : "-", c->status,
                     b.exchanges[0].row.upgrade_result, (const char *)b.findings.ptr);
        bench_done(&b);
    }
}

/* A NUL in a choice hides nothing behind it. */
static void a_choice_with_a_nul_was_not_offered(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, NULL);
    struct message m = bench_message(&b, SIDE_CLIENT, 0);
    m.upgrade = bytes_of_text("foo");
    m.flags = MESSAGE_CONNECTION_UPGRADE;
    bench_head(&b, &m);
    bench_end(&b, &m);
    struct message r = bench_message(&b, SIDE_SERVER, 100);
    r.status = 101;
    r.upgrade = bytes_of("foo\0x", 5);
    bench_head(&b, &r);
    bench_end(&b, &r);
    bench_expect(&b, CLOSE_OPEN, "upgrade_unoffered@0 ");
}

/* RFC 6455, sections 1.3 and 4.2.2: the example, another answer, no key to answer. */
static void websocket_keys_and_answers(void **state)
{
    /* clang-format off */
    static const struct { const char *key, *accept, *findings; } cases[] = {
        { "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "" },
        { "dGhlIHNhbXBsZSBub25jZQ==", "S3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "ws_accept_wrong@0 " },
        { "dGhlIHNhbXBsZSBub25jZQ==", NULL, "ws_accept_wrong@0 " },
        { NULL, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "" },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct bench b;
        bench_init(&b, NULL);
        struct message m = bench_message(&b, SIDE_CLIENT, 0);
        m.upgrade = bytes_of_text("websocket");
        m.flags = MESSAGE_CONNECTION_UPGRADE;
        m.websocket_proof = text_or_none(cases[i].key);
        bench_head(&b, &m);
        bench_end(&b, &m);
        struct message r = bench_message(&b, SIDE_SERVER, 100);
        r.status = 101;
        r.upgrade = bytes_of_text("WebSocket");
        r.websocket_proof = text_or_none(cases[i].accept);
        bench_head(&b, &r);
        bench_end(&b, &r);
        bench_expect(&b, CLOSE_OPEN, cases[i].findings);
    }
}

/* HTTP/1.0 knows no 1xx; it is told once, of the first. */
static void interims_to_http10_are_told_once(void **state)
{
    (void)state;
    for (int with_interim = 0; with_interim < 2; with_interim++) {
        struct bench b;
        bench_init(&b, NULL);
        struct message m = bench_message(&b, SIDE_CLIENT, 0);
        m.version = VERSION_10;
        m.upgrade = bytes_of_text("foo");
        m.flags = MESSAGE_CONNECTION_UPGRADE;
        bench_head(&b, &m);
        bench_end(&b, &m);
        struct message r = bench_message(&b, SIDE_SERVER, 100);
        r.status = 103;
        r.is_interim = true;
        r.answers = 1;
        if (with_interim) bench_head(&b, &r);
        if (with_interim) bench_end(&b, &r);
        r.status = 101;
        r.is_interim = false;
        r.upgrade = bytes_of_text("foo");
        bench_head(&b, &r);
        bench_end(&b, &r);
        bench_expect(&b, CLOSE_OPEN, "interim_http10@0 ");
    }
}

/* ---- CONNECT, and the name that TLS asks for behind it ---- */

struct name_case {
    const char *target, *name; /* of CONNECT; of the ClientHello */
    bool has_ech, is_mismatch;
};

static const struct name_case name_cases[] = {
    /* clang-format off */
    { "example.org:443",  "example.org",  false, false },
    { "example.org:443",  "example.com",  false, true  },
    { "EXAMPLE.Org:443",  "Example.ORG",  false, false },
    { "example.org.:443", "example.org",  false, false },
    { "example.org:443",  "example.org.", false, false },
    { "example.org",      "example.com",  false, true  }, /* no port */
    { "example.org:443",  "example.com",  true,  false }, /* an outer name */
    { "example.org:443",  "",             false, false },
    { "192.0.2.1:443",    "example.org",  false, false }, /* an address */
    { "[2001:db8::1]:443", "example.org", false, false },
    { ":443",             "example.org",  false, false },
    { "",                 "example.org",  false, false },
    { "~org:443",         "~org",         false, false },
    { "{:443",            "example.org",  false, false }, /* not one letter */
    { "a_1:443",          "A_1",          false, false },
    /* clang-format on */
};

static bool is_name_mismatch(struct bytes target, struct bytes name, bool has_ech)
{
    struct bench b;
    bench_init(&b, NULL);
    struct message m = bench_message(&b, SIDE_CLIENT, 0);
    m.method = METHOD_CONNECT;
    m.target = target;
    bench_head(&b, &m);
    bench_end(&b, &m);
    struct message r = bench_message(&b, SIDE_SERVER, 100);
    r.framing = FRAMING_TUNNEL;
    bench_head(&b, &r);
    bench_end(&b, &r);
    const uint64_t offsets[2] = {100, 100};
    tracker_messages(b.tracker)->switched(b.story, &r, offsets);
    struct tls_sink *sink = tracker_tls(b.tracker);
    struct tls_account account = {.has_ech = has_ech,
                                  .handshake_ns = TIME_UNKNOWN,
                                  .hello = {.from = SIDE_CLIENT, .offset = 100}};
    account.sni.length = (uint8_t)name.len;
    if (name.len > 0) memcpy(account.sni.text, name.ptr, name.len);
    sink->closed(sink->open(sink->context, &b.conn), &account);
    bench_over(&b, CLOSE_OPEN);
    bool is_mismatch = strcmp((const char *)b.findings.ptr, "host_mismatch@100 ") == 0;
    if (!is_mismatch) assert_string_equal((const char *)b.findings.ptr, "");
    bench_done(&b);
    return is_mismatch;
}

static void names_behind_connect(void **state)
{
    char longest[TLS_TEXT_MAX + 40];
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(name_cases); i++) {
        const struct name_case *c = &name_cases[i];
        if (is_name_mismatch(bytes_of_text(c->target), bytes_of_text(c->name),
                             c->has_ech) != c->is_mismatch)
            fail_msg("%s and %s", c->target, c->name);
    }
    memset(longest, 'a', sizeof longest); /* longer than any name can be */
    assert_false(is_name_mismatch(bytes_of(longest, sizeof longest),
                                  bytes_of(longest, TLS_TEXT_MAX), false));
    assert_true(is_name_mismatch(bytes_of(longest, TLS_TEXT_MAX),
                                 bytes_of(longest, TLS_TEXT_MAX - 1), false));
}

/* ---- the host of a request (RFC 9112, section 3.2.2) ---- */

static void the_target_overrules_host(void **state)
{
    /* clang-format off */
    static const struct { const char *target, *host, *wanted; } cases[] = {
        { "/a",                    "h",  "h"          },
        { "http://a.example/x",    "h",  "a.example"  },
        { "http://a.example",      "h",  "a.example"  },
        { "https://a.example:8443?q", "h", "a.example:8443" },
        { "https://a.example#f",   "h",  "a.example"  },
        { "ftp://a.example/",      "h",  "a.example"  },
        { "HTTP://a.example/",     "h",  "a.example"  },
        { "http://u:p@q@a.example?x@y", "h", "a.example" },
        { "://a.example/",         "h",  "h"          },
        { "a.example:80",          "h",  "h"          },
        { "http://",               "h",  ""           },
        { "*",                     NULL, ""           },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct bench b;
        bench_init(&b, NULL);
        struct message m = bench_message(&b, SIDE_CLIENT, 0);
        m.target = bytes_of_text(cases[i].target);
        m.host = text_or_none(cases[i].host);
        bench_head(&b, &m);
        bench_end(&b, &m);
        bench_over(&b, CLOSE_OPEN);
        assert_string_equal(b.exchanges[0].host, cases[i].wanted);
        bench_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offers_and_choices),
        cmocka_unit_test(a_choice_with_a_nul_was_not_offered),
        cmocka_unit_test(websocket_keys_and_answers),
        cmocka_unit_test(interims_to_http10_are_told_once),
        cmocka_unit_test(names_behind_connect),
        cmocka_unit_test(the_target_overrules_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
