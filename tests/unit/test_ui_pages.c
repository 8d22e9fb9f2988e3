/* ui: pages on a canvas without a terminal, the table of keys, hostile bytes. */
#include "ui/time_axis.h"
#include "ui/ui_state.h"
#include "ui/wire_text.h"

#include "ui_rows.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- a ui and its page as text ---- */

static struct ui *make_ui(void)
{
    const struct ui_options options = {.title = "test", .is_replay = true};
    return ui_new(&options);
}

static void press(struct ui *u, const char *keys)
{
    for (; *keys != '\0'; keys++) {
        const struct key_press one = {.key = (uint8_t)*keys};
        ui_press(u, &one);
    }
}

/* Draws; the text is valid until the next call with the same buffer. */
static const char *page(struct ui *u, int rows, int columns, struct buffer *out)
{
    buffer_clear(out);
    canvas_resize(&u->canvas, rows, columns);
    ui_frame_draw(u);
    canvas_dump(&u->canvas, out);
    buffer_append(out, bytes_of("", 1));
    return (const char *)out->ptr;
}

static void feed(struct ui *u, int count)
{
    struct record_sink sink = ui_sink(u);
    for (int n = 1; n <= count; n++) {
        struct record_connection c = ui_rows_connection(n, false);
        struct record_exchange e =
            ui_rows_exchange(n, 1, n % 5 == 0 ? 503 : 200, "host");
        struct record_finding f = ui_rows_finding(n, 1, FINDING_LINE_LF);
        sink.put(sink.context, RECORD_EXCHANGE, &e);
        sink.put(sink.context, RECORD_CONNECTION, &c);
        if (n % 7 == 0) sink.put(sink.context, RECORD_FINDING, &f);
    }
}

/* ---- bytes from the wire ---- */

/* NOLINTBEGIN(misc-misleading-bidirectional): that is what is looked for */
static const struct {
    const char *in;
    size_t len;
    const char *utf8, *ascii;
} texts[] = {
    {"plain", 5, "plain", "plain"},
    {"a\x1b[31mb", 7, "a\\x1b[31mb", "a\\x1b[31mb"},
    {"\0\r\n\t\x7f", 5, "\\x00\\x0d\\x0a\\x09\\x7f", "\\x00\\x0d\\x0a\\x09\\x7f"},
    {"\xc2\x9b"
     "1m",
     4, "\\u{009b}1m", "\\xc2\\x9b1m"}, /* C1 */
    {"\x9b"
     "1m",
     3, "\\x9b1m", "\\x9b1m"}, /* a bare one */
    {"\xe2\x80\xae"
     "x",
     4, "\\u{202e}x", "\\xe2\\x80\\xaex"},                     /* RLO */
    {"\xe2\x81\xa6", 3, "\\u{2066}", "\\xe2\\x81\\xa6"},       /* LRI */
    {"\xd8\x9c", 2, "\\u{061c}", "\\xd8\\x9c"},                /* ALM */
    {"\xe2\x80\x8b", 3, "\\u{200b}", "\\xe2\\x80\\x8b"},       /* zero width */
    {"\xef\xbb\xbf", 3, "\\u{feff}", "\\xef\\xbb\\xbf"},       /* BOM */
    {"\xcc\x81", 2, "\\u{0301}", "\\xcc\\x81"},                /* combining */
    {"\xc3\xa9", 2, "\xc3\xa9", "\\xc3\\xa9"},                 /* e acute */
    {"\xe6\xbc\xa2", 3, "\xe6\xbc\xa2", "\\xe6\\xbc\\xa2"},    /* wide */
    {"\xc0\xaf", 2, "\\xc0\\xaf", "\\xc0\\xaf"},               /* overlong */
    {"\xed\xa0\x80", 3, "\\xed\\xa0\\x80", "\\xed\\xa0\\x80"}, /* surrogate */
    {"\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80"},
    {"\xe6\xbc", 2, "\\xe6\\xbc", "\\xe6\\xbc"}, /* cut */
};
/* NOLINTEND(misc-misleading-bidirectional) */

