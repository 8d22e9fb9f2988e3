/* exchange: what is raised only where it is proven. More responses than requests,
 * answers to requests inside bodies, and what came of bytes that were sent ahead of an
 * answer. */
#include "tracker_bench.h"

#define NOT_THERE OFFSET_UNKNOWN

/* ---- desynchronisation (SEMANTICS 9) ---- */

struct seen_case {
    const char *name;
    enum open_kind open_kind;
    bool lacks_client, lacks_server; /* none of its packets was captured */
    bool has_client_gap, has_server_gap, is_unread;
    bool is_proof; /* that the surplus response is one */
};

/* A surplus response is told where nothing went by unseen, and nowhere else. */
static void a_surplus_response_needs_all_to_be_seen(void **state)
{
    /* clang-format off */
    static const struct seen_case cases[] = {
        { .name = "all seen", OPEN_HANDSHAKE, .is_proof = true },
        { .name = "entered midstream", OPEN_MIDSTREAM },
        { .name = "no client packets", OPEN_HANDSHAKE, .lacks_client = true },
        { .name = "no server packets", OPEN_HANDSHAKE, .lacks_server = true },
        { .name = "a client's gap", OPEN_HANDSHAKE, .has_client_gap = true },
        { .name = "a server's gap", OPEN_HANDSHAKE, .has_server_gap = true },
        { .name = "bytes unread", OPEN_HANDSHAKE, .is_unread = true },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct seen_case *c = &cases[i];
        struct conn_trouble gap = {.gaps = 1, .missing_bytes = 1};
        struct bench b;
        bench_init(&b, NULL);
        b.conn.open_kind = c->open_kind;
        if (c->lacks_client) b.conn.side[SIDE_CLIENT].packets = 0;
        if (c->lacks_server) b.conn.side[SIDE_SERVER].packets = 0;
        if (c->has_client_gap) b.conn.side[SIDE_CLIENT].trouble = &gap;
        if (c->has_server_gap) b.conn.side[SIDE_SERVER].trouble = &gap;
        if (c->is_unread) tracker_messages(b.tracker)->unread(b.story);
        bench_request(&b, 0);
        bench_response(&b, 100);
        struct message extra = bench_message(&b, SIDE_SERVER, 100);
        extra.answers = 0;
        extra.is_proof = true;
        bench_head(&b, &extra);
        bench_end(&b, &extra);
        bench_over(&b, CLOSE_OPEN);
        const char *wanted = c->is_proof ? "desync_response_extra@100 " : "";
        if (strcmp((const char *)b.findings.ptr, wanted) != 0)
            fail_msg("%s: '%s'", c->name, (const char *)b.findings.ptr);
        assert_int_equal(b.exchange_count, 2);
        bench_done(&b);
    }
}

static void a_late_request_leaves_nothing_to_prove(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, NULL);
    bench_request(&b, 0);
    bench_response(&b, 100);
    for (int i = 0; i < 2; i++) { /* one of them may answer what comes */
        struct message extra = bench_message(&b, SIDE_SERVER, 100);
        extra.answers = 0;
        extra.is_proof = true;
        bench_head(&b, &extra);
        bench_end(&b, &extra);
    }
    bench_request(&b, 0);
    bench_expect(&b, CLOSE_OPEN, "");
}

struct hidden_case {
    const char *name;
    uint64_t acked; /* by the surplus response; the request ends at 100 */
    int answers;    /* surplus responses */
    bool is_unread;
    const char *findings;
};

/* A response that nobody asked for, behind a request with a request line in its body.
 */
