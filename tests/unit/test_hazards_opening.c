/* Hazards of how connections open: data on SYNs (8), crossing SYNs (9), four-tuples
 * used again (10), senseless flags and options (33, 34). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hazard_trace.h"

static const char pairs[] = "target status state pair_confidence";
static const char get_1[] = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";

/* ---- 8 ---- */

static void run_fast_open(bool is_accepted, bool answers_on_syn,
                          struct hazard_rows *rows)
{
    struct hazard_trace t;
    hazard_trace_init(&t);
    struct bytes request = bytes_of_text(get_1);
    hazard_packet_add(&t, SIDE_CLIENT, TCP_SYN, 0, request)->ack = 0;
    if (is_accepted) t.next[SIDE_CLIENT] += request.len;
    struct bytes answer = bytes_of_text("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    (void)hazard_packet_add(&t, SIDE_SERVER, TCP_SYN | TCP_ACK, 0,
                            answers_on_syn ? answer : bytes_of("", 0));
    if (answers_on_syn) t.next[SIDE_SERVER] += answer.len;
    (void)hazard_ack(&t, SIDE_CLIENT);
    if (!is_accepted) (void)hazard_say(&t, SIDE_CLIENT, get_1);
    if (!answers_on_syn) (void)hazard_say_bytes(&t, SIDE_SERVER, answer);
    hazard_exchange(&t, 2, 10);
    hazard_close(&t);
    hazard_run_once(&t, rows);
    hazard_rows_expect_lines(rows, RECORD_EXCHANGE, pairs,
                             "/1 200 complete exact\n/2 200 complete exact\n");
    hazard_rows_expect(rows, RECORD_CONNECTION, 0,
                       "open_result=established client_bytes=56 server_bytes=87 "
                       "client_missing_bytes=0 client_overlap_conflicts=0 "
                       "conn_state=SF");
    assert_int_equal(hazard_rows_attacks(rows), 0);
}

static void data_on_the_syn(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    run_fast_open(true, false, &rows);
    assert_int_equal(hazard_rows_findings(&rows, "tcp_syn_data"), 1);
    hazard_rows_expect(&rows, RECORD_CONNECTION, 0, "client_retransmitted_bytes=0");
    run_fast_open(true, true, &rows);
    assert_int_equal(hazard_rows_findings(&rows, "tcp_syn_data"), 2);
    hazard_rows_done(&rows);
}

static void data_on_the_syn_refused(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    run_fast_open(false, false, &rows);
    assert_int_equal(hazard_rows_findings(&rows, "tcp_syn_data"), 1);
    hazard_rows_expect(&rows, RECORD_CONNECTION, 0, "client_retransmitted_bytes=28");
    hazard_rows_done(&rows);
}

/* ---- 9 ---- */

struct opening_step {
    enum side from;
    uint8_t flags;
    uint64_t seq, ack;
};

/* clang-format off */
static const struct opening_step openings[][6] = {
    { /* two SYNs cross */
        { SIDE_CLIENT, TCP_SYN, 0, 0 },
        { SIDE_SERVER, TCP_SYN, 0, 0 },
        { SIDE_CLIENT, TCP_SYN | TCP_ACK, 0, 1 },
        { SIDE_SERVER, TCP_SYN | TCP_ACK, 0, 1 },
    },
    { /* the same, the server's seen first */
        { SIDE_SERVER, TCP_SYN, 0, 0 },
        { SIDE_CLIENT, TCP_SYN, 0, 0 },
        { SIDE_SERVER, TCP_SYN | TCP_ACK, 0, 1 },
        { SIDE_CLIENT, TCP_SYN | TCP_ACK, 0, 1 },
    },
    { /* split in four: the server's ACK and SYN apart */
        { SIDE_CLIENT, TCP_SYN, 0, 0 },
        { SIDE_SERVER, TCP_ACK, 1, 1 },
        { SIDE_SERVER, TCP_SYN, 0, 0 },
        { SIDE_CLIENT, TCP_SYN | TCP_ACK, 0, 1 },
        { SIDE_SERVER, TCP_ACK, 1, 1 },
    },
    { /* split in four, without the ACK */
        { SIDE_CLIENT, TCP_SYN, 0, 0 },
        { SIDE_SERVER, TCP_SYN, 0, 0 },
        { SIDE_CLIENT, TCP_SYN | TCP_ACK, 0, 1 },
        { SIDE_SERVER, TCP_ACK, 1, 1 },
    },
};
/* clang-format on */

