/* Hazards of what the capture lacks: packets (6), its beginning (7), the ends of frames
 * (26), one direction (32), and streams longer than a sequence number (1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hazard_trace.h"

static const char pairs[] = "target status state pair_confidence";

/* ---- 1 ---- */

/* Every ISN near the end of the number space, for both sides. */
static void sequence_numbers_wrap(void **state)
{
    (void)state;
    struct hazard_trace t;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (uint32_t before = 0; before < 400; before += before < 64 ? 1 : 7) {
        hazard_trace_init(&t);
        t.isn[SIDE_CLIENT] = 0u - before % 70;
        t.isn[SIDE_SERVER] = 0u - before;
        if (before == 0x15) t.isn[SIDE_CLIENT] = 0xffffffebu;
        hazard_open(&t);
        hazard_exchange(&t, 1, 100);
        hazard_request(&t, 2);
        (void)hazard_at(&t, SIDE_CLIENT, 28, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
        hazard_response(&t, 100);
        hazard_close(&t);
        hazard_run_once(&t, &rows);
        hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs,
                                 "/1 200 complete exact\n/2 200 complete exact\n");
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           "client_bytes=56 client_missing_bytes=0 server_bytes=280 "
                           "client_retransmitted_bytes=28 server_missing_bytes=0 "
                           "close_kind=fin conn_state=SF findings=0");
    }
    hazard_rows_done(&rows);
}

/* 5 GiB of a body of which the capture has ten bytes in each half GiB. */
static void stream_of_5_gib(void **state)
{
    (void)state;
    struct hazard_trace t;
    struct hazard_rows rows;
    const uint64_t step = 1ull << 29, body = 5ull << 30;
    hazard_trace_init(&t);
    hazard_open(&t);
    hazard_request(&t, 1);
    (void)hazard_say(&t, SIDE_SERVER,
                     "HTTP/1.1 200 OK\r\nContent-Length: 5368709120\r\n\r\n");
    uint64_t start = t.next[SIDE_SERVER];
    for (uint64_t at = step - 10; at < body; at += step) {
        t.next[SIDE_SERVER] = start + at;
        (void)hazard_ack(&t, SIDE_CLIENT);
        (void)hazard_say(&t, SIDE_SERVER, "0123456789");
        (void)hazard_ack(&t, SIDE_CLIENT);
        hazard_wait(&t, 400 * HAZARD_MS);
    }
    hazard_exchange(&t, 2, 10);
    hazard_close(&t);
    hazard_rows_init(&rows);
    hazard_run_once(&t, &rows);
    hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs,
                             "/1 200 complete exact\n/2 200 complete exact\n");
    hazard_rows_expect(&rows, RECORD_EXCHANGE, 0,
                       "response_body_bytes=5368709120 response_complete=1 "
                       "response_missing_bytes=5368709020");
    hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                       "server_missing_bytes=5368709020 server_gaps=10 "
                       "server_bytes=196 conn_state=SF");
    hazard_rows_done(&rows);
}

/* ---- 6 ---- */

enum { TRACE_EXCHANGES = 20, EXCHANGE_PACKETS = 9, OPENING_PACKETS = 3 };

/* 3 + 20 * 10 - with waits, so that each exchange stands for itself. */
static void build_long(struct hazard_trace *t)
{
    hazard_trace_init(t);
    hazard_open(t);
    for (unsigned i = 1; i <= TRACE_EXCHANGES; i++) {
        hazard_request(t, i);
        (void)hazard_ack(t, SIDE_SERVER);
        hazard_response(t, 4500); /* head and five segments of body */
        (void)hazard_ack(t, SIDE_CLIENT);
        hazard_wait(t, HAZARD_S);
    }
    hazard_close(t);
}

static void drop_packet(struct hazard_trace *t, size_t at)
{
    memmove(&t->at[at], &t->at[at + 1], (t->count - at - 1) * sizeof *t->at);
    t->count--;
}

/* The exchanges' lines but that of target /skipped, and of rows without a target. */
static char *other_exchanges(const struct hazard_rows *rows, unsigned skipped,
                             const char *columns)
{
    char name[24];
    struct buffer text = {0}, kept = {0};
    hazard_rows_project(rows, RECORD_EXCHANGE, columns, &text);
    buffer_append(&text, bytes_of("", 1));
    (void)snprintf(name, sizeof name, "/%u ", skipped);
    for (char *at = (char *)text.ptr; *at != '\0';) {
        size_t length = strcspn(at, "\n") + 1;
        bool is_skipped = strncmp(at, name, strlen(name)) == 0 || *at == '-';
        if (!is_skipped) buffer_append(&kept, bytes_of(at, length));
        at += length;
    }
    buffer_append(&kept, bytes_of("", 1));
    buffer_done(&text);
    return (char *)kept.ptr;
}

