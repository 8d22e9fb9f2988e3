/* record: the field tables against the structs and the words of SEMANTICS, formatting,
 * UTF-8, blocks, and what tcp knows as a record. */
#include "hopscope/http.h"
#include "random_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- the tables ---- */

static void every_name_is_there_once(void **state)
{
    (void)state;
    for (int k = 0; k < RECORD_KIND_COUNT; k++) {
        const struct record_layout *layout = record_layout((enum record_kind)k);
        for (size_t i = 0; i < layout->field_count; i++) {
            const struct field *f = &layout->fields[i];
            assert_ptr_equal(record_field((enum record_kind)k, f->name), f);
            assert_non_null(f->title);
            assert_true(f->offset < layout->size);
        }
        assert_null(record_field((enum record_kind)k, "nonsense"));
    }
}

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

static void formats(enum record_kind kind, const char *name, const void *record,
                    const char *expected)
{
    char text[64];
    size_t len = record_format(record_field(kind, name), record, text, sizeof text);
    assert_string_equal(text, expected);
    assert_int_equal(len, strlen(expected));
}

static void a_cleared_record_says_nothing(void **state)
{
    (void)state;
    for (int k = 0; k < RECORD_KIND_COUNT; k++) {
        const struct record_layout *layout = record_layout((enum record_kind)k);
        union any_record record;
        record_clear((enum record_kind)k, &record);
        for (size_t i = 0; i < layout->field_count; i++) {
            const struct field *f = &layout->fields[i];
            formats((enum record_kind)k, f->name, &record, "");
            assert_true(record_integer(f, &record) == RECORD_UNKNOWN);
            assert_null(record_text(f, &record).ptr);
        }
    }
}

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
    formats(RECORD_CONNECTION, "id", &c, "9223372036854775807");
    formats(RECORD_CONNECTION, "start_us", &c, "-5");
    formats(RECORD_CONNECTION, "client_ip", &c, "192.0.2.1");
    formats(RECORD_CONNECTION, "client_port", &c, "0");
    formats(RECORD_CONNECTION, "server_ip", &c, "2001:db8::1");
    formats(RECORD_CONNECTION, "server_port", &c, "65535");
    formats(RECORD_CONNECTION, "last_packet", &c, "77");
    formats(RECORD_CONNECTION, "last_capture_id", &c, "3");
    formats(RECORD_CONNECTION, "server_packets", &c, "9");
    formats(RECORD_CONNECTION, "protocol", &c, "a\\x00\\xff");
    formats(RECORD_CONNECTION, "close_cause", &c, "");
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

/* ---- blocks ---- */

enum { BLOCK_RECORDS = 20000 };

struct replay {
    struct random_source random;
    size_t count, fails_at;
};

static enum status compare_next(void *context, enum record_kind kind,
                                const void *record)
{
    struct replay *r = context;
    if (r->count == r->fails_at) return STATUS_FAILED;
    enum record_kind expected_kind = (enum record_kind)(r->count % RECORD_KIND_COUNT);
    union any_record expected;
    random_record(&r->random, expected_kind,
                  (enum random_fill)(r->count % RANDOM_FILL_COUNT), 1, &expected);
    assert_int_equal(kind, expected_kind);
    const struct record_layout *layout = record_layout(kind);
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *f = &layout->fields[i];
        struct bytes a = record_text(f, record), b = record_text(f, &expected);
        assert_true(bytes_equal(a, b));
        assert_int_equal(a.ptr == NULL, b.ptr == NULL);
        assert_true(record_integer(f, record) == record_integer(f, &expected));
    }
    r->count++;
    return STATUS_OK;
}

static void blocks_give_back_what_was_put(void **state)
{
    (void)state;
    struct replay replay = {.random = {42}, .fails_at = SIZE_MAX};
    struct random_source random = {42};
    struct record_sink sink = {.context = &replay, .put = compare_next};
    struct record_block *b = record_block_new();
    size_t drains = 0;
    assert_true(record_block_is_empty(b));
    for (size_t i = 0; i < BLOCK_RECORDS; i++) {
        enum record_kind kind = (enum record_kind)(i % RECORD_KIND_COUNT);
        union any_record record;
        random_record(&random, kind, (enum random_fill)(i % RANDOM_FILL_COUNT), 1,
                      &record);
        record_block_put(b, kind, &record);
        memset(&record, 0xa5, sizeof record);
        if (!record_block_is_full(b)) continue;
        assert_int_equal(record_block_drain(b, &sink), STATUS_OK);
        assert_true(record_block_is_empty(b));
        drains++;
    }
    assert_int_equal(record_block_drain(b, &sink), STATUS_OK);
    assert_int_equal(replay.count, BLOCK_RECORDS);
    assert_true(drains > 2);
    record_block_free(b);
    record_block_free(NULL);
}