static void crossing_and_split_openings(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (size_t i = 0; i < ARRAY_LENGTH(openings); i++) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        for (const struct opening_step *s = openings[i]; s->flags != 0; s++)
            hazard_packet_add(&t, s->from, s->flags, s->seq, bytes_of("", 0))->ack =
                s->ack;
        hazard_exchange(&t, 1, 10);
        hazard_exchange(&t, 2, 10);
        hazard_close(&t);
        hazard_run_once(&t, &rows);
        if (hazard_rows_findings(&rows, "tcp_simultaneous_open") != 1)
            print_message("opening %zu\n", i + 1);
        assert_int_equal(hazard_rows_findings(&rows, "tcp_simultaneous_open"), 1);
        assert_int_equal(hazard_rows_count(&rows, RECORD_CONNECTION), 1);
        hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs,
                                 "/1 200 complete exact\n/2 200 complete exact\n");
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           "role_basis=request server_port=80 open_kind=handshake "
                           "open_result=established close_kind=fin findings=1");
    }
    hazard_rows_done(&rows);
}

/* ---- 10 ---- */

enum ending { ENDS_BY_FIN, ENDS_BY_RST, ENDS_NOT, ENDS_IN_REQUEST, ENDING_COUNT };

/* A second life of the four-tuple, `isn_step` beyond the first's numbers. */
static void run_reuse(enum ending ending, uint32_t isn_step, int64_t after_ns,
                      struct hazard_rows *rows)
{
    struct hazard_trace t, next;
    hazard_trace_init(&t);
    hazard_open(&t);
    hazard_exchange(&t, 1, 10);
    if (ending == ENDS_BY_FIN) hazard_close(&t);
    if (ending == ENDS_BY_RST) (void)hazard_rst(&t, SIDE_CLIENT);
    if (ending == ENDS_IN_REQUEST) (void)hazard_say(&t, SIDE_CLIENT, "GET /old HTT");
    hazard_wait(&t, after_ns);
    hazard_trace_copy(&t, &next);
    size_t first = next.count;
    next.next[0] = next.next[1] = 1;
    hazard_open(&next);
    hazard_exchange(&next, 2, 20);
    hazard_close(&next);
    for (size_t i = first; i < next.count; i++) {
        next.at[i].seq += isn_step;
        next.at[i].ack += isn_step;
    }
    hazard_run_once(&next, rows);
    hazard_trace_done(&t);
    assert_int_equal(hazard_rows_count(rows, RECORD_CONNECTION), 2);
    struct buffer text = {0};
    hazard_rows_project(rows, RECORD_EXCHANGE, "target response_body_bytes state",
                        &text);
    buffer_append(&text, bytes_of("", 1));
    const char *lines = (const char *)text.ptr;
    if (ending != ENDS_IN_REQUEST)
        assert_string_equal(lines, "/1 10 complete\n/2 20 complete\n");
    else
        assert_non_null(strstr(lines, "/2 20 complete\n"));
    buffer_done(&text);
    assert_int_equal(hazard_rows_attacks(rows), 0);
}

static void four_tuples_used_again(void **state)
{
    (void)state;
    static const uint32_t steps[] = {1u << 20, 1u << 30, 0x90000000u, 0xf0000000u};
    static const char *const closes[ENDING_COUNT] = {"fin", "rst", "replaced",
                                                     "replaced"};
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int ending = 0; ending < ENDING_COUNT; ending++)
        for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
            char expected[80];
            run_reuse((enum ending)ending, steps[i], HAZARD_S, &rows);
            (void)snprintf(expected, sizeof expected, "close_kind=%s exchanges=%d",
                           closes[ending], ending == ENDS_IN_REQUEST ? 2 : 1);
            hazard_rows_expect(&rows, RECORD_CONNECTION, 0, expected);
            hazard_rows_expect(&rows, RECORD_CONNECTION, 1,
                               "open_kind=handshake close_kind=fin exchanges=1 "
                               "client_bytes=28 client_missing_bytes=0 conn_state=SF");
            assert_int_equal(hazard_rows_findings(&rows, "tcp_port_reused"), 1);
        }
    /* Much later nobody reuses anything, where the old life has an end. */
    run_reuse(ENDS_BY_FIN, 1u << 20, 600 * HAZARD_S, &rows);
    assert_int_equal(hazard_rows_findings(&rows, "tcp_port_reused"), 0);
    hazard_rows_done(&rows);
}

