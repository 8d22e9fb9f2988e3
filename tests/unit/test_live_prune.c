/* store: what an old row leaves behind, while new ones come. */
#include "hopscope/live_store.h"

#include "store_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum {
    OLD_ROWS = 500,
    OPEN_EVERY = 100, /* one of so many old ones is not finished, and stays */
    NEW_ROWS = 50,
    KEEP_S = 100,
    TICKS_MAX = 200, /* until everything has gone, however slow the machine is */
};

struct exchange_row {
    int64_t capture, number;
    bool is_old, is_open;
    const char *host;
};

static void put(struct live_store *live, const struct exchange_row *made)
{
    struct record_sink sink = live_store_sink(live);
    struct record_exchange row;
    char agent[32];
    snprintf(agent, sizeof agent, "agent %lld", (long long)made->number);
    record_clear(RECORD_EXCHANGE, &row);
    row.id = made->capture << 48 | made->number << 16;
    row.connection_id = made->capture << 32 | made->number;
    row.request_ref = (uint64_t)made->capture << 32 | (uint64_t)made->number;
    row.state = made->is_open ? EXCHANGE_OPEN : EXCHANGE_COMPLETE;
    int64_t age_s = made->is_old ? 2 * KEEP_S : 0;
    row.request_start_us = row.request_end_us =
        ((int64_t)time(NULL) - age_s) * 1000000 + made->number;
    row.host = bytes_of_text(made->host);
    row.user_agent = bytes_of_text(agent);
    sink.put(sink.context, RECORD_EXCHANGE, &row);
}

static void put_many(struct live_store *live, int64_t capture, int64_t first,
                     int64_t count, bool is_old)
{
    for (int64_t i = 0; i < count; i++) {
        char host[32];
        int64_t number = first + i;
        snprintf(host, sizeof host, "%lld.example", (long long)number);
        bool is_open = is_old && i % OPEN_EVERY == 0;
        bool is_shared = i % 3 == 0;
        const struct exchange_row row = {.capture = capture,
                                         .number = number,
                                         .is_old = is_old,
                                         .is_open = is_open,
                                         .host = is_shared ? "shared.example" : host};
        put(live, &row);
    }
}

static struct live_store *open_store(const char *path)
{
    struct live_store_options options = {.keep_us = KEEP_S * 1000000LL};
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

static int64_t count(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *q = store_folder_query(db, sql);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return n;
}

/* Ticks until `sql` gives the number; says what it gave when it never does. */
static void tick_until(struct live_store *s, sqlite3 *db, const char *sql, int64_t n)
{
    struct record_sink sink = live_store_sink(s);
    struct timespec pause = {.tv_nsec = 100 * 1000000};
    int64_t got = -1;
    for (int i = 0; i < TICKS_MAX && got != n; i++) {
        nanosleep(&pause, NULL);
        assert_int_equal(sink.tick(sink.context), STATUS_OK);
        got = count(db, sql);
    }
    if (got != n) fail_msg("%s: %lld, not %lld", sql, (long long)got, (long long)n);
}

/* No row has lost a text that it had. */
static void expect_all_texts(sqlite3 *db, int64_t rows)
{
    assert_int_equal(count(db, "SELECT count(*) FROM exchanges"
                               " WHERE host LIKE '%.example'"
                               " AND user_agent LIKE 'agent %'"),
                     rows);
    /* ... nor has it another's. */
    assert_int_equal(count(db, "SELECT count(*) FROM exchanges"
                               " WHERE user_agent = 'agent ' || (id >> 16 & 4294967295)"
                               " AND host IN (request_packet || '.example',"
                               " 'shared.example')"),
                     rows);
}

/* Texts that only removed rows have used go; all others stay, and so do those that come
 * while it happens. Once with numbers that do not fit the bits a row has for them. */
static void texts_go_with_their_rows(void **state)
{
    (void)state;
    static const char *const files[] = {"small.db", "large.db"};
    enum { STAYING = OLD_ROWS / OPEN_EVERY };
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        struct live_store *live = open_store(files[i]);
        close_store(live);
        if (i == 1)
            store_folder_execute(files[i], "INSERT INTO text VALUES(300000000, 'x')");
        live = open_store(files[i]);
        sqlite3 *db = store_folder_connect(files[i]);
        int64_t texts = count(db, "SELECT count(*) FROM text") - (i == 1);
        put_many(live, 1, 1, OLD_ROWS, true);
        put_many(live, 1, OLD_ROWS + 1, NEW_ROWS, false);
        tick_until(live, db, "SELECT count(*) FROM exchange", STAYING + NEW_ROWS);
        put_many(live, 1, OLD_ROWS + NEW_ROWS + 1, NEW_ROWS, false);
        /* An agent each; of three hosts two are their own; one is shared, and may stand
         * there once more by its new number. */
        int64_t rows = STAYING + 2 * NEW_ROWS;
        int64_t expected = texts + rows;
        char sql[256];
        snprintf(sql, sizeof sql,
                 "SELECT (SELECT count(*) FROM exchange) = %lld AND (SELECT count(*)"
                 " FROM text WHERE value LIKE 'agent%%') BETWEEN %lld AND %lld",
                 (long long)rows, (long long)rows, (long long)rows);
        tick_until(live, db, sql, 1);
        assert_in_range(count(db, "SELECT count(*) FROM text"), expected,
                        expected + rows + 2);
        expect_all_texts(db, rows);
        sqlite3_close(db);
        close_store(live);
        store_folder_answers(files[i], "PRAGMA integrity_check", "ok");
    }
}