static enum status measure_target(void *context, enum record_kind kind,
                                  const void *record)
{
    assert_int_equal(kind, RECORD_EXCHANGE);
    *(size_t *)context += ((const struct record_exchange *)record)->target.len;
    return STATUS_OK;
}

static void a_huge_text_fits(void **state)
{
    (void)state;
    enum { HUGE_BYTES = 3 << 20 };
    char *huge = mem_alloc(HUGE_BYTES);
    size_t seen = 0;
    struct record_sink sink = {.context = &seen, .put = measure_target};
    struct record_block *b = record_block_new();
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    for (int round = 0; round < 2; round++) {
        e.target = bytes_of_text("/");
        record_block_put(b, RECORD_EXCHANGE, &e);
        e.target = bytes_of(huge, HUGE_BYTES);
        record_block_put(b, RECORD_EXCHANGE, &e);
        assert_true(record_block_is_full(b));
        assert_int_equal(record_block_drain(b, &sink), STATUS_OK);
    }
    assert_int_equal(seen, 2 * (HUGE_BYTES + 1));
    record_block_free(b);
    mem_free(huge);
}

static void a_failing_sink_stops_the_drain(void **state)
{
    (void)state;
    struct replay replay = {.random = {7}, .fails_at = 3};
    struct random_source random = {7};
    struct record_sink sink = {.context = &replay, .put = compare_next};
    struct record_block *b = record_block_new();
    for (size_t i = 0; i < 5; i++) {
        union any_record record;
        random_record(&random, (enum record_kind)i,
                      (enum random_fill)(i % RANDOM_FILL_COUNT), 1, &record);
        record_block_put(b, (enum record_kind)i, &record);
    }
    assert_int_equal(record_block_drain(b, &sink), STATUS_FAILED);
    assert_int_equal(replay.count, 3);
    assert_true(record_block_is_empty(b));
    record_block_free(b);
}

/* ---- from a connection ---- */

static struct conn silent_conn(void)
{
    struct conn c = {
        .id = UINT64_C(2) << 32 | 5,
        .first_ref = UINT64_C(2) << 32 | 5,
        .last_ref = UINT64_C(3) << 32 | 9,
        .syn_ns = TIME_UNKNOWN,
        .last_syn_ns = TIME_UNKNOWN,
        .synack_ns = TIME_UNKNOWN,
        .ack_ns = TIME_UNKNOWN,
        .close_ns = TIME_UNKNOWN,
    };
    return c;
}

