/* Hazards of holes: when a hole that is never filled is given up (6), and what is kept
 * until then (5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hazard_trace.h"

static const char pairs[] = "target status state pair_confidence";

static void drop_packet(struct hazard_trace *t, size_t at)
{
    memmove(&t->at[at], &t->at[at + 1], (t->count - at - 1) * sizeof *t->at);
    t->count--;
}

/* A hole is given up when the peer has acknowledged it, not before: the lost segment
 * may still come, in place of a gap. */
static void hole_is_given_up_by_evidence(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int comes = 0; comes < 2; comes++) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        hazard_open(&t);
        hazard_request(&t, 1);
        hazard_response(&t, 3000);
        struct hazard_packet lost = t.at[t.count - 3];
        drop_packet(&t, t.count - 3);
        hazard_wait(&t, 60 * HAZARD_S); /* no ACK: nobody has it */
        if (comes) t.at[t.count++] = (struct hazard_packet){0};
        if (comes) {
            lost.at_ns = t.now_ns;
            t.at[t.count - 1] = lost;
        }
        hazard_wait(&t, HAZARD_MS);
        (void)hazard_ack(&t, SIDE_CLIENT);
        hazard_exchange(&t, 2, 10);
        hazard_close(&t);
        hazard_run_once(&t, &rows);
        hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs,
                                 "/1 200 complete exact\n/2 200 complete exact\n");
        hazard_rows_expect(&rows, RECORD_EXCHANGE, 0,
                           comes ? "response_missing_bytes=0 response_body_bytes=3000"
                                 : "response_missing_bytes=1000");
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           comes ? "server_gaps=0 server_missing_bytes=0 "
                                   "server_out_of_order_segments=1"
                                 : "server_gaps=1 server_missing_bytes=1000");
    }
    hazard_rows_done(&rows);
}

/* Nothing acknowledges, but there is too much behind the hole to keep it: the body goes
 * on behind it all the same. Up to the cap the lost segment may still come. */
static void hole_before_more_than_the_cap(void **state)
{
    (void)state;
    static const size_t bodies[] = {200000, 400000, 3000000};
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (size_t i = 0; i < ARRAY_LENGTH(bodies); i++)
        for (int comes = 0; comes < 2; comes++) {
            struct hazard_trace t;
            char expected[160];
            hazard_trace_init(&t);
            hazard_open(&t);
            hazard_request(&t, 1);
            (void)snprintf(expected, sizeof expected,
                           "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", bodies[i]);
            (void)hazard_say(&t, SIDE_SERVER, expected);
            size_t first = t.count;
            hazard_filler(&t, SIDE_SERVER, bodies[i], 1000);
            struct hazard_packet late = t.at[first];
            drop_packet(&t, first);
            for (size_t k = first; k < t.count; k++) t.at[k].window = 0xffff;
            late.at_ns = t.now_ns;
            if (comes) t.at[t.count++] = late;
            hazard_wait(&t, HAZARD_MS);
            (void)hazard_ack(&t, SIDE_CLIENT);
            hazard_exchange(&t, 2, 10);
            hazard_close(&t);
            hazard_run_once(&t, &rows);
            bool is_in_time = comes && bodies[i] < 256 << 10;
            hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs,
                                     "/1 200 complete exact\n/2 200 complete exact\n");
            (void)snprintf(expected, sizeof expected,
                           "response_body_bytes=%zu response_missing_bytes=%d",
                           bodies[i], is_in_time ? 0 : 1000);
            hazard_rows_expect(&rows, RECORD_EXCHANGE, 0, expected);
            (void)snprintf(expected, sizeof expected,
                           "server_gaps=%d server_missing_bytes=%d", is_in_time ? 0 : 1,
                           is_in_time ? 0 : 1000);
            hazard_rows_expect(&rows, RECORD_CONNECTION, 0, expected);
        }
    hazard_rows_done(&rows);
}

