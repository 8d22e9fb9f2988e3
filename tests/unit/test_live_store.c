/* store: rows that are written over, and what is waited for.
 * labels: threads */
#include "hopscope/live_store.h"

#include "random_record.h"
#include "store/live_ids.h"
#include "store_folder.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROWS = 300 };

static struct live_store *open_store(const char *path, int64_t keep_us)
{
    struct live_store_options options = {.keep_us = keep_us};
    struct live_store *s = NULL;
    struct problem why = {.text = ""};
    if (live_store_open(path, &options, &s, &why) != STATUS_OK)
        fail_msg("%s", why.text);
    return s;
}

static void close_store(struct live_store *s)
{
    struct problem why = {.text = ""};
    if (live_store_close(s, &why) != STATUS_OK) fail_msg("%s", why.text);
}

static void wait_ms(long ms)
{
    struct timespec pause = {.tv_nsec = ms * 1000000};
    nanosleep(&pause, NULL);
}

/* Commits what waits. */
static void tick(struct live_store *s)
{
    struct record_sink sink = live_store_sink(s);
    wait_ms(250);
    assert_int_equal(sink.tick(sink.context), STATUS_OK);
}

/* Every view of both databases says the same, apart from the texts' numbers. */
static void compare(const char *a, const char *b)
{
    static const char *const views[] = {"connections", "exchanges", "tunnels",
                                        "captures", "findings"};
    sqlite3 *db = store_folder_connect(a);
    char sql[256];
    snprintf(sql, sizeof sql, "ATTACH '%s' AS other", b);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(views); i++) {
        snprintf(sql, sizeof sql,
                 "SELECT (SELECT count(*) FROM (SELECT * FROM main.%s EXCEPT SELECT * "
                 "FROM other.%s)) + abs((SELECT count(*) FROM main.%s) - (SELECT "
                 "count(*) FROM other.%s))",
                 views[i], views[i], views[i], views[i]);
        sqlite3_stmt *q = store_folder_query(db, sql);
        assert_int_equal(sqlite3_step(q), SQLITE_ROW);
        if (sqlite3_column_int64(q, 0) != 0)
            fail_msg("%s: %d rows differ", views[i], sqlite3_column_int(q, 0));
        sqlite3_finalize(q);
    }
    sqlite3_close(db);
}

static void the_latest_row_stands(void **state)
{
    (void)state;
    static const enum record_kind kinds[] = {RECORD_CONNECTION, RECORD_EXCHANGE,
                                             RECORD_TUNNEL, RECORD_CAPTURE};
    struct random_source r = {.state = 42};
    struct live_store *live = open_store("live.db", 0);
    struct store *plain = store_folder_open("plain.db");
    struct record_sink sink = live_store_sink(live);
    for (int64_t i = 1; i <= ROWS; i++) {
        union any_record row;
        enum record_kind kind = kinds[random_next(&r) % ARRAY_LENGTH(kinds)];
        int64_t id = (1LL << 32) + i;
        for (uint64_t k = random_next(&r) % 4; k > 0; k--) {
            random_record(&r, kind, (enum random_fill)(random_next(&r) % 3), id, &row);
            assert_int_equal(sink.update(sink.context, kind, &row), STATUS_OK);
            if (i % 100 == 0) tick(live);
        }
        random_record(&r, kind, (enum random_fill)(random_next(&r) % 3), id, &row);
        if (kind == RECORD_CONNECTION) /* else the block makes one of the addresses */
            row.connection.community_id = bytes_of_text("1:x");
        assert_int_equal(sink.put(sink.context, kind, &row), STATUS_OK);
        store_folder_put(plain, kind, &row);
    }
    close_store(live);
    store_folder_finish(plain);
    compare("live.db", "plain.db");
    store_folder_answers("live.db", "PRAGMA journal_mode", "delete");
    assert_int_equal(store_folder_count_files("live.db*"), 1);
}

/* PRAGMA data_version of a connection that only looks on: changes with the file. */
static int64_t version_of(sqlite3 *db)
{
    sqlite3_stmt *q = store_folder_query(db, "PRAGMA data_version");
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    int64_t version = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return version;
}

/* A connection is told of when it opens, at each tick, and when it is forgotten: within
 * a tick it is one row, and the same row is not written again. */
