/* Hazards of order and time: out of order (5), one byte a segment (20), clocks that
 * jump (23), replies captured before their requests (25). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hazard_trace.h"

static const char pairs[] = "target status state pair_confidence";

static void swap_packets(struct hazard_packet *a, struct hazard_packet *b)
{
    struct hazard_packet c = *a;
    *a = *b;
    *b = c;
}

/* ---- 5 ---- */

/* What depends on the moment of arrival, which another order changes. */
static const char order_differs[] =
    "request_packet response_packet request_start_us request_end_us response_start_us "
    "response_end_us wait_us transfer_us response_stall_us id idle_max_us "
    "history idle_before_us client_out_of_order_segments server_out_of_order_segments "
    "client_stall_us server_stall_us end_us last_packet service_us hol_us time_us "
    "packet";

enum { SHUFFLED = 6 };

/* Heap's algorithm: each permutation of six packets by one exchange of the last one. */
static void try_permutations(struct hazard_trace *t, size_t at, size_t count,
                             const struct hazard_trace *plain, size_t *tried)
{
    if (count == 1) {
        for (size_t i = 0; i < t->count; i++) /* the capture's times stay in order */
            t->at[i].at_ns = plain->at[i].at_ns;
        hazard_expect_same(plain, t, HAZARD_ALL, order_differs);
        (*tried)++;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        try_permutations(t, at, count - 1, plain, tried);
        swap_packets(&t->at[at + (count % 2 == 0 ? i : 0)], &t->at[at + count - 1]);
    }
}

static void every_order_of(enum side side)
{
    struct hazard_trace plain, shuffled;
    struct hazard_rows rows;
    size_t at[2], tried = 0;
    hazard_trace_init(&plain);
    hazard_open(&plain);
    at[SIDE_CLIENT] = plain.count;
    (void)hazard_say(&plain, SIDE_CLIENT, "POST /1 HTTP/1.1\r\nHo");
    (void)hazard_say(&plain, SIDE_CLIENT, "st: a\r\nContent-Le");
    (void)hazard_say(&plain, SIDE_CLIENT, "ngth: 6\r\n\r\nabc");
    (void)hazard_say(&plain, SIDE_CLIENT, "defGET /2 HTTP/1.1\r");
    (void)hazard_say(&plain, SIDE_CLIENT, "\nHost: ");
    (void)hazard_say(&plain, SIDE_CLIENT, "a\r\n\r\n");
    at[SIDE_SERVER] = plain.count;
    (void)hazard_say(&plain, SIDE_SERVER, "HTTP/1.1 20");
    (void)hazard_say(&plain, SIDE_SERVER, "0 OK\r\nContent-Length: 2\r\n\r\nok");
    (void)hazard_say(&plain, SIDE_SERVER, "HTTP/1.1 404 Not Found\r\nContent-");
    (void)hazard_say(&plain, SIDE_SERVER, "Length: 7\r\n\r");
    (void)hazard_say(&plain, SIDE_SERVER, "\nmis");
    (void)hazard_say(&plain, SIDE_SERVER, "sing");
    (void)hazard_ack(&plain, SIDE_CLIENT);
    hazard_close(&plain);
    hazard_rows_init(&rows);
    hazard_run(&plain, &rows);
    hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs,
                             "/1 200 complete exact\n/2 404 complete exact\n");
    hazard_trace_copy(&plain, &shuffled);
    try_permutations(&shuffled, at[side], SHUFFLED, &plain, &tried);
    assert_int_equal(tried, 720);

    /* One segment first that belongs last: the figures. */
    memcpy(shuffled.at, plain.at, plain.count * sizeof *plain.at);
    swap_packets(&shuffled.at[at[side]], &shuffled.at[at[side] + 1]);
    shuffled.at[at[side]].at_ns -= HAZARD_MS;
    shuffled.at[at[side] + 1].at_ns += HAZARD_MS;
    hazard_run(&shuffled, &rows);
    hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                       side == SIDE_CLIENT
                           ? "client_out_of_order_segments=1 client_stall_us=1000 "
                             "server_out_of_order_segments=0 server_stall_us=0"
                           : "server_out_of_order_segments=1 server_stall_us=1000 "
                             "client_out_of_order_segments=0 client_stall_us=0");
    hazard_rows_done(&rows);
    hazard_trace_done(&plain);
    hazard_trace_done(&shuffled);
}

