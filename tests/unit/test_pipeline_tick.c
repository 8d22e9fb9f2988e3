/* engine: what a pipeline says of what is not finished, and of time that passes without
 * packets. */
#include "hopscope/engine.h"

#include "build_packet.h"
#include "store/row_digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND_NS 1000000000LL

struct bench {
    struct pipeline *pipeline;
    struct buffer said; /* one word for each record; an update begins with '~' */
    uint32_t number;
    int64_t now_ns;
    uint64_t told, ended; /* digests of the last connection's update and put */
};

static void say(struct bench *b, char mark, enum record_kind kind, const void *record)
{
    const struct record_exchange *e = record;
    const struct record_connection *c = record;
    const struct record_finding *f = record;
    const struct record_tunnel *t = record;
    if (mark != '\0') buffer_append(&b->said, bytes_of(&mark, 1));
    if (kind == RECORD_EXCHANGE)
        buffer_print(&b->said, "%.*s:%d:%s ", (int)e->target.len, e->target.ptr,
                     e->status == RECORD_UNKNOWN ? 0 : (int)e->status,
                     e->state == EXCHANGE_OPEN ? "open" : "over");
    if (kind == RECORD_CONNECTION)
        buffer_print(&b->said, "conn:%s:%d:-%d ",
                     c->is_open == TRI_YES ? "open" : "over", (int)c->exchanges,
                     (int)(c->side[0].missing_bytes + c->side[1].missing_bytes));
    if (kind == RECORD_TUNNEL)
        buffer_print(&b->said, "%.*s:%s:%d ", (int)t->protocol.len, t->protocol.ptr,
                     t->end_us == RECORD_UNKNOWN ? "open" : "over", (int)t->bytes[0]);
    if (kind == RECORD_CONNECTION) {
        uint64_t digest =
            row_digest((struct hash_key){1, 2}, record_layout(kind), record);
        *(mark == '~' ? &b->told : &b->ended) = digest;
    }
    if (kind == RECORD_FINDING)
        buffer_print(&b->said, "%s ",
                     finding_describe((enum finding_code)(f->code - 1))->name);
}

static enum status put(void *context, enum record_kind kind, const void *record)
{
    say(context, '\0', kind, record);
    return STATUS_OK;
}

static enum status update(void *context, enum record_kind kind, const void *record)
{
    say(context, '~', kind, record);
    return STATUS_OK;
}

static void bench_init(struct bench *b, bool rests_at_once)
{
    *b = (struct bench){.now_ns = 1000 * SECOND_NS};
    struct pipeline_options options = {
        .sink = {.context = b, .put = put, .update = update},
        .first_capture_id = 1,
        .rests_at_once = rests_at_once,
    };
    b->pipeline = pipeline_new(&options);
}

static void bench_done(struct bench *b)
{
    pipeline_finish(b->pipeline); /* what is open belongs to it */
    pipeline_free(b->pipeline);
    buffer_done(&b->said);
}

static void expect(struct bench *b, const char *said)
{
    buffer_append(&b->said, bytes_of("", 1));
    assert_string_equal((const char *)b->said.ptr, said);
    buffer_clear(&b->said);
}

static void feed(struct bench *b, const struct build_segment *s)
{
    struct buffer wire = {.ptr = NULL};
    build_ethernet(&wire, s);
    struct frame frame = build_frame(&wire, 1);
    frame.ref = 1ULL << 32 | ++b->number;
    frame.captured_ns = b->now_ns += 1000000;
    assert_int_equal(pipeline_frame(b->pipeline, &frame), STATUS_OK);
    buffer_done(&wire);
}

static void tick(struct bench *b, int64_t seconds)
{
    b->now_ns += seconds * SECOND_NS;
    assert_int_equal(pipeline_tick(b->pipeline, b->now_ns), STATUS_OK);
}

static struct build_segment answer_to(const struct build_segment *s, const char *text)
{
    struct build_segment a = *s;
    a.from = s->to, a.to = s->from;
    a.from_port = s->to_port, a.to_port = s->from_port;
    a.seq = s->ack;
    a.ack = s->seq + (uint32_t)s->payload.len;
    a.payload = bytes_of_text(text);
    return a;
}

