/* export: units, histogram, JSON, page and the summary over records made by hand. */
#include "export/failures.h"
#include "export/histogram.h"
#include "export/host_table.h"
#include "export/json.h"
#include "export/ongoing.h"
#include "export/page.h"
#include "export/tally.h"
#include "export/units.h"
#include "hopscope/export.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- units ---- */

static void durations_have_three_digits_and_a_unit(void **state)
{
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "0 µs"},
        {999, "999 µs"},
        {1000, "1.00 ms"},
        {12345, "12.3 ms"},
        {999499, "999 ms"},
        {999600, "1.00 s"},
        {1234567, "1.23 s"},
        {59900000, "59.9 s"},
        {59960000, "1m 00s"},
        {123000000, "2m 03s"},
        {3600LL * 1000000, "1h 00m"},
        {(5 * 3600 + 12 * 60) * 1000000LL, "5h 12m"},
        {(3 * 24 + 4) * 3600LL * 1000000, "3d 04h"},
        {-5, "0 µs"},
        {RECORD_UNKNOWN, "-"},
        {INT64_MAX, "106751991d"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char out[UNITS_TEXT_MAX];
        units_format_duration(cases[i].us, out);
        assert_string_equal(out, cases[i].text);
    }
}

static void amounts_and_shares(void **state)
{
    char out[UNITS_TEXT_MAX];
    (void)state;
    units_format_bytes(999, out);
    assert_string_equal(out, "999 B");
    units_format_bytes(1000, out);
    assert_string_equal(out, "1.00 kB");
    units_format_bytes(999600, out);
    assert_string_equal(out, "1.00 MB");
    units_format_bytes(UINT64_MAX, out);
    assert_string_equal(out, "18446744 TB");
    units_format_share(0, 10, out);
    assert_string_equal(out, "0 %");
    units_format_share(10, 10, out);
    assert_string_equal(out, "100 %");
    units_format_share(1, 100000, out);
    assert_string_equal(out, "<0.1 %");
    units_format_share(99999, 100000, out);
    assert_string_equal(out, ">99.9 %");
    units_format_share(1, 3, out);
    assert_string_equal(out, "33 %");
    units_format_share(1, 0, out);
    assert_string_equal(out, "-");
    units_format_moment(1700000000999999, out);
    assert_string_equal(out, "2023-11-14 22:13:20");
    units_format_moment(-1, out);
    assert_string_equal(out, "1969-12-31 23:59:59");
    units_format_moment(RECORD_UNKNOWN, out);
    assert_string_equal(out, "-");
}

/* ---- histogram ---- */

static void percentiles_of_few_are_exact(void **state)
{
    (void)state;
    for (int64_t count = 1; count <= HISTOGRAM_EXACT_MAX; count++) {
        struct histogram h = {.count = 0};
        assert_true(histogram_percentile(&h, 50) == INT64_MIN);
        histogram_add(&h, RECORD_UNKNOWN);
        assert_int_equal(h.count, 0);
        for (int64_t i = count; i > 0; i--) histogram_add(&h, 1000 * i);
        assert_true(histogram_is_exact(&h));
        for (unsigned percent = 1; percent <= 100; percent++) {
            int64_t rank = (count * percent + 99) / 100; /* rounded up */
            assert_int_equal(histogram_percentile(&h, percent), 1000 * rank);
        }
        histogram_done(&h);
    }
}

static void percentiles_of_many_are_close(void **state)
{
    struct histogram h = {.count = 0};
    (void)state;
    for (int64_t v = 1; v <= 100000; v++) histogram_add(&h, v);
    assert_false(histogram_is_exact(&h));
    for (unsigned percent = 1; percent < 100; percent++) {
        int64_t exact = percent * 1000;
        int64_t found = histogram_percentile(&h, percent);
        assert_true(found >= exact * 93 / 100 && found <= exact * 107 / 100);
    }
    assert_int_equal(histogram_percentile(&h, 100), 100000);
    assert_int_equal(histogram_percentile(&h, 0), 1);
    histogram_add(&h, INT64_MAX);
    assert_true(histogram_percentile(&h, 100) == INT64_MAX);
    histogram_done(&h);
}

/* ---- JSON ---- */