static void wire_bytes_are_escaped(void **state)
{
    struct buffer out = {.ptr = NULL};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        for (int is_ascii = 0; is_ascii < 2; is_ascii++) {
            const char *wanted = is_ascii ? texts[i].ascii : texts[i].utf8;
            buffer_clear(&out);
            wire_text_add(&out, bytes_of(texts[i].in, texts[i].len), is_ascii);
            if (out.len != strlen(wanted) || memcmp(out.ptr, wanted, out.len) != 0)
                fail_msg("text %zu: '%.*s', not '%s'", i, (int)out.len, (char *)out.ptr,
                         wanted);
        }
    }
    buffer_done(&out);
}

/* No byte of a hostile record reaches any page as a control character. */
static void no_page_shows_a_control_byte(void **state)
{
    static const char nasty[] = "\x1b]0;x\x07\xc2\x9b"
                                "2J\xe2\x80\xae\r\n";
    struct ui *u = make_ui();
    struct record_sink sink = ui_sink(u);
    struct record_connection c = ui_rows_connection(1, false);
    struct record_exchange e = ui_rows_exchange(1, 1, 200, nasty);
    struct record_finding f = ui_rows_finding(1, 1, FINDING_LINE_LF);
    struct buffer out = {.ptr = NULL};
    (void)state;
    e.method = e.target = e.user_agent = e.server = bytes_of_text(nasty);
    e.content_type = e.upgrade_offered = e.upgrade_protocol = bytes_of_text(nasty);
    f.evidence = c.protocol = c.tls_sni = bytes_of_text(nasty);
    struct record_header h = {.exchange_id = e.id,
                              .side = 1,
                              .name = bytes_of_text(nasty),
                              .value = bytes_of_text(nasty)};
    sink.put(sink.context, RECORD_HEADER, &h);
    sink.put(sink.context, RECORD_EXCHANGE, &e);
    sink.put(sink.context, RECORD_CONNECTION, &c);
    sink.put(sink.context, RECORD_FINDING, &f);
    ui_talk(u, nasty);
    static const char *const walks[] = {"",    "2", "3\rj", "\r\n",
                                        "j\r", "4", "1t",   "\x1b?"};
    for (size_t i = 0; i < ARRAY_LENGTH(walks); i++) {
        press(u, walks[i]);
        const char *text = page(u, 40, 160, &out);
        for (const char *at = text; *at != '\0'; at++)
            assert_false(((uint8_t)*at < ' ' && *at != '\n') || *at == 0x7f);
        assert_null(strstr(text, "\xc2\x9b"));
        assert_null(
            strstr(text, "\xe2\x80\xae")); /* NOLINT(misc-misleading-bidirectional) */
    }
    buffer_done(&out);
    ui_free(u);
}

/* ---- pages ---- */

/* Nothing is known of anything: no page computes with it. */
static void blank_records_are_shown(void **state)
{
    static const char *const walks[] = {"1",   "2",  "3",    "3\r", "4",
                                        "1\r", "\r", "1G\r", "j\r"};
    struct ui *u = make_ui();
    struct record_sink sink = ui_sink(u);
    struct buffer out = {.ptr = NULL};
    (void)state;
    for (int i = 1; i <= 4; i++) {
        struct record_connection c;
        struct record_exchange e;
        struct record_tunnel t;
        record_clear(RECORD_CONNECTION, &c);
        record_clear(RECORD_EXCHANGE, &e);
        record_clear(RECORD_TUNNEL, &t);
        c.id = e.connection_id = t.connection_id = i;
        e.id = i * 100;
        if (i % 2 == 0) e.request_start_us = e.response_start_us = c.end_us = 5;
        if (i > 2) e.state = EXCHANGE_OPEN;
        sink.update(sink.context, RECORD_EXCHANGE, &e);
        sink.put(sink.context, RECORD_EXCHANGE, &e);
        sink.update(sink.context, RECORD_CONNECTION, &c);
        if (i < 4) sink.put(sink.context, RECORD_CONNECTION, &c);
        sink.put(sink.context, RECORD_TUNNEL, &t);
        ui_set_filter(u, "not (age>1 or idle>1 or wait>1 or bytes>1)");
        for (size_t w = 0; w < ARRAY_LENGTH(walks); w++) {
            press(u, walks[w]);
            assert_non_null(strstr(page(u, 30, 120, &out), "hopscope"));
        }
    }
    buffer_done(&out);
    ui_free(u);
}