/* Of one direction only: no ACK will ever tell, so two seconds do. */
static void hole_of_a_single_direction(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int comes = 0; comes < 3; comes++) { /* not, within 2 s, later */
        struct hazard_trace t;
        hazard_trace_init(&t);
        for (unsigned i = 1; i <= 4; i++) {
            hazard_request(&t, i);
            hazard_wait(&t, 700 * HAZARD_MS);
        }
        struct hazard_packet lost = t.at[1];
        drop_packet(&t, 1);
        hazard_wait(&t, comes == 2 ? 3 * HAZARD_S : 0);
        for (unsigned i = 5; i <= 6; i++) hazard_request(&t, i);
        if (comes > 0) {
            lost.at_ns = comes == 1 ? t.at[1].at_ns + HAZARD_S : t.now_ns;
            t.at[t.count++] = lost;
        }
        hazard_sort(&t);
        hazard_run_once(&t, &rows);
        hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, "target status",
                                 comes == 1 ? "/1 -\n/2 -\n/3 -\n/4 -\n/5 -\n/6 -\n"
                                            : "/1 -\n/3 -\n/4 -\n/5 -\n/6 -\n");
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           comes == 1 ? "client_gaps=0 client_missing_bytes=0"
                                      : "client_gaps=1 client_missing_bytes=28");
    }
    hazard_rows_done(&rows);
}

/* A hole at the end of a connection is told when it closes, to the byte. */
static void hole_at_the_end(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int closes = 0; closes < 2; closes++) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        hazard_open(&t);
        hazard_exchange(&t, 1, 10);
        hazard_request(&t, 2);
        hazard_response(&t, 3000);
        drop_packet(&t, t.count - 2); /* the second of three; nobody acknowledges it */
        if (closes) (void)hazard_fin(&t, SIDE_SERVER);
        hazard_run_once(&t, &rows);
        hazard_rows_expect(&rows, RECORD_EXCHANGE, 0,
                           "target=/1 state=complete pair_confidence=exact");
        hazard_rows_expect(&rows, RECORD_EXCHANGE, 1,
                           "target=/2 status=200 response_missing_bytes=1000 "
                           "response_body_bytes=3000 response_complete=1");
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           "server_gaps=1 server_missing_bytes=1000 server_bytes=2090");
        assert_int_equal(hazard_rows_findings(&rows, "tcp_gap"), 1);
    }
    hazard_rows_done(&rows);
}

/* Segments far apart, 5000 of them: no more are kept than the cap allows, and what has
 * been given up is told. */
static void more_segments_than_the_cap(void **state)
{
    (void)state;
    struct hazard_rows rows;
    struct hazard_trace t;
    hazard_trace_init(&t);
    hazard_open(&t);
    hazard_request(&t, 1);
    (void)hazard_say(&t, SIDE_SERVER,
                     "HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n");
    uint64_t body = t.next[SIDE_SERVER] - 1;
    for (uint64_t i = 0; i < 5000; i++)
        (void)hazard_at(&t, SIDE_SERVER, body + i * 10 + 5, "abcde");
    (void)hazard_ack(&t, SIDE_CLIENT);
    hazard_exchange(&t, 2, 10);
    hazard_close(&t);
    hazard_rows_init(&rows);
    hazard_run_once(&t, &rows);
    hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs,
                             "/1 200 complete exact\n/2 200 complete exact\n");
    hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                       "server_missing_bytes=25000 server_gaps=5000");
    assert_int_equal(hazard_rows_findings(&rows, "tcp_gap"), FINDING_ROWS_PER_CODE);
    hazard_rows_expect(&rows, RECORD_CONNECTION, 0, "findings=5000");
    hazard_rows_done(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HAZARD("hazard 05: more segments than are kept", more_segments_than_the_cap),
        HAZARD("hazard 06: a hole is given up by evidence",
               hole_is_given_up_by_evidence),
        HAZARD("hazard 06: a hole before more than is kept",
               hole_before_more_than_the_cap),
        HAZARD("hazard 06: a hole of a single direction", hole_of_a_single_direction),
        HAZARD("hazard 06: a hole at the end", hole_at_the_end),
    };
    return cmocka_run_group_tests_name("hazards: holes", tests, NULL, NULL);
}
