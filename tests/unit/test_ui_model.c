/* ui: the model keeps what it should, and no more. */
#include "ui/id_map.h"
#include "ui/model.h"

#include "ui_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void put(struct model *m, enum record_kind kind, const void *record)
{
    struct record_sink sink = model_sink(m);
    assert_int_equal(sink.put(sink.context, kind, record), STATUS_OK);
}

static void update(struct model *m, enum record_kind kind, const void *record)
{
    struct record_sink sink = model_sink(m);
    assert_int_equal(sink.update(sink.context, kind, record), STATUS_OK);
}

static void ids_are_found_after_any_removal(void **state)
{
    struct id_map map = {.slots = NULL};
    static int items[2000];
    (void)state;
    for (int i = 0; i < 2000; i++) id_map_add(&map, i * 65536LL, &items[i]);
    for (int i = 0; i < 2000; i += 3) id_map_remove(&map, i * 65536LL);
    id_map_remove(&map, 5); /* was never there */
    for (int i = 0; i < 2000; i++)
        assert_ptr_equal(id_map_find(&map, i * 65536LL), i % 3 == 0 ? NULL : &items[i]);
    id_map_done(&map);
}

/* An exchange under way is written over by its end, not beside it. */
static void updates_and_puts_are_one_row(void **state)
{
    struct model *m = model_new();
    struct record_connection c = ui_rows_connection(1, true);
    struct record_exchange e = ui_rows_exchange(1, 1, 200, "a.example");
    (void)state;
    e.state = EXCHANGE_OPEN;
    e.status = RECORD_UNKNOWN;
    update(m, RECORD_CONNECTION, &c);
    update(m, RECORD_EXCHANGE, &e);
    struct model_connection *row = model_connection(m, c.id);
    assert_int_equal(row->waiting, 1);
    assert_int_equal(m->counts.exchanges, 0);
    e.state = EXCHANGE_COMPLETE;
    e.status = 503;
    put(m, RECORD_EXCHANGE, &e);
    assert_int_equal(row->waiting, 0);
    assert_int_equal(row->kept_exchanges, 1);
    assert_int_equal(m->counts.exchanges, 1);
    assert_int_equal(m->counts.failed, 1);
    assert_int_equal(m->open_connections, 1);
    c = ui_rows_connection(1, false);
    update(m, RECORD_CONNECTION, &c); /* closed on the wire */
    put(m, RECORD_CONNECTION, &c);
    assert_int_equal(m->open_connections, 0);
    assert_int_equal(m->counts.closed, 1);
    model_free(m);
}

static void exchanges_stand_by_ordinal(void **state)
{
    static const int order[] = {2, 3, 1, 3};
    struct model *m = model_new();
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(order); i++) {
        struct record_exchange e = ui_rows_exchange(7, order[i], 200, "a");
        update(m, RECORD_EXCHANGE, &e);
    }
    struct model_connection *c = m->oldest;
    assert_int_equal(c->kept_exchanges, 3);
    assert_int_equal(c->first->record->ordinal, 1);
    assert_int_equal(c->first->after->record->ordinal, 2);
    assert_int_equal(c->last->record->ordinal, 3);
    assert_int_equal(c->record->client.port, 40007); /* known before its record */
    model_free(m);
}

static void caps_let_the_oldest_finished_go(void **state)
{
    struct model *m = model_new();
    (void)state;
    m->connections_max = 4;
    m->exchanges_max = 5;
    for (int n = 1; n <= 8; n++) {
        struct record_connection c = ui_rows_connection(n, n == 1);
        struct record_exchange e = ui_rows_exchange(n, 1, 200, "a");
        put(m, RECORD_EXCHANGE, &e);
        if (n == 1)
            update(m, RECORD_CONNECTION, &c);
        else
            put(m, RECORD_CONNECTION, &c);
        if (n == 2) model_mark(m, model_connection(m, c.id), true);
    }
    assert_int_equal(m->connection_count, 4);
    assert_non_null(model_connection(m, ui_rows_connection(1, true).id)); /* open */
    assert_non_null(model_connection(m, ui_rows_connection(2, true).id)); /* marked */
    assert_null(model_connection(m, ui_rows_connection(3, true).id));
    assert_int_equal(m->counts.forgotten_connections, 4);
    assert_int_equal(m->counts.exchanges, 8); /* sums stay */
    for (int i = 2; i <= 9; i++) {
        struct record_exchange e = ui_rows_exchange(8, i, 200, "a");
        put(m, RECORD_EXCHANGE, &e);
    }
    assert_int_equal(m->exchange_count, 5);
    /* The others keep what their rows say of the last exchange. */
    assert_int_equal(m->newest->kept_exchanges, MODEL_EXCHANGES_EACH);
    assert_int_equal(m->newest->first->record->ordinal, 8);
    for (struct model_connection *c = m->oldest; c != m->newest; c = c->newer)
        assert_int_equal(c->kept_exchanges, 1);
    model_free(m);
}