static void every_page_fits_every_size(void **state)
{
    static const int sizes[][2] = {{1, 1},   {7, 80},  {8, 39},   {8, 40},   {9, 41},
                                   {15, 60}, {24, 80}, {36, 120}, {200, 500}};
    static const char *const walks[] = {"1",  "2",  "3", "3\r",  "4", "1\r",
                                        "\t", "\r", "?", "\x1b", "1t"};
    struct ui *u = make_ui();
    struct buffer out = {.ptr = NULL};
    (void)state;
    for (int round = 0; round < 2; round++) {
        for (size_t s = 0; s < ARRAY_LENGTH(sizes); s++) {
            for (size_t w = 0; w < ARRAY_LENGTH(walks); w++) {
                press(u, walks[w]);
                const char *text = page(u, sizes[s][0], sizes[s][1], &out);
                bool is_small =
                    sizes[s][0] < UI_ROWS_MIN || sizes[s][1] < UI_COLUMNS_MIN;
                if (is_small && sizes[s][1] >= 9)
                    assert_non_null(strstr(text, "too small"));
                if (!is_small) assert_non_null(strstr(text, "hopscope"));
            }
        }
        feed(u, 40);
    }
    buffer_done(&out);
    ui_free(u);
}

static void the_chosen_row_is_followed_by_identity(void **state)
{
    struct ui *u = make_ui();
    struct buffer out = {.ptr = NULL};
    (void)state;
    feed(u, 10);
    page(u, 24, 100, &out);
    press(u, "jjj");
    int64_t chosen = u->connections.chosen;
    feed(u, 30); /* newer ones above it */
    page(u, 24, 100, &out);
    assert_int_equal(u->connections.chosen, chosen);
    press(u, "r>"); /* another order */
    page(u, 24, 100, &out);
    assert_int_equal(u->connections.chosen, chosen);
    press(u, "f"); /* the newest */
    page(u, 24, 100, &out);
    assert_int_equal(u->connections.chosen, ui_rows_connection(30, false).id);
    buffer_done(&out);
    ui_free(u);
}

static void filter_and_prompt_take_every_letter(void **state)
{
    struct ui *u = make_ui();
    struct buffer out = {.ptr = NULL};
    (void)state;
    feed(u, 10);
    press(u, "/q status=503");
    assert_false(u->is_leaving); /* q is a letter there */
    assert_string_equal(u->filter_text, "q status=503");
    press(u, "\x1b");
    assert_string_equal(u->filter_text, "");
    press(u, "/status=503\r");
    const char *text = page(u, 24, 100, &out);
    assert_non_null(strstr(text, "(2 of 10)"));
    press(u, "\x1b\x1b\x1b"); /* never quits */
    assert_false(u->is_leaving);
    press(u, "q");
    assert_true(u->is_leaving);
    buffer_done(&out);
    ui_free(u);
}

static void quitting_asks_when_something_would_be_lost(void **state)
{
    const struct ui_options options = {.title = "test", .loss = "rows"};
    struct ui *u = ui_new(&options);
    (void)state;
    press(u, "qn");
    assert_false(u->is_leaving);
    press(u, "qy");
    assert_true(u->is_leaving);
    ui_free(u);
}

static void a_pause_keeps_records_for_later(void **state)
{
    struct ui *u = make_ui();
    (void)state;
    press(u, "p");
    feed(u, 10);
    assert_int_equal(u->model->connection_count, 0);
    press(u, "p");
    assert_int_equal(u->model->connection_count, 10);
    ui_free(u);
}