static void what_is_open_is_shown_and_written_over(void **state)
{
    struct bench b;
    bench_init(&b, *state != NULL);
    struct build_segment request = build_request(4);
    feed(&b, &request);
    expect(&b, "");
    tick(&b, 1);
    expect(&b, "~/:0:open ~conn:open:1:-0 ");
    tick(&b, 1); /* nothing has changed */
    expect(&b, "");
    struct build_segment answer =
        answer_to(&request, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
    feed(&b, &answer);
    tick(&b, 1);
    expect(&b, "~/:200:open ~conn:open:1:-0 ");
    answer.seq += (uint32_t)answer.payload.len;
    answer.payload = bytes_of_text("cd");
    feed(&b, &answer);
    expect(&b, "/:200:over ");
    tick(&b, 1);
    expect(&b, "~conn:open:1:-0 ");
    assert_int_equal(pipeline_finish(b.pipeline), STATUS_OK);
    expect(&b, "conn:open:1:-0 ");
    bench_done(&b);
}

/* Whoever joins them finds it there. */
static void a_connection_comes_before_its_first_exchange(void **state)
{
    struct bench b;
    bench_init(&b, *state != NULL);
    struct build_segment request = build_request(4);
    struct build_segment answer =
        answer_to(&request, "HTTP/1.1 204 No Content\r\n\r\n");
    feed(&b, &request);
    feed(&b, &answer);
    expect(&b, "~conn:open:1:-0 /:204:over ");
    bench_done(&b);
}

static void an_ended_connection_is_shown_before_its_linger_is_over(void **state)
{
    struct bench b;
    bench_init(&b, *state != NULL);
    struct build_segment request = build_request(4);
    struct build_segment answer =
        answer_to(&request, "HTTP/1.1 204 No Content\r\n\r\n");
    answer.flags |= TCP_FIN;
    feed(&b, &request);
    feed(&b, &answer);
    request.seq += (uint32_t)request.payload.len;
    request.ack += (uint32_t)answer.payload.len + 1;
    request.payload = bytes_of_text("");
    request.flags = TCP_ACK | TCP_FIN;
    feed(&b, &request);
    buffer_clear(&b.said);
    tick(&b, 1);
    expect(&b, "~conn:over:1:-0 ");
    tick(&b, 100);
    expect(&b, "");
    tick(&b, 30); /* by the clock alone */
    expect(&b, "conn:over:1:-0 ");
    assert_true(b.told == b.ended); /* so its row need not be written once more */
    bench_done(&b);
}

static void an_open_tunnel_is_shown_without_its_end(void **state)
{
    struct bench b;
    bench_init(&b, *state != NULL);
    struct build_segment request = build_request(4);
    request.payload =
        bytes_of_text("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
                      "Upgrade: echo\r\n\r\n");
    struct build_segment answer =
        answer_to(&request, "HTTP/1.1 101 Switching Protocols\r\nConnection: "
                            "Upgrade\r\nUpgrade: echo\r\n\r\n");
    feed(&b, &request);
    feed(&b, &answer);
    request.seq += (uint32_t)request.payload.len;
    request.ack += (uint32_t)answer.payload.len;
    request.payload = bytes_of_text("hello");
    feed(&b, &request);
    buffer_clear(&b.said);
    tick(&b, 1);
    expect(&b, "~conn:open:1:-0 ~echo:open:5 ");
    tick(&b, 1);
    expect(&b, "");
    request.seq += 5;
    request.payload = bytes_of_text("");
    request.flags = TCP_ACK | TCP_RST;
    feed(&b, &request);
    tick(&b, 1);
    expect(&b, "~conn:over:1:-0 ~echo:over:5 ");
    bench_done(&b);
}

static void a_syn_that_nobody_answers_is_given_up_by_the_clock(void **state)
{
    struct bench b;
    bench_init(&b, *state != NULL);
    struct build_segment syn = build_request(4);
    syn.flags = TCP_SYN;
    syn.payload = bytes_of_text("");
    feed(&b, &syn);
    tick(&b, 60);
    expect(&b, "");
    tick(&b, 70);
    expect(&b, "conn:open:0:-0 ");
    bench_done(&b);
}

static void a_hole_on_a_silent_wire_is_given_up_by_the_clock(void **state)
{
    struct bench b;
    bench_init(&b, *state != NULL);
    struct build_segment part = build_request(4);
    part.payload = bytes_of_text("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n"
                                 "\r\n0123456789");
    feed(&b, &part);
    part.seq += (uint32_t)part.payload.len + 10;
    part.payload = bytes_of_text("01234567890123456789");
    feed(&b, &part);
    tick(&b, 1);
    buffer_clear(&b.said);
    tick(&b, 2); /* HAZARDS 6: after two seconds */
    expect(&b, "~/:0:open ~conn:open:1:-10 ");
    bench_done(&b);
}

/* Nothing of the other side was captured: a request behind a hole waits for no ACK. */
static void a_request_behind_a_hole_is_told_by_the_clock(void **state)
{
    struct bench b;
    bench_init(&b, *state != NULL);
    struct build_segment request = build_request(4);
    feed(&b, &request);
    request.seq += (uint32_t)request.payload.len + 10;
    feed(&b, &request);
    tick(&b, 1);
    buffer_clear(&b.said);
    tick(&b, 2);
    expect(&b, "~/:0:open ~/:0:open ~conn:open:2:-10 ");
    bench_done(&b);
}

static int rest_between_packets(void **state)
{
    static char resting[] = "resting";
    *state = resting;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_open_is_shown_and_written_over),
        cmocka_unit_test(a_connection_comes_before_its_first_exchange),
        cmocka_unit_test(an_ended_connection_is_shown_before_its_linger_is_over),
        cmocka_unit_test(an_open_tunnel_is_shown_without_its_end),
        cmocka_unit_test(a_syn_that_nobody_answers_is_given_up_by_the_clock),
        cmocka_unit_test(a_hole_on_a_silent_wire_is_given_up_by_the_clock),
        cmocka_unit_test(a_request_behind_a_hole_is_told_by_the_clock),
    };
    int failed = cmocka_run_group_tests_name("awake", tests, NULL, NULL);
    return failed +
           cmocka_run_group_tests_name("resting", tests, rest_between_packets, NULL);
}