/* Long texts count: what is kept is bounded in bytes, too. */
static void rows_are_bounded_in_bytes(void **state)
{
    enum { BYTES = 100000, ROWS = 400 };
    static char target[3000];
    struct model *m = model_new();
    (void)state;
    m->row_bytes_max = BYTES;
    memset(target, 'x', sizeof target);
    for (int n = 1; n <= ROWS; n++) {
        struct record_connection c = ui_rows_connection(1 + n / 40, false);
        struct record_exchange e = ui_rows_exchange(1 + n / 40, 1 + n % 40, 200, "a");
        e.target = bytes_of(target, sizeof target);
        update(m, RECORD_EXCHANGE, &e);
        put(m, RECORD_EXCHANGE, &e);
        put(m, RECORD_CONNECTION, &c);
        assert_true(m->row_bytes <= BYTES);
    }
    assert_in_range(m->exchange_count, BYTES / 2 / sizeof target,
                    BYTES / sizeof target);
    m->row_bytes_max = 0; /* the newest is there nevertheless */
    struct record_connection last = ui_rows_connection(ROWS, false);
    put(m, RECORD_CONNECTION, &last);
    assert_int_equal(m->connection_count, 1);
    assert_int_equal(m->exchange_count, 0);
    assert_int_equal(m->row_bytes, m->oldest->row_bytes); /* it comes out even */
    model_free(m);
}

static void header_fields_find_their_exchange(void **state)
{
    struct model *m = model_new();
    struct record_exchange e = ui_rows_exchange(1, 1, 200, "a");
    struct record_header h = {.exchange_id = e.id,
                              .side = 1,
                              .position = 1,
                              .name = bytes_of_text("Host"),
                              .value = bytes_of_text("a")};
    (void)state;
    put(m, RECORD_HEADER, &h); /* before it */
    put(m, RECORD_EXCHANGE, &e);
    h.position = 2;
    put(m, RECORD_HEADER, &h); /* and after */
    const struct model_exchange *row = model_exchange(m, e.id);
    assert_non_null(row->headers);
    assert_non_null(row->headers->next);
    assert_int_equal(row->headers->next->record->position, 2);
    /* Fields of exchanges that never come are let go. */
    char big[4096];
    memset(big, 'x', sizeof big);
    h.value = bytes_of(big, sizeof big);
    for (int i = 0; i < 4000; i++) {
        h.exchange_id = 1000000 + i;
        put(m, RECORD_HEADER, &h);
    }
    assert_true(m->early_bytes <= MODEL_EARLY_BYTES_MAX);
    assert_true(m->counts.unkept_headers > 1000);
    /* Of those that do, the oldest lose theirs. */
    for (int i = 0; i < 4000; i++) {
        e = ui_rows_exchange(2, 10 + i, 200, "a");
        h.exchange_id = e.id;
        put(m, RECORD_EXCHANGE, &e);
        put(m, RECORD_HEADER, &h);
    }
    assert_null(model_exchange(m, ui_rows_exchange(2, 10, 200, "a").id)->headers);
    assert_non_null(model_exchange(m, e.id)->headers);
    assert_true(m->header_bytes <= MODEL_HEADER_BYTES_MAX + MODEL_EARLY_BYTES_MAX);
    model_free(m);
}

static void findings_are_counted_by_code_and_connection(void **state)
{
    struct model *m = model_new();
    struct record_connection c = ui_rows_connection(1, true);
    struct record_finding f = ui_rows_finding(1, 1, FINDING_IDLE_RACE);
    (void)state;
    update(m, RECORD_CONNECTION, &c);
    for (int i = 0; i < MODEL_FINDINGS_MAX + 5; i++) put(m, RECORD_FINDING, &f);
    struct model_connection *row = model_connection(m, c.id);
    assert_true(model_has_code(row, FINDING_IDLE_RACE));
    assert_false(model_has_code(row, FINDING_LINE_CR));
    assert_int_equal(row->findings[SEVERITY_WARNING], MODEL_FINDINGS_MAX + 5);
    assert_int_equal(m->codes[FINDING_IDLE_RACE].count, MODEL_FINDINGS_MAX + 5);
    assert_int_equal(m->counts.forgotten_findings, 5);
    assert_null(model_finding(m, 5));
    assert_non_null(model_finding(m, 6));
    f.code = 255; /* not of this program's */
    put(m, RECORD_FINDING, &f);
    model_free(m);
}