/* A connection that is shown goes from the model: the page says so. */
static void rows_that_go_are_missed_politely(void **state)
{
    struct ui *u = make_ui();
    struct buffer out = {.ptr = NULL};
    (void)state;
    u->model->connections_max = 5;
    feed(u, 5);
    page(u, 24, 100, &out);
    press(u, "G\r\r");
    page(u, 24, 100, &out);
    press(u, "j\r");
    page(u, 24, 100, &out);
    feed(u, 30);
    assert_non_null(strstr(page(u, 24, 100, &out), "no longer kept"));
    press(u, "qq");
    page(u, 24, 100, &out);
    buffer_done(&out);
    ui_free(u);
}

/* ---- keys ---- */

static void every_key_has_one_meaning_in_a_place(void **state)
{
    (void)state;
    for (unsigned place = 1; place <= PLACE_COLUMNS; place <<= 1) {
        for (size_t i = 0; i < key_row_count; i++) {
            const struct key_row *row = &key_rows[i];
            for (size_t k = 0; k < KEY_ROW_KEYS_MAX && row->keys[k] != 0; k++) {
                if (!(row->places & place)) continue;
                assert_int_equal(keys_action(row->keys[k], place), row->action);
            }
        }
        assert_int_equal(keys_action('?', place), ACTION_HELP);
        assert_int_equal(keys_action(KEY_CODE_ESCAPE, place), ACTION_BACK);
    }
}

static void function_keys_have_a_letter(void **state)
{
    (void)state;
    for (size_t i = 0; i < key_row_count; i++) {
        const struct key_row *row = &key_rows[i];
        if (row->keys[0] > KEY_CODE_F0) assert_int_not_equal(row->keys[1], 0);
    }
}

/* ---- time ---- */

static void the_axis_folds_what_is_idle(void **state)
{
    struct time_axis t = {.count = 0};
    int column;
    (void)state;
    time_axis_add(&t, 0, 1000);
    time_axis_add(&t, 500, 900); /* within */
    time_axis_add(&t, 60000000, 60001000);
    time_axis_finish(&t, true);
    assert_int_equal(time_axis_column(&t, 1000, 100), 0);
    assert_false(time_axis_fold(&t, 0, 100, &column));
    time_axis_finish(&t, false);
    assert_int_equal(t.count, 2);
    assert_int_equal(time_axis_column(&t, -5, 100), 0);
    assert_in_range(time_axis_column(&t, 1000, 100), 40, 48);
    assert_in_range(time_axis_column(&t, 60000000, 100), 52, 60);
    assert_int_equal(time_axis_column(&t, 90000000, 100), 99);
    assert_true(time_axis_fold(&t, 0, 100, &column));
    assert_in_range(column, 44, 56);
    for (int i = 0; i < 3 * TIME_AXIS_PARTS_MAX; i++)
        time_axis_add(&t, 70000000 + i * 1000, 70000000 + i * 1000 + 10);
    assert_int_equal(t.count, TIME_AXIS_PARTS_MAX);
    time_axis_finish(&t, false);
    assert_int_equal(time_axis_column(&t, INT64_MAX, 50), 49);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wire_bytes_are_escaped),
        cmocka_unit_test(no_page_shows_a_control_byte),
        cmocka_unit_test(blank_records_are_shown),
        cmocka_unit_test(every_page_fits_every_size),
        cmocka_unit_test(the_chosen_row_is_followed_by_identity),
        cmocka_unit_test(filter_and_prompt_take_every_letter),
        cmocka_unit_test(quitting_asks_when_something_would_be_lost),
        cmocka_unit_test(a_pause_keeps_records_for_later),
        cmocka_unit_test(rows_that_go_are_missed_politely),
        cmocka_unit_test(every_key_has_one_meaning_in_a_place),
        cmocka_unit_test(function_keys_have_a_letter),
        cmocka_unit_test(the_axis_folds_what_is_idle),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