static void a_hidden_request_is_proven_by_its_answer(void **state)
{
    /* clang-format off */
    static const struct hidden_case cases[] = {
        { "answered",      100, 1, false,
          "desync_hidden_request@100 desync_response_extra@100 " },
        { "once per line", 100, 2, false,
          "desync_hidden_request@100 desync_response_extra@200 " },
        { "not received",   99, 1, false, "desync_response_extra@100 " },
        { "without ACK", NOT_THERE, 1, false, "desync_response_extra@100 " },
        { "bytes unread",  100, 1, true,  "" },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct hidden_case *c = &cases[i];
        struct bench b;
        bench_init(&b, NULL);
        struct message m = bench_message(&b, SIDE_CLIENT, 0);
        bench_head(&b, &m);
        m.hidden_line = bytes_of_text("GET /inside HTTP/1.1");
        m.hidden_offset = 50;
        bench_end(&b, &m);
        bench_response(&b, 100);
        if (c->is_unread) tracker_messages(b.tracker)->unread(b.story);
        for (int k = 0; k < c->answers; k++) {
            struct message extra = bench_message(&b, SIDE_SERVER, c->acked);
            extra.answers = 0;
            extra.is_proof = true;
            bench_head(&b, &extra);
            bench_end(&b, &extra);
        }
        bench_over(&b, CLOSE_OPEN);
        if (strcmp((const char *)b.findings.ptr, c->findings) != 0)
            fail_msg("%s: '%s'", c->name, (const char *)b.findings.ptr);
        bench_done(&b);
    }
}

/* ---- bytes behind an offer to switch (SEMANTICS 8) ---- */

static struct message offer(struct bench *b, uint64_t acked)
{
    struct message m = bench_message(b, SIDE_CLIENT, acked);
    m.method = METHOD_CONNECT;
    m.method_text = bytes_of_text("CONNECT");
    m.target = bytes_of_text("a:443");
    return m;
}

static struct message answer(struct bench *b, int status, uint64_t number)
{
    struct message m = bench_message(b, SIDE_SERVER, 100);
    m.status = status;
    m.answers = number;
    m.framing = status == 200 ? FRAMING_TUNNEL : FRAMING_LENGTH;
    return m;
}

struct ahead_case {
    const char *name;
    int status; /* 0: no answer */
    uint64_t first_acked,
        second_acked; /* by 8 bytes of the client, before and after it */
    int64_t bytes;    /* sent ahead */
    const char *findings;
    bool is_cut, is_head_open; /* the request ended early; its head never did */
    bool is_answer_cut;        /* where its head ended is not known */
};

/* The answer's head ends at offset 100. */
static const struct ahead_case ahead_cases[] = {
    /* clang-format off */
    { "granted, all ahead",  200, 0, 0,           16, "optimistic_data@100 ", 0, 0, 0 },
    { "granted, one knew",   200, 0, 100,          8, "optimistic_data@100 ", 0, 0, 0 },
    { "granted, both knew",  200, 100, 100,        0, "", 0, 0, 0 },
    { "refused",             403, 0, 100,          8,
      "optimistic_data@100 optimistic_refused@100 ", 0, 0, 0 },
    { "never answered",        0, 0, 0,           16, "optimistic_data@100 ", 0, 0, 0 },
    { "without ACK, by the order", 200, NOT_THERE, NOT_THERE, 8,
      "optimistic_data@100 ", 0, 0, 0 },
    { "the request was cut", 200, 0, 100, RECORD_UNKNOWN, "", true, 0, 0 },
    { "never ended",         200, 0, 100, RECORD_UNKNOWN, "response_early@0 ", 0, true, 0 },
    { "the answer's head was cut", 403, 0, 0,      8,
      "optimistic_data@100 optimistic_refused@100 ", 0, 0, true },
    /* clang-format on */
};

static void bytes_ahead_are_told_by_their_acks(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(ahead_cases); i++) {
        const struct ahead_case *c = &ahead_cases[i];
        struct bench b;
        bench_init(&b, NULL);
        struct message m = offer(&b, 0);
        m.is_complete = !c->is_cut;
        bench_head(&b, &m);
        if (!c->is_head_open) bench_end(&b, &m);
        bench_client_bytes(&b, 100, "\x16\x03\x01\x02\x03\x04\x05\x06", c->first_acked);
        if (c->status != 0) {
            struct message r = answer(&b, c->status, 1);
            if (c->is_answer_cut) r.head_end.offset = NOT_THERE;
            bench_head(&b, &r);
            bench_end(&b, &r);
        }
        bench_client_bytes(&b, 108, "\x16\x03\x01\x02\x03\x04\x05\x06",
                           c->second_acked);
        bench_over(&b, CLOSE_OPEN);
        if (strcmp((const char *)b.findings.ptr, c->findings) != 0 ||
            b.exchanges[0].row.optimistic_bytes != c->bytes)
            fail_msg("%s: '%s', %lld bytes", c->name, (const char *)b.findings.ptr,
                     (long long)b.exchanges[0].row.optimistic_bytes);
        bench_done(&b);
    }
}