static void every_order_of_six_requests(void **state)
{
    (void)state;
    every_order_of(SIDE_CLIENT);
}

static void every_order_of_six_responses(void **state)
{
    (void)state;
    every_order_of(SIDE_SERVER);
}

/* ---- 20 ---- */

static void one_byte_segments(void **state)
{
    (void)state;
    struct hazard_trace t;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int is_reversed = 0; is_reversed < 2; is_reversed++) {
        hazard_trace_init(&t);
        hazard_open(&t);
        static const char request[] = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
        for (size_t i = 0; request[i] != '\0'; i++)
            (void)hazard_say_bytes(&t, SIDE_CLIENT, bytes_of(request + i, 1));
        (void)hazard_say(&t, SIDE_SERVER,
                         "HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n");
        size_t first = t.count;
        hazard_filler(&t, SIDE_SERVER, 50000, 1);
        for (size_t k = first; is_reversed && k < t.count; k += 500)
            for (size_t i = 0; i < 250; i++)
                swap_packets(&t.at[k + i], &t.at[k + 499 - i]);
        (void)hazard_ack(&t, SIDE_CLIENT);
        hazard_exchange(&t, 2, 10);
        hazard_close(&t);
        for (size_t i = 0; i < t.count; i++)
            t.at[i].at_ns = HAZARD_START + (int64_t)i * 1000;
        hazard_run_once(&t, &rows);
        hazard_rows_expect_lines(&rows, RECORD_EXCHANGE,
                                 "target status response_body_bytes state "
                                 "pair_confidence response_missing_bytes",
                                 "/1 200 50000 complete exact 0\n"
                                 "/2 200 10 complete exact 0\n");
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           is_reversed ? "server_gaps=0 server_bytes=50091 "
                                         "server_out_of_order_segments=49900"
                                       : "server_gaps=0 server_bytes=50091 findings=0 "
                                         "server_out_of_order_segments=0");
    }
    hazard_rows_done(&rows);
}

/* ---- 23 ---- */

static void build_plain(struct hazard_trace *t)
{
    hazard_trace_init(t);
    hazard_open(t);
    for (unsigned i = 1; i <= 4; i++) {
        hazard_exchange(t, i, 2500);
        hazard_wait(t, 300 * HAZARD_MS);
    }
    hazard_close(t);
}

static void expect_no_negative_times(const struct hazard_rows *rows)
{
    static const enum record_kind kinds[] = {RECORD_CONNECTION, RECORD_EXCHANGE};
    for (size_t k = 0; k < ARRAY_LENGTH(kinds); k++) {
        const struct record_layout *layout = record_layout(kinds[k]);
        for (size_t i = 0; i < hazard_rows_count(rows, kinds[k]); i++)
            for (size_t f = 0; f < layout->field_count; f++) {
                enum field_type type = layout->fields[f].type;
                if (type != FIELD_DURATION && type != FIELD_INTEGER) continue;
                const char *value =
                    hazard_rows_value(rows, kinds[k], i, layout->fields[f].name);
                if (*value == '-') fail_msg("%s is %s", layout->fields[f].name, value);
            }
    }
}

static const char four_lines[] =
    "/1 200 complete exact 2500\n/2 200 complete exact 2500\n"
    "/3 200 complete exact 2500\n/4 200 complete exact 2500\n";

