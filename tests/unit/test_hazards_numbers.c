/* Packets that were made one by one, and given no sequence numbers: no handshake, all
 * zeros, and still one asks and the other answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hazard_trace.h"

static const char pairs[] = "target status state pair_confidence";

/* A request and an answer, each with the first number of its own stream, `first` on the
 * wire; `expected` are the exchanges. */
static void expect_pairs(uint32_t first, const char *expected)
{
    struct hazard_trace t;
    struct hazard_rows rows;
    hazard_trace_init(&t);
    t.isn[SIDE_CLIENT] = t.isn[SIDE_SERVER] = first - 1;
    struct hazard_packet *asked =
        hazard_say(&t, SIDE_CLIENT, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    asked->seq = asked->ack = 1;
    struct hazard_packet *answered =
        hazard_say(&t, SIDE_SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    answered->seq = answered->ack = 1;
    hazard_rows_init(&rows);
    hazard_run(&t, &rows);
    hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs, expected);
    hazard_rows_done(&rows);
    hazard_trace_done(&t);
}

/* An acknowledgment of nothing says when an answer was sent, if it is one at all. */
static void numbers_of_zero_acknowledge_nothing(void **state)
{
    (void)state;
    expect_pairs(0, "/1 200 complete ambiguous\n");
    expect_pairs(1, "- 200 no_request orphan\n/1 - open -\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_zero_acknowledge_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
