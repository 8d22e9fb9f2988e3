/* record_format: the words of SEMANTICS, integers, addresses, UTF-8. */
#include "hopscope/http.h"
#include "random_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- words ---- */

/* One word of one enum, by the C name of its value. */
struct word {
    enum record_kind kind;
    const char *field;
    int value;
    const char *text;
};

/* clang-format off */
static const struct word words[] = {
    { RECORD_CONNECTION, "state",            TRI_NO,                  "closed" },
    { RECORD_CONNECTION, "state",            TRI_YES,                 "open" },
    { RECORD_CONNECTION, "open_kind",        OPEN_HANDSHAKE,          "handshake" },
    { RECORD_CONNECTION, "open_kind",        OPEN_MIDSTREAM,          "midstream" },
    { RECORD_CONNECTION, "open_result",      OPEN_ESTABLISHED,        "established" },
    { RECORD_CONNECTION, "open_result",      OPEN_REFUSED,            "refused" },
    { RECORD_CONNECTION, "open_result",      OPEN_UNANSWERED,         "unanswered" },
    { RECORD_CONNECTION, "open_result",      OPEN_RESULT_MIDSTREAM,   "midstream" },
    { RECORD_CONNECTION, "role_basis",       ROLE_SYN,                "syn" },
    { RECORD_CONNECTION, "role_basis",       ROLE_REQUEST,            "request" },
    { RECORD_CONNECTION, "role_basis",       ROLE_STATUS,             "status" },
    { RECORD_CONNECTION, "role_basis",       ROLE_PORT,               "port" },
    { RECORD_CONNECTION, "closed_by",        CLOSED_BY_CLIENT,        "client" },
    { RECORD_CONNECTION, "closed_by",        CLOSED_BY_SERVER,        "server" },
    { RECORD_CONNECTION, "closed_by",        CLOSED_BY_BOTH,          "both" },
    { RECORD_CONNECTION, "close_kind",       CLOSE_FIN,               "fin" },
    { RECORD_CONNECTION, "close_kind",       CLOSE_RST,               "rst" },
    { RECORD_CONNECTION, "close_kind",       CLOSE_IDLE,              "idle" },
    { RECORD_CONNECTION, "close_kind",       CLOSE_REPLACED,          "replaced" },
    { RECORD_CONNECTION, "close_kind",       CLOSE_OPEN,              "open" },
    { RECORD_CONNECTION, "close_cause",      CAUSE_REFUSED,           "refused" },
    { RECORD_CONNECTION, "close_cause",      CAUSE_UNANSWERED,        "unanswered" },
    { RECORD_CONNECTION, "close_cause",      CAUSE_NEVER_USED,        "never_used" },
    { RECORD_CONNECTION, "close_cause",      CAUSE_TUNNEL_END,        "tunnel_end" },
    { RECORD_CONNECTION, "close_cause",      CAUSE_IDLE_RACE,         "idle_race" },
    { RECORD_CONNECTION, "close_cause",      CAUSE_STALE_REUSE,       "stale_reuse" },
    { RECORD_CONNECTION, "close_cause",      CAUSE_LATE_REUSE,        "late_reuse" },
    { RECORD_CONNECTION, "close_cause",      CAUSE_ABORTED,           "aborted" },
    { RECORD_CONNECTION, "close_cause",      CAUSE_REQUEST_CLOSE,     "request_close" },
    { RECORD_CONNECTION, "close_cause",      CAUSE_RESPONSE_CLOSE,    "response_close" },
    { RECORD_CONNECTION, "close_cause",      CAUSE_CLOSE_DELIMITED,   "close_delimited" },
    { RECORD_CONNECTION, "close_cause",      CAUSE_MAX_REQUESTS,      "max_requests" },
    { RECORD_CONNECTION, "close_cause",      CAUSE_IDLE_TIMEOUT,      "idle_timeout" },
    { RECORD_EXCHANGE,   "request_version",  VERSION_09,              "0.9" },
    { RECORD_EXCHANGE,   "request_version",  VERSION_10,              "1.0" },
    { RECORD_EXCHANGE,   "response_version", VERSION_11,              "1.1" },
    { RECORD_EXCHANGE,   "response_version", VERSION_OTHER,           "other" },
    { RECORD_EXCHANGE,   "depth_basis",      DEPTH_BY_ACK,            "ack" },
    { RECORD_EXCHANGE,   "depth_basis",      DEPTH_BY_TIME,           "time" },
    { RECORD_EXCHANGE,   "request_framing",  FRAMING_NONE,            "none" },
    { RECORD_EXCHANGE,   "request_framing",  FRAMING_LENGTH,          "length" },
    { RECORD_EXCHANGE,   "request_framing",  FRAMING_CHUNKED,         "chunked" },
    { RECORD_EXCHANGE,   "response_framing", FRAMING_CLOSE,           "close" },
    { RECORD_EXCHANGE,   "response_framing", FRAMING_TUNNEL,          "tunnel" },
    { RECORD_EXCHANGE,   "response_framing", FRAMING_INVALID,         "invalid" },
    { RECORD_EXCHANGE,   "expect_outcome",   EXPECT_CONTINUED,        "continued" },
    { RECORD_EXCHANGE,   "expect_outcome",   EXPECT_REJECTED,         "rejected" },
    { RECORD_EXCHANGE,   "expect_outcome",   EXPECT_REJECTED_LATE,    "rejected_late" },
    { RECORD_EXCHANGE,   "expect_outcome",   EXPECT_IMPATIENT,        "impatient" },
    { RECORD_EXCHANGE,   "expect_outcome",   EXPECT_NOT_WAITED,       "not_waited" },
    { RECORD_EXCHANGE,   "expect_outcome",   EXPECT_UNANSWERED,       "unanswered" },
    { RECORD_EXCHANGE,   "upgrade_result",   UPGRADE_SWITCHED,        "switched" },
    { RECORD_EXCHANGE,   "upgrade_result",   UPGRADE_DECLINED,        "declined" },
    { RECORD_EXCHANGE,   "upgrade_result",   UPGRADE_REQUIRED,        "required" },
    { RECORD_EXCHANGE,   "upgrade_result",   UPGRADE_UNSOLICITED,     "unsolicited" },
    { RECORD_EXCHANGE,   "upgrade_result",   UPGRADE_INVALID,         "invalid" },
    { RECORD_EXCHANGE,   "upgrade_result",   UPGRADE_TUNNEL,          "tunnel" },
    { RECORD_EXCHANGE,   "state",            EXCHANGE_COMPLETE,       "complete" },
    { RECORD_EXCHANGE,   "state",            EXCHANGE_NO_RESPONSE,    "no_response" },
    { RECORD_EXCHANGE,   "state",            EXCHANGE_NO_REQUEST,     "no_request" },
    { RECORD_EXCHANGE,   "state",            EXCHANGE_REQUEST_INCOMPLETE,  "request_incomplete" },
    { RECORD_EXCHANGE,   "state",            EXCHANGE_RESPONSE_INCOMPLETE, "response_incomplete" },
    { RECORD_EXCHANGE,   "state",            EXCHANGE_OPEN,           "open" },
    { RECORD_EXCHANGE,   "pair_confidence",  PAIR_EXACT,              "exact" },
    { RECORD_EXCHANGE,   "pair_confidence",  PAIR_INFERRED,           "inferred" },
    { RECORD_EXCHANGE,   "pair_confidence",  PAIR_AMBIGUOUS,          "ambiguous" },
    { RECORD_EXCHANGE,   "pair_confidence",  PAIR_ORPHAN,             "orphan" },
    { RECORD_TUNNEL,     "closed_by",        CLOSED_BY_SERVER,        "server" },
    { RECORD_TUNNEL,     "ws_close_by",      CLOSED_BY_CLIENT,        "client" },
    { RECORD_FINDING,    "side",             SIDE_CLIENT + 1,         "client" },
    { RECORD_FINDING,    "side",             SIDE_SERVER + 1,         "server" },
    { RECORD_FINDING,    "severity",         SEVERITY_INFO,           "info" },
    { RECORD_FINDING,    "severity",         SEVERITY_WARNING,        "warning" },
    { RECORD_FINDING,    "severity",         SEVERITY_ATTACK,         "attack" },
    { RECORD_HEADER,     "side",             SIDE_SERVER + 1,         "server" },
};
/* clang-format on */