static void expect_four(const struct hazard_rows *rows)
{
    hazard_rows_expect_lines(rows, RECORD_EXCHANGE,
                             "target status state pair_confidence response_body_bytes",
                             four_lines);
    hazard_rows_expect(rows, RECORD_CONNECTION, 0,
                       "client_missing_bytes=0 server_missing_bytes=0 server_gaps=0 "
                       "client_port=40000 exchanges=4 open_kind=handshake "
                       "close_kind=fin max_depth=1 server_overlap_conflicts=0");
    assert_int_equal(hazard_rows_count(rows, RECORD_CONNECTION), 1);
    assert_int_equal(hazard_rows_attacks(rows), 0);
    expect_no_negative_times(rows);
}

/* The clock jumps at one packet and stays there. */
static void clocks_jump(void **state)
{
    (void)state;
    static const int64_t jumps[] = {3600 * HAZARD_S, -3600 * HAZARD_S, -HAZARD_S,
                                    -HAZARD_START - HAZARD_S,
                                    2600000000LL * HAZARD_S /* the year 2106 */};
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (size_t i = 0; i < ARRAY_LENGTH(jumps); i++) {
        struct hazard_trace t;
        build_plain(&t);
        size_t count = t.count;
        /* An ACK an hour behind both FINs belongs to no connection any more. */
        for (size_t at = 1; at < count - 1; at++) {
            struct hazard_trace jumped;
            hazard_trace_copy(&t, &jumped);
            for (size_t k = at; k < count; k++) jumped.at[k].at_ns += jumps[i];
            hazard_run_once(&jumped, &rows);
            expect_four(&rows);
        }
        hazard_trace_done(&t);
    }
    hazard_rows_done(&rows);
}

/* One packet alone has a wrong time: the timers of others do not fire early. */
static void one_time_is_wrong(void **state)
{
    (void)state;
    static const int64_t jumps[] = {3600 * HAZARD_S, -3600 * HAZARD_S};
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (size_t i = 0; i < ARRAY_LENGTH(jumps); i++) {
        struct hazard_trace t;
        build_plain(&t);
        for (size_t at = 0; at + 1 < t.count; at++) { /* see clocks_jump */
            t.at[at].at_ns += jumps[i];
            hazard_run(&t, &rows);
            expect_four(&rows);
            bool is_set_back = jumps[i] > 0 || at > 0; /* there, or behind it */
            assert_int_equal(rows.counters.late_packets > 0, is_set_back);
            t.at[at].at_ns -= jumps[i];
        }
        hazard_trace_done(&t);
    }
    hazard_rows_done(&rows);
}

static void neighbours_swapped(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int keeps_time = 0; keeps_time < 2; keeps_time++) {
        struct hazard_trace t;
        build_plain(&t);
        for (size_t at = 0; at + 1 < t.count; at++) {
            struct hazard_packet *a = &t.at[at], *b = &t.at[at + 1];
            struct hazard_packet first = *a, second = *b;
            swap_packets(a, b);
            if (!keeps_time) {
                a->at_ns = first.at_ns;
                b->at_ns = second.at_ns;
            }
            hazard_run(&t, &rows);
            if (hazard_rows_count(&rows, RECORD_CONNECTION) != 1)
                print_message("packets %zu and %zu swapped\n", at + 1, at + 2);
            expect_four(&rows);
            *a = first;
            *b = second;
        }
        hazard_trace_done(&t);
    }
    hazard_rows_done(&rows);
}

/* ---- 25 ---- */

/* The interface of the client's packets is read `late_ms` later than the server's. */
static void replies_before_requests(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int64_t late_ms = 1; late_ms < 190; late_ms += 9) {
        struct hazard_trace t;
        build_plain(&t);
        for (size_t i = 3; i < t.count; i++)
            if (t.at[i].from == SIDE_CLIENT) t.at[i].at_ns += late_ms * HAZARD_MS;
        hazard_sort(&t);
        hazard_run_once(&t, &rows);
        expect_four(&rows);
        for (size_t i = 0; i < 4; i++)
            hazard_rows_expect(&rows, RECORD_EXCHANGE, i, "depth=1");
    }
    hazard_rows_done(&rows);
}