static void json_is_escaped(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\n\x1b[2J\x7f", "\"\\u000a\\u001b[2J\\u007f\""},
        {"gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\""},
        {"\xff", "\"\\\\xff\""}, /* as the database shows it */
        {"\xc3", "\"\\\\xc3\""},
        {"", "\"\""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct buffer out = {.ptr = NULL};
        struct json json = {.out = &out};
        json_put_text(&json, NULL, bytes_of_text(cases[i].in));
        buffer_append(&out, bytes_of("", 1));
        assert_string_equal(out.ptr, cases[i].out);
        json_done(&json);
        buffer_done(&out);
    }
}

static void json_has_commas_where_they_belong(void **state)
{
    struct buffer out = {.ptr = NULL};
    struct json json = {.out = &out};
    (void)state;
    json_begin_object(&json, NULL);
    json_begin_object(&json, "a");
    json_end_object(&json);
    json_begin_array(&json, "b");
    json_put_integer(&json, NULL, INT64_MIN);
    json_put_known(&json, NULL, INT64_MIN);
    json_put_id(&json, NULL, UINT64_MAX);
    json_put_bool(&json, NULL, true);
    json_put_text(&json, NULL, bytes_of(NULL, 0));
    json_put_real(&json, NULL, 0.25);
    json_end_array(&json);
    json_end_object(&json);
    buffer_append(&out, bytes_of("", 1));
    assert_string_equal(out.ptr, "{\"a\":{},\"b\":[-9223372036854775808,null,"
                                 "\"18446744073709551615\",true,null,0.2500]}");
    json_done(&json);
    buffer_done(&out);
}

/* ---- page ---- */

static void cells_line_up_and_are_cut(void **state)
{
    static const struct page_column columns[] = {{"name", 6, false}, {"time", 7, true}};
    struct buffer out = {.ptr = NULL};
    struct page page = {.out = &out, .width = 80};
    (void)state;
    page_titles(&page, columns, 2);
    page_row(&page, PAGE_RED, columns, 2, (const char *const[]){"abcdefgh", "12 µs"});
    page_row(&page, PAGE_PLAIN, columns, 2, (const char *const[]){"abc", ""});
    page.width = 20;
    page_item(&page, 4, "in", "a few words too many");
    buffer_append(&out, bytes_of("", 1));
    assert_string_equal(out.ptr, "  name       time\n"
                                 "  abcde…    12 µs\n"
                                 "  abc\n"
                                 "  in    a few words\n"
                                 "        too many\n");
    buffer_done(&out);
    char path[32];
    page_copy_path(bytes_of_text("a\x1b]b\xc2\x9b\xc3\xbc"), path, sizeof path);
    assert_string_equal(path, "a?]b?\xc3\xbc");
    page_copy_path(bytes_of_text("\xff"
                                 "a\xc3\xed\xa0\x80\xe2\x82\xac\xe2\x82"),
                   path, sizeof path);
    assert_string_equal(path, "?a????\xe2\x82\xac??");
    page_copy_path(bytes_of_text("ab\xe2\x82\xac"), path, 5); /* no room for the last */
    assert_string_equal(path, "ab");
}

/* What was counted in parts is what would have been counted at once, exact or not. */
static void merged_histograms_are_one(void **state)
{
    (void)state;
    const struct {
        int64_t first, second;
    } counts[] = {{0, 0},
                  {0, 5},
                  {300, HISTOGRAM_EXACT_MAX - 300},
                  {300, HISTOGRAM_EXACT_MAX - 299},
                  {HISTOGRAM_EXACT_MAX + 1, 1},
                  {1, HISTOGRAM_EXACT_MAX + 1},
                  {0, 5000},
                  {3000, 5000}};
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
        struct histogram whole = {.count = 0}, merged = whole, parts[2] = {whole};
        int64_t all = counts[i].first + counts[i].second;
        for (int64_t n = 0; n < all; n++) {
            int64_t us = (n * 7919 + 13) % 100003;
            histogram_add(&whole, us);
            histogram_add(&parts[n >= counts[i].first], us);
        }
        histogram_merge(&merged, &parts[0]);
        histogram_merge(&merged, &parts[1]);
        assert_int_equal(merged.count, all);
        assert_int_equal(histogram_is_exact(&merged), histogram_is_exact(&whole));
        for (unsigned percent = 0; percent <= 100; percent++)
            assert_int_equal(histogram_percentile(&merged, percent),
                             histogram_percentile(&whole, percent));
        histogram_done(&whole);
        histogram_done(&merged);
        histogram_done(&parts[0]);
        histogram_done(&parts[1]);
    }
}

