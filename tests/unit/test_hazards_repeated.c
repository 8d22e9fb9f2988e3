/* Hazards of bytes that come more than once: the same again (2), with other content
 * (3, 4, 19), as probes (13, 14), as copies of a mirror port (24). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hazard_trace.h"

/* A plain connection: two exchanges and its close. */
static void build_plain(struct hazard_trace *t)
{
    hazard_trace_init(t);
    hazard_open(t);
    hazard_exchange(t, 1, 2500);
    hazard_wait(t, HAZARD_S);
    hazard_exchange(t, 2, 300);
    hazard_close(t);
}

/* Each packet once more behind the original: `late_ns` later, and with another IP id
 * when a stack sends it again. */
static void double_packets(const struct hazard_trace *from, struct hazard_trace *to,
                           int64_t late_ns, bool is_sent_again)
{
    hazard_trace_copy(from, to);
    to->at = mem_resize(to->at, from->count * 2 * sizeof *to->at);
    to->capacity = from->count * 2;
    for (size_t i = 0; i < from->count; i++) {
        struct hazard_packet *copy = &to->at[from->count + i];
        *copy = from->at[i];
        copy->at_ns += late_ns;
        if (is_sent_again) copy->ip_id = (uint16_t)(copy->ip_id + 5000);
    }
    to->count = from->count * 2;
}

/* ---- 2 ---- */

static const char again_differs[] =
    "last_packet end_us history synack_rtt_us ack_rtt_us syn_retransmits "
    "synack_retransmits client_packets "
    "server_packets client_retransmitted_segments server_retransmitted_segments "
    "client_retransmitted_bytes server_retransmitted_bytes";

static void each_packet_again(void **state)
{
    (void)state;
    struct hazard_trace plain, twice;
    struct hazard_rows rows;
    build_plain(&plain);
    double_packets(&plain, &twice, HAZARD_MS / 2, true);
    hazard_sort(&twice);
    hazard_expect_same(&plain, &twice, HAZARD_ALL, again_differs);
    hazard_rows_init(&rows);
    hazard_run(&twice, &rows);
    hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                       "client_bytes=56 client_retransmitted_bytes=56 "
                       "client_retransmitted_segments=2 server_bytes=2881 "
                       "server_retransmitted_bytes=2881 "
                       "server_retransmitted_segments=6 syn_retransmits=1 "
                       "synack_retransmits=1 client_overlap_conflicts=0");
    assert_int_equal(rows.counters.duplicates, 0);
    hazard_rows_done(&rows);
    hazard_trace_done(&plain);
    hazard_trace_done(&twice);
}

static void the_whole_trace_again(void **state)
{
    (void)state;
    struct hazard_trace plain, twice;
    build_plain(&plain);
    double_packets(&plain, &twice, 10 * HAZARD_S, true);
    hazard_expect_same(&plain, &twice, HAZARD_ALL, again_differs);
    hazard_trace_done(&plain);
    hazard_trace_done(&twice);
}

/* ---- 3 ---- */

static const char real[] = "GET /real HTTP/1.1\r\nHost: a\r\n\r\n";

/* The request as it was, then `text` over its bytes from `offset` on, then the answer.
 */
static void run_contradiction(uint64_t offset, const char *text, uint8_t ttl,
                              struct hazard_rows *rows)
{
    struct hazard_trace t;
    hazard_trace_init(&t);
    hazard_open(&t);
    (void)hazard_say(&t, SIDE_CLIENT, real);
    hazard_wait(&t, 20 * HAZARD_MS);
    hazard_at(&t, SIDE_CLIENT, offset, text)->ttl = ttl;
    hazard_response(&t, 10);
    hazard_exchange(&t, 2, 10);
    hazard_close(&t);
    hazard_run_once(&t, rows);
    hazard_rows_expect_lines(rows, RECORD_EXCHANGE,
                             "target status state pair_confidence",
                             "/real 200 complete exact\n/2 200 complete exact\n");
}