/* More different ACKs than are kept: what came with the rest still counts. */
static void many_acks_ahead_of_an_answer(void **state)
{
    enum { PIECES = 20 };
    struct bench b;
    (void)state;
    bench_init(&b, NULL);
    struct message m = offer(&b, 0);
    bench_head(&b, &m);
    bench_end(&b, &m);
    for (uint64_t i = 0; i < PIECES; i++) bench_client_bytes(&b, 100 + i, "\x16", i);
    struct message r = answer(&b, 200, 1);
    bench_head(&b, &r);
    bench_end(&b, &r);
    bench_over(&b, CLOSE_OPEN);
    assert_int_equal(b.exchanges[0].row.optimistic_bytes, PIECES);
    bench_done(&b);
}

/* A second offer shows by its own ACK whether the first one's answer was known. */
static void an_offer_behind_an_offer(void **state)
{
    /* clang-format off */
    static const struct { uint64_t acked; size_t released; const char *findings; } cases[] = {
        { 100, 1, "" },
        { 99, 0, "pipelined_unsafe@100 " },
        { NOT_THERE, 0, "" },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct bench b;
        bench_init(&b, NULL);
        struct message m = offer(&b, 0);
        bench_head(&b, &m);
        bench_end(&b, &m);
        struct message r = answer(&b, 403, 1);
        bench_head(&b, &r);
        bench_end(&b, &r);
        assert_int_equal(b.exchange_count, 0); /* who knows what it knew */
        struct message again = offer(&b, cases[i].acked);
        bench_head(&b, &again);
        assert_int_equal(b.exchange_count, cases[i].released);
        bench_end(&b, &again);
        bench_expect(&b, CLOSE_OPEN, cases[i].findings);
        assert_int_equal(b.exchange_count, 2);
    }
}

/* Seen before the answer that they acknowledge, near a client: the first ends the
 * matter. */
static void bytes_that_knew_of_an_answer_not_seen_yet(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, NULL);
    struct message m = offer(&b, 0);
    bench_head(&b, &m);
    bench_end(&b, &m);
    bench_client_bytes(&b, 100, "abcd", 0);
    bench_client_bytes(&b, 104, "efgh", 100);
    bench_client_bytes(&b, 108, "ijkl", 110);
    struct message r = answer(&b, 200, 1);
    bench_head(&b, &r);
    bench_end(&b, &r);
    bench_client_bytes(&b, 112, "mnop", 120);
    assert_int_equal(b.exchange_count, 1);
    assert_int_equal(b.exchanges[0].row.optimistic_bytes, 4);
    bench_expect(&b, CLOSE_OPEN, "optimistic_data@100 ");
}

/* A second one before the first has an answer: the bytes of both are the first one's.
 */
static void two_offers_without_an_answer(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, NULL);
    for (int i = 0; i < 2; i++) {
        struct message m = offer(&b, 0);
        bench_head(&b, &m);
        bench_end(&b, &m);
    }
    bench_client_bytes(&b, 100, "CONNECT b:443 HTTP/1.1", 0);
    bench_over(&b, CLOSE_OPEN);
    assert_int_equal(b.exchanges[0].row.optimistic_bytes, 22);
    assert_true(b.exchanges[1].row.optimistic_bytes == RECORD_UNKNOWN);
    bench_done(&b);
}

/* A request that was sent before a CONNECT's refusal could be known, and is answered.
 */
static void an_answer_behind_a_refused_connect(void **state)
{
    /* clang-format off */
    static const struct { uint64_t acked; bool is_unread; const char *findings; } cases[] = {
        { 99,  false, "pipelined_unsafe@100 desync_hidden_request@100 " },
        { 99,  true,  "pipelined_unsafe@100 " },
        { 100, false, "" },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct bench b;
        bench_init(&b, NULL);
        if (cases[i].is_unread) tracker_messages(b.tracker)->unread(b.story);
        struct message m = offer(&b, 0);
        bench_head(&b, &m);
        bench_end(&b, &m);
        struct message r = answer(&b, 403, 1);
        bench_head(&b, &r);
        bench_end(&b, &r);
        bench_request(&b, cases[i].acked);
        bench_response(&b, 200);
        bench_expect(&b, CLOSE_OPEN, cases[i].findings);
    }
}