static void enums_have_the_words_of_semantics(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        union any_record record;
        char text[32];
        const struct field *f = record_field(words[i].kind, words[i].field);
        assert_non_null(f);
        record_clear(words[i].kind, &record);
        ((uint8_t *)&record)[f->offset] = (uint8_t)words[i].value;
        record_format(f, &record, text, sizeof text);
        assert_string_equal(text, words[i].text);
    }
    const struct field *code = record_field(RECORD_FINDING, "code");
    for (int i = 0; i < FINDING_CODE_COUNT; i++)
        assert_string_equal(code->names[i + 1],
                            finding_describe((enum finding_code)i)->name);
    assert_null(code->names[FINDING_CODE_COUNT + 1]);
}

/* ---- values ---- */

static void values_are_formatted(void **state)
{
    (void)state;
    struct record_connection c;
    record_clear(RECORD_CONNECTION, &c);
    c.id = INT64_MAX;
    c.start_us = -5;
    c.client = (struct endpoint){.address = {192, 0, 2, 1}, .port = 0, .version = 4};
    c.server = (struct endpoint){
        .address = {0x20, 1, 13, 0xb8, [15] = 1}, .port = 65535, .version = 6};
    c.last_ref = UINT64_C(3) << 32 | 77;
    c.side[SIDE_SERVER].packets = 9;
    c.protocol = bytes_of("a\0\xff", 3);
    c.close_cause = 200; /* beyond the names: none */
    random_record_formats(RECORD_CONNECTION, "id", &c, "9223372036854775807");
    random_record_formats(RECORD_CONNECTION, "start_us", &c, "-5");
    random_record_formats(RECORD_CONNECTION, "client_ip", &c, "192.0.2.1");
    random_record_formats(RECORD_CONNECTION, "client_port", &c, "0");
    random_record_formats(RECORD_CONNECTION, "server_ip", &c, "2001:db8::1");
    random_record_formats(RECORD_CONNECTION, "server_port", &c, "65535");
    random_record_formats(RECORD_CONNECTION, "last_packet", &c, "77");
    random_record_formats(RECORD_CONNECTION, "last_capture_id", &c, "3");
    random_record_formats(RECORD_CONNECTION, "server_packets", &c, "9");
    random_record_formats(RECORD_CONNECTION, "protocol", &c, "a\\x00\\xff");
    random_record_formats(RECORD_CONNECTION, "close_cause", &c, "");
}