static const char all_but_confidence[] =
    "target ordinal status method host request_packet response_packet request_start_us "
    "request_end_us response_start_us response_end_us wait_us transfer_us depth "
    "request_framing response_framing request_body_bytes response_body_bytes "
    "response_declared_bytes response_missing_bytes request_complete response_complete "
    "state hol_us early_response persist_declared";

/* What the loss of the packet at `at` may say of the connection, to the byte. */
static void expect_told_loss(const struct hazard_packet *lost,
                             const struct hazard_rows *rows)
{
    char expected[96];
    size_t client = lost->from == SIDE_CLIENT ? lost->length : 0;
    (void)snprintf(expected, sizeof expected,
                   "client_missing_bytes=%zu server_missing_bytes=%zu", client,
                   lost->length - client);
    hazard_rows_expect(rows, RECORD_CONNECTION, 0, expected);
    assert_int_equal(hazard_rows_findings(rows, "tcp_gap"), lost->length > 0 ? 1 : 0);
    assert_int_equal(hazard_rows_attacks(rows), 0);
    assert_int_equal(hazard_rows_count(rows, RECORD_CONNECTION), 1);
}

static void each_packet_lost_in_turn(void **state)
{
    (void)state;
    struct hazard_trace whole, cut;
    struct hazard_rows plain, rows;
    build_long(&whole);
    assert_true(whole.count >= 180);
    hazard_rows_init(&plain);
    hazard_rows_init(&rows);
    hazard_run(&whole, &plain);
    assert_int_equal(plain.counters.exact_pairs, TRACE_EXCHANGES);
    for (size_t lost = 0; lost < whole.count; lost++) {
        bool is_exchange = lost >= OPENING_PACKETS && lost < whole.count - 3;
        unsigned hit = is_exchange
                           ? (unsigned)((lost - OPENING_PACKETS) / EXCHANGE_PACKETS) + 1
                           : 0;
        if (whole.at[lost].length == 0) hit = 0; /* a bare ACK takes nothing along */
        hazard_trace_copy(&whole, &cut);
        drop_packet(&cut, lost);
        hazard_run_once(&cut, &rows);
        char *expected = other_exchanges(&plain, hit, all_but_confidence);
        char *is = other_exchanges(&rows, hit, all_but_confidence);
        if (strcmp(is, expected) != 0) print_message("packet %zu lost\n", lost + 1);
        assert_string_equal(is, expected);
        assert_int_equal(hazard_rows_count(&rows, RECORD_EXCHANGE), TRACE_EXCHANGES);
        expect_told_loss(&whole.at[lost], &rows);
        mem_free(expected);
        mem_free(is);
    }
    hazard_rows_done(&plain);
    hazard_rows_done(&rows);
    hazard_trace_done(&whole);
}

/* ---- 7 ---- */

/* The first payload from there on is a status line. */
static bool starts_with_status(const struct hazard_trace *t, size_t first)
{
    while (t->at[first].length == 0) first++;
    return t->at[first].length > 4 &&
           memcmp(t->data.ptr + t->at[first].data, "HTTP", 4) == 0;
}

static void trace_cut_at_every_packet(void **state)
{
    (void)state;
    struct hazard_trace whole, cut;
    struct hazard_rows rows;
    build_long(&whole);
    hazard_rows_init(&rows);
    for (size_t first = 1; first < whole.count; first++) {
        hazard_trace_copy(&whole, &cut);
        memmove(cut.at, cut.at + first, (cut.count - first) * sizeof *cut.at);
        cut.count -= first;
        hazard_run_once(&cut, &rows);
        size_t begun =
            first < OPENING_PACKETS
                ? 0
                : (first - OPENING_PACKETS + EXCHANGE_PACKETS - 1) / EXCHANGE_PACKETS;
        struct buffer expected = {0}, is = {0};
        for (size_t i = begun; i < TRACE_EXCHANGES; i++)
            buffer_print(&expected, "/%zu 200 4500 complete\n", i + 1);
        hazard_rows_project(&rows, RECORD_EXCHANGE,
                            "target status response_body_bytes state", &is);
        buffer_append(&is, bytes_of("", 1));
        buffer_append(&expected, bytes_of("", 1));
        /* What began before may be a row in front. */
        const char *tail = (const char *)is.ptr;
        if (is.len > expected.len) tail += is.len - expected.len;
        if (begun < TRACE_EXCHANGES && strcmp(tail, (const char *)expected.ptr) != 0)
            print_message("cut before packet %zu\n", first + 1);
        if (begun < TRACE_EXCHANGES)
            assert_string_equal(tail, (const char *)expected.ptr);
        bool has_syn = first < 2;
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           has_syn ? "open_kind=handshake server_port=80"
                                   : "open_kind=midstream open_result=midstream "
                                     "server_port=80 client_port=40000");
        if (!has_syn && begun < TRACE_EXCHANGES)
            hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                               first >= OPENING_PACKETS &&
                                       starts_with_status(&whole, first)
                                   ? "role_basis=status"
                                   : "role_basis=request");
        assert_int_equal(hazard_rows_attacks(&rows), 0);
        assert_int_equal(hazard_rows_count(&rows, RECORD_CONNECTION), 1);
        assert_int_equal(rows.counters.midstream_connections, has_syn ? 0 : 1);
        buffer_done(&is);
        buffer_done(&expected);
    }
    hazard_rows_done(&rows);
    hazard_trace_done(&whole);
}

