/* exchange: what each side knew when it moved. By ACKs where a segment carries one, by
 * the order at the tap where none does; a connection's two ways of saying the same. */
#include "tracker_bench.h"

/* ---- depth (SEMANTICS 4) ---- */

static void depth_is_by_time_without_acks(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, NULL);
    bench_request(&b, OFFSET_UNKNOWN);
    bench_response(&b, OFFSET_UNKNOWN);
    bench_request(&b, OFFSET_UNKNOWN); /* the response was there */
    bench_request(&b, OFFSET_UNKNOWN); /* no other was */
    bench_response(&b, OFFSET_UNKNOWN);
    bench_response(&b, OFFSET_UNKNOWN);
    bench_over(&b, CLOSE_KIND_UNKNOWN);
    static const int64_t depths[] = {1, 1, 2};
    assert_int_equal(b.exchange_count, ARRAY_LENGTH(depths));
    for (size_t i = 0; i < ARRAY_LENGTH(depths); i++) {
        assert_int_equal(b.exchanges[i].row.depth, depths[i]);
        assert_int_equal(b.exchanges[i].row.depth_basis, DEPTH_BY_TIME);
    }
    assert_int_equal(b.connection.max_depth, 2);
    bench_done(&b);
}

/* What is unfinished when the connection ends is still in the way of what is behind. */
static void unfinished_responses_count_for_depth(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, NULL);
    bench_request(&b, 0);
    struct message second = bench_message(&b, SIDE_CLIENT, 0);
    bench_head(&b, &second); /* its body never ends */
    struct message response = bench_message(&b, SIDE_SERVER, 100);
    bench_head(&b, &response);
    bench_over(&b, CLOSE_KIND_UNKNOWN);
    assert_int_equal(b.exchange_count, 2);
    assert_int_equal(b.exchanges[0].row.state, EXCHANGE_RESPONSE_INCOMPLETE);
    assert_int_equal(b.exchanges[1].row.state, EXCHANGE_REQUEST_INCOMPLETE);
    assert_int_equal(b.exchanges[1].row.depth, 2);
    assert_true(b.exchanges[1].row.hol_us == RECORD_UNKNOWN);
    bench_done(&b);
}

static void depth_stops_at_its_cap(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, NULL);
    for (int i = 0; i < EXCHANGE_DEPTH_MAX + 3; i++) {
        bench_request(&b, 0); /* it never acknowledges anything */
        bench_response(&b, b.offset[SIDE_CLIENT]);
    }
    bench_over(&b, CLOSE_KIND_UNKNOWN);
    assert_int_equal(b.exchange_count, EXCHANGE_DEPTH_MAX + 3);
    assert_int_equal(b.connection.max_depth, EXCHANGE_DEPTH_MAX + 1);
    bench_done(&b);
}

/* ---- a declared close (SEMANTICS 6; RFC 9112, section 9.6) ---- */

static void close_is_ignored_by_who_knew_of_it(void **state)
{
    /* clang-format off */
    static const struct { uint64_t acked; bool is_ended; const char *findings; } cases[] = {
        { 100,            true,  "close_ignored@100 " },
        { 99,             true,  ""                   }, /* not all of it */
        { OFFSET_UNKNOWN, true,  ""                   }, /* who can say */
        { 100,            false, ""                   }, /* its end was never seen */
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct bench b;
        bench_init(&b, NULL);
        bench_request(&b, 0);
        struct message response = bench_message(&b, SIDE_SERVER, 100);
        response.flags = MESSAGE_CONNECTION_CLOSE;
        bench_head(&b, &response);
        if (cases[i].is_ended) bench_end(&b, &response);
        bench_request(&b, cases[i].acked);
        bench_expect(&b, CLOSE_KIND_UNKNOWN, cases[i].findings);
    }
}

/* ---- races (SEMANTICS 6) ---- */