static void contradiction_of_what_was_delivered(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    run_contradiction(0, "GET /fake HTTP/1.1\r\nHost: a\r\n\r\n", 64, &rows);
    hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                       "client_overlap_conflicts=1 client_retransmitted_bytes=31 "
                       "client_retransmitted_segments=1 client_bytes=59");
    assert_int_equal(hazard_rows_findings(&rows, "tcp_overlap_conflict"), 1);
    assert_int_equal(hazard_rows_findings(&rows, "tcp_ttl_conflict"), 0);
    hazard_rows_expect(&rows, RECORD_FINDING, 0,
                       "code=tcp_overlap_conflict side=client stream_offset=0 "
                       "severity=attack exchange_ordinal=1 packet=5");
    hazard_rows_done(&rows);
}

/* The delivered request came in three segments; the contradiction joins two of them. */
static void contradiction_at_other_boundaries(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (size_t first = 1; first < 15; first++) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        hazard_open(&t);
        (void)hazard_say_bytes(&t, SIDE_CLIENT, bytes_of(real, first));
        (void)hazard_say_bytes(&t, SIDE_CLIENT, bytes_of(real + first, 15 - first));
        (void)hazard_say(&t, SIDE_CLIENT, real + 15);
        (void)hazard_at(&t, SIDE_CLIENT, 0, "GET /fake HTTP/1.1\r\n");
        hazard_response(&t, 10);
        hazard_run_once(&t, &rows);
        hazard_rows_expect(&rows, RECORD_EXCHANGE, 0, "target=/real status=200");
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           "client_overlap_conflicts=1 client_retransmitted_bytes=20");
        assert_int_equal(hazard_rows_findings(&rows, "tcp_overlap_conflict"), 1);
    }
    /* A part of one delivered segment: kept as it was, whatever can be told. */
    for (uint64_t offset = 1; offset < 20; offset++) {
        run_contradiction(offset, "fake", 64, &rows);
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0, "client_retransmitted_bytes=4");
    }
    hazard_rows_done(&rows);
}

/* ---- 4 ---- */

enum { MAP_BYTES = 16, MAP_PIECES = 4 };

static const struct {
    int start, end;
} pieces[MAP_PIECES] = {{0, 7}, {4, 12}, {6, 16}, {2, 10}};

/* Inserts the pieces in one order, each with its own letters where its bit is set, and
 * fills the hole before them last. The byte map says what the target must be. */
static void run_order(const int order[MAP_PIECES], unsigned contents,
                      struct hazard_rows *rows)
{
    struct hazard_trace t;
    char map[MAP_BYTES + 1] = {0}, expected[64];
    bool has_conflict = false;
    hazard_trace_init(&t);
    hazard_open(&t);
    (void)hazard_at(&t, SIDE_CLIENT, 5 + MAP_BYTES, " HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = 0; i < MAP_PIECES; i++) {
        int which = order[i], length = pieces[which].end - pieces[which].start;
        char text[MAP_BYTES + 1] = {0};
        for (int k = 0; k < length; k++) {
            char letter = (contents >> which & 1) != 0 ? (char)('A' + which) : 'x';
            char *place = &map[pieces[which].start + k];
            if (*place != 0 && *place != letter) has_conflict = true;
            if (*place == 0) *place = letter;
            text[k] = letter;
        }
        (void)hazard_at(&t, SIDE_CLIENT, 5 + (uint64_t)pieces[which].start, text);
    }
    (void)hazard_at(&t, SIDE_CLIENT, 0, "GET /");
    hazard_response(&t, 0);
    hazard_run_once(&t, rows);
    (void)snprintf(expected, sizeof expected, "target=/%s status=200", map);
    hazard_rows_expect(rows, RECORD_EXCHANGE, 0, expected);
    int64_t conflicts =
        hazard_rows_number(rows, RECORD_CONNECTION, 0, "client_overlap_conflicts");
    assert_int_equal(conflicts > 0, has_conflict);
    assert_int_equal(hazard_rows_findings(rows, "tcp_overlap_conflict") > 0,
                     has_conflict);
}

