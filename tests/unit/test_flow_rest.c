/* What an idle connection costs while many others come: no more than its share of what
 * DESIGN.md promises; and that it is told in full when its time has come. */
#include "hopscope/engine.h"

#include "hopscope/net.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "build_packet.h"

enum {
    SOME = 20000, /* more than are kept awake */
    MANY = 2 * SOME,
    IDLE_BYTES_MAX = 600,
    CLIENTS = 1,
    SERVERS = 2,
};

#define MS_NS 1000000LL

struct bench {
    struct pipeline *pipeline;
    unsigned captured; /* whose packets: CLIENTS, SERVERS */
    uint64_t number, connections, exchanges;
    int64_t now_ns;
};

static enum status put(void *context, enum record_kind kind, const void *record)
{
    struct bench *b = context;
    (void)record;
    b->connections += kind == RECORD_CONNECTION;
    b->exchanges += kind == RECORD_EXCHANGE;
    return STATUS_OK;
}

static void feed(struct bench *b, const struct build_segment *s)
{
    struct buffer wire = {.ptr = NULL};
    b->now_ns += MS_NS / 100;
    if ((b->captured & (s->to_port == 80 ? CLIENTS : SERVERS)) == 0) return;
    build_ethernet(&wire, s);
    struct frame frame = build_frame(&wire, 1);
    frame.ref = 1ULL << 32 | ++b->number;
    frame.captured_ns = b->now_ns;
    assert_int_equal(pipeline_frame(b->pipeline, &frame), STATUS_OK);
    buffer_done(&wire);
}

/* One exchange of client number `client`, after a handshake if it is the first. */
static void exchange(struct bench *b, uint32_t client, bool is_first, uint32_t round)
{
    static const char answer_text[] = "HTTP/1.1 204 No Content\r\n\r\n";
    struct build_segment request = build_request(4), answer;
    uint32_t asked = (uint32_t)request.payload.len, told = sizeof answer_text - 1;
    request.from_port = (uint16_t)(1024 + client);
    request.seq = 1001 + round * asked;
    request.ack = 5001 + round * told;
    answer = request;
    answer.from = request.to, answer.to = request.from;
    answer.from_port = request.to_port, answer.to_port = request.from_port;
    answer.seq = request.ack;
    answer.ack = request.seq + asked;
    answer.payload = bytes_of(answer_text, told);
    if (is_first) {
        struct build_segment syn = request, syn_ack = answer;
        syn.payload = syn_ack.payload = bytes_of(NULL, 0);
        syn.flags = TCP_SYN, syn_ack.flags = TCP_SYN | TCP_ACK;
        syn.seq = 1000, syn_ack.seq = 5000, syn_ack.ack = 1001;
        feed(b, &syn);
        feed(b, &syn_ack);
    }
    feed(b, &request);
    feed(b, &answer);
}

/* Connections of which these sides are captured; of one side no request has an answer,
 * nor an answer its request. */
static void run_crowd(unsigned captured)
{
    struct bench b = {.captured = captured, .now_ns = 1000000 * MS_NS};
    struct pipeline_options options = {
        .sink = {.context = &b, .put = put},
        .first_capture_id = 1,
    };
    b.pipeline = pipeline_new(&options);
    for (uint32_t i = 0; i < SOME; i++) exchange(&b, i, true, 0);
    size_t some = mem_in_use();
    for (uint32_t i = SOME; i < MANY; i++) exchange(&b, i, true, 0);
    size_t many = mem_in_use();
    if (some > 0) /* not an allocator that does not tell */
        assert_in_range((many - some) / (MANY - SOME), 0, IDLE_BYTES_MAX);
    for (uint32_t i = 0; i < MANY; i += 3) exchange(&b, i, false, 1);
    assert_int_equal(b.connections, 0);
    assert_int_equal(pipeline_finish(b.pipeline), STATUS_OK);
    assert_int_equal(b.connections, MANY);
    assert_int_equal(b.exchanges, MANY + (MANY + 2) / 3);
    struct pipeline_counters n = pipeline_counters(b.pipeline, 1);
    assert_int_equal(n.exact_pairs, captured == (CLIENTS | SERVERS) ? b.exchanges : 0);
    pipeline_free(b.pipeline);
}

static void idle_connections_are_small_and_whole(void **state)
{
    (void)state;
    run_crowd(CLIENTS | SERVERS);
}

static void so_are_those_of_servers_alone(void **state)
{
    (void)state;
    run_crowd(SERVERS);
}

static void and_those_of_clients_alone(void **state)
{
    (void)state;
    run_crowd(CLIENTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_connections_are_small_and_whole),
        cmocka_unit_test(so_are_those_of_servers_alone),
        cmocka_unit_test(and_those_of_clients_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
