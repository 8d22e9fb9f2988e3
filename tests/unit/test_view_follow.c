/* cli: a database that grows, look by look, and one whose rows no writer has made. */
#include "cli/view_follow.h"

#include "hopscope/base.h"

#include "own_file.h"
#include "store_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { WATCHED_MAX = 20000, OPEN_MAX = 40000, ASKED_MAX = 5000 }; /* as its own */

/* ---- one look, as the screens make it ---- */

static const char *sql_of(struct view_follow *f, enum view_step step,
                          struct buffer *scratch)
{
    return view_follow_sql(f, step, scratch) ? (const char *)scratch->ptr : NULL;
}

/* How often `part` stands in a statement. */
static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)) != NULL; text++) count++;
    return count;
}

static size_t watched_count(struct view_follow *f, struct buffer *scratch)
{
    const char *sql = sql_of(f, VIEW_STEP_EXCHANGES, scratch);
    return sql == NULL ? 0 : count_of(sql, "(") - 2; /* w(...), (VALUES ...) */
}

/* The first two steps: ids from `first` on. */
static void begin(struct view_follow *f, struct buffer *scratch, int64_t first,
                  size_t count)
{
    assert_non_null(sql_of(f, VIEW_STEP_IDS, scratch));
    for (size_t i = 0; i < count; i++) view_follow_take_id(f, first + (int64_t)i);
    sql_of(f, VIEW_STEP_OPENED, scratch);
}

static enum view_follow_row connection(struct view_follow *f, enum view_step step,
                                       int64_t id, enum tri is_open)
{
    struct record_connection c;
    record_clear(RECORD_CONNECTION, &c);
    c.id = id;
    c.is_open = (uint8_t)is_open;
    return view_follow_take(f, step, &c);
}

static enum view_follow_row exchange(struct view_follow *f, int64_t connection_id,
                                     int64_t id, enum exchange_state state)
{
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    e.id = id;
    e.connection_id = connection_id;
    e.state = (uint8_t)state;
    return view_follow_take(f, VIEW_STEP_EXCHANGES, &e);
}

/* ---- cases ---- */

static void a_connection_is_put_when_it_has_ended(void **state)
{
    struct view_follow *f = view_follow_new();
    struct buffer scratch = {.ptr = NULL};
    (void)state;
    begin(f, &scratch, 10, 2);
    assert_int_equal(connection(f, VIEW_STEP_OPENED, 10, TRI_YES), VIEW_ROW_UPDATE);
    assert_int_equal(connection(f, VIEW_STEP_OPENED, 11, TRI_NO), VIEW_ROW_UPDATE);
    assert_int_equal(connection(f, VIEW_STEP_ENDED, 10, TRI_YES), VIEW_ROW_UPDATE);
    assert_int_equal(connection(f, VIEW_STEP_ENDED, 11, TRI_NO), VIEW_ROW_PUT);
    /* It came after the look had begun: the next one has it. */
    assert_int_equal(connection(f, VIEW_STEP_ENDED, 12, TRI_NO), VIEW_ROW_KNOWN);
    view_follow_end_look(f);
    /* The second look asks for the open one and the fresh one only. */
    begin(f, &scratch, 10, 3);
    const char *sql = sql_of(f, VIEW_STEP_OPENED, &scratch);
    assert_non_null(strstr(sql, "(10,"));
    assert_null(strstr(sql, "(11,"));
    assert_non_null(strstr(sql, "(12,"));
    /* It ended between two steps: put with the next look. */
    assert_int_equal(connection(f, VIEW_STEP_OPENED, 10, TRI_YES), VIEW_ROW_UPDATE);
    assert_int_equal(connection(f, VIEW_STEP_ENDED, 10, TRI_NO), VIEW_ROW_UPDATE);
    buffer_done(&scratch);
    view_follow_free(f);
}