/* Settled, but held up by an earlier one: later bytes change nothing. */
static void what_is_settled_stays(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, NULL);
    bench_request(&b, 0); /* its answer does not come */
    struct message m = offer(&b, 0);
    bench_head(&b, &m);
    bench_end(&b, &m);
    bench_client_bytes(&b, 200, "abcd", 0);
    struct message r = answer(&b, 200, 2);
    bench_head(&b, &r);
    bench_end(&b, &r);
    bench_client_bytes(&b, 204, "efgh", 100);
    bench_client_bytes(&b, 208, "ijkl", 100);
    assert_int_equal(b.exchange_count, 0);
    bench_over(&b, CLOSE_OPEN);
    assert_int_equal(b.exchanges[1].row.optimistic_bytes, 4);
    bench_done(&b);
}

struct later_case {
    const char *name;
    bool is_request; /* the response that follows has a request of its own */
    uint64_t start;  /* of that; else what the response acknowledges */
    int status;      /* 0: no response */
    const char *findings;
};

/* After a refused CONNECT with 8 bytes ahead, at offset 100 to 108: what follows. */
static const struct later_case later_cases[] = {
    /* clang-format off */
    { "a request within them",   true,  100, 200, "optimistic_answered@100 connect_kept_open@100 " },
    { "a request behind them",   true,  108, 200, "connect_kept_open@100 " },
    { "garbage of them",         false, 104, 400, "optimistic_answered@100 connect_kept_open@100 " },
    { "a farewell",              false, 104, 408, "connect_kept_open@100 " },
    { "what came before them",   false, 100, 400, "connect_kept_open@100 " },
    { "without ACK",             false, NOT_THERE, 400, "connect_kept_open@100 " },
    { "a request that is not answered", true, 108, 0, "" },
    /* clang-format on */
};

static void what_follows_a_refusal(void **state)
{
    static const char first[] = "optimistic_data@100 optimistic_refused@100 ";
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(later_cases); i++) {
        const struct later_case *c = &later_cases[i];
        struct bench b;
        char wanted[256];
        bench_init(&b, NULL);
        tracker_messages(b.tracker)->unread(b.story); /* desync is not the matter */
        struct message m = offer(&b, 0);
        bench_head(&b, &m);
        bench_end(&b, &m);
        bench_client_bytes(&b, 100, "\x16\x03\x01\x02\x03\x04\x05\x06", 0);
        struct message r = answer(&b, 403, 1);
        bench_head(&b, &r);
        bench_end(&b, &r);
        b.offset[SIDE_CLIENT] = c->start;
        for (int k = 0; k < 2; k++) { /* each is told once */
            if (c->is_request) bench_request(&b, 100);
            bench_client_bytes(&b, 108, "x", 100);
            if (c->status == 0) continue;
            struct message later = answer(&b, c->status, 2 + (uint64_t)k);
            later.framing = FRAMING_LENGTH;
            if (!c->is_request) later.answers = 0;
            if (!c->is_request) later.start.peer_acked = c->start;
            bench_head(&b, &later);
            bench_end(&b, &later);
        }
        bench_over(&b, CLOSE_OPEN);
        snprintf(wanted, sizeof wanted, "%s%s", first, c->findings);
        if (strcmp((const char *)b.findings.ptr, wanted) != 0)
            fail_msg("%s: '%s'", c->name, (const char *)b.findings.ptr);
        bench_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_surplus_response_needs_all_to_be_seen),
        cmocka_unit_test(a_late_request_leaves_nothing_to_prove),
        cmocka_unit_test(a_hidden_request_is_proven_by_its_answer),
        cmocka_unit_test(bytes_ahead_are_told_by_their_acks),
        cmocka_unit_test(many_acks_ahead_of_an_answer),
        cmocka_unit_test(an_offer_behind_an_offer),
        cmocka_unit_test(bytes_that_knew_of_an_answer_not_seen_yet),
        cmocka_unit_test(two_offers_without_an_answer),
        cmocka_unit_test(an_answer_behind_a_refused_connect),
        cmocka_unit_test(what_is_settled_stays),
        cmocka_unit_test(what_follows_a_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
