/* ui: any record, any key, any size. What comes out must be a page of that size without
 * a control byte, the same on every run; and from anywhere there is a way back. */
#include "ui/ui_state.h"

#include "random_record.h"
#include "ui_rows.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CONNECTIONS = 60, EXCHANGES = 6, ROUNDS = 16, KEYS = 50 };

struct walk {
    struct random_source random;
    struct ui *ui;
    struct buffer page;
    uint64_t sum; /* of all pages */
};

static uint64_t below(struct walk *w, uint64_t limit)
{
    return random_next(&w->random) % limit;
}

/* ---- what a ui asks of its owner ---- */

static enum status give_packets(void *context, const struct record_connection *c,
                                bool (*take)(void *taker, const struct ui_packet *p),
                                void *taker, struct problem *why)
{
    struct walk *w = context;
    if (below(w, 4) == 0) return problem_set(why, STATUS_FAILED, "none are kept");
    uint64_t count = below(w, 50);
    for (uint64_t i = 0; i < count; i++) {
        uint32_t captured = (uint32_t)below(w, 30);
        const struct ui_packet p = {
            .ref = (uint64_t)c->id + i,
            .time_us = UI_ROWS_START_US + (int64_t)(i * below(w, 5000)),
            .from = below(w, 2) == 0 ? SIDE_CLIENT : SIDE_SERVER,
            .flags = (uint8_t)below(w, 256),
            .offset = (int64_t)below(w, 1000) - 10,
            .acked = below(w, 3) == 0 ? RECORD_UNKNOWN : (int64_t)below(w, 1000),
            .length = captured + (uint32_t)below(w, 2),
            .window = (uint32_t)below(w, 3) * 500,
            .payload = bytes_first(
                bytes_of_text("GET / HTTP/1.1\r\nHost: a\r\n\r\n\xff"), captured),
        };
        if (!take(taker, &p)) break;
    }
    return STATUS_OK;
}

static enum status save_nothing(void *context, const struct ui_selection *selection,
                                const char *path, struct problem *said)
{
    struct walk *w = context;
    size_t count;
    ui_selection_ids(selection, &count);
    problem_set(said, STATUS_OK, "%zu connections to %s", count, path);
    return below(w, 2) == 0 ? STATUS_OK : STATUS_FAILED;
}

/* ---- records ---- */

static int64_t any_connection(struct walk *w)
{
    return ui_rows_connection(1 + (int)below(w, CONNECTIONS), false).id;
}

static void give_connection(struct walk *w, struct record_sink sink)
{
    union any_record any;
    int n = 1 + (int)below(w, CONNECTIONS);
    bool is_open = below(w, 2) == 0;
    struct record_connection c = ui_rows_connection(n, is_open);
    if (below(w, 3) == 0) {
        random_record(&w->random, RECORD_CONNECTION, RANDOM_MIXTURE, c.id, &any);
        c = any.connection;
    }
    c.open_result = (uint8_t)below(w, OPEN_RESULT_MIDSTREAM + 1);
    c.max_depth = (int64_t)below(w, 4);
    c.findings = (int64_t)below(w, 3);
    if (is_open)
        sink.update(sink.context, RECORD_CONNECTION, &c);
    else
        sink.put(sink.context, RECORD_CONNECTION, &c);
}

static void give_exchange(struct walk *w, struct record_sink sink)
{
    static const char *const hosts[] = {"a.example", "b.example", "", "\x1b[2J"};
    union any_record any;
    struct record_exchange e =
        ui_rows_exchange(1 + (int)below(w, CONNECTIONS), 1 + (int)below(w, EXCHANGES),
                         (int)(100 + below(w, 500)), hosts[below(w, 4)]);
    if (below(w, 4) == 0) {
        int64_t connection = e.connection_id, ordinal = e.ordinal;
        random_record(&w->random, RECORD_EXCHANGE, RANDOM_MIXTURE, e.id, &any);
        e = any.exchange;
        e.connection_id = connection;
        e.ordinal = ordinal;
    }
    e.state = (uint8_t)below(w, EXCHANGE_OPEN + 1);
    if (e.state == EXCHANGE_OPEN)
        sink.update(sink.context, RECORD_EXCHANGE, &e);
    else
        sink.put(sink.context, RECORD_EXCHANGE, &e);
    struct record_header h = {.exchange_id = e.id,
                              .side = (uint8_t)(1 + below(w, 2)),
                              .position = (int64_t)below(w, 9),
                              .name = bytes_of_text("Name"),
                              .value = e.host};
    if (below(w, 3) == 0) sink.put(sink.context, RECORD_HEADER, &h);
}