/* The same SYN again is a retransmission, also when it comes late. */
static void same_isn_is_the_same_life(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (size_t at = 1; at < 12; at++) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        hazard_open(&t);
        hazard_exchange(&t, 1, 10);
        hazard_exchange(&t, 2, 10);
        hazard_close(&t);
        struct hazard_packet *syn =
            hazard_packet_add(&t, SIDE_CLIENT, TCP_SYN, 0, bytes_of("", 0));
        syn->ack = 0;
        syn->at_ns = t.at[at].at_ns - 1;
        hazard_sort(&t);
        hazard_run_once(&t, &rows);
        assert_int_equal(hazard_rows_count(&rows, RECORD_CONNECTION), 1);
        hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs,
                                 "/1 200 complete exact\n/2 200 complete exact\n");
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           "syn_retransmits=1 client_bytes=56 close_kind=fin");
        assert_int_equal(hazard_rows_findings(&rows, "tcp_port_reused"), 0);
    }
    hazard_rows_done(&rows);
}

/* ---- 33 ---- */

static bool is_senseless(uint8_t flags)
{
    if ((flags & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK | TCP_PSH | TCP_URG)) == 0)
        return true; /* null */
    if ((flags & TCP_SYN) != 0 && (flags & (TCP_FIN | TCP_RST)) != 0) return true;
    return (flags & TCP_FIN) != 0 && (flags & (TCP_ACK | TCP_RST)) == 0; /* xmas */
}

static void every_flag_value_in_every_state(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    struct hazard_trace t;
    hazard_trace_init(&t);
    hazard_open(&t);
    hazard_exchange(&t, 1, 1500);
    hazard_request(&t, 2);
    hazard_response(&t, 10);
    hazard_close(&t);
    size_t count = t.count;
    for (unsigned flags = 0; flags < 64; flags++)
        for (size_t at = 0; at <= count; at++)
            for (int from = 0; from < 2; from++) {
                struct hazard_trace odd;
                hazard_trace_copy(&t, &odd);
                const struct hazard_packet *near = &t.at[at < count ? at : count - 1];
                uint64_t seq = near->from == (enum side)from ? near->seq : near->ack;
                struct hazard_packet *p = hazard_packet_add(
                    &odd, (enum side)from, (uint8_t)flags, seq, bytes_of("", 0));
                p->ack = near->from == (enum side)from ? near->ack : near->seq;
                p->at_ns = at == 0 ? t.at[0].at_ns - 1 : t.at[at - 1].at_ns + 1;
                hazard_sort(&odd);
                hazard_run_once(&odd, &rows);
                assert_true(hazard_rows_count(&rows, RECORD_CONNECTION) >= 1);
                if (!is_senseless((uint8_t)flags)) continue;
                size_t told = hazard_rows_findings(&rows, "tcp_flags_invalid");
                if (told != (at > 0 ? 1 : 0))
                    print_message("flags %02x of side %d before packet %zu\n", flags,
                                  from, at + 1);
                assert_int_equal(told, at > 0 ? 1 : 0);
                assert_int_equal(hazard_rows_count(&rows, RECORD_CONNECTION), 1);
                hazard_rows_expect_lines(
                    &rows, RECORD_EXCHANGE, pairs,
                    "/1 200 complete exact\n/2 200 complete exact\n");
                hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                                   "close_kind=fin client_bytes=56 server_bytes=1590 "
                                   "open_result=established");
            }
    hazard_rows_done(&rows);
    hazard_trace_done(&t);
}

/* ---- 33, 34: options ---- */

/* clang-format off */
static const struct bytes options[] = {
    { (const uint8_t *)"\x03\x03\xff\x01", 4 },                     /* scale 255 */
    { (const uint8_t *)"\x03\x03\x0f\x01", 4 },                     /* scale 15 */
    { (const uint8_t *)"\x03\x03\x0e\x01", 4 },                     /* scale 14 */
    { (const uint8_t *)"\x02\x00\x01\x01", 4 },                     /* length 0 */
    { (const uint8_t *)"\x02\x01\x01\x01", 4 },                     /* length 1 */
    { (const uint8_t *)"\x02\xff\x05\xb4", 4 },                     /* beyond the end */
    { (const uint8_t *)"\x01\x01\x01\x08", 4 },                     /* no length at all */
    { (const uint8_t *)"\x03\x02\x02\x03\x08\x03\xfe\x04", 8 },     /* wrong lengths */
    { (const uint8_t *)"\x00\x03\x03\xff", 4 },                     /* behind the end */
};
/* clang-format on */