static void what_says_the_same_is_written_once(void **state)
{
    (void)state;
    struct live_store *live = open_store("same.db", 0);
    struct record_sink sink = live_store_sink(live);
    struct record_connection row;
    record_clear(RECORD_CONNECTION, &row);
    row.id = 1LL << 32 | 1;
    row.first_ref = 1ULL << 32 | 1;
    row.is_open = TRI_YES;
    sink.update(sink.context, RECORD_CONNECTION, &row);
    row.is_open = TRI_NO;
    row.conn_state = bytes_of_text("SF");
    sink.update(sink.context, RECORD_CONNECTION, &row);
    store_folder_answers("same.db", "SELECT count(*) FROM connection", "0");
    tick(live);
    store_folder_answers("same.db", "SELECT state || conn_state FROM connections",
                         "closedSF");
    sqlite3 *other = store_folder_connect("same.db");
    int64_t version = version_of(other);
    sink.update(sink.context, RECORD_CONNECTION, &row);
    tick(live);
    sink.put(sink.context, RECORD_CONNECTION, &row);
    tick(live);
    assert_int_equal(version_of(other), version);
    row.exchanges = 7;
    sink.update(sink.context, RECORD_CONNECTION, &row);
    sqlite3_close(other);
    close_store(live);
    store_folder_answers("same.db", "SELECT exchanges FROM connections", "7");
}

/* ---- what passes ---- */

static void *let_go(void *db)
{
    wait_ms(400);
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    return NULL;
}

static void *raise_limit(void *context)
{
    struct rlimit *limit = context;
    wait_ms(400);
    limit->rlim_cur = limit->rlim_max;
    setrlimit(RLIMIT_FSIZE, limit);
    return NULL;
}

static void put_exchanges(struct live_store *live, struct store *plain, int64_t first,
                          int64_t count)
{
    struct random_source r = {.state = (uint64_t)first};
    struct record_sink sink = live_store_sink(live);
    for (int64_t i = first; i < first + count; i++) {
        union any_record row;
        random_record(&r, RECORD_EXCHANGE, RANDOM_MIXTURE, (1LL << 48) + i, &row);
        assert_int_equal(sink.put(sink.context, RECORD_EXCHANGE, &row), STATUS_OK);
        store_folder_put(plain, RECORD_EXCHANGE, &row);
    }
}

static void a_lock_is_waited_for(void **state)
{
    (void)state;
    pthread_t thread;
    struct live_store *live = open_store("locked.db", 0);
    struct store *plain = store_folder_open("unlocked.db");
    put_exchanges(live, plain, 1, 100);
    tick(live);
    sqlite3 *other = store_folder_connect("locked.db");
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(pthread_create(&thread, NULL, let_go, other), 0);
    put_exchanges(live, plain, 1000, 100); /* waits inside */
    pthread_join(thread, NULL);
    sqlite3_close(other);
    put_exchanges(live, plain, 2000, 100);
    close_store(live);
    store_folder_finish(plain);
    compare("locked.db", "unlocked.db");
}

/* The transaction is lost half way, with texts that later rows refer to. */
static void a_full_disk_is_waited_for(void **state)
{
    (void)state;
    pthread_t thread;
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    struct live_store *live = open_store("full.db", 0);
    struct store *plain = store_folder_open("roomy.db");
    put_exchanges(live, plain, 1, 100);
    tick(live);
    put_exchanges(live, plain, 1000, ROWS);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 20000;
    struct rlimit raised = limit;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(pthread_create(&thread, NULL, raise_limit, &raised), 0);
    tick(live); /* cannot commit; waits */
    pthread_join(thread, NULL);
    put_exchanges(live, plain, 5000, ROWS);
    close_store(live);
    store_folder_finish(plain);
    compare("full.db", "roomy.db");
    store_folder_answers("full.db", "PRAGMA integrity_check", "ok");
}

static void in_a_hurry_a_lock_is_given_up(void **state)
{
    (void)state;
    struct record_capture row;
    struct live_store *live = open_store("held.db", 0);
    struct record_sink sink = live_store_sink(live);
    sqlite3 *other = store_folder_connect("held.db");
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    record_clear(RECORD_CAPTURE, &row);
    row.id = 1;
    live_store_hurry(live);
    assert_int_equal(sink.put(sink.context, RECORD_CAPTURE, &row), STATUS_OK);
    struct problem why;
    assert_int_equal(live_store_close(live, &why), STATUS_FAILED);
    assert_non_null(strstr(why.text, "could not be written"));
    sqlite3_close(other);
}

/* ---- parts and pruning ---- */

static void rows_go_on_in_the_next_file(void **state)
{
    (void)state;
    struct live_store *live = open_store("one.db", 0);
    struct record_sink sink = live_store_sink(live);
    struct record_connection row;
    record_clear(RECORD_CONNECTION, &row);
    row.id = 1LL << 32 | 1;
    row.first_ref = 1ULL << 32 | 1;
    row.protocol = bytes_of_text("http/1.1");
    sink.update(sink.context, RECORD_CONNECTION, &row);
    assert_int_equal(live_store_go_on(live, "two.db"), STATUS_OK);
    store_folder_answers("one.db", "SELECT protocol FROM connections", "http/1.1");
    sink.put(sink.context, RECORD_CONNECTION, &row);
    close_store(live);
    store_folder_answers("two.db", "SELECT protocol FROM connections", "http/1.1");
    store_folder_answers("one.db", "PRAGMA journal_mode", "delete");
}

