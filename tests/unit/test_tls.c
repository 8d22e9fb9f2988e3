/* tls: hellos as bytes in, their account as a line out; each cut in two at every byte,
 * byte by byte, in records of every size, and ended after every byte. */
#include "hopscope/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "guard_page.h"

enum { ROOM = 1 << 17, HELLO_MAX = 1 << 16, RECORD_BODY_MAX = 1 << 14 };

/* ---- building messages ---- */

struct builder {
    uint8_t bytes[HELLO_MAX];
    size_t length;
};

static void put(struct builder *b, const void *bytes, size_t length)
{
    assert_true(length <= sizeof b->bytes - b->length);
    memcpy(b->bytes + b->length, bytes, length);
    b->length += length;
}

#define PUT(b, text) put(b, text, sizeof(text) - 1)

static void put_16(struct builder *b, size_t value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    put(b, bytes, sizeof bytes);
}

/* A handshake message around extensions. */
static void put_hello(struct builder *b, bool is_client, const void *extensions,
                      size_t length)
{
    size_t body = 2 + 32 + 1 + (is_client ? 6u : 3u) + 2 + length;
    const uint8_t header[] = {is_client ? 1 : 2, (uint8_t)(body >> 16)};
    put(b, header, sizeof header);
    put_16(b, body & 0xffff);
    PUT(b, "\x03\x03"
           "random..random..random..random.."
           "\0");
    if (is_client)
        PUT(b, "\0\2\x13\1\1\0");
    else
        PUT(b, "\x13\1\0");
    put_16(b, length);
    put(b, extensions, length);
}

/* The message in records of at most `size` bytes. */
static void put_records(struct builder *out, const struct builder *message, size_t size)
{
    for (size_t at = 0; at < message->length; at += size) {
        size_t left = message->length - at;
        PUT(out, "\x16\x03\x01");
        put_16(out, left < size ? left : size);
        put(out, message->bytes + at, left < size ? left : size);
    }
}

/* ---- running ---- */

struct run {
    struct conn conn;
    struct tls_sink sink;
    struct protocol protocol;
    struct streams *streams;
    struct stream *stream;
    struct guard_page guard;
    struct tls_account account;
    uint64_t offset[2];
    uint32_t closed;
};

static void *run_open(void *context, struct conn *conn)
{
    (void)conn;
    return context;
}

static void run_closed(void *opened, const struct tls_account *account)
{
    struct run *r = opened;
    r->account = *account;
    r->closed++;
}

static void run_init(struct run *r)
{
    memset(r, 0, sizeof *r);
    r->conn = (struct conn){.open_kind = OPEN_HANDSHAKE, .role_basis = ROLE_SYN};
    r->sink = (struct tls_sink){r, run_open, run_closed};
    r->protocol = tls_protocol(&r->sink);
    r->streams = streams_new(&r->protocol, 1);
    r->stream = stream_new(r->streams, &r->conn);
    guard_page_init(&r->guard, ROOM);
}

static void run_done(struct run *r)
{
    stream_close(r->stream);
    stream_free(r->stream);
    streams_free(r->streams);
    guard_page_done(&r->guard);
}

static void feed(struct run *r, enum side from, int64_t now_ns, struct bytes data)
{
    if (data.len == 0) return;
    struct chunk chunk = {.from = from,
                          .ref = 7,
                          .captured_ns = now_ns,
                          .offset = r->offset[from],
                          .starts_segment = true,
                          .data = guard_page_place(&r->guard, data)};
    r->offset[from] += data.len;
    stream_feed(r->stream, &chunk);
}

static void feed_gap(struct run *r, enum side from, uint64_t missing)
{
    struct chunk chunk = {
        .kind = CHUNK_GAP, .from = from, .offset = r->offset[from], .missing = missing};
    r->offset[from] += missing;
    stream_feed(r->stream, &chunk);
}

static struct bytes built(const struct builder *b)
{
    return bytes_of(b->bytes, b->length);
}

static void expect(const struct run *r, const char *what, const char *expected)
{
    const struct tls_account *a = &r->account;
    const char *version = tls_version_name(a->version);
    char line[700];
    snprintf(line, sizeof line, "%.*s|%.*s|%s%s%s%s", a->sni.length,
             (const char *)a->sni.text, a->alpn.length, (const char *)a->alpn.text,
             version ? version : "", a->is_version_chosen ? " chosen" : "",
             a->has_ech ? " ech" : "", a->is_cut ? " cut" : "");
    if (strcmp(line, expected) != 0 || r->closed != 1)
        fail_msg("%s: %s (closed %u), expected %s", what, line, r->closed, expected);
}

/* clang-format off */
#define CLIENT_EXTENSIONS \
    "\x0a\x0a\0\0" \
    "\0\0\0\x10\0\x0e\0\0\x0b" "example.org" \
    "\0\x10\0\x11\0\x0f\2\x2a\x2a\2h2\x08http/1.1" \
    "\0\x2b\0\7\6\x3a\x3a\3\4\3\3"