static void give_rest(struct walk *w, struct record_sink sink)
{
    union any_record any;
    struct record_finding f =
        ui_rows_finding(1 + (int)below(w, CONNECTIONS), (int)below(w, EXCHANGES),
                        (enum finding_code)below(w, FINDING_CODE_COUNT));
    sink.put(sink.context, RECORD_FINDING, &f);
    random_record(&w->random, RECORD_FINDING, RANDOM_MIXTURE, 0, &any);
    sink.put(sink.context, RECORD_FINDING, &any);
    random_record(&w->random, RECORD_TUNNEL, RANDOM_MIXTURE, 0, &any);
    any.tunnel.connection_id = any_connection(w);
    sink.put(sink.context, RECORD_TUNNEL, &any);
    random_record(&w->random, RECORD_CAPTURE, RANDOM_MIXTURE, 1, &any);
    sink.put(sink.context, RECORD_CAPTURE, &any);
}

static void give_statistics(struct walk *w)
{
    struct ui_statistics now = {
        .now_us = UI_ROWS_START_US + (int64_t)below(w, 100000000),
        .packets = (int64_t)below(w, 100000000),
        .bytes = (int64_t)below(w, UINT64_C(1) << 40),
        .kernel_dropped = below(w, 2) == 0 ? RECORD_UNKNOWN : (int64_t)below(w, 100),
        .interface_dropped = (int64_t)below(w, 2),
        .connections = (int64_t)below(w, 100000),
        .exchanges = (int64_t)below(w, 100000),
        .evicted_connections = (int64_t)below(w, 2),
        .memory_bytes = below(w, 2) == 0 ? RECORD_UNKNOWN : 1 << 20,
        .stored_waiting = below(w, 2) == 0 ? RECORD_UNKNOWN : (int64_t)below(w, 1000),
        .stored_dropped = (int64_t)below(w, 3),
        .stored_lag_us = (int64_t)below(w, 9000000),
        .shown_dropped = (int64_t)below(w, 3),
        .done_permille = below(w, 2) == 0 ? RECORD_UNKNOWN : (int64_t)below(w, 1001),
        .is_up = below(w, 2) == 0,
        .is_over = below(w, 8) == 0,
    };
    ui_tell(w->ui, &now);
}

/* ---- keys ---- */

static void press(struct walk *w, uint32_t key)
{
    const struct key_press one = {
        .key = key, .row = (int)below(w, 45) - 2, .column = (int)below(w, 140) - 2};
    ui_press(w->ui, &one);
}

static void press_text(struct walk *w, const char *text)
{
    for (; *text != '\0'; text++) press(w, (uint8_t)*text);
}

static void press_any(struct walk *w)
{
    static const char *const filters[] = {"/status>=400 and host~a\n",
                                          "/age>1 or idle>2 or open\n",
                                          "/(((\x1b",
                                          "/method=GET\x1b",
                                          "s/tmp/never.csv\n",
                                          "s\x1b",
                                          "/\n",
                                          "st\x7f\x7f\n"};
    const struct key_row *row = &key_rows[below(w, key_row_count)];
    switch (below(w, 12)) {
    case 0: press_text(w, filters[below(w, ARRAY_LENGTH(filters))]); return;
    case 1: press(w, KEY_CODE_MOUSE); return;
    case 2: press(w, (uint32_t)below(w, 300)); return;
    case 3: press(w, KEY_CODE_UP + (uint32_t)below(w, 30)); return;
    case 4:
        press(w, below(w, 2) == 0 ? KEY_CODE_WHEEL_UP : KEY_CODE_WHEEL_DOWN);
        return;
    case 5: press(w, KEY_CODE_ENTER); return;
    default: break;
    }
    uint32_t key = row->keys[below(w, KEY_ROW_KEYS_MAX)];
    press(w, key != 0 ? key : row->keys[0]);
}