static void origins_add_up(void **state)
{
    struct model *m = model_new();
    (void)state;
    for (int n = 1; n <= 3; n++) {
        struct record_connection c = ui_rows_connection(n, true);
        update(m, RECORD_CONNECTION, &c);
        for (int i = 1; i <= 2; i++) {
            struct record_exchange e =
                ui_rows_exchange(n, i, n == 3 ? 500 : 200, n == 3 ? "b" : "a");
            e.wait_us = i * 1000;
            put(m, RECORD_EXCHANGE, &e);
        }
        c = ui_rows_connection(n, false);
        if (n != 2) put(m, RECORD_CONNECTION, &c);
    }
    assert_int_equal(m->origins.count, 2);
    const struct origin *a = m->origins.rows[0], *b = m->origins.rows[1];
    assert_int_equal(a->connections, 2);
    assert_int_equal(a->now, 1);
    origins_settle(&m->origins, INT64_MAX);
    assert_int_equal(a->max, 1); /* the first had ended */
    assert_int_equal(a->exchanges, 4);
    assert_int_equal(a->reused, 2);
    assert_int_equal(b->failed, 2);
    assert_int_equal(b->idle_min_us, 200);
    int64_t p50 = origin_wait_us(a, 50), p99 = origin_wait_us(a, 99);
    assert_true(p50 > 930 && p50 < 1070);
    assert_true(p99 > 1870 && p99 < 2130);
    /* Beyond the cap there is one for all. */
    for (int i = 0; i < 2 * ORIGINS_MAX; i++) {
        char host[16];
        snprintf(host, sizeof host, "h%d", i);
        struct record_exchange e = ui_rows_exchange(2, 10 + i, 200, host);
        put(m, RECORD_EXCHANGE, &e);
    }
    assert_int_equal(m->origins.count, ORIGINS_MAX);
    assert_true(m->origins.rows[ORIGINS_MAX - 1]->is_rest);
    model_free(m);
}

/* What is told late, or in the order of ids, counts at its own time. */
static void open_at_the_same_time_is_by_their_times(void **state)
{
    enum { MANY = 50, EACH_US = 1000 };
    struct model *m = model_new();
    (void)state;
    for (int is_end = 0; is_end <= 1;
         is_end++) { /* one after the other, told at once */
        for (int n = 1; n <= MANY; n++) {
            struct record_connection c = ui_rows_connection(n, is_end == 0);
            struct record_exchange e = ui_rows_exchange(n, 1, 200, "a");
            c.client = e.endpoint[SIDE_CLIENT] = ui_rows_connection(1, true).client;
            c.start_us = UI_ROWS_START_US + n * EACH_US;
            c.end_us = c.start_us + EACH_US;
            if (is_end == 0) update(m, RECORD_CONNECTION, &c);
            if (is_end == 0) put(m, RECORD_EXCHANGE, &e);
            if (is_end == 1) put(m, RECORD_CONNECTION, &c);
        }
    }
    const struct origin *a = m->origins.rows[0];
    assert_int_equal(a->now, 0);
    origins_settle(&m->origins, UI_ROWS_START_US + 2 * EACH_US);
    assert_int_equal(m->origins.event_count,
                     2 * MANY - 1); /* the rest may change yet */
    origins_settle(&m->origins, INT64_MAX);
    assert_int_equal(a->max, 1);
    assert_int_equal(a->client_max, 1);
    for (int n = MANY + 1; n <= 2 * MANY; n++) { /* all at once, each a finished row */
        struct record_connection c = ui_rows_connection(n, false);
        struct record_exchange e = ui_rows_exchange(n, 1, 200, "a");
        c.end_us = UI_ROWS_START_US + 1000 * EACH_US;
        put(m, RECORD_EXCHANGE, &e);
        put(m, RECORD_CONNECTION, &c);
    }
    origins_settle(&m->origins, INT64_MAX);
    assert_int_equal(a->max, MANY);
    assert_int_equal(a->client_max, 1);           /* of a client each */
    for (int n = 0; n < ORIGIN_EVENTS_MAX; n++) { /* more than are remembered */
        struct record_connection c = ui_rows_connection(1, n % 2 == 0);
        struct record_exchange e = ui_rows_exchange(1, 1, 200, "a");
        c.id = ((int64_t)2 << 32) + n / 2;
        e.connection_id = c.id;
        e.id = c.id << 16;
        update(m, RECORD_CONNECTION, &c);
        if (n % 2 == 0) put(m, RECORD_EXCHANGE, &e);
    }
    assert_in_range(m->origins.event_count, 1, ORIGIN_EVENTS_MAX);
    origins_settle(&m->origins, INT64_MAX);
    assert_int_equal(m->origins.event_count, 0);
    assert_int_equal(a->then, 0);
    model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_found_after_any_removal),
        cmocka_unit_test(updates_and_puts_are_one_row),
        cmocka_unit_test(exchanges_stand_by_ordinal),
        cmocka_unit_test(caps_let_the_oldest_finished_go),
        cmocka_unit_test(rows_are_bounded_in_bytes),
        cmocka_unit_test(header_fields_find_their_exchange),
        cmocka_unit_test(findings_are_counted_by_code_and_connection),
        cmocka_unit_test(origins_add_up),
        cmocka_unit_test(open_at_the_same_time_is_by_their_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