#define SERVER_13 "\0\x2b\0\2\3\4"
#define SERVER_12 "\0\x10\0\5\0\3\2h2"

struct hello_case {
    const char *name, *extensions;
    size_t length;
    const char *expected;
};
#define CASE(name, text, expected) { name, text, sizeof(text) - 1, expected }

static const struct hello_case clients[] = {
    CASE("all of it", CLIENT_EXTENSIONS, "example.org|h2,http/1.1|TLSv1.3"),
    CASE("no extensions", "", "||TLSv1.2"),
    CASE("no name", "\0\0\0\0", "||TLSv1.2"),
    CASE("an empty list", "\0\0\0\2\0\0", "||TLSv1.2"),
    CASE("a name of another type first", "\0\0\0\x0a\0\x08\1\0\1x\0\0\1y", "y||TLSv1.2"),
    CASE("two names", "\0\0\0\x0a\0\x08\0\0\1x\0\0\1y", "x||TLSv1.2"),
    CASE("a NUL in the name", "\0\0\0\x08\0\x06\0\0\3a\0b", "a"),
    CASE("a name longer than its list", "\0\0\0\6\0\4\0\0\x09x", "x||TLSv1.2"),
    CASE("an extension longer than all", "\0\x10\0\xff\0\3\2h2", "|h2|TLSv1.2"),
    CASE("a list longer than its extension", "\0\x10\0\5\0\xff\2h2", "|h2|TLSv1.2"),
    CASE("an empty protocol", "\0\x10\0\6\0\4\0\2h2", "|h2|TLSv1.2"),
    CASE("versions without a known one", "\0\x2b\0\5\4\x0a\x0a\xff\xff", "||TLSv1.2"),
    CASE("a draft of 1.3", "\0\x2b\0\3\2\x7f\x1c", "||TLSv1.3"),
    CASE("half a version", "\0\x2b\0\3\2\3", "||TLSv1.2"),
    CASE("ECH", "\xfe\x0d\0\1\0", "||TLSv1.2 ech"),
    CASE("half an extension", "\0\0\0", "||TLSv1.2"),
};
/* clang-format on */

static void client_hellos(void **state)
{
    struct builder message, wire;
    struct run r;
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(clients); i++) {
        const struct hello_case *c = &clients[i];
        message.length = wire.length = 0;
        put_hello(&message, true, c->extensions, c->length);
        put_records(&wire, &message, RECORD_BODY_MAX);
        run_init(&r);
        feed(&r, SIDE_CLIENT, 0, built(&wire));
        run_done(&r);
        if (strchr(c->expected, '|') != NULL) {
            expect(&r, c->name, c->expected);
        } else { /* with a NUL: its length tells */
            assert_int_equal(r.account.sni.length, 3);
            assert_memory_equal(r.account.sni.text, "a\0b", 3);
        }
    }
}

/* Both hellos and the first application record, cut at `cut` of the client's bytes. */
static void handshake(size_t record_size, size_t cut, bool every_byte,
                      const char *server_extensions, size_t server_length,
                      const char *expected)
{
    struct builder message = {.length = 0}, wire = {.length = 0},
                   answer = {.length = 0};
    struct run r;
    put_hello(&message, true, CLIENT_EXTENSIONS, sizeof CLIENT_EXTENSIONS - 1);
    put_records(&wire, &message, record_size);
    message.length = 0;
    put_hello(&message, false, server_extensions, server_length);
    put_records(&answer, &message, record_size);
    run_init(&r);
    struct bytes client = built(&wire);
    if (every_byte) {
        for (size_t i = 0; i < client.len; i++)
            feed(&r, SIDE_CLIENT, 100, bytes_first(bytes_from(client, i), 1));
    } else {
        feed(&r, SIDE_CLIENT, 100, bytes_first(client, cut));
        feed(&r, SIDE_CLIENT, 100, bytes_from(client, cut));
    }
    struct bytes server = built(&answer);
    feed(&r, SIDE_SERVER, 200, bytes_first(server, cut));
    feed(&r, SIDE_SERVER, 200, bytes_from(server, cut));
    feed(&r, SIDE_SERVER, 250, bytes_of_text("\x17\x03\x03\1\1x"));
    feed(&r, SIDE_CLIENT, 300, bytes_of("\x14\x03\x03\0\1\1\x17", 7));
    feed(&r, SIDE_CLIENT, 400, bytes_of("\x03\x03\0\2xx", 6));
    assert_int_equal(r.closed, 1); /* seen enough, long before the end */
    run_done(&r);
    expect(&r, "handshake", expected);
    assert_int_equal(r.account.handshake_ns, 200);
    assert_int_equal(r.account.hello.offset, 5);
    assert_int_equal(r.account.hello.captured_ns, 100);
}