static void senseless_options(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        hazard_open(&t);
        hazard_exchange(&t, 1, 10);
        hazard_close(&t);
        for (size_t k = 0; k < t.count; k++) t.at[k].options = options[i];
        hazard_run_once(&t, &rows);
        hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs,
                                 "/1 200 complete exact\n");
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0, "conn_state=SF findings=0");
    }
    hazard_rows_done(&rows);
}

/* Which window a scale of 255 makes shows in what stands beyond it: 14 is the most. */
static void window_scales_are_clamped(void **state)
{
    (void)state;
    static const struct {
        size_t options;
        uint64_t ahead;
        bool is_beyond, is_clamped;
    } cases[] = {
        {0, 900u << 20, false, true},  {1, 900u << 20, false, true},
        {2, 900u << 20, false, false}, {3, 900u << 20, true, false},
        {3, 3u << 20, false, false},
    };
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        hazard_open(&t);
        for (size_t k = 0; k < t.count; k++)
            t.at[k].options = options[cases[i].options];
        hazard_exchange(&t, 1, 10);
        uint64_t far = t.next[SIDE_CLIENT] + cases[i].ahead;
        (void)hazard_packet_add(&t, SIDE_CLIENT, TCP_ACK, far, bytes_of_text("far"));
        hazard_exchange(&t, 2, 10);
        hazard_run_once(&t, &rows);
        assert_int_equal(hazard_rows_findings(&rows, "tcp_data_outside_window"),
                         cases[i].is_beyond ? 1 : 0);
        assert_int_equal(rows.counters.odd_segments > 0, cases[i].is_clamped);
    }
    hazard_rows_done(&rows);
}

/* PAWS (RFC 7323, section 5) would drop a segment with an old timestamp; a capture in
 * another order has many of them, so they are taken. */
static void old_timestamps_are_taken(void **state)
{
    (void)state;
    static const char times[3][13] = {
        "\x01\x01\x08\x0a\xff\xff\xff\xf0\0\0\0\x01",
        "\x01\x01\x08\x0a\0\0\0\x10\0\0\0\x01",
        "\x01\x01\x08\x0a\x70\0\0\0\0\0\0\x01",
    };
    struct hazard_rows rows;
    struct hazard_trace t;
    hazard_trace_init(&t);
    hazard_open(&t);
    for (unsigned i = 1; i <= 3; i++) hazard_exchange(&t, i, 10);
    hazard_close(&t);
    for (size_t k = 0; k < t.count; k++) t.at[k].options = bytes_of(times[k % 3], 12);
    hazard_rows_init(&rows);
    hazard_run_once(&t, &rows);
    hazard_rows_expect_lines(
        &rows, RECORD_EXCHANGE, pairs,
        "/1 200 complete exact\n/2 200 complete exact\n/3 200 complete exact\n");
    hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                       "client_missing_bytes=0 conn_state=SF findings=0");
    assert_true(rows.counters.odd_segments > 0);
    hazard_rows_done(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HAZARD("hazard 08: data on the SYN, and on the SYN-ACK", data_on_the_syn),
        HAZARD("hazard 08: data on the SYN, refused", data_on_the_syn_refused),
        HAZARD("hazard 09: simultaneous open, split handshake",
               crossing_and_split_openings),
        HAZARD("hazard 10: four-tuples used again", four_tuples_used_again),
        HAZARD("hazard 10: the same SYN again", same_isn_is_the_same_life),
        HAZARD("hazard 33: 64 flag values in every state",
               every_flag_value_in_every_state),
        HAZARD("hazard 33: senseless options", senseless_options),
        HAZARD("hazard 34: window scales over 14", window_scales_are_clamped),
        HAZARD("hazard 34: timestamps that PAWS would drop", old_timestamps_are_taken),
    };
    return cmocka_run_group_tests_name("hazards: opening", tests, NULL, NULL);
}
