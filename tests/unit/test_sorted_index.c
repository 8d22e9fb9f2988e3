/* sorted_index: whatever comes in whatever order and in however small batches, the
 * index is the one that CREATE INDEX makes, to SQLite's own check of it. */
#include "store/sorted_index.h"

#include "store_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { ENTRIES = 3000 };

struct entries {
    size_t count;
    struct index_entry list[ENTRIES];
};

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* `window`: how far back a connection may lie that still gets exchanges. */
static void make_entries(struct entries *e, uint64_t seed, uint64_t window)
{
    uint64_t state = seed;
    e->count = ENTRIES;
    for (size_t i = 0; i < ENTRIES; i++) {
        uint64_t back = next_random(&state) % window;
        int64_t connection = (int64_t)(i > back ? i - back : 0);
        e->list[i].connection = (INT64_C(3) << 32) + connection / 3 * 1001;
        e->list[i].id = (((INT64_C(3) << 32) + (int64_t)(i ^ 5) * 700) << 16) | 1;
    }
}

static void execute(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3 *open_with_rows(const struct entries *e)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open("x.db", &db), SQLITE_OK);
    execute(db, "BEGIN; CREATE TABLE exchange(id INTEGER PRIMARY KEY, "
                "connection_id INTEGER) STRICT");
    sqlite3_stmt *insert =
        store_folder_query(db, "INSERT INTO exchange VALUES (?1, NULLIF(?2, ?3))");
    sqlite3_bind_int64(insert, 3, RECORD_UNKNOWN);
    for (size_t i = 0; i < e->count; i++) {
        sqlite3_bind_int64(insert, 1, e->list[i].id);
        sqlite3_bind_int64(insert, 2, e->list[i].connection);
        assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    return db;
}

/* Whether the table became the index; it is there, and whole, in either case. */
static bool is_built(const struct entries *e, const struct sorted_index_limits *limits)
{
    static const char sql[] =
        "CREATE INDEX exchange_connection ON exchange(connection_id)";
    struct sorted_index x;
    sqlite3 *db = open_with_rows(e);
    sorted_index_init(&x, db, "exchange", limits);
    for (size_t i = 0; i < e->count; i++)
        assert_int_equal(sorted_index_add(&x, e->list[i].connection, e->list[i].id),
                         SQLITE_OK);
    assert_int_equal(sorted_index_finish(&x), SQLITE_OK);
    sorted_index_done(&x);
    bool is_there = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_ERROR;
    execute(db, "COMMIT");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    store_folder_answers("x.db", "PRAGMA integrity_check", "ok");
    store_folder_answers("x.db",
                         "SELECT type || tbl_name || sql FROM sqlite_master "
                         "WHERE name = 'exchange_connection'",
                         "indexexchangeCREATE INDEX exchange_connection ON "
                         "exchange(connection_id)");
    store_folder_answers("x.db", "SELECT COUNT(*) FROM sqlite_master", "2");
    store_folder_answers(
        "x.db",
        "SELECT COUNT(*) FROM exchange AS e WHERE 1 = (SELECT COUNT(*) "
        "FROM exchange INDEXED BY exchange_connection WHERE "
        "connection_id IS e.connection_id AND id = e.id)",
        "3000");
    assert_int_equal(remove("x.db"), 0);
    return is_there;
}

static void every_order_and_batch_is_one_index(void **state)
{
    static const struct sorted_index_limits limits[] = {
        {1, 4096, 1},   {2, 4096, 2},    {7, 4096, 7},           {100, 4096, 100},
        {600, 4096, 1}, {1200, 4096, 1}, {ENTRIES - 1, 4096, 1}, {ENTRIES, 0, ENTRIES},
    };
    struct entries e;
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(limits); i++) {
        make_entries(&e, 1 + i, 1);
        assert_true(is_built(&e, &limits[i]));
        make_entries(&e, 100 + i, 50);
        assert_true(is_built(&e, &limits[i]));
        make_entries(&e, 200 + i, ENTRIES);
        assert_true(is_built(&e, &limits[i]));
    }
}

static void few_are_left_to_create_index(void **state)
{
    struct sorted_index_limits limits = {ENTRIES + 1, 4096, 1};
    struct entries e;
    (void)state;
    make_entries(&e, 1, 50);
    assert_false(is_built(&e, &limits));
}

/* Each of the connections in a batch is on some other page of many. */
static void scattered_ones_are_left_to_create_index(void **state)
{
    struct sorted_index_limits limits = {100, 2, 1};
    struct entries e;
    (void)state;
    make_entries(&e, 1, ENTRIES);
    assert_false(is_built(&e, &limits));
    make_entries(&e, 1, 1);
    assert_true(is_built(&e, &limits));
}

static void one_without_connection_is_left_to_create_index(void **state)
{
    struct sorted_index_limits limits = {100, 4096, 1};
    struct entries e;
    (void)state;
    make_entries(&e, 1, 50);
    e.list[ENTRIES / 2].connection = RECORD_UNKNOWN;
    assert_false(is_built(&e, &limits));
}

/* ---- in a store ---- */

static void put_exchanges(struct store *s, int64_t capture, int64_t count)
{
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    for (int64_t i = 1; i <= count; i++) {
        e.connection_id = (capture << 32) + 1 + i % 100 + i / 1000 * 100;
        e.id = ((capture << 32) + 1000 + i) << 16;
        store_folder_put(s, RECORD_EXCHANGE, &e);
    }
}

/* SQLite finds nothing wrong with it, and what it was made by is `sql`. */
static void check_index(const char *name, const char *sql)
{
    char question[100];
    store_folder_answers("x.db", "PRAGMA integrity_check", "ok");
    snprintf(question, sizeof question,
             "SELECT sql FROM sqlite_master WHERE type = 'index' AND name = '%s'",
             name);
    store_folder_answers("x.db", question, sql);
}

/* More than is left to the end, and then more. */
static void an_index_that_grew_with_the_rows(void **state)
{
    (void)state;
    struct store *s = store_folder_open("x.db");
    put_exchanges(s, 1, 70000);
    store_folder_finish(s);
    store_folder_answers("x.db", "SELECT stat FROM sqlite_stat1 WHERE tbl = 'exchange'",
                         "70000 10");
    s = store_folder_open("x.db");
    put_exchanges(s, 2, 100);
    store_folder_finish(s);
    check_index("exchange_connection",
                "CREATE INDEX exchange_connection ON exchange(connection_id)");
    store_folder_answers("x.db",
                         "SELECT COUNT(*) FROM exchange INDEXED BY exchange_connection "
                         "WHERE connection_id = (1 << 32) + 1 + 5",
                         "10");
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, store_folder_enter, store_folder_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(every_order_and_batch_is_one_index),
        IN_FOLDER(few_are_left_to_create_index),
        IN_FOLDER(scattered_ones_are_left_to_create_index),
        IN_FOLDER(one_without_connection_is_left_to_create_index),
        IN_FOLDER(an_index_that_grew_with_the_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