static void an_exchange_is_given_once(void **state)
{
    struct view_follow *f = view_follow_new();
    struct buffer scratch = {.ptr = NULL};
    (void)state;
    begin(f, &scratch, 10, 1);
    connection(f, VIEW_STEP_OPENED, 10, TRI_YES);
    assert_int_equal(exchange(f, 10, 1, EXCHANGE_COMPLETE), VIEW_ROW_PUT);
    assert_int_equal(exchange(f, 10, 2, EXCHANGE_OPEN), VIEW_ROW_UPDATE);
    assert_int_equal(exchange(f, 10, 1, EXCHANGE_COMPLETE), VIEW_ROW_KNOWN);
    /* Of no connection that is watched: nothing is remembered of it. */
    assert_int_equal(exchange(f, 99, 1, EXCHANGE_COMPLETE), VIEW_ROW_PUT);
    assert_int_equal(exchange(f, 99, 1, EXCHANGE_COMPLETE), VIEW_ROW_PUT);
    assert_int_equal(exchange(f, 99, 1, EXCHANGE_OPEN), VIEW_ROW_UPDATE);
    view_follow_end_look(f);
    begin(f, &scratch, 10, 1);
    assert_non_null(strstr(sql_of(f, VIEW_STEP_EXCHANGES, &scratch), "(10,1)"));
    assert_int_equal(exchange(f, 10, 2, EXCHANGE_COMPLETE), VIEW_ROW_PUT);
    /* Header fields are asked for of what came with this look. */
    assert_non_null(strstr(sql_of(f, VIEW_STEP_HEADERS, &scratch), "(VALUES (2,0))"));
    buffer_done(&scratch);
    view_follow_free(f);
}

static void put_exchange(const struct record_sink *sink, int64_t connection_id,
                         int64_t number)
{
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    e.id = (int64_t)1 << 48 | number << 16;
    e.connection_id = connection_id;
    e.ordinal = number;
    e.state = EXCHANGE_COMPLETE;
    sink->put(sink->context, RECORD_EXCHANGE, &e);
}

/* However busy another connection was, each has the last exchange that its row tells.
 */
static void the_first_look_has_one_of_each_connection(void **state)
{
    enum { QUIET = 5, BUSY_ROWS = 50010, SHOWN = 50000 };
    struct store *store = store_folder_open("busy.db");
    struct record_sink sink = store_sink(store);
    struct view_follow *f = view_follow_new();
    struct buffer scratch = {.ptr = NULL};
    (void)state;
    for (int64_t n = 1; n <= QUIET + 1; n++) {
        struct record_connection c;
        record_clear(RECORD_CONNECTION, &c);
        c.id = (int64_t)1 << 32 | n;
        sink.put(sink.context, RECORD_CONNECTION, &c);
        if (n <= QUIET) put_exchange(&sink, c.id, n);
        for (int64_t i = 1; n > QUIET && i <= BUSY_ROWS; i++)
            put_exchange(&sink, c.id, QUIET + i);
    }
    store_folder_finish(store);
    const char *sql = sql_of(f, VIEW_STEP_EXCHANGES, &scratch);
    sqlite3 *db = store_folder_connect("busy.db");
    sqlite3_stmt *q = store_folder_query(db, sql);
    int64_t rows = 0, before = 0;
    for (; sqlite3_step(q) == SQLITE_ROW; rows++) {
        assert_true(sqlite3_column_int64(q, 0) > before);
        before = sqlite3_column_int64(q, 0);
    }
    assert_int_equal(rows, QUIET + SHOWN);
    sqlite3_finalize(q);
    sqlite3_close(db);
    buffer_done(&scratch);
    view_follow_free(f);
}

static void nothing_is_asked_for_where_nothing_is_watched(void **state)
{
    static const enum view_step steps[] = {VIEW_STEP_OPENED,   VIEW_STEP_EXCHANGES,
                                           VIEW_STEP_HEADERS,  VIEW_STEP_TUNNELS,
                                           VIEW_STEP_FINDINGS, VIEW_STEP_ENDED};
    struct view_follow *f = view_follow_new();
    struct buffer scratch = {.ptr = NULL};
    (void)state;
    begin(f, &scratch, 10, 0);
    /* The first look asks for all there is, whatever its ids were. */
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++)
        assert_non_null(sql_of(f, steps[i], &scratch));
    assert_int_equal(connection(f, VIEW_STEP_OPENED, 10, TRI_NO), VIEW_ROW_KNOWN);
    view_follow_end_look(f);
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++)
        assert_null(sql_of(f, steps[i], &scratch));
    assert_non_null(sql_of(f, VIEW_STEP_IDS, &scratch));
    buffer_done(&scratch);
    view_follow_free(f);
}