static void handshakes_cut_anywhere(void **state)
{
    static const char chosen_13[] = "example.org|h2,http/1.1|TLSv1.3 chosen";
    static const char chosen_12[] = "example.org|h2|TLSv1.2 chosen";
    enum { WIRE_MAX = 140 };
    (void)state;
    for (size_t cut = 0; cut < WIRE_MAX; cut++) {
        handshake(RECORD_BODY_MAX, cut, false, SERVER_13, sizeof SERVER_13 - 1,
                  chosen_13);
        handshake(RECORD_BODY_MAX, cut, false, SERVER_12, sizeof SERVER_12 - 1,
                  chosen_12);
        handshake(cut + 1, 0, false, SERVER_13, sizeof SERVER_13 - 1, chosen_13);
    }
    handshake(RECORD_BODY_MAX, 0, true, SERVER_13, sizeof SERVER_13 - 1, chosen_13);
    handshake(1, 0, true, SERVER_12, sizeof SERVER_12 - 1, chosen_12);
}

/* Whatever is missing behind, what stood before the cut counts. */
static void a_hello_may_end_anywhere(void **state)
{
    struct builder message = {.length = 0}, wire = {.length = 0};
    (void)state;
    put_hello(&message, true, CLIENT_EXTENSIONS, sizeof CLIENT_EXTENSIONS - 1);
    put_records(&wire, &message, RECORD_BODY_MAX);
    size_t name = 0;
    while (memcmp(wire.bytes + name, "example.org", 11) != 0) name++;
    for (size_t kept = 9; kept <= wire.length; kept++) {
        for (int with_gap = 0; with_gap < 2; with_gap++) {
            struct run r;
            run_init(&r);
            feed(&r, SIDE_CLIENT, 0, bytes_first(built(&wire), kept));
            if (with_gap && kept < wire.length)
                feed_gap(&r, SIDE_CLIENT, wire.length - kept);
            run_done(&r);
            assert_int_equal(r.closed, 1);
            assert_int_equal(r.account.is_cut, kept < wire.length);
            if (kept >= name + 11) assert_int_equal(r.account.sni.length, 11);
            if (kept <= name) assert_int_equal(r.account.sni.length, 0);
        }
    }
}

static void hellos_over_the_cap_are_cut(void **state)
{
    static struct builder message, wire;
    static const char name[] = "\0\0\0\6\0\4\0\0\1x";
    struct run r;
    (void)state;
    struct builder extensions = {.length = 0};
    PUT(&extensions, name);
    PUT(&extensions, "\x12\x34");
    put_16(&extensions, 60000);
    while (extensions.length < 60000) PUT(&extensions, "0123456789");
    put_hello(&message, true, extensions.bytes, extensions.length);
    put_records(&wire, &message, RECORD_BODY_MAX);
    run_init(&r);
    feed(&r, SIDE_CLIENT, 0, built(&wire));
    feed(&r, SIDE_SERVER, 0, bytes_of("\x15\x03\x03\0\2\2\x28", 7));
    run_done(&r);
    expect(&r, "over the cap", "x||TLSv1.2 cut");
}

static void what_is_no_record_ends_the_looking(void **state)
{
    struct builder message = {.length = 0}, wire = {.length = 0};
    struct run r;
    (void)state;
    put_hello(&message, true, CLIENT_EXTENSIONS, sizeof CLIENT_EXTENSIONS - 1);
    put_records(&wire, &message, RECORD_BODY_MAX);
    run_init(&r);
    feed(&r, SIDE_CLIENT, 0, built(&wire));
    feed(&r, SIDE_SERVER, 0, bytes_of_text("220 not TLS at all\r\n"));
    feed(&r, SIDE_CLIENT, 0, bytes_of_text("QUIT\r\n"));
    assert_int_equal(r.closed, 1);
    run_done(&r);
    expect(&r, "no records", "example.org|h2,http/1.1|TLSv1.3");
    assert_int_equal(r.account.handshake_ns, TIME_UNKNOWN);
}

static void versions_have_names(void **state)
{
    (void)state;
    assert_string_equal(tls_version_name(0x0304), "TLSv1.3");
    assert_string_equal(tls_version_name(0x7f17), "TLSv1.3");
    assert_string_equal(tls_version_name(0x0301), "TLSv1.0");
    assert_string_equal(tls_version_name(0x0300), "SSLv3");
    assert_null(tls_version_name(0));
    assert_null(tls_version_name(0x0a0a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_hellos),
        cmocka_unit_test(handshakes_cut_anywhere),
        cmocka_unit_test(a_hello_may_end_anywhere),
        cmocka_unit_test(hellos_over_the_cap_are_cut),
        cmocka_unit_test(what_is_no_record_ends_the_looking),
        cmocka_unit_test(versions_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