/* ---- tables with a cap ---- */

static void tallies_and_hosts_count_beyond_their_caps(void **state)
{
    struct tally tally = {.count = 0};
    struct host_table hosts;
    char name[32];
    (void)state;
    host_table_init(&hosts);
    for (int i = 0; i < HOST_TABLE_ROWS_MAX + 10; i++) {
        snprintf(name, sizeof name, "host-%d", i);
        tally_add(&tally, bytes_of_text(name));
        struct host_row *row = host_table_find(&hosts, bytes_of_text(name));
        assert_ptr_equal(row, i < HOST_TABLE_ROWS_MAX ? hosts.rows[i] : NULL);
    }
    assert_int_equal(tally.others, HOST_TABLE_ROWS_MAX + 10 - TALLY_ROWS_MAX);
    assert_int_equal(host_table_find(&hosts, bytes_of_text("host-7"))->index, 7);
    host_table_done(&hosts);
    host_table_init(&hosts); /* absent and empty are two hosts */
    assert_int_equal(host_table_find(&hosts, bytes_of(NULL, 0))->index, 0);
    assert_int_equal(host_table_find(&hosts, bytes_of_text(""))->index, 1);
    assert_int_equal(host_table_find(&hosts, bytes_of(NULL, 0))->index, 0);
    host_table_done(&hosts);
}

static struct ongoing_slot *find_ongoing(struct ongoing *o, int64_t id)
{
    return ongoing_find(o, id, ongoing_expect(o, id));
}

/* Connections whose first packets are so many packets apart. */
static void check_ongoing(int64_t apart)
{
    enum { MANY = 5000 };
    struct ongoing ongoing;
    ongoing_init(&ongoing);
    for (int64_t id = 0; id < MANY; id++) {
        struct ongoing_slot *slot = find_ongoing(&ongoing, id * apart);
        assert_true(ongoing_add_host(&ongoing, slot, 3));
        assert_false(ongoing_add_host(&ongoing, slot, 3));
    }
    for (int64_t id = 0; id < MANY; id += 2) ongoing_forget(&ongoing, id * apart);
    ongoing_forget(&ongoing, -1); /* each lets go the one before */
    assert_int_equal(ongoing.count, MANY / 2);
    for (int64_t id = 1; id < MANY; id += 2)
        assert_false(ongoing_add_host(&ongoing, find_ongoing(&ongoing, id * apart), 3));
    assert_int_equal(ongoing.count, MANY / 2);
    for (int64_t id = MANY; ongoing.count < ONGOING_ROWS_MAX; id++)
        assert_non_null(find_ongoing(&ongoing, id * apart));
    assert_null(find_ongoing(&ongoing, -1));
    ongoing_done(&ongoing);
}

/* The first hosts of all have a bit each, later ones do not. */
static void connections_know_their_first_hosts(void **state)
{
    (void)state;
    const int32_t firsts[] = {0, 28, 32, 4000};
    for (size_t i = 0; i < ARRAY_LENGTH(firsts); i++) {
        struct ongoing ongoing;
        ongoing_init(&ongoing);
        struct ongoing_slot *slot = find_ongoing(&ongoing, 1);
        for (int32_t n = 0; n < 2 * ONGOING_HOSTS_MAX; n++) {
            assert_int_equal(ongoing_add_host(&ongoing, slot, firsts[i] + n),
                             n < ONGOING_HOSTS_MAX);
            for (int32_t old = 0; old <= n; old++)
                assert_false(ongoing_add_host(&ongoing, slot, firsts[i] + old));
        }
        ongoing_forget(&ongoing, 1);
        ongoing_forget(&ongoing, -1); /* who has its row next has served none */
        assert_true(ongoing_add_host(&ongoing, find_ongoing(&ongoing, 2), firsts[i]));
        ongoing_done(&ongoing);
    }
}