/* Both directions as two captures of which the second was read behind the first. */
static void one_reply_before_its_request(void **state)
{
    (void)state;
    struct hazard_rows rows;
    struct hazard_trace t;
    hazard_rows_init(&rows);
    hazard_trace_init(&t);
    hazard_open(&t);
    hazard_request(&t, 1);
    hazard_response(&t, 30000);
    swap_packets(&t.at[3], &t.at[t.count - 1]);
    for (size_t i = 4; i + 1 < t.count; i++) swap_packets(&t.at[i], &t.at[t.count - 1]);
    struct hazard_packet request = {0};
    size_t kept = 3;
    for (size_t i = 3; i < t.count; i++)
        if (t.at[i].from == SIDE_CLIENT)
            request = t.at[i];
        else
            t.at[kept++] = t.at[i];
    t.at[kept] = request; /* behind the whole response, 31 segments of it */
    for (size_t i = 0; i < t.count; i++)
        t.at[i].at_ns = HAZARD_START + (int64_t)i * HAZARD_MS;
    hazard_exchange(&t, 2, 10);
    hazard_close(&t);
    hazard_run_once(&t, &rows);
    hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs,
                             "/1 200 complete exact\n/2 200 complete exact\n");
    hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                       "client_missing_bytes=0 server_missing_bytes=0");
    hazard_rows_done(&rows);
}

/* The capture begins within a connection, and its client's side begins late: no packet
 * of it comes for the reply that is waited with in vain. The next reply is waited with
 * all the same, and its request comes behind it. */
static void reply_before_the_first_request_captured(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int64_t late_ms = 1; late_ms < 190; late_ms += 27) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        hazard_open(&t);
        size_t first = t.count;
        hazard_exchange(&t, 1, 10);
        hazard_exchange(&t, 2, 10);
        hazard_wait(&t, 2 * HAZARD_S);
        size_t third = t.count;
        hazard_exchange(&t, 3, 10);
        hazard_close(&t);
        size_t kept = 0;
        for (size_t i = first; i < t.count; i++)
            if (i >= third || t.at[i].from == SIDE_SERVER) t.at[kept++] = t.at[i];
        t.count = kept;
        for (size_t i = 0; i < t.count; i++)
            if (t.at[i].from == SIDE_CLIENT) t.at[i].at_ns += late_ms * HAZARD_MS;
        hazard_sort(&t);
        assert_int_equal(t.at[0].from, SIDE_SERVER);
        assert_int_equal(t.at[1].from, SIDE_SERVER);
        hazard_run_once(&t, &rows);
        hazard_rows_expect_lines(
            &rows, RECORD_EXCHANGE, "target status state",
            "- 200 no_request\n- 200 no_request\n/3 200 complete\n");
    }
    hazard_rows_done(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HAZARD("hazard 05: every order of six segments of requests",
               every_order_of_six_requests),
        HAZARD("hazard 05: every order of six segments of responses",
               every_order_of_six_responses),
        HAZARD("hazard 20: one byte a segment, in order and not", one_byte_segments),
        HAZARD("hazard 23: the clock jumps", clocks_jump),
        HAZARD("hazard 23: one packet's time is wrong", one_time_is_wrong),
        HAZARD("hazard 23: neighbours swapped", neighbours_swapped),
        HAZARD("hazard 25: replies before their requests", replies_before_requests),
        HAZARD("hazard 25: one reply before its request", one_reply_before_its_request),
        HAZARD("hazard 25: a reply before the first request captured",
               reply_before_the_first_request_captured),
    };
    return cmocka_run_group_tests_name("hazards: order and time", tests, NULL, NULL);
}