static void overlaps_among_what_waits(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int code = 0; code < MAP_PIECES * MAP_PIECES * MAP_PIECES * MAP_PIECES;
         code++) {
        int order[MAP_PIECES] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6};
        unsigned seen = 0;
        for (int i = 0; i < MAP_PIECES; i++) seen |= 1u << order[i];
        if (seen != (1u << MAP_PIECES) - 1) continue;
        for (unsigned contents = 0; contents < 1u << MAP_PIECES; contents++)
            run_order(order, contents, &rows);
    }
    hazard_rows_done(&rows);
}

/* ---- 13, 14 ---- */

static void keepalive_probes(void **state)
{
    (void)state;
    struct hazard_trace t;
    struct hazard_rows rows;
    hazard_trace_init(&t);
    hazard_open(&t);
    hazard_exchange(&t, 1, 10);
    for (int i = 0; i < 3; i++) {
        hazard_wait(&t, 10 * HAZARD_S);
        uint64_t last = t.next[SIDE_CLIENT] - 1;
        (void)hazard_packet_add(&t, SIDE_CLIENT, TCP_ACK, last,
                                i == 1 ? bytes_of_text("?") : bytes_of("", 0));
        (void)hazard_ack(&t, SIDE_SERVER);
    }
    hazard_exchange(&t, 2, 10);
    hazard_close(&t);
    hazard_rows_init(&rows);
    hazard_run_once(&t, &rows);
    hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                       "exchanges=2 client_keepalive_probes=3 client_bytes=56 "
                       "client_retransmitted_bytes=0 client_retransmitted_segments=0 "
                       "client_overlap_conflicts=0 client_out_of_order_segments=0 "
                       "server_keepalive_probes=0 findings=0");
    hazard_rows_done(&rows);
}

/* The client's window closes for 5 s; the server probes with the next byte, which the
 * client refuses (`is_taken` false) or takes. Then all goes on. */
static void run_zero_window(bool is_taken, struct hazard_rows *rows)
{
    struct hazard_trace t;
    hazard_trace_init(&t);
    hazard_open(&t);
    hazard_request(&t, 1);
    (void)hazard_say(&t, SIDE_SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    hazard_ack(&t, SIDE_CLIENT)->window = 0;
    hazard_wait(&t, 5 * HAZARD_S);
    uint64_t body = t.next[SIDE_SERVER];
    for (int i = 0; i < 2; i++) {
        (void)hazard_packet_add(&t, SIDE_SERVER, TCP_ACK, body, bytes_of_text("0"));
        struct hazard_packet *ack = hazard_ack(&t, SIDE_CLIENT);
        ack->window = 0;
        if (is_taken) ack->ack++;
    }
    hazard_ack(&t, SIDE_CLIENT)->ack += is_taken ? 1 : 0;
    (void)hazard_say(&t, SIDE_SERVER, "0123456789");
    hazard_exchange(&t, 2, 10);
    hazard_close(&t);
    hazard_run_once(&t, rows);
}

static void zero_window_probes(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int is_taken = 0; is_taken < 2; is_taken++) {
        run_zero_window(is_taken != 0, &rows);
        hazard_rows_expect_lines(
            &rows, RECORD_EXCHANGE,
            "target status response_body_bytes response_complete pair_confidence",
            "/1 200 10 1 exact\n/2 200 10 1 exact\n");
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           "client_zero_window_us=5005000 server_zero_window_us=0 "
                           "server_overlap_conflicts=0 server_missing_bytes=0 "
                           "server_bytes=98 findings=0");
    }
    hazard_rows_done(&rows);
}

/* ---- 19 ---- */