static void findings_go_on_behind_the_last(void **state)
{
    struct view_follow *f = view_follow_new();
    struct buffer scratch = {.ptr = NULL};
    struct record_finding finding;
    (void)state;
    record_clear(RECORD_FINDING, &finding);
    begin(f, &scratch, 10, 2);
    connection(f, VIEW_STEP_OPENED, 10, TRI_YES);
    connection(f, VIEW_STEP_OPENED, 11, TRI_YES);
    for (finding.id = 10 << 16 | 5; (finding.id & 0xffff) < 8; finding.id++) {
        finding.connection_id = 10;
        assert_int_equal(view_follow_take(f, VIEW_STEP_FINDINGS, &finding),
                         VIEW_ROW_PUT);
        assert_int_equal(view_follow_take(f, VIEW_STEP_FINDINGS, &finding),
                         VIEW_ROW_KNOWN);
        /* Its connection came after the look began: the next one has both. */
        finding.connection_id = 99;
        assert_int_equal(view_follow_take(f, VIEW_STEP_FINDINGS, &finding),
                         VIEW_ROW_KNOWN);
    }
    view_follow_end_look(f);
    const char *sql = sql_of(f, VIEW_STEP_FINDINGS, &scratch);
    assert_non_null(strstr(sql, "(10,655367),(11,0)"));
    buffer_done(&scratch);
    view_follow_free(f);
}

static void what_is_kept_has_a_cap(void **state)
{
    struct view_follow *f = view_follow_new();
    struct buffer scratch = {.ptr = NULL};
    (void)state;
    /* More ids than the statement asks for, which only a lying file can give. */
    begin(f, &scratch, 0, WATCHED_MAX + 5);
    view_follow_end_look(f);
    assert_int_equal(watched_count(f, &scratch), WATCHED_MAX);
    /* Never an end: fresh ones come beside those of before, up to twice as many; then
     * the newest stay. */
    begin(f, &scratch, WATCHED_MAX, WATCHED_MAX);
    assert_int_equal(watched_count(f, &scratch), OPEN_MAX);
    begin(f, &scratch, OPEN_MAX, WATCHED_MAX);
    assert_int_equal(watched_count(f, &scratch), OPEN_MAX);
    view_follow_end_look(f);
    assert_int_equal(watched_count(f, &scratch), WATCHED_MAX);
    const char *sql = sql_of(f, VIEW_STEP_EXCHANGES, &scratch);
    assert_non_null(strstr(sql, "(VALUES (20000,"));
    for (int64_t id = 1; id <= ASKED_MAX + 5; id++)
        exchange(f, OPEN_MAX - 1, id, EXCHANGE_COMPLETE);
    sql = sql_of(f, VIEW_STEP_HEADERS, &scratch);
    assert_int_equal(count_of(sql, "(") - 2, ASKED_MAX);
    buffer_done(&scratch);
    view_follow_free(f);
}

static void steps_have_kinds(void **state)
{
    struct view_follow *f = view_follow_new();
    struct record_header header;
    (void)state;
    assert_int_equal(view_follow_kind(VIEW_STEP_OPENED), RECORD_CONNECTION);
    assert_int_equal(view_follow_kind(VIEW_STEP_ENDED), RECORD_CONNECTION);
    assert_int_equal(view_follow_kind(VIEW_STEP_HEADERS), RECORD_HEADER);
    assert_int_equal(view_follow_kind(VIEW_STEP_FINDINGS), RECORD_FINDING);
    record_clear(RECORD_HEADER, &header);
    assert_int_equal(view_follow_take(f, VIEW_STEP_HEADERS, &header), VIEW_ROW_PUT);
    view_follow_free(f);
    view_follow_free(NULL);
}

/* ---- the file's own word for it ---- */

static void a_log_beside_the_file_means_that_it_grows(void **state)
{
    static const struct {
        size_t len;
        char format;
        bool is_growing;
    } cases[] = {{100, 2, true}, {100, 1, false}, {18, 2, false}, {0, 2, false}};
    const char *path = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char head[100] = "SQLite format 3";
        head[18] = head[19] = cases[i].format;
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(head, 1, cases[i].len, file), cases[i].len);
        fclose(file);
        assert_int_equal(view_follow_is_growing(path), cases[i].is_growing);
    }
    assert_false(view_follow_is_growing("/nowhere/at/all"));
    assert_false(view_follow_is_growing("/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_put_when_it_has_ended),
        cmocka_unit_test(an_exchange_is_given_once),
        cmocka_unit_test_setup_teardown(the_first_look_has_one_of_each_connection,
                                        store_folder_enter, store_folder_leave),
        cmocka_unit_test(nothing_is_asked_for_where_nothing_is_watched),
        cmocka_unit_test(findings_go_on_behind_the_last),
        cmocka_unit_test(what_is_kept_has_a_cap),
        cmocka_unit_test(steps_have_kinds),
        cmocka_unit_test_setup_teardown(a_log_beside_the_file_means_that_it_grows,
                                        own_file_make, own_file_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