/* Several captures grow at once: a young row of one hides no old row of another. */
static void rows_of_every_capture_go(void **state)
{
    (void)state;
    struct live_store *live = open_store("captures.db");
    sqlite3 *db = store_folder_connect("captures.db");
    put_many(live, 1, 1, NEW_ROWS, false);
    put_many(live, 2, 1, OPEN_EVERY, true);
    put_many(live, 2, 1 + OPEN_EVERY, NEW_ROWS, false);
    put_many(live, 3, 1, OPEN_EVERY, true);
    tick_until(live, db, "SELECT count(*) FROM exchange", 2 * NEW_ROWS + 2);
    expect_all_texts(db, 2 * NEW_ROWS + 2);
    sqlite3_close(db);
    close_store(live);
}

struct finding_row {
    int64_t connection, number;
    bool is_old, is_old_connection;
};

static void put_finding(struct live_store *live, const struct finding_row *made)
{
    struct record_sink sink = live_store_sink(live);
    struct record_connection c;
    struct record_finding f;
    int64_t now_us = (int64_t)time(NULL) * 1000000,
            old_us = now_us - 2 * KEEP_S * 1000000LL;
    record_clear(RECORD_CONNECTION, &c);
    c.id = INT64_C(1) << 32 | made->connection;
    c.first_ref = (uint64_t)c.id;
    c.start_us = made->is_old_connection ? old_us : now_us;
    c.end_us = made->is_old ? old_us : now_us;
    sink.update(sink.context, RECORD_CONNECTION, &c);
    record_clear(RECORD_FINDING, &f);
    f.id = c.id << 16 | made->number;
    f.connection_id = c.id;
    f.time_us = made->is_old ? old_us : now_us;
    f.ref = (uint64_t)c.id + (UINT64_C(1) << 32); /* in finding_large */
    sink.put(sink.context, RECORD_FINDING, &f);
}

/* They lie by connection: a young one of an old connection hides none behind it. */
static void old_findings_go(void **state)
{
    (void)state;
    enum { OLD = 300, LASTING = 100, YOUNG = 50 };
    struct live_store *live = open_store("findings.db");
    sqlite3 *db = store_folder_connect("findings.db");
    for (int64_t i = 1; i <= OLD; i++) {
        bool is_lasting = i % 3 == 0;
        put_finding(live, &(struct finding_row){i, 1, true, true});
        if (is_lasting) put_finding(live, &(struct finding_row){i, 2, false, true});
    }
    for (int64_t i = 1; i <= YOUNG; i++)
        put_finding(live, &(struct finding_row){OLD + i, 1, false, false});
    tick_until(live, db, "SELECT count(*) FROM finding", LASTING + YOUNG);
    assert_int_equal(count(db, "SELECT count(*) FROM finding_large"), LASTING + YOUNG);
    assert_int_equal(count(db, "SELECT count(*) FROM findings WHERE id & 65535 = 2"),
                     LASTING);
    sqlite3_close(db);
    close_store(live);
    store_folder_answers("findings.db", "PRAGMA integrity_check", "ok");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_go_with_their_rows),
        cmocka_unit_test(rows_of_every_capture_go),
        cmocka_unit_test(old_findings_go),
    };
    return cmocka_run_group_tests_name("live_prune", tests, store_folder_enter,
                                       store_folder_leave);
}