/* ---- what a killed run has left ---- */

static int64_t modified_ns(const char *path)
{
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    return (int64_t)found.st_mtim.tv_sec * 1000000000 + found.st_mtim.tv_nsec;
}

/* Its log is read where it stands. To empty it would take ten times as many writes, and
 * a reader would hold it up. */
static void a_killed_run_is_gone_on_with_at_once(void **state)
{
    (void)state;
    struct live_store *live = open_store("one.db", 0);
    struct record_sink sink = live_store_sink(live);
    struct record_capture row;
    record_clear(RECORD_CAPTURE, &row);
    row.id = 1;
    sink.update(sink.context, RECORD_CAPTURE, &row);
    tick(live);
    assert_int_equal(system("cp one.db two.db && cp one.db-wal two.db-wal"), 0);
    close_store(live);

    sqlite3 *reader = store_folder_connect("two.db");
    assert_int_equal(
        sqlite3_exec(reader, "BEGIN; SELECT * FROM capture", NULL, NULL, NULL),
        SQLITE_OK);
    int64_t before_ns = modified_ns("two.db");
    live = open_store("two.db", 0);
    assert_int_equal(live_store_first_capture_id(live), 2);
    assert_true(modified_ns("two.db") == before_ns);
    assert_int_equal(access("two.db-wal", F_OK), 0);
    store_folder_answers("two.db", "SELECT substr(damage, 1, 12) FROM captures",
                         "interrupted:");
    sqlite3_close(reader);
    close_store(live);
    store_folder_answers("two.db", "PRAGMA journal_mode", "delete");
}

static int64_t epoch_us(void)
{
    return (int64_t)time(NULL) * 1000000;
}

static void old_rows_go_and_open_ones_stay(void **state)
{
    (void)state;
    enum { KEEP_S = 100 };
    struct live_store *live = open_store("keep.db", KEEP_S * 1000000LL);
    struct record_sink sink = live_store_sink(live);
    for (int64_t i = 1; i <= ROWS * 3; i++) {
        struct record_exchange row;
        record_clear(RECORD_EXCHANGE, &row);
        row.id = 1LL << 48 | i << 16;
        row.connection_id = 1LL << 32 | i;
        row.request_ref = 1ULL << 32 | (uint64_t)i;
        row.state = i % 100 == 0 ? EXCHANGE_OPEN : EXCHANGE_COMPLETE;
        int64_t age_s = i <= ROWS * 2 ? 2 * KEEP_S : 0;
        row.request_start_us = row.request_end_us = epoch_us() - age_s * 1000000;
        row.host = bytes_of_text("a.example");
        row.hol_us = i; /* in a side table */
        sink.put(sink.context, RECORD_EXCHANGE, &row);
    }
    for (int i = 0; i < 6; i++) tick(live);
    close_store(live);
    char expected[24];
    snprintf(expected, sizeof expected, "%d", ROWS + ROWS * 2 / 100);
    store_folder_answers("keep.db", "SELECT count(*) FROM exchange", expected);
    store_folder_answers("keep.db", "SELECT count(*) FROM exchanges WHERE hol_us > 0",
                         expected);
}

/* ---- ids ---- */

static void ids_are_remembered_and_forgotten(void **state)
{
    (void)state;
    enum { IDS = 5000 };
    bool model[IDS + 1] = {false};
    struct random_source r = {.state = 7};
    struct live_ids ids;
    live_ids_init(&ids);
    for (int i = 0; i < 200000; i++) {
        int64_t id = 1 + (int64_t)(random_next(&r) % IDS);
        if (random_next(&r) % 2 == 0) {
            live_ids_set(&ids, id, (uint64_t)id * 3);
            model[id] = true;
            assert_int_equal(*live_ids_find(&ids, id), (uint64_t)id * 3);
        } else {
            assert_int_equal(live_ids_remove(&ids, id), model[id]);
            model[id] = false;
        }
    }
    live_ids_done(&ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_latest_row_stands),
        cmocka_unit_test(what_says_the_same_is_written_once),
        cmocka_unit_test(a_lock_is_waited_for),
        cmocka_unit_test(a_full_disk_is_waited_for),
        cmocka_unit_test(in_a_hurry_a_lock_is_given_up),
        cmocka_unit_test(rows_go_on_in_the_next_file),
        cmocka_unit_test(a_killed_run_is_gone_on_with_at_once),
        cmocka_unit_test(old_rows_go_and_open_ones_stay),
        cmocka_unit_test(ids_are_remembered_and_forgotten),
    };
    return cmocka_run_group_tests(tests, store_folder_enter, store_folder_leave);
}