static void ongoing_rows_come_and_go(void **state)
{
    (void)state;
    const int64_t apart[] = {1, 3, 7, 256, 65536}; /* 1: as dense as can be */
    for (size_t i = 0; i < ARRAY_LENGTH(apart); i++) check_ongoing(apart[i]);
}

/* ---- the summary ---- */

static struct record_capture make_capture(int64_t id, const char *path)
{
    struct record_capture c;
    record_clear(RECORD_CAPTURE, &c);
    c.id = id;
    c.source = bytes_of_text(path);
    c.kind = bytes_of_text("file");
    c.format = bytes_of_text("pcap");
    c.link_types = bytes_of_text("ETHERNET");
    c.start_us = 1700000000000000;
    c.end_us = 1700000002500000;
    c.packets = 120;
    c.bytes = 45000;
    c.connections = 2;
    c.exchanges = 4;
    c.missing_bytes = c.midstream_connections = c.one_sided_connections = 0;
    c.evicted_connections = c.ambiguous_pairs = c.orphan_responses = 0;
    return c;
}

static struct record_exchange make_exchange(int64_t connection, int64_t ordinal,
                                            int64_t wait_us)
{
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    e.connection_id = connection;
    e.ordinal = ordinal;
    e.method = bytes_of_text("GET");
    e.target = bytes_of_text("/a\x1b[31m");
    e.host = bytes_of_text("example.test");
    e.status = 200;
    e.request_ref = (1ULL << 32) | (uint64_t)(10 * ordinal);
    e.response_ref = e.request_ref + 5;
    e.wait_us = wait_us;
    e.transfer_us = 100;
    e.depth = 1;
    e.state = EXCHANGE_COMPLETE;
    e.pair_confidence = 1; /* exact */
    return e;
}

static struct record_connection make_connection(int64_t id, int64_t exchanges)
{
    struct record_connection c;
    record_clear(RECORD_CONNECTION, &c);
    c.id = id;
    c.protocol = bytes_of_text("http/1.1");
    c.first_ref = (uint64_t)id;
    c.exchanges = exchanges;
    c.open_result = OPEN_ESTABLISHED;
    c.close_kind = CLOSE_FIN;
    c.closed_by = CLOSED_BY_SERVER;
    c.close_cause = CAUSE_IDLE_TIMEOUT;
    c.idle_at_close_us = 5000000;
    c.handshake_us = 200;
    return c;
}

static char *text_of(const struct summary *s, bool is_json, unsigned width)
{
    struct buffer out = {.ptr = NULL};
    struct summary_style style = {.width = width};
    if (is_json)
        summary_json_write(s, &out);
    else
        summary_text_write(s, &style, &out);
    buffer_append(&out, bytes_of("", 1));
    return (char *)out.ptr;
}

static void assert_says(const struct summary *s, const char *words)
{
    char *text = text_of(s, false, 80);
    if (!strstr(text, words)) fail_msg("no \"%s\" in:\n%s", words, text);
    mem_free(text);
}

static void assert_silent(const struct summary *s, const char *words)
{
    char *text = text_of(s, false, 80);
    if (strstr(text, words)) fail_msg("\"%s\" in:\n%s", words, text);
    mem_free(text);
}

/* Two connections of two exchanges; the second pipelines behind a slow head. */
static struct summary *make_summary(void)
{
    struct summary *s = summary_new();
    struct record_sink sink = summary_sink(s);
    for (int64_t id = 1; id <= 2; id++) {
        for (int64_t ordinal = 1; ordinal <= 2; ordinal++) {
            struct record_exchange e = make_exchange(id, ordinal, 1000 * id * ordinal);
            if (id == 2 && ordinal == 2) {
                e.depth = 2;
                e.hol_us = 1900;
            }
            sink.put(sink.context, RECORD_EXCHANGE, &e);
        }
        struct record_connection c = make_connection(id, 2);
        c.max_depth = id;
        c.pipelined_requests = id - 1;
        sink.put(sink.context, RECORD_CONNECTION, &c);
    }
    return s;
}