static void contradiction_with_another_ttl(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    run_contradiction(0, "GET /fake HTTP/1.1\r\nHost: a\r\n\r\n", 3, &rows);
    assert_int_equal(hazard_rows_findings(&rows, "tcp_overlap_conflict"), 1);
    assert_int_equal(hazard_rows_findings(&rows, "tcp_ttl_conflict"), 1);

    /* What was inserted came first: the real bytes contradict it. */
    struct hazard_trace t;
    hazard_trace_init(&t);
    hazard_open(&t);
    hazard_at(&t, SIDE_CLIENT, 5, "fake HTTP/1.1\r\nHost: a\r\n\r\n")->ttl = 3;
    (void)hazard_at(&t, SIDE_CLIENT, 0, real);
    hazard_response(&t, 0);
    hazard_run_once(&t, &rows);
    assert_int_equal(hazard_rows_findings(&rows, "tcp_overlap_conflict"), 1);
    assert_int_equal(hazard_rows_findings(&rows, "tcp_ttl_conflict"), 1);

    /* The same when the inserted ones were delivered at once. */
    hazard_trace_init(&t);
    hazard_open(&t);
    hazard_at(&t, SIDE_CLIENT, 0, "GET /fake HTTP/1.1\r\nHost: a\r\n\r\n")->ttl = 3;
    (void)hazard_at(&t, SIDE_CLIENT, 0, real);
    hazard_response(&t, 0);
    hazard_run_once(&t, &rows);
    hazard_rows_expect(&rows, RECORD_EXCHANGE, 0, "target=/fake");
    assert_int_equal(hazard_rows_findings(&rows, "tcp_overlap_conflict"), 1);
    assert_int_equal(hazard_rows_findings(&rows, "tcp_ttl_conflict"), 1);

    /* Another TTL alone is another route. */
    run_contradiction(0, real, 3, &rows);
    assert_int_equal(hazard_rows_attacks(&rows), 0);
    hazard_rows_done(&rows);
}

/* ---- 24 ---- */

static void mirrored_copies(void **state)
{
    (void)state;
    static const int64_t late_us[] = {0, 1, 400, 999, 1500, 3000, 5000};
    for (size_t i = 0; i < ARRAY_LENGTH(late_us); i++)
        for (int change = 0; change < 3; change++) {
            struct hazard_trace plain, twice;
            struct hazard_rows rows;
            build_plain(&plain);
            double_packets(&plain, &twice, late_us[i] * 1000, false);
            for (size_t k = plain.count; k < twice.count; k++) {
                if (change == 1) twice.at[k].ttl--;
                if (change == 2) twice.at[k].vlan = 77;
            }
            hazard_sort(&twice);
            hazard_expect_same(&plain, &twice, HAZARD_ALL, "");
            hazard_rows_init(&rows);
            hazard_run(&twice, &rows);
            assert_int_equal(rows.counters.duplicates, plain.count);
            hazard_rows_done(&rows);
            hazard_trace_done(&plain);
            hazard_trace_done(&twice);
        }
}

/* Later than a copy can be told from a retransmission (SEMANTICS 11: 5 ms). */
static void mirrored_copies_that_come_late(void **state)
{
    (void)state;
    for (int64_t late_ms = 6; late_ms <= 50; late_ms += 4) {
        struct hazard_trace plain, twice;
        build_plain(&plain);
        double_packets(&plain, &twice, late_ms * HAZARD_MS, false);
        for (size_t k = plain.count; k < twice.count; k++) twice.at[k].ttl--;
        hazard_sort(&twice);
        hazard_expect_same(&plain, &twice, HAZARD_ALL, again_differs);
        hazard_trace_done(&plain);
        hazard_trace_done(&twice);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HAZARD("hazard 02: each packet again", each_packet_again),
        HAZARD("hazard 02: the whole trace again", the_whole_trace_again),
        HAZARD("hazard 03: contradicting retransmission, delivered",
               contradiction_of_what_was_delivered),
        HAZARD("hazard 03: contradicting retransmission, other boundaries",
               contradiction_at_other_boundaries),
        HAZARD("hazard 04: overlaps among held segments, every order",
               overlaps_among_what_waits),
        HAZARD("hazard 13: keep-alive probes", keepalive_probes),
        HAZARD("hazard 14: zero-window probes, refused and taken", zero_window_probes),
        HAZARD("hazard 19: contradiction with another TTL",
               contradiction_with_another_ttl),
        HAZARD("hazard 24: mirrored copies", mirrored_copies),
        HAZARD("hazard 24: mirrored copies that come late",
               mirrored_copies_that_come_late),
    };
    return cmocka_run_group_tests_name("hazards: bytes that come again", tests, NULL,
                                       NULL);
}