/* ---- 26 ---- */

static void snaplen_cuts_segments(void **state)
{
    (void)state;
    struct hazard_trace t;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    hazard_trace_init(&t);
    hazard_open(&t);
    for (unsigned i = 1; i <= 3; i++) hazard_exchange(&t, i, 600);
    hazard_close(&t);
    for (uint32_t snaplen = 64; snaplen <= 200; snaplen++) {
        size_t missing[2] = {0}, cut_payload = 0;
        for (size_t i = 0; i < t.count; i++) {
            t.at[i].captured = snaplen;
            size_t room = snaplen - HAZARD_HEAD_BYTES;
            if (t.at[i].length > room) missing[t.at[i].from] += t.at[i].length - room;
            if (t.at[i].length > room) cut_payload++;
        }
        hazard_run(&t, &rows);
        char expected[160];
        (void)snprintf(expected, sizeof expected,
                       "client_missing_bytes=%zu client_bytes=%zu "
                       "server_missing_bytes=%zu server_bytes=%zu conn_state=SF",
                       missing[0], 84 - missing[0], missing[1], 3 * 640 - missing[1]);
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0, expected);
        assert_int_equal(hazard_rows_attacks(&rows), 0);
        if (snaplen < HAZARD_HEAD_BYTES + 40) continue; /* heads are cut */
        hazard_rows_expect_lines(
            &rows, RECORD_EXCHANGE, pairs,
            "/1 200 complete exact\n/2 200 complete exact\n/3 200 complete exact\n");
        (void)snprintf(expected, sizeof expected,
                       "response_body_bytes=600 response_missing_bytes=%zu",
                       missing[1] / 3);
        for (size_t i = 0; i < 3; i++)
            hazard_rows_expect(&rows, RECORD_EXCHANGE, i, expected);
    }
    hazard_rows_done(&rows);
    hazard_trace_done(&t);
}

/* ---- 32 ---- */

static void one_direction_only(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int only = 0; only < 2; only++)
        for (int has_opening = 0; has_opening < 2; has_opening++) {
            struct hazard_trace t;
            hazard_trace_init(&t);
            hazard_open(&t);
            size_t opening = t.count, kept = 0;
            for (unsigned i = 1; i <= 3; i++) hazard_exchange(&t, i, 100);
            hazard_close(&t);
            for (size_t i = has_opening ? 0 : opening; i < t.count; i++)
                if ((int)t.at[i].from == only) t.at[kept++] = t.at[i];
            t.count = kept;
            hazard_run_once(&t, &rows);
            hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, "target status",
                                     only == SIDE_CLIENT ? "/1 -\n/2 -\n/3 -\n"
                                                         : "- 200\n- 200\n- 200\n");
            hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                               only == SIDE_CLIENT
                                   ? "exchanges=3 server_packets=0 client_bytes=84 "
                                     "client_missing_bytes=0 server_port=80"
                                   : "exchanges=3 client_packets=0 server_bytes=420 "
                                     "server_missing_bytes=0 server_port=80");
            if (only == SIDE_SERVER)
                for (size_t i = 0; i < 3; i++)
                    hazard_rows_expect(&rows, RECORD_EXCHANGE, i,
                                       "state=no_request pair_confidence=orphan");
            assert_int_equal(rows.counters.one_sided_connections, 1);
            assert_int_equal(hazard_rows_attacks(&rows), 0);
        }
    hazard_rows_done(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HAZARD("hazard 01: sequence numbers wrap", sequence_numbers_wrap),
        HAZARD("hazard 01: stream of 5 GiB, by gaps", stream_of_5_gib),
        HAZARD("hazard 06: each packet of a trace lost in turn",
               each_packet_lost_in_turn),
        HAZARD("hazard 07: a trace cut at every packet", trace_cut_at_every_packet),
        HAZARD("hazard 26: snaplen 64 to 200", snaplen_cuts_segments),
        HAZARD("hazard 32: one direction only", one_direction_only),
    };
    return cmocka_run_group_tests_name("hazards: what the capture lacks", tests, NULL,
                                       NULL);
}