static void summary_says_what_was_there(void **state)
{
    struct summary *s = make_summary();
    struct record_capture capture = make_capture(1, "dir/a.pcap");
    (void)state;
    summary_sink(s).put(s, RECORD_CAPTURE, &capture);
    assert_says(s, "TRUST  complete");
    assert_says(s, "dir/a.pcap");
    assert_says(s, "2023-11-14 22:13:20 to 22:13:22 UTC");
    assert_says(s, "CONNECTIONS  2, of which 2 carried HTTP");
    assert_says(s, "protocol    http/1.1 2\n");
    assert_says(s, "2xx 4 (200: 4)");
    assert_says(s, "REUSE  50 %");
    assert_says(s, "timeouts    2 by the server, idle for median 5.00 s");
    assert_says(s, "PIPELINING  1 request");
    assert_says(s, "held up 1 request, for 1.90 ms");
    assert_says(s, "asked in packet 10, answered from 15 on");
    assert_says(s, "idle_timeout");
    assert_says(s, "FINDINGS  none");
    assert_silent(s, "UPGRADES");
    assert_silent(s, "\x1b");
    assert_says(s, "example.test/a\\x1b[31m");
    struct summary_totals totals = summary_totals(s);
    assert_int_equal(totals.packets, 120);
    assert_int_equal(totals.exchanges, 4);
    summary_free(s);
}

static void summary_names_every_doubt(void **state)
{
    struct summary *s = make_summary();
    struct record_capture capture = make_capture(1, "a.pcap");
    (void)state;
    capture.kernel_dropped = 3;
    capture.missing_bytes = 1;
    capture.overdue_packets = 2;
    capture.damage = bytes_of_text("cut at offset 77");
    summary_sink(s).put(s, RECORD_CAPTURE, &capture);
    assert_says(s, "TRUST  limited: the capture missed something");
    assert_says(s, "!  3 packets were dropped by the kernel");
    assert_says(s, "!  1 byte of a stream was sent and never captured");
    assert_says(s, "!  cut at offset 77");
    assert_says(s, "2 packets came late, for connections whose rows had been");
    struct record_capture other = make_capture(2, "b.pcap");
    summary_sink(s).put(s, RECORD_CAPTURE, &other);
    assert_says(s, "limited: 1 of 2 captures");
    assert_says(s, "1:15"); /* packets are now named with their capture */
    assert_says(s, "packets     named capture:number");
    summary_free(s);
}

static void summary_keeps_the_slowest(void **state)
{
    struct summary *s = summary_new();
    struct record_sink sink = summary_sink(s);
    (void)state;
    for (int64_t i = 0; i < 1000; i++) {
        struct record_exchange e = make_exchange(i, 1, i * 7919 % 1000 * 1000000);
        sink.put(sink.context, RECORD_EXCHANGE, &e);
    }
    assert_says(s, "16m 39s"); /* 999 s */
    assert_says(s, "16m 30s"); /* 990 s */
    char *text = text_of(s, false, 80);
    assert_null(strstr(strstr(text, "SLOWEST"), "16m 29s"));
    mem_free(text);
    summary_free(s);
}

/* A capture that holds its header and nothing else. */
static void summary_of_no_packet(void **state)
{
    struct summary *s = summary_new();
    struct record_capture capture = make_capture(1, "header-only.pcap");
    (void)state;
    capture.start_us = capture.end_us = RECORD_UNKNOWN;
    capture.packets = capture.bytes = capture.connections = capture.exchanges = 0;
    summary_sink(s).put(s, RECORD_CAPTURE, &capture);
    assert_says(s, "  recorded    no packet\n");
    assert_says(s, "the file format does not tell of drops");
    assert_silent(s, "FAILED");
    summary_free(s);
}