/* ---- pages ---- */

/* As many lines as rows, none wider than the page, nothing that moves a cursor. */
static void check_page(struct walk *w, int rows, int columns)
{
    buffer_clear(&w->page);
    canvas_resize(&w->ui->canvas, rows, columns);
    ui_frame_draw(w->ui);
    canvas_dump(&w->ui->canvas, &w->page);
    struct bytes left = buffer_bytes(&w->page);
    int lines = 0;
    for (; left.len > 0; lines++) {
        const uint8_t *lf = memchr(left.ptr, '\n', left.len);
        assert_non_null(lf);
        struct bytes line = bytes_first(left, (size_t)(lf - left.ptr));
        for (size_t i = 0; i < line.len; i++) {
            assert_true(line.ptr[i] >= ' ' && line.ptr[i] != 0x7f);
            w->sum = w->sum * 31 + line.ptr[i];
        }
        assert_true(canvas_width(line) <= columns);
        left = bytes_from(left, line.len + 1);
    }
    assert_int_equal(lines, rows);
}

/* Any prompt and page left behind, the list of connections comes, and q would leave it.
 */
static void come_back(struct walk *w)
{
    for (int i = 0; i < 2 * UI_PAGES_DEEP; i++) press(w, KEY_CODE_ESCAPE);
    press(w, '1');
    assert_int_equal(ui_page_now(w->ui), PAGE_CONNECTIONS);
}

static uint64_t walk(uint64_t seed, bool is_replay)
{
    static const int sizes[][2] = {{24, 80}, {8, 40}, {50, 200}, {1, 1}, {30, 132}};
    struct walk w = {.random = {.state = seed}};
    const struct ui_options options = {
        .title = "test",
        .source = {.context = &w,
                   .packets = seed % 3 == 0 ? NULL : give_packets,
                   .save = seed % 4 == 0 ? NULL : save_nothing,
                   .save_endings = ".csv"},
        .is_replay = is_replay,
        .has_colour = seed % 2 == 0,
        .loss = seed % 2 == 0 ? "much would be lost" : NULL,
    };
    w.ui = ui_new(&options);
    w.ui->canvas.is_ascii = seed % 5 == 0;
    struct record_sink sink = ui_sink(w.ui);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < 20; i++) {
            give_connection(&w, sink);
            give_exchange(&w, sink);
            if (i % 4 == 0) give_rest(&w, sink);
        }
        give_statistics(&w);
        const int *size = sizes[below(&w, ARRAY_LENGTH(sizes))];
        for (int i = 0; i < KEYS; i++) {
            press_any(&w);
            if (below(&w, 3) == 0) check_page(&w, size[0], size[1]);
        }
        come_back(&w);
        check_page(&w, size[0], size[1]);
    }
    ui_free(w.ui);
    buffer_done(&w.page);
    return w.sum;
}

static void any_walk_gives_pages(void **state)
{
    const char *seeds = getenv("UI_SEEDS"); /* more of them, for a night */
    uint64_t last = seeds ? strtoull(seeds, NULL, 10) : 6;
    (void)state;
    for (uint64_t seed = 1; seed <= last; seed++) walk(seed, seed % 2 == 1);
}

static void a_walk_gives_the_same_pages_again(void **state)
{
    (void)state;
    uint64_t sum = walk(7, false);
    assert_true(sum != walk(8, false));
    assert_int_equal(sum, walk(7, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_walk_gives_pages),
        cmocka_unit_test(a_walk_gives_the_same_pages_again),
    };
    setlocale(LC_ALL, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