static void formatting_never_cuts_a_character(void **state)
{
    (void)state;
    struct record_capture c;
    record_clear(RECORD_CAPTURE, &c);
    c.source = bytes_of_text("ab\xe2\x82\xac");
    const struct field *f = record_field(RECORD_CAPTURE, "source");
    static const struct {
        size_t size;
        const char *text;
    } cases[] = {{1, ""},   {2, "a"},  {3, "ab"},
                 {4, "ab"}, {5, "ab"}, {6, "ab\xe2\x82\xac"}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char text[8];
        size_t len = record_format(f, &c, text, cases[i].size);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(len, strlen(cases[i].text));
    }
    assert_int_equal(record_format(f, &c, NULL, 0), 0);
}

static void texts_become_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        size_t len;
        const char *out;
    } cases[] = {
        {"", 0, ""},
        {"plain ascii, longer than a word", 31, "plain ascii, longer than a word"},
        {"12345678\0", 9, "12345678\\x00"},
        {"\\x41", 4, "\\x41"},
        {"\x01\x7f", 2, "\x01\x7f"},
        {"\xc2\xa0\xdf\xbf", 4, "\xc2\xa0\xdf\xbf"},
        {"\xc0\xaf", 2, "\\xc0\\xaf"},
        {"\xe0\x9f\xbf", 3, "\\xe0\\x9f\\xbf"},
        {"\xed\x9f\xbf", 3, "\xed\x9f\xbf"},
        {"\xed\xa0\x80", 3, "\\xed\\xa0\\x80"},
        {"\xf4\x8f\xbf\xbf", 4, "\xf4\x8f\xbf\xbf"},
        {"\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80"},
        {"\xf5", 1, "\\xf5"},
        {"a\xe2\x82", 3, "a\\xe2\\x82"},
        {"\xe2\x28\xa1", 3, "\\xe2(\\xa1"},
    };
    struct buffer scratch = {.ptr = NULL};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct bytes out = record_utf8(bytes_of(cases[i].in, cases[i].len), &scratch);
        assert_true(bytes_are(out, cases[i].out));
    }
    assert_null(record_utf8(bytes_of(NULL, 0), &scratch).ptr);
    buffer_done(&scratch);
}

/* Texts are looked at many bytes at once: an odd one is found wherever it stands, and
 * nothing is read behind the end. */
static void one_odd_byte_is_found_anywhere(void **state)
{
    (void)state;
    enum { LENGTH_MAX = 52 };
    struct buffer scratch = {.ptr = NULL};
    for (size_t len = 1; len <= LENGTH_MAX; len++) {
        uint8_t *text = malloc(len);
        assert_non_null(text);
        memset(text, 'x', len);
        for (size_t at = 0; at < len; at++) {
            static const uint8_t plain[] = {0x01, 0x7f}, odd[] = {0x00, 0x80, 0xff};
            for (size_t i = 0; i < ARRAY_LENGTH(plain); i++) {
                text[at] = plain[i];
                assert_ptr_equal(record_utf8(bytes_of(text, len), &scratch).ptr, text);
            }
            for (size_t i = 0; i < ARRAY_LENGTH(odd); i++) {
                text[at] = odd[i];
                struct bytes out = record_utf8(bytes_of(text, len), &scratch);
                assert_int_equal(out.len, len + 3);
                assert_int_equal(out.ptr[at], '\\');
            }
            text[at] = 'x';
        }
        free(text);
    }
    buffer_done(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enums_have_the_words_of_semantics),
        cmocka_unit_test(values_are_formatted),
        cmocka_unit_test(formatting_never_cuts_a_character),
        cmocka_unit_test(texts_become_utf8),
        cmocka_unit_test(one_odd_byte_is_found_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