static void summary_blames_the_format_of_pcap_only(void **state)
{
    static const struct {
        const char *formats[2], *words;
    } cases[] = {
        {{"pcap.gz", NULL}, "the file format does not tell of drops"},
        {{"pcapng", NULL}, "this file does not tell of drops"},
        {{"pcap", "pcapng.gz"}, "these files do not tell of drops"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct summary *s = make_summary();
        for (int64_t k = 0; k < 2 && cases[i].formats[k]; k++) {
            struct record_capture capture = make_capture(k + 1, "a");
            capture.format = bytes_of_text(cases[i].formats[k]);
            summary_sink(s).put(s, RECORD_CAPTURE, &capture);
        }
        assert_says(s, cases[i].words);
        summary_free(s);
    }
}

static void failed_are_5xx_and_what_was_not_answered_whole(void **state)
{
    static const struct {
        int64_t status;
        uint8_t state, expect;
        bool is_failed;
    } cases[] = {
        {200, EXCHANGE_COMPLETE, EXPECT_NONE, false},
        {499, EXCHANGE_COMPLETE, EXPECT_NONE, false},
        {500, EXCHANGE_COMPLETE, EXPECT_NONE, true},
        {502, EXCHANGE_OPEN, EXPECT_NONE, true},
        {200, EXCHANGE_OPEN, EXPECT_NONE, false},
        {RECORD_UNKNOWN, EXCHANGE_OPEN, EXPECT_NONE, false},
        {RECORD_UNKNOWN, EXCHANGE_NO_RESPONSE, EXPECT_NONE, true},
        {200, EXCHANGE_RESPONSE_INCOMPLETE, EXPECT_NONE, true},
        {200, EXCHANGE_NO_REQUEST, EXPECT_NONE, false},
        {417, EXCHANGE_REQUEST_INCOMPLETE, EXPECT_REJECTED, false},
        {413, EXCHANGE_REQUEST_INCOMPLETE, EXPECT_NONE, true},
        {503, EXCHANGE_REQUEST_INCOMPLETE, EXPECT_REJECTED, true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct record_exchange e = make_exchange(1, 1, 100);
        e.status = cases[i].status;
        e.state = cases[i].state;
        e.expect_outcome = cases[i].expect;
        if (failures_is_one(&e) != cases[i].is_failed) fail_msg("case %zu", i);
    }
}

/* Twenty connections that each lose one request, the latest first. */
static void summary_names_the_first_failed(void **state)
{
    enum { MANY = 20 };
    struct summary *s = summary_new();
    struct record_sink sink = summary_sink(s);
    struct record_capture capture = make_capture(1, "a.pcap");
    (void)state;
    assert_silent(s, "FAILED");
    for (int64_t i = MANY; i > 0; i--) {
        struct record_exchange e = make_exchange(i, i, 100);
        e.request_start_us = capture.start_us + i * 1500;
        e.response_ref = 0;
        e.status = RECORD_UNKNOWN;
        e.state = EXCHANGE_NO_RESPONSE;
        sink.put(s, RECORD_EXCHANGE, &e);
        struct record_connection c = make_connection(i, 1);
        c.close_cause = CAUSE_IDLE_RACE;
        sink.put(s, RECORD_CONNECTION, &c);
    }
    sink.put(s, RECORD_CAPTURE, &capture);
    assert_says(s, "FAILED  20 answered by 5xx, or not answered whole; the first");
    assert_says(s, "       10      0.002  no_response          GET example.test/a");
    assert_says(s, "idle_race, by the server\n");
    assert_says(s, "and  10 more\n");
    assert_says(s, "      100      0.015  no_response");
    assert_silent(s, "      110      0.0");
    char *json = text_of(s, true, 0);
    assert_non_null(strstr(json, "\"failed_count\": 20"));
    assert_non_null(strstr(json, "\"since_start_us\": 1500"));
    assert_null(strstr(json, "\"since_start_us\": 16500"));
    assert_non_null(strstr(json, "\"state\": \"no_response\""));
    mem_free(json);
    summary_free(s);
}

static void summary_says_where_figures_are_approximate(void **state)
{
    struct summary *s = summary_new();
    struct record_sink sink = summary_sink(s);
    (void)state;
    for (int64_t i = 1; i <= HISTOGRAM_EXACT_MAX + 1; i++) {
        struct record_exchange e = make_exchange(i, 1, i * 1000);
        sink.put(s, RECORD_EXCHANGE, &e);
        if (i == HISTOGRAM_EXACT_MAX) assert_silent(s, "≈");
        if (i == HISTOGRAM_EXACT_MAX) assert_says(s, "median 256 ms");
    }
    assert_says(s, "median ≈");
    assert_says(s, "longest 513 ms");
    summary_free(s);
}

static void summary_sorts_findings_by_severity(void **state)
{
    struct summary *s = make_summary();
    struct record_finding f = {.code = FINDING_CONNECTION_UNUSED + 1,
                               .severity = SEVERITY_INFO,
                               .ref = 40,
                               .time_us = 9};
    struct record_sink sink = summary_sink(s);
    (void)state;
    sink.put(s, RECORD_FINDING, &f);
    f.code = FINDING_LENGTH_CONFLICT + 1;
    f.severity = SEVERITY_ATTACK;
    sink.put(s, RECORD_FINDING, &f);
    f.ref = 30;
    f.time_us = 8;
    sink.put(s, RECORD_FINDING, &f);
    assert_says(s, "FINDINGS  2 attack, 0 warning, 1 info");
    assert_says(s, "first in packet 30");
    char *text = text_of(s, false, 80);
    assert_true(strstr(text, "length_conflict") < strstr(text, "connection_unused"));
    mem_free(text);
    summary_free(s);
}

static void summary_is_never_wider_than_asked(void **state)
{
    static const unsigned widths[][2] = {{0, 72}, {80, 80}, {100, 100}, {500, 100}};
    char path[300];
    (void)state;
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(widths); i++) {
        struct summary *s = make_summary();
        for (int64_t id = 1; id <= 2; id++) {
            struct record_capture capture = make_capture(id, path);
            capture.packets = capture.ambiguous_pairs = 999999999;
            summary_sink(s).put(s, RECORD_CAPTURE, &capture);
        }
        char *text = text_of(s, false, widths[i][0]);
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
            if (page_text_width(line) > widths[i][1]) fail_msg("too wide: %s", line);
        mem_free(text);
        summary_free(s);
    }
}

static void empty_summary_is_short_and_whole(void **state)
{
    struct summary *s = summary_new();
    (void)state;
    assert_says(s, "no capture was read");
    assert_silent(s, "EXCHANGES");
    char *json = text_of(s, true, 0);
    assert_non_null(strstr(json, "\"is_complete\": false"));
    assert_non_null(strstr(json, "\"hosts\": []"));
    assert_string_equal(json + strlen(json) - 2, "}\n");
    mem_free(json);
    summary_free(s);
    summary_free(NULL);
}

static void json_names_are_those_of_the_database(void **state)
{
    static const char *const words[] = {"\"close_cause\": \"idle_timeout\"",
                                        "\"complete\": 4",
                                        "\"200\": 4",
                                        "\"max_depth\": 2",
                                        "\"share\": 0.5000",
                                        "\"target\": \"/a\\u001b[31m\"",
                                        "\"capture_id\": 1",
                                        "\"kernel_dropped\": null"};
    struct summary *s = make_summary();
    struct record_capture capture = make_capture(1, "a.pcap");
    (void)state;
    summary_sink(s).put(s, RECORD_CAPTURE, &capture);
    char *json = text_of(s, true, 0);
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        if (!strstr(json, words[i])) fail_msg("no %s in:\n%s", words[i], json);
    }
    mem_free(json);
    summary_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_have_three_digits_and_a_unit),
        cmocka_unit_test(amounts_and_shares),
        cmocka_unit_test(percentiles_of_few_are_exact),
        cmocka_unit_test(percentiles_of_many_are_close),
        cmocka_unit_test(json_is_escaped),
        cmocka_unit_test(json_has_commas_where_they_belong),
        cmocka_unit_test(cells_line_up_and_are_cut),
        cmocka_unit_test(merged_histograms_are_one),
        cmocka_unit_test(tallies_and_hosts_count_beyond_their_caps),
        cmocka_unit_test(connections_know_their_first_hosts),
        cmocka_unit_test(ongoing_rows_come_and_go),
        cmocka_unit_test(summary_says_what_was_there),
        cmocka_unit_test(summary_names_every_doubt),
        cmocka_unit_test(summary_keeps_the_slowest),
        cmocka_unit_test(summary_of_no_packet),
        cmocka_unit_test(summary_blames_the_format_of_pcap_only),
        cmocka_unit_test(failed_are_5xx_and_what_was_not_answered_whole),
        cmocka_unit_test(summary_names_the_first_failed),
        cmocka_unit_test(summary_says_where_figures_are_approximate),
        cmocka_unit_test(summary_sorts_findings_by_severity),
        cmocka_unit_test(summary_is_never_wider_than_asked),
        cmocka_unit_test(empty_summary_is_short_and_whole),
        cmocka_unit_test(json_names_are_those_of_the_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
