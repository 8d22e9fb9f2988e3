/* The small parts: classes of bytes, names, numbers, lines over the cap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/chars.h"
#include "http/names.h"
#include "http_script.h"

/* Against the definitions, byte by byte and at every place of a word. */
static void test_chars(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool is_alnum = is_letter || (c >= '0' && c <= '9');
        bool is_token = is_alnum || (c && strchr("!#$%&'*+-.^_`|~", c));
        bool is_host = is_alnum || (c && strchr("-._~%!$&'()*+,;=:[]", c));
        uint8_t byte = (uint8_t)c;
        assert_int_equal(chars_are_token(bytes_of(&byte, 1)), is_token);
        assert_int_equal(chars_are_host(bytes_of(&byte, 1)), is_host);
        for (size_t at = 0; at < 20; at++) {
            uint8_t text[20];
            memset(text, 'a', sizeof text);
            text[at] = byte;
            struct bytes all = bytes_of(text, sizeof text);
            assert_int_equal(chars_has_control(all), (c < 32 && c != '\t') || c == 127);
            assert_int_equal(chars_are_visible(all), c > 32 && c < 127);
        }
    }
}

static void test_field_names(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct { const char *text; enum field_name name; } names[] = {
        { "Host", FIELD_HOST },                 { "content-LENGTH", FIELD_CONTENT_LENGTH },
        { "Connection", FIELD_CONNECTION },     { "Content-Type", FIELD_CONTENT_TYPE },
        { "Expect", FIELD_EXPECT },             { "Keep-Alive", FIELD_KEEP_ALIVE },
        { "Server", FIELD_SERVER },             { "Proxy-Connection", FIELD_PROXY_CONNECTION },
        { "TE", FIELD_TE },                     { "Transfer-Encoding", FIELD_TRANSFER_ENCODING },
        { "Upgrade", FIELD_UPGRADE },           { "User-Agent", FIELD_USER_AGENT },
        { "Cookie", FIELD_ROUTING_OR_AUTH },    { "Set-Cookie", FIELD_ROUTING_OR_AUTH },
        { "Location", FIELD_ROUTING_OR_AUTH },  { "Proxy-Authorization", FIELD_ROUTING_OR_AUTH },
        { "Trailer", FIELD_ROUTING_OR_AUTH },   { "Proxy-Authenticate", FIELD_ROUTING_OR_AUTH },
        { "Authorization", FIELD_ROUTING_OR_AUTH }, { "WWW-Authenticate", FIELD_ROUTING_OR_AUTH },
        { "Max-Forwards", FIELD_ROUTING_OR_AUTH }, { "Cache-Control", FIELD_ROUTING_OR_AUTH },
        { "Content-Range", FIELD_ROUTING_OR_AUTH }, { "Content-Encoding", FIELD_ROUTING_OR_AUTH },
        { "Sec-WebSocket-Key", FIELD_WEBSOCKET_KEY }, { "sec-websocket-accept", FIELD_WEBSOCKET_ACCEPT },
        { "Sec-WebSocket-Extensions", FIELD_WEBSOCKET_EXTENSIONS }, { "Sec-WebSocket-Version", FIELD_OTHER },
        { "", FIELD_OTHER }, { "Hosts", FIELD_OTHER }, { "Hos", FIELD_OTHER }, { "Accept", FIELD_OTHER },
        { "X-Content-Length", FIELD_OTHER }, { "content_length", FIELD_OTHER },
        { "Something-Very-Long-Indeed", FIELD_OTHER },
    };
    static const struct { const char *text; bool resembles; } codings[] = {
        { "Transfer-Encoding", false }, { "Transfer_Encoding", true }, { "TransferEncoding", true },
        { "Transfer--Encoding", true }, { "Transfer-Encoding\v", true }, { "Content-Transfer-Encoding", false },
        { "X-Transfer-Encoding", false }, { "Transfer-Encodings", false }, { "Transfer-Encodin", false },
        { "Transfer-Encoding____", true }, { "Transfer-Encoding_____", false }, /* too much between */
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        assert_int_equal(names_find_field(bytes_of_text(names[i].text)), names[i].name);
    for (size_t i = 0; i < ARRAY_LENGTH(codings); i++)
        assert_int_equal(names_resembles_coding(bytes_of_text(codings[i].text)),
                         codings[i].resembles);
}

static void test_methods(void **state)
{
    (void)state;
    assert_int_equal(names_find_method(bytes_of_text("HEAD"))->method, METHOD_HEAD);
    assert_int_equal(names_find_method(bytes_of_text("MKCOL"))->method, METHOD_OTHER);
    assert_null(names_find_method(bytes_of_text("head")));
    assert_null(names_find_method(bytes_of_text("")));
    assert_true(method_is_idempotent(METHOD_PUT));
    assert_false(method_is_idempotent(METHOD_POST));
    assert_false(method_is_idempotent(METHOD_OTHER));
}

static void test_lists(void **state)
{
    (void)state;
    struct bytes list = bytes_of_text(" a , ,b\t"), element;
    assert_true(chars_next_element(&list, &element) && bytes_are(element, "a"));
    assert_true(chars_next_element(&list, &element) && bytes_are(element, ""));
    assert_true(chars_next_element(&list, &element) && bytes_are(element, "b"));
    assert_false(chars_next_element(&list, &element));
    int64_t value = -1;
    assert_int_equal(chars_read_decimal(bytes_of_text("9223372036854775807"), &value),
                     CHARS_NUMBER_OK);
    assert_true(value == INT64_MAX);
    assert_int_equal(chars_read_decimal(bytes_of_text("9223372036854775808"), &value),
                     CHARS_NUMBER_OVERFLOW);
    assert_int_equal(chars_read_decimal(bytes_of_text("-1"), &value), CHARS_NUMBER_BAD);
    assert_int_equal(chars_read_decimal(bytes_of_text(""), &value), CHARS_NUMBER_BAD);
}

/* A line, and a field, longer than what is kept; in pieces and whole. */
static void test_long_lines(void **state)
{
    (void)state;
    enum { LONG = HTTP_LINE_BYTES_MAX + 5000 };
    static const char expected[] =
        "> 1 GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaa 1.1 none\nend 1 head=";
    static const size_t pieces[] = {1, 1460, HTTP_LINE_BYTES_MAX, 4 * LONG};
    struct buffer text = {.ptr = NULL};
    buffer_append_text(&text, "GET /");
    for (size_t i = 0; i < 100; i++) buffer_append_text(&text, "a");
    buffer_append_text(&text, " HTTP/1.1\r\nHost: h\r\nX: ");
    for (size_t i = 0; i < LONG; i++) buffer_append_text(&text, "b");
    buffer_append_text(&text, "\r\n\r\nGET /");
    for (size_t i = 0; i < LONG; i++) buffer_append_text(&text, "c");
    buffer_append_text(&text, " HTTP/1.1\r\n\r\n");
    for (size_t i = 0; i < ARRAY_LENGTH(pieces); i++) {
        struct script_run r;
        struct stream stream = {.run = &r};
        script_run_init(&r);
        r.instance = r.protocol.open(r.protocol.context, &stream, &r.conn);
        struct chunk chunk = {.from = SIDE_CLIENT};
        while (chunk.offset < text.len) {
            chunk.data =
                bytes_first(bytes_from(buffer_bytes(&text), chunk.offset), pieces[i]);
            r.protocol.feed(r.instance, &chunk);
            chunk.offset += chunk.data.len;
        }
        buffer_clear(&r.full);
        r.protocol.close(r.instance);
        script_print_findings(&r);
        buffer_append(&r.brief, bytes_of("", 1));
        assert_memory_equal(r.brief.ptr, expected, 60);
        assert_non_null(strstr((char *)r.brief.ptr, "! line_too_long warning C@"));
        assert_non_null(strstr((char *)r.brief.ptr, "ccc ? none\nend 2"));
        assert_non_null(strstr((char *)r.brief.ptr, "! fields_too_large warning C@"));
        script_run_done(&r);
    }
    buffer_done(&text);
}

static void test_many_fields(void **state)
{
    (void)state;
    struct script_run r;
    struct stream stream = {.run = &r};
    struct buffer text = {.ptr = NULL};
    buffer_append_text(&text, "POST / HTTP/1.1\r\nHost: h\r\n");
    for (size_t i = 0; i < HTTP_FIELDS_MAX; i++) buffer_append_text(&text, "A: b\r\n");
    buffer_append_text(&text, "Content-Length: 0\r\n\r\n");
    script_run_init(&r);
    r.instance = r.protocol.open(r.protocol.context, &stream, &r.conn);
    struct chunk chunk = {.from = SIDE_CLIENT, .data = buffer_bytes(&text)};
    r.protocol.feed(r.instance, &chunk);
    r.protocol.close(r.instance);
    script_print_findings(&r);
    buffer_append(&r.brief, bytes_of("", 1));
    assert_string_equal((char *)r.brief.ptr,
                        "> 1 POST / 1.1 length\nend 1 head=1583 body=0\n"
                        "! fields_too_many warning C@1556\n");
    script_run_done(&r);
    buffer_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chars),      cmocka_unit_test(test_field_names),
        cmocka_unit_test(test_methods),    cmocka_unit_test(test_lists),
        cmocka_unit_test(test_long_lines), cmocka_unit_test(test_many_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