/* A request on a connection that the server had begun to close, or had not. */
static void races_are_judged_by_time_without_acks(void **state)
{
    enum { BEFORE = -5, AFTER = 5 };
    /* clang-format off */
    static const struct {
        bool is_rst;
        int when_ms;
        bool is_given_up;
        const char *findings;
    } cases[] = {
        { false, BEFORE, false, "idle_race@100 "   }, /* it could not know of the request */
        { false, AFTER,  false, ""                 },
        { true,  BEFORE, false, "idle_race@100 "   },
        { true,  AFTER,  false, "stale_reuse@100 " }, /* it refused it */
        { false, BEFORE, true,  ""                 }, /* an answer may have been lost */
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct bench b;
        bench_init(&b, NULL);
        bench_request(&b, 0);
        bench_response(&b, 100);
        b.now_ns += 10 * (int64_t)BENCH_STEP_NS;
        struct message m = bench_message(&b, SIDE_CLIENT, OFFSET_UNKNOWN);
        m.is_complete = !cases[i].is_given_up;
        bench_head(&b, &m);
        struct conn_side *server = &b.conn.side[SIDE_SERVER];
        int64_t end_ns = b.now_ns + cases[i].when_ms * (int64_t)BENCH_STEP_NS;
        if (cases[i].is_rst) server->rst_ns = end_ns;
        if (!cases[i].is_rst) server->fin_ns = end_ns;
        if (!cases[i].is_rst) server->fin_offset = 100;
        if (cases[i].is_given_up)
            tracker_messages(b.tracker)->lost(b.story, 2, 1, 0);
        else
            bench_end(&b, &m);
        bench_expect(&b, CLOSE_KIND_UNKNOWN, cases[i].findings);
    }
}

/* ---- Expect (SEMANTICS 7) ---- */

struct expect_case {
    const char *name;
    enum framing framing;
    int64_t declared;
    uint32_t flags;
    uint64_t head_end; /* of the request; OFFSET_UNKNOWN: not reached by then */
    uint64_t acked;    /* by the interim response */
    bool is_ended;     /* the request, before the interim response */
    bool is_late;
};

/* Whether a 100 came when its server had part of the body already. */
static void a_late_continue_needs_a_body_and_an_ack(void **state)
{
    enum { WAITS = MESSAGE_EXPECTS_CONTINUE };
    /* clang-format off */
    static const struct expect_case cases[] = {
        { "part of it was there", FRAMING_LENGTH, 50, WAITS, 100, 120, false, true },
        { "chunked",              FRAMING_CHUNKED, -1, WAITS, 100, 120, false, true },
        { "the head alone",       FRAMING_LENGTH, 50, WAITS, 100, 100, false, false },
        { "an empty body",        FRAMING_LENGTH, 0, WAITS, 100, 120, false, false },
        { "no body",              FRAMING_NONE, -1, WAITS, 100, 120, false, false },
        { "nobody asked",         FRAMING_LENGTH, 50, 0, 100, 120, false, false },
        { "within the head",      FRAMING_LENGTH, 50, WAITS, OFFSET_UNKNOWN, 120, false, false },
        { "no ACK, body ended",   FRAMING_LENGTH, 50, WAITS, 100, OFFSET_UNKNOWN, true, true },
        { "no ACK, body not",     FRAMING_LENGTH, 50, WAITS, 100, OFFSET_UNKNOWN, false, false },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct expect_case *c = &cases[i];
        struct bench b;
        bench_init(&b, NULL);
        struct message m = bench_message(&b, SIDE_CLIENT, 0);
        m.framing = c->framing;
        m.declared = c->declared;
        m.flags = c->flags;
        m.head_end.offset = c->head_end;
        bench_head(&b, &m);
        if (c->is_ended) bench_end(&b, &m);
        for (int k = 0; k < 2; k++) { /* it is told once */
            struct message interim = bench_message(&b, SIDE_SERVER, c->acked);
            interim.status = 100;
            interim.is_interim = true;
            interim.answers = 1;
            interim.framing = FRAMING_NONE;
            bench_head(&b, &interim);
            bench_end(&b, &interim);
        }
        bench_over(&b, CLOSE_OPEN);
        const char *wanted = c->is_late ? "expect_late_continue@0 " : "";
        if (strcmp((const char *)b.findings.ptr, wanted) != 0)
            fail_msg("%s: '%s'", c->name, (const char *)b.findings.ptr);
        assert_int_equal(b.exchanges[0].row.interims, 2);
        bench_done(&b);
    }
}

