/* Hazards of how connections end: resets (11), FINs (12). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hazard_trace.h"

static const char pairs[] = "target status state pair_confidence";
static const char both_lines[] = "/1 200 complete exact\n/2 200 complete exact\n";

/* ---- 11 ---- */

/* An RST of either side, `ahead` of where it should stand, in the middle of things. */
static void run_injected(enum side from, int64_t ahead, struct hazard_rows *rows)
{
    struct hazard_trace t;
    hazard_trace_init(&t);
    hazard_open(&t);
    hazard_exchange(&t, 1, 2000);
    hazard_request(&t, 2);
    struct hazard_packet *rst = hazard_rst(&t, from);
    rst->seq += (uint64_t)ahead;
    rst->flags = TCP_RST;
    hazard_response(&t, 10);
    (void)hazard_ack(&t, SIDE_CLIENT);
    hazard_close(&t);
    hazard_run_once(&t, rows);
}

static void resets_outside_the_window(void **state)
{
    (void)state;
    static const int64_t ahead[] = {70000, 900000, 1 << 30, -50, -1500, -900000};
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int from = 0; from < 2; from++)
        for (size_t i = 0; i < ARRAY_LENGTH(ahead); i++) {
            if (from == SIDE_CLIENT && ahead[i] == -50) continue; /* not acknowledged */
            run_injected((enum side)from, ahead[i], &rows);
            hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs, both_lines);
            hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                               "close_kind=fin closed_by=client findings=1");
            assert_int_equal(hazard_rows_findings(&rows, "tcp_rst_outside_window"), 1);
        }
    hazard_rows_done(&rows);
}

static void resets_inside_the_window(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int64_t ahead = 0; ahead <= 60000; ahead += 20000) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        hazard_open(&t);
        hazard_exchange(&t, 1, 10);
        hazard_request(&t, 2);
        struct hazard_packet *rst = hazard_rst(&t, SIDE_SERVER);
        rst->seq += (uint64_t)ahead;
        hazard_run_once(&t, &rows);
        hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, "target status state",
                                 "/1 200 complete\n/2 - no_response\n");
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           "close_kind=rst closed_by=server conn_state=RSTR");
        assert_int_equal(hazard_rows_findings(&rows, "tcp_rst_outside_window"), 0);
    }
    hazard_rows_done(&rows);
}

/* An RST that counts, and its sender goes on: flagged, and parsed for 5 s more. */
static void data_after_a_reset(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int is_late = 0; is_late < 2; is_late++) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        hazard_open(&t);
        hazard_exchange(&t, 1, 10);
        hazard_request(&t, 2);
        (void)hazard_rst(&t, SIDE_SERVER);
        hazard_wait(&t, is_late ? 6 * HAZARD_S : HAZARD_S);
        hazard_response(&t, 10);
        hazard_run_once(&t, &rows);
        hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, "target status state",
                                 is_late ? "/1 200 complete\n/2 - no_response\n"
                                         : "/1 200 complete\n/2 200 complete\n");
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0, "close_kind=rst");
        if (is_late) continue;
        assert_true(hazard_rows_findings(&rows, "tcp_data_after_rst") >= 1);
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0, "server_bytes=98");
    }
    hazard_rows_done(&rows);
}

/* What an RST carries is a word to its reader, and no part of the stream (RFC 1122,
 * section 4.2.2.12): not of a body that ends with the connection, nor behind a hole. */
static void words_in_a_reset(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (uint64_t ahead = 0; ahead <= 100; ahead += 100) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        hazard_open(&t);
        hazard_request(&t, 1);
        (void)hazard_say(&t, SIDE_SERVER, "HTTP/1.1 200 OK\r\n\r\nhello");
        (void)hazard_ack(&t, SIDE_CLIENT);
        struct hazard_packet *rst = hazard_say(&t, SIDE_SERVER, "refused by policy");
        rst->flags = TCP_RST | TCP_ACK;
        rst->seq += ahead;
        hazard_run_once(&t, &rows);
        hazard_rows_expect(&rows, RECORD_EXCHANGE, 0, "response_body_bytes=5");
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           "close_kind=rst closed_by=server server_bytes=24 "
                           "server_missing_bytes=0 server_retransmitted_bytes=0 "
                           "history=ShADdr conn_state=RSTR");
    }
    hazard_rows_done(&rows);
}

/* ---- 12 ---- */

/* A close-delimited response ended by `how`, its FIN on the last data or alone. */
enum how { BY_FIN_WITH_DATA, BY_FIN_ALONE, BY_FIN_BEFORE_HOLE, BY_RST, BY_SILENCE };

