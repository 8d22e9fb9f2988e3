/* engine: the queue that never makes the analysis wait.
 * labels: threads */
#include "engine/live_queue.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SMALL_BYTES = 1, MANY = 100000 };

struct taken {
    int64_t next;           /* the row that must come; -1: any, which then leads */
    uint64_t rows, updates; /* given out */
    int64_t marked_at;      /* the first row of the marked part; -1: none */
    bool is_marked;
};

static enum status take_row(void *context, enum record_kind kind, const void *record)
{
    struct taken *t = context;
    const struct record_finding *row = record;
    assert_int_equal(kind, RECORD_FINDING);
    if (t->next >= 0) assert_int_equal(row->stream_offset, t->next);
    t->next = row->stream_offset + 1;
    t->rows++;
    if (t->is_marked) t->marked_at = row->stream_offset;
    t->is_marked = false;
    return STATUS_OK;
}

static enum status take_update(void *context, enum record_kind kind, const void *record)
{
    struct taken *t = context;
    (void)kind;
    (void)record;
    t->updates++;
    return STATUS_OK;
}

/* Takes all there is; true: the end has come. */
static bool take_all(struct live_queue *q, struct taken *t, int wait_ms)
{
    struct record_sink sink = {.context = t, .put = take_row, .update = take_update};
    while (true) {
        struct live_queue_item item = live_queue_take(q, wait_ms);
        if (item.is_end) return true;
        if (item.block == NULL) return false;
        t->is_marked |= item.marks > 0;
        assert_int_equal(record_block_drain(item.block, &sink), STATUS_OK);
        live_queue_give_back(q, item.block);
    }
}

static void put_rows(struct live_queue *q, int64_t from, int64_t count)
{
    struct record_finding row;
    record_clear(RECORD_FINDING, &row);
    row.evidence = bytes_of_text("some evidence, as it stood on the wire");
    for (int64_t i = from; i < from + count; i++) {
        row.stream_offset = i;
        live_queue_put(q, RECORD_FINDING, &row);
    }
}

static void what_is_flushed_comes_in_order(void **state)
{
    (void)state;
    struct live_queue *q = live_queue_new(SMALL_BYTES, -1);
    struct taken t = {.marked_at = -1};
    put_rows(q, 0, 10);
    assert_false(take_all(q, &t, 0));
    assert_int_equal(t.rows, 0); /* not handed over yet */
    live_queue_flush(q);
    assert_int_equal(live_queue_state(q).waiting_rows, 10);
    assert_true(live_queue_state(q).oldest_ns > 0);
    assert_false(take_all(q, &t, 0));
    assert_int_equal(t.rows, 10);
    live_queue_flush(q); /* nothing */
    put_rows(q, 10, 5);
    live_queue_end(q);
    assert_true(take_all(q, &t, 0));
    assert_int_equal(t.rows, 15);
    assert_int_equal(live_queue_state(q).dropped_rows, 0);
    live_queue_free(q);
}

static void a_full_one_lets_go_of_the_oldest_and_counts_them(void **state)
{
    (void)state;
    struct live_queue *q = live_queue_new(SMALL_BYTES, -1);
    struct taken t = {.next = -1, .marked_at = -1};
    put_rows(q, 0, MANY);
    live_queue_end(q);
    assert_true(take_all(q, &t, 0));
    assert_int_equal(t.next, MANY); /* the newest are there, without a gap */
    assert_true(live_queue_state(q).dropped_rows > 0);
    assert_int_equal(t.rows + live_queue_state(q).dropped_rows, MANY);
    live_queue_free(q);
}

static void a_mark_stands_where_it_was_put(void **state)
{
    (void)state;
    struct live_queue *q = live_queue_new(SMALL_BYTES, -1);
    struct taken t = {.marked_at = -1};
    put_rows(q, 0, 7);
    live_queue_mark(q);
    put_rows(q, 7, 7);
    live_queue_end(q);
    assert_true(take_all(q, &t, 0));
    assert_int_equal(t.marked_at, 7);
    live_queue_free(q);
}

static void a_mark_outlives_the_rows_behind_it(void **state)
{
    (void)state;
    struct live_queue *q = live_queue_new(SMALL_BYTES, -1);
    struct taken t = {.next = -1, .marked_at = -1};
    put_rows(q, 0, 7);
    live_queue_mark(q);
    put_rows(q, 7, MANY);
    live_queue_end(q);
    assert_true(take_all(q, &t, 0));
    assert_int_equal(t.marked_at, MANY + 7 - (int64_t)t.rows); /* the first one left */
    live_queue_free(q);
}

static void updates_are_left_out_while_it_is_behind(void **state)
{
    (void)state;
    struct live_queue *q = live_queue_new(SMALL_BYTES, -1);
    struct taken t = {.next = -1, .marked_at = -1};
    struct record_finding row;
    record_clear(RECORD_FINDING, &row);
    live_queue_update(q, RECORD_FINDING, &row);
    put_rows(q, 0, MANY);
    uint64_t dropped = live_queue_state(q).dropped_rows;
    for (int i = 0; i < MANY; i++) live_queue_update(q, RECORD_FINDING, &row);
    assert_int_equal(live_queue_state(q).dropped_rows, dropped);
    live_queue_end(q);
    assert_true(take_all(q, &t, 0));
    assert_int_equal(t.updates, 0); /* the first one went with the oldest rows */
    live_queue_free(q);
}

/* Wherever a block is full: what follows a connection's row comes with it. */
static void findings_come_with_their_connection(void **state)
{
    enum { CONNECTIONS = 4000, EACH = 3 };
    (void)state;
    struct live_queue *q = live_queue_new(64 << 20, -1);
    struct record_connection c;
    struct record_finding f;
    record_clear(RECORD_CONNECTION, &c);
    record_clear(RECORD_FINDING, &f);
    for (c.id = 1; c.id <= CONNECTIONS; c.id++) {
        live_queue_put(q, RECORD_CONNECTION, &c);
        for (int i = 0; i < EACH; i++) live_queue_put(q, RECORD_FINDING, &f);
    }
    live_queue_end(q);
    size_t blocks = 0;
    for (;; blocks++) {
        struct live_queue_item item = live_queue_take(q, 0);
        if (item.is_end) break;
        assert_int_equal(record_block_count(item.block) % (1 + EACH), 0);
        live_queue_give_back(q, item.block);
    }
    assert_true(blocks > 1);
    live_queue_free(q);
}

static void *put_many(void *queue)
{
    for (int64_t i = 0; i < MANY; i += 100) {
        put_rows(queue, i, 100);
        live_queue_flush(queue);
    }
    live_queue_end(queue);
    return NULL;
}

static void two_threads_hand_over_all_that_fits(void **state)
{
    (void)state;
    struct live_queue *q = live_queue_new((size_t)256 << 20, -1);
    struct taken t = {.marked_at = -1};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, put_many, q), 0);
    while (!take_all(q, &t, 50)) continue;
    pthread_join(thread, NULL);
    assert_int_equal(t.rows, MANY);
    assert_int_equal(live_queue_state(q).dropped_rows, 0);
    live_queue_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_flushed_comes_in_order),
        cmocka_unit_test(a_full_one_lets_go_of_the_oldest_and_counts_them),
        cmocka_unit_test(findings_come_with_their_connection),
        cmocka_unit_test(a_mark_stands_where_it_was_put),
        cmocka_unit_test(a_mark_outlives_the_rows_behind_it),
        cmocka_unit_test(updates_are_left_out_while_it_is_behind),
        cmocka_unit_test(two_threads_hand_over_all_that_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