static struct record_exchange expect_row(int continue_at, int body_at, int final_at,
                                         int status, uint32_t more_flags)
{
    struct bench b;
    bench_init(&b, NULL);
    struct message m = bench_message(&b, SIDE_CLIENT, 0);
    int64_t start_ns = b.now_ns;
    m.framing = FRAMING_LENGTH;
    m.declared = 50;
    m.flags = MESSAGE_EXPECTS_CONTINUE | more_flags;
    bench_head(&b, &m);
    for (int i = 0; i < 2 && continue_at > 0; i++) { /* the first one counts */
        struct message interim = bench_message(&b, SIDE_SERVER, 100);
        interim.status = 100;
        interim.is_interim = true;
        interim.answers = 1;
        interim.start.captured_ns =
            start_ns + (continue_at + i) * (int64_t)BENCH_STEP_NS;
        bench_head(&b, &interim);
    }
    if (body_at > 0) {
        m.body_start = bench_mark(&b, 100, 0);
        m.body_start.captured_ns = start_ns + body_at * (int64_t)BENCH_STEP_NS;
        m.body_bytes = 50;
    }
    bench_end(&b, &m);
    if (final_at > 0) {
        struct message response = bench_message(&b, SIDE_SERVER, 100);
        response.answers = 1;
        response.status = status;
        response.start.captured_ns = start_ns + final_at * (int64_t)BENCH_STEP_NS;
        bench_head(&b, &response);
        bench_end(&b, &response);
    }
    bench_over(&b, CLOSE_KIND_UNKNOWN);
    struct record_exchange row = b.exchanges[0].row;
    bench_done(&b);
    return row;
}

/* Who moved first, in ms after the head: 100, body, final response; 0: never. */
static void who_moved_first_decides_an_expect(void **state)
{
    /* clang-format off */
    static const struct {
        int continue_at, body_at, final_at, status;
        enum expect_outcome outcome;
        int64_t wait_us, saved_bytes;
    } cases[] = {
        { 3, 9, 12, 200, EXPECT_CONTINUED,     3000, RECORD_UNKNOWN },
        { 0, 9, 12, 200, EXPECT_IMPATIENT,     9000, RECORD_UNKNOWN },
        { 0, 2, 12, 200, EXPECT_NOT_WAITED,    2000, RECORD_UNKNOWN },
        { 0, 0, 12, 417, EXPECT_REJECTED,     12000, 50             },
        { 0, 9, 4,  417, EXPECT_REJECTED_LATE, 4000, RECORD_UNKNOWN },
        { 0, 9, 4,  200, EXPECT_UNANSWERED,    4000, RECORD_UNKNOWN },
        { 0, 0, 0,  0,   EXPECT_UNANSWERED, RECORD_UNKNOWN, RECORD_UNKNOWN },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct record_exchange row = expect_row(cases[i].continue_at, cases[i].body_at,
                                                cases[i].final_at, cases[i].status, 0);
        assert_int_equal(row.expect_outcome, cases[i].outcome);
        assert_int_equal(row.expect_wait_us, cases[i].wait_us);
        assert_int_equal(row.expect_saved_bytes, cases[i].saved_bytes);
    }
    /* Of a head that was cut nobody knows whether it waited. */
    struct record_exchange row = expect_row(3, 9, 12, 200, MESSAGE_HEAD_CUT);
    assert_int_equal(row.expect_outcome, EXPECT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(depth_is_by_time_without_acks),
        cmocka_unit_test(unfinished_responses_count_for_depth),
        cmocka_unit_test(depth_stops_at_its_cap),
        cmocka_unit_test(close_is_ignored_by_who_knew_of_it),
        cmocka_unit_test(races_are_judged_by_time_without_acks),
        cmocka_unit_test(a_late_continue_needs_a_body_and_an_ack),
        cmocka_unit_test(who_moved_first_decides_an_expect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
