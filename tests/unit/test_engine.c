/* engine: the hand-over between threads, and two pipelines in one process.
 * labels: threads */
#include "hopscope/engine.h"

#include "build_packet.h"
#include "engine/queue.h"
#include "engine/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- writer ---- */

enum { MANY = 200000 };

struct counting {
    int64_t next, fail_at; /* fail_at -1: never */
};

static enum status count_record(void *context, enum record_kind kind,
                                const void *record)
{
    struct counting *c = context;
    const struct record_finding *row = record;
    if (kind != RECORD_FINDING || row->stream_offset != c->next) return STATUS_FAILED;
    char expected[40];
    snprintf(expected, sizeof expected, "row %lld", (long long)c->next);
    if (!bytes_are(row->evidence, expected)) return STATUS_FAILED;
    return c->next++ == c->fail_at ? STATUS_FAILED : STATUS_OK;
}

/* Returns how many puts were accepted. Every other row is made in its place; now and
 * then one is not made after all. */
static int64_t put_many(struct writer *w)
{
    struct record_sink sink = writer_sink(w);
    for (int64_t i = 0; i < MANY; i++) {
        struct record_finding own, *row = &own;
        char text[40];
        snprintf(text, sizeof text, "row %lld", (long long)i);
        struct bytes evidence = bytes_of_text(text);
        if (i % 7 == 0) sink.room(sink.context, RECORD_EXCHANGE, 1000);
        if (i % 2 == 0) row = sink.room(sink.context, RECORD_FINDING, evidence.len);
        if (row == NULL) row = &own; /* the writer gave up */
        if (row != &own) evidence.ptr = memcpy(row + 1, text, evidence.len);
        record_clear(RECORD_FINDING, row);
        row->stream_offset = i;
        row->evidence = evidence;
        if (sink.put(sink.context, RECORD_FINDING, row) != STATUS_OK) return i;
    }
    return MANY;
}

static void records_arrive_in_order_at_every_sink(void **state)
{
    (void)state;
    struct counting first = {.fail_at = -1}, second = {.fail_at = -1};
    struct record_sink sinks[] = {{.context = &first, .put = count_record},
                                  {.context = &second, .put = count_record}};
    struct writer *w = writer_start(sinks, ARRAY_LENGTH(sinks), NULL, NULL, NULL);
    assert_non_null(w);
    assert_int_equal(put_many(w), MANY);
    assert_int_equal(writer_finish(w), STATUS_OK);
    assert_int_equal(first.next, MANY);
    assert_int_equal(second.next, MANY);
}

static void a_sink_that_fails_stops_the_reader(void **state)
{
    (void)state;
    struct counting failing = {.fail_at = 1000};
    struct record_sink sinks[] = {{.context = &failing, .put = count_record}};
    struct writer *w = writer_start(sinks, 1, NULL, NULL, NULL);
    assert_non_null(w);
    assert_true(put_many(w) < MANY);
    assert_int_equal(writer_finish(w), STATUS_FAILED);
    assert_int_equal(failing.next, 1001);
}

/* ---- pipelines ---- */

struct seen {
    uint64_t records[RECORD_KIND_COUNT];
    char target[64];
};

static enum status see(void *context, enum record_kind kind, const void *record)
{
    struct seen *s = context;
    s->records[kind]++;
    if (kind != RECORD_EXCHANGE) return STATUS_OK;
    const struct record_exchange *row = record;
    snprintf(s->target, sizeof s->target, "%.*s", (int)row->target.len,
             (const char *)row->target.ptr);
    return STATUS_OK;
}

static void feed(struct pipeline *p, struct build_segment *s, uint64_t number)
{
    struct buffer wire = {0};
    build_ethernet(&wire, s);
    struct frame frame = build_frame(&wire, 1);
    frame.ref = 1ull << 32 | number;
    frame.captured_ns = (int64_t)number * 1000000;
    assert_int_equal(pipeline_frame(p, &frame), STATUS_OK);
    buffer_done(&wire);
}