static void a_connection_becomes_a_record(void **state)
{
    (void)state;
    struct conn c = silent_conn();
    /* The published vectors of Community ID v1: either direction gives the same. */
    c.client =
        (struct endpoint){.address = {128, 232, 110, 120}, .port = 34855, .version = 4};
    c.server =
        (struct endpoint){.address = {66, 35, 250, 204}, .port = 80, .version = 4};
    c.open_kind = OPEN_HANDSHAKE;
    c.open_result = OPEN_ESTABLISHED;
    c.role_basis = ROLE_SYN;
    c.protocol = PROTOCOL_TLS;
    c.closed_by = CLOSED_BY_SERVER;
    c.close_kind = CLOSE_FIN;
    c.start_ns = c.syn_ns = 1000000000999;
    c.last_syn_ns = 1003000000000;
    c.synack_ns = 1003000020999;
    c.ack_ns = 1003000030998;
    c.end_ns = 1004000000000;
    c.syn_retransmits = 2;
    c.side[SIDE_CLIENT] =
        (struct conn_side){.packets = 4, .bytes = 100, .stall_ns = 1999};
    c.side[SIDE_SERVER].zero_window_ns = 5000;
    char community_id[40];
    struct record_connection r;
    record_connection_of(&c, community_id, &r);
    formats(RECORD_CONNECTION, "id", &r, "8589934597");
    formats(RECORD_CONNECTION, "capture_id", &r, "2");
    formats(RECORD_CONNECTION, "community_id", &r, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
    formats(RECORD_CONNECTION, "first_packet", &r, "5");
    formats(RECORD_CONNECTION, "last_packet", &r, "9");
    formats(RECORD_CONNECTION, "last_capture_id", &r, "3");
    formats(RECORD_CONNECTION, "state", &r, "closed");
    formats(RECORD_CONNECTION, "protocol", &r, "tls");
    formats(RECORD_CONNECTION, "start_us", &r, "1000000000");
    formats(RECORD_CONNECTION, "end_us", &r, "1004000000");
    formats(RECORD_CONNECTION, "synack_rtt_us", &r, "20");
    formats(RECORD_CONNECTION, "ack_rtt_us", &r, "9");
    formats(RECORD_CONNECTION, "handshake_us", &r, "3000029");
    formats(RECORD_CONNECTION, "syn_retransmits", &r, "2");
    formats(RECORD_CONNECTION, "synack_retransmits", &r, "0");
    formats(RECORD_CONNECTION, "client_packets", &r, "4");
    formats(RECORD_CONNECTION, "server_packets", &r, "0");
    formats(RECORD_CONNECTION, "client_stall_us", &r, "1");
    formats(RECORD_CONNECTION, "server_zero_window_us", &r, "5");
    formats(RECORD_CONNECTION, "closed_by", &r, "server");
    formats(RECORD_CONNECTION, "close_kind", &r, "fin");
    formats(RECORD_CONNECTION, "close_cause", &r, "");
    formats(RECORD_CONNECTION, "tunnel_id", &r, "");
    formats(RECORD_CONNECTION, "findings", &r, "0");
    conn_flip(&c, ROLE_REQUEST);
    record_connection_of(&c, community_id, &r);
    formats(RECORD_CONNECTION, "community_id", &r, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
}

static void what_was_not_seen_is_null(void **state)
{
    (void)state;
    struct conn c = silent_conn();
    c.open_kind = OPEN_MIDSTREAM;
    c.open_result = OPEN_RESULT_MIDSTREAM;
    c.close_kind = CLOSE_OPEN;
    c.tunnel_id = 9;
    c.vlan = 12;
    c.start_ns = -1;
    c.client =
        (struct endpoint){.address = {0xfe, 0x80, [15] = 1}, .port = 1, .version = 6};
    c.server =
        (struct endpoint){.address = {0xfe, 0x80, [15] = 2}, .port = 2, .version = 6};
    char community_id[40];
    struct record_connection r;
    record_connection_of(&c, community_id, &r);
    static const char *const nulls[] = {
        "synack_rtt_us",      "ack_rtt_us", "handshake_us", "syn_retransmits",
        "synack_retransmits", "protocol",   "exchanges",    "closed_by",
        "idle_max_us",        "conn_state",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(nulls); i++)
        formats(RECORD_CONNECTION, nulls[i], &r, "");
    formats(RECORD_CONNECTION, "state", &r, "open");
    formats(RECORD_CONNECTION, "start_us", &r, "-1");
    formats(RECORD_CONNECTION, "tunnel_id", &r, "9");
    formats(RECORD_CONNECTION, "vlan", &r, "12");
    assert_int_equal(r.community_id.len, 30);
    c.server.version = 4;
    record_connection_of(&c, community_id, &r);
    assert_null(r.community_id.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_is_there_once),
        cmocka_unit_test(enums_have_the_words_of_semantics),
        cmocka_unit_test(a_cleared_record_says_nothing),
        cmocka_unit_test(values_are_formatted),
        cmocka_unit_test(formatting_never_cuts_a_character),
        cmocka_unit_test(texts_become_utf8),
        cmocka_unit_test(blocks_give_back_what_was_put),
        cmocka_unit_test(a_huge_text_fits),
        cmocka_unit_test(a_failing_sink_stops_the_drain),
        cmocka_unit_test(a_connection_becomes_a_record),
        cmocka_unit_test(what_was_not_seen_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