static void run_until_close(enum how how, struct hazard_rows *rows)
{
    struct hazard_trace t;
    hazard_trace_init(&t);
    hazard_open(&t);
    hazard_request(&t, 1);
    (void)hazard_say(&t, SIDE_SERVER, "HTTP/1.1 200 OK\r\n\r\nfirst part, ");
    struct hazard_packet *last = hazard_say(&t, SIDE_SERVER, "last part");
    if (how == BY_FIN_WITH_DATA) {
        last->flags |= TCP_FIN;
        t.next[SIDE_SERVER]++;
    }
    if (how == BY_FIN_BEFORE_HOLE) { /* the hole before it is filled afterwards */
        struct hazard_packet late = *last;
        t.count--;
        (void)hazard_fin(&t, SIDE_SERVER);
        late.at_ns = t.now_ns++;
        late.number = (uint32_t)t.count + 1;
        t.at[t.count++] = late;
    }
    if (how == BY_FIN_ALONE) (void)hazard_fin(&t, SIDE_SERVER);
    if (how == BY_RST) (void)hazard_rst(&t, SIDE_SERVER);
    if (how <= BY_FIN_BEFORE_HOLE) {
        (void)hazard_ack(&t, SIDE_CLIENT);
        (void)hazard_fin(&t, SIDE_CLIENT);
        (void)hazard_ack(&t, SIDE_SERVER);
    }
    hazard_run_once(&t, rows);
}

static void bodies_until_close(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int how = BY_FIN_WITH_DATA; how <= BY_SILENCE; how++) {
        run_until_close((enum how)how, &rows);
        bool is_complete = how <= BY_FIN_BEFORE_HOLE;
        hazard_rows_expect(&rows, RECORD_EXCHANGE, 0,
                           is_complete ? "target=/1 status=200 response_framing=close "
                                         "response_body_bytes=21 response_complete=1 "
                                         "state=complete response_missing_bytes=0"
                                       : "target=/1 status=200 response_framing=close "
                                         "response_body_bytes=21 response_complete=0 "
                                         "response_missing_bytes=0");
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           is_complete     ? "close_kind=fin closed_by=server"
                           : how == BY_RST ? "close_kind=rst closed_by=server"
                                           : "close_kind=open closed_by=");
        assert_int_equal(hazard_rows_findings(&rows, "tcp_gap"), 0);
    }
    hazard_rows_done(&rows);
}

static void half_closed_client_still_gets_its_response(void **state)
{
    (void)state;
    struct hazard_trace t;
    struct hazard_rows rows;
    hazard_trace_init(&t);
    hazard_open(&t);
    struct hazard_packet *request =
        hazard_say(&t, SIDE_CLIENT, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    request->flags |= TCP_FIN;
    t.next[SIDE_CLIENT]++;
    hazard_wait(&t, 30 * HAZARD_S);
    hazard_response(&t, 5000);
    (void)hazard_ack(&t, SIDE_CLIENT);
    (void)hazard_fin(&t, SIDE_SERVER);
    (void)hazard_ack(&t, SIDE_CLIENT);
    hazard_rows_init(&rows);
    hazard_run_once(&t, &rows);
    hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs, "/1 200 complete exact\n");
    hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                       "closed_by=client close_kind=fin server_bytes=5041 findings=0");
    hazard_rows_done(&rows);
}

/* A FIN where no receiver would take it (RFC 9293, section 3.10.7.4) ends nothing;
 * ahead means beyond any window, since a capture may have lost what lies before it. */
static void fins_outside_the_window(void **state)
{
    (void)state;
    static const int64_t ahead[] = {5 << 20, 100 << 20, 1 << 30, -5, -1000, -900000};
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int from = 0; from < 2; from++)
        for (size_t i = 0; i < ARRAY_LENGTH(ahead); i++) {
            struct hazard_trace t;
            hazard_trace_init(&t);
            hazard_open(&t);
            hazard_exchange(&t, 1, 2000);
            hazard_packet_add(&t, (enum side)from, TCP_FIN | TCP_ACK,
                              t.next[from] + (uint64_t)ahead[i], bytes_of("", 0))
                ->ip_id = 0x7777;
            hazard_exchange(&t, 2, 10);
            hazard_close(&t);
            hazard_run_once(&t, &rows);
            hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs, both_lines);
            hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                               "close_kind=fin closed_by=client client_missing_bytes=0 "
                               "server_missing_bytes=0");
            assert_int_equal(rows.counters.odd_segments, 1);
        }
    hazard_rows_done(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HAZARD("hazard 11: RST outside the window", resets_outside_the_window),
        HAZARD("hazard 11: RST inside the window", resets_inside_the_window),
        HAZARD("hazard 11: data after an RST", data_after_a_reset),
        HAZARD("hazard 11: words in an RST", words_in_a_reset),
        HAZARD("hazard 12: bodies that end with the connection", bodies_until_close),
        HAZARD("hazard 12: half-close", half_closed_client_still_gets_its_response),
        HAZARD("hazard 12: FIN outside the window", fins_outside_the_window),
    };
    return cmocka_run_group_tests_name("hazards: closing", tests, NULL, NULL);
}