/* A request and its answer; `target` is 6 characters. */
static void feed_exchange(struct pipeline *p, const char *target, int half)
{
    struct build_segment s = build_request(4);
    char text[80];
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", target);
    s.payload = bytes_of_text(text);
    s.seq = 100;
    s.ack = 500;
    if (half == 0) {
        feed(p, &s, 1);
        return;
    }
    struct build_segment answer = s;
    answer.from = s.to;
    answer.to = s.from;
    answer.from_port = s.to_port;
    answer.to_port = s.from_port;
    answer.seq = 500;
    answer.ack = 100 + (uint32_t)s.payload.len;
    answer.payload = bytes_of_text("HTTP/1.1 204 No Content\r\n\r\n");
    feed(p, &answer, 2);
}

static void two_pipelines_do_not_know_of_each_other(void **state)
{
    (void)state;
    struct seen seen[2];
    struct pipeline *p[2];
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < 2; i++) {
        struct pipeline_options options = {
            .sink = {.context = &seen[i], .put = see},
            .key = hash_key_random(),
            .first_capture_id = 1,
        };
        p[i] = pipeline_new(&options);
    }
    for (int half = 0; half < 2; half++) { /* the same packets' worth, interleaved */
        feed_exchange(p[0], "/first", half);
        feed_exchange(p[1], "/other", half);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipeline_finish(p[i]), STATUS_OK);
        struct pipeline_counters n = pipeline_counters(p[i], 1);
        assert_int_equal(n.frames, 2);
        assert_int_equal(n.connections, 1);
        assert_int_equal(n.midstream_connections, 1);
        assert_int_equal(n.exchanges, 1);
        assert_int_equal(seen[i].records[RECORD_CONNECTION], 1);
        assert_int_equal(seen[i].records[RECORD_EXCHANGE], 1);
        pipeline_free(p[i]);
    }
    assert_string_equal(seen[0].target, "/first");
    assert_string_equal(seen[1].target, "/other");
}

/* ---- header rows ---- */

enum { HEADS = 2 };

struct header_owner {
    int64_t exchange_id; /* 0: none yet */
    int rows, strangers; /* rows of the exchange; with the name of another's field */
};

static enum status see_headers(void *context, enum record_kind kind, const void *record)
{
    struct header_owner *owner = context;
    const struct record_header *row = record;
    if (kind != RECORD_HEADER) return STATUS_OK;
    int which = bytes_start_with(row->name, "X-Of-0") ? 0 : 1;
    if (owner[which].exchange_id == 0) owner[which].exchange_id = row->exchange_id;
    owner[which].rows++;
    if (owner[which].exchange_id != row->exchange_id) owner[which].strangers++;
    return STATUS_OK;
}

/* Two connections' heads, each in two packets, that take turns. */
static void heads_in_pieces_keep_their_own_fields(void **state)
{
    (void)state;
    struct header_owner owner[HEADS] = {{.rows = 0}};
    struct pipeline_options options = {
        .sink = {.context = owner, .put = see_headers},
        .key = {.k0 = 1},
        .first_capture_id = 1,
        .wants_headers = true,
    };
    struct pipeline *p = pipeline_new(&options);
    struct build_segment s[HEADS] = {build_request(4), build_request(4)};
    for (int i = 0; i < 2 * HEADS; i++) {
        char text[80];
        int which = i % HEADS;
        bool is_first = i < HEADS;
        snprintf(text, sizeof text, "%sX-Of-%d: a\r\nX-Of-%d: b\r\n%s",
                 is_first ? "GET / HTTP/1.1\r\n" : "", which, which,
                 is_first ? "" : "\r\n");
        s[which].from_port = (uint16_t)(40000 + which);
        s[which].payload = bytes_of_text(text);
        feed(p, &s[which], (uint64_t)i + 1);
        s[which].seq += (uint32_t)s[which].payload.len;
    }
    assert_int_equal(pipeline_finish(p), STATUS_OK);
    pipeline_free(p);
    for (int i = 0; i < HEADS; i++) {
        assert_int_equal(owner[i].rows, 4);
        assert_int_equal(owner[i].strangers, 0);
    }
    assert_true(owner[0].exchange_id != owner[1].exchange_id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_arrive_in_order_at_every_sink),
        cmocka_unit_test(a_sink_that_fails_stops_the_reader),
        cmocka_unit_test(two_pipelines_do_not_know_of_each_other),
        cmocka_unit_test(heads_in_pieces_keep_their_own_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
