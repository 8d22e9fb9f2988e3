/* Near misses: what comes close to a finding of TCP and is none, beside what just is
 * one. The catalogue's check (tests/conversations/catalogue.tsv) names these tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hazard_trace.h"

/* ---- tcp_stalled_small_write ---- */

enum stall_answer { ANSWER_ACK, ANSWER_DATA, ANSWER_NOTHING };

struct stall_case {
    int64_t silence_ms, pause_ms;
    enum stall_answer answer;
    size_t told;
};

/* A head and a body in two small writes, and what lies between them. */
static void run_stall(const struct stall_case *c, struct hazard_rows *rows)
{
    struct hazard_trace t;
    hazard_trace_init(&t);
    hazard_open(&t);
    hazard_say(&t, SIDE_CLIENT,
               "POST /1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
               "Content-Length: 4\r\n\r\n");
    t.now_ns += (c->silence_ms - 1) * HAZARD_MS;
    if (c->answer == ANSWER_ACK) hazard_ack(&t, SIDE_SERVER);
    if (c->answer == ANSWER_DATA)
        hazard_say(&t, SIDE_SERVER, "HTTP/1.1 100 Continue\r\n\r\n");
    t.now_ns += (c->pause_ms - 1) * HAZARD_MS;
    hazard_say(&t, SIDE_CLIENT, "body");
    hazard_response(&t, 10);
    hazard_close(&t);
    hazard_run_once(&t, rows);
}

static void small_writes(void **state)
{
    static const struct stall_case cases[] = {
        {40, 1, ANSWER_ACK, 1},     {200, 4, ANSWER_ACK, 1},
        {40, 30, ANSWER_ACK, 0}, /* the application took its time */
        {2, 1, ANSWER_ACK, 0},   /* acknowledged at once */
        {120, 1, ANSWER_ACK, 0}, /* no timer of any stack */
        {40, 1, ANSWER_DATA, 0}, /* waited for an answer, not for an ACK */
        {40, 1, ANSWER_NOTHING, 0},
    };
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        run_stall(&cases[i], &rows);
        size_t told = hazard_rows_findings(&rows, "tcp_stalled_small_write");
        if (told != cases[i].told) print_message("case %zu\n", i + 1);
        assert_int_equal(told, cases[i].told);
    }
    hazard_rows_done(&rows);
}

/* ---- tcp_urgent_data, tcp_flags_invalid ---- */

/* An urgent pointer without its flag means nothing (RFC 9293, section 3.1); nor do the
 * flags of congestion control, PSH, or a FIN that comes with PSH. */
static void pointers_and_flags_that_mean_nothing(void **state)
{
    static const uint8_t flags[] = {TCP_ACK, TCP_ACK | TCP_PSH, TCP_ACK | 0x40,
                                    TCP_ACK | 0x80 | TCP_PSH, TCP_ACK | 0xc0};
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(flags); i++) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        hazard_open(&t);
        struct hazard_packet *p =
            hazard_say(&t, SIDE_CLIENT, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
        p->urgent = 5;
        p->flags = flags[i];
        hazard_response(&t, 10);
        p = hazard_ack(&t, SIDE_CLIENT); /* the flag without any byte, */
        p->urgent = 1;
        p->flags |= TCP_URG;
        hazard_ack(&t, SIDE_CLIENT)->flags |= TCP_URG; /* and without a pointer */
        hazard_close(&t);
        hazard_run_once(&t, &rows);
        assert_int_equal(hazard_rows_findings(&rows, "tcp_urgent_data"), 0);
        assert_int_equal(hazard_rows_findings(&rows, "tcp_flags_invalid"), 0);
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0, "exchanges=1 findings=0");
    }
    hazard_rows_done(&rows);
}

/* Nor does it on a SYN that has data (RFC 7413). */
static void a_pointer_on_a_syn_with_data(void **state)
{
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    (void)state;
    for (int is_urgent = 0; is_urgent < 2; is_urgent++) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        struct hazard_packet *p =
            hazard_packet_add(&t, SIDE_CLIENT, TCP_SYN, 0, bytes_of_text("GET "));
        p->ack = 0;
        p->urgent = 2;
        if (is_urgent) p->flags |= TCP_URG;
        hazard_run_once(&t, &rows);
        assert_int_equal(hazard_rows_findings(&rows, "tcp_urgent_data"), is_urgent);
    }
    hazard_rows_done(&rows);
}

/* ---- tcp_data_after_rst ---- */

/* What was on its way to the side that reset is no oddity: it could not know. */
static void data_that_meets_a_reset(void **state)
{
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    (void)state;
    struct hazard_trace t;
    hazard_trace_init(&t);
    hazard_open(&t);
    hazard_exchange(&t, 1, 10);
    hazard_request(&t, 2);
    hazard_rst(&t, SIDE_CLIENT);
    hazard_response(&t, 10);
    hazard_run_once(&t, &rows);
    assert_int_equal(hazard_rows_findings(&rows, "tcp_data_after_rst"), 0);
    hazard_rows_expect(&rows, RECORD_CONNECTION, 0, "close_kind=rst closed_by=client");
    hazard_rows_done(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HAZARD("Nagle's algorithm against a delayed ACK, or nearly", small_writes),
        HAZARD("urgent pointers and flags that mean nothing",
               pointers_and_flags_that_mean_nothing),
        HAZARD("a pointer on a SYN with data", a_pointer_on_a_syn_with_data),
        HAZARD("data that meets a reset", data_that_meets_a_reset),
    };
    return cmocka_run_group_tests_name("hazards: near misses", tests, NULL, NULL);
}
