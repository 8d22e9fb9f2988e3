#include "fault_rows.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void fill(int64_t number, const char *host, struct record_connection *c,
                 struct record_exchange *e)
{
    record_clear(RECORD_CONNECTION, c);
    c->id = 1LL << 32 | number;
    c->capture_id = 1;
    c->first_ref = (uint64_t)c->id;
    c->start_us = c->end_us = number * 1000;
    c->protocol = bytes_of_text("http/1.1");
    record_clear(RECORD_EXCHANGE, e);
    e->id = 1LL << 48 | number << 16;
    e->connection_id = c->id;
    e->request_ref = c->first_ref;
    e->request_start_us = e->request_end_us = number * 1000;
    e->host = bytes_of_text(host);
    e->target = bytes_of_text("/a/target/of/some/length?with=a&query=too");
    e->state = EXCHANGE_OPEN;
    e->hol_us = number; /* in a table beside */
}

enum status fault_rows_put(const struct record_sink *sink, int64_t batch)
{
    struct record_connection c;
    struct record_exchange e;
    char host[48]; /* a shared text, another one for each batch */
    enum status rc = STATUS_OK;
    snprintf(host, sizeof host, "host-%lld.example", (long long)batch);
    for (int64_t i = 0; i < FAULT_ROWS_BATCH && rc == STATUS_OK; i++) {
        fill(batch * FAULT_ROWS_BATCH + i + 1, host, &c, &e);
        if (sink->update != NULL)
            rc = sink->update(sink->context, RECORD_CONNECTION, &c);
        if (rc == STATUS_OK && sink->update != NULL)
            rc = sink->update(sink->context, RECORD_EXCHANGE, &e);
        e.state = EXCHANGE_COMPLETE;
        if (rc == STATUS_OK) rc = sink->put(sink->context, RECORD_CONNECTION, &c);
        if (rc == STATUS_OK) rc = sink->put(sink->context, RECORD_EXCHANGE, &e);
    }
    return rc;
}

/* ---- what is there ---- */

static enum status ask(sqlite3 *db, const char *sql, char *out, size_t size,
                       struct problem *why)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        const unsigned char *text = sqlite3_column_text(s, 0);
        snprintf(out, size, "%s", text == NULL ? "" : (const char *)text);
    }
    enum status status = STATUS_OK;
    if (rc != SQLITE_ROW)
        status = problem_set(why, STATUS_FAILED, "%.200s: %s", sql, sqlite3_errmsg(db));
    sqlite3_finalize(s);
    return status;
}

/* Only what is asked for: a view's other columns are joins with other tables. */
#define BOTH(columns, view)                                            \
    "(SELECT " columns " FROM main." view " UNION ALL SELECT " columns \
    " FROM other." view ")"

static enum status count_rows(sqlite3 *db, int64_t *batches, struct problem *why)
{
    /* Numbers without a hole: as many as the highest says. What was written twice, to
     * either file, because nobody knew, counts once. */
    static const char *const counts =
        "SELECT count(DISTINCT id) || ' ' ||"
        " COALESCE(MAX((id >> 16) & 0xffffffff), 0) || ' ' ||"
        " (SELECT count(DISTINCT id) FROM " BOTH(
            "id",
            "connections") ") || ' ' ||"
                           " count(DISTINCT CASE WHEN host LIKE 'host-%.example' AND"
                           " hol_us > 0 AND state = 'complete' THEN id END)"
                           " FROM " BOTH("id, host, hol_us, state", "exchanges");
    char text[128];
    long long rows = 0, highest = 0, connections = 0, whole = 0;
    enum status rc = ask(db, counts, text, sizeof text, why);
    if (rc != STATUS_OK) return rc;
    int got = sscanf(text, "%lld %lld %lld %lld", /* NOLINT(cert-err34-c): our own */
                     &rows, &highest, &connections, &whole);
    bool is_whole = got == 4 && rows == highest && rows == connections &&
                    rows == whole && rows % FAULT_ROWS_BATCH == 0;
    if (!is_whole)
        return problem_set(why, STATUS_FAILED,
                           "exchanges, highest, connections, whole: %s", text);
    *batches = rows / FAULT_ROWS_BATCH;
    return STATUS_OK;
}

/* Nothing in it, where there is none. */
static enum status attach(sqlite3 *db, const char *other, struct problem *why)
{
    static const char *const empty =
        "ATTACH ':memory:' AS other;"
        "CREATE TABLE other.exchanges AS SELECT * FROM main.exchanges WHERE 0;"
        "CREATE TABLE other.connections AS SELECT * FROM main.connections WHERE 0";
    bool is_there = other != NULL && access(other, F_OK) == 0;
    char sql[256];
    snprintf(sql, sizeof sql, "ATTACH '%s' AS other", is_there ? other : "");
    if (sqlite3_exec(db, is_there ? sql : empty, NULL, NULL, NULL) == SQLITE_OK)
        return STATUS_OK;
    return problem_set(why, STATUS_FAILED, "attach: %s", sqlite3_errmsg(db));
}

enum status fault_rows_count(const char *path, const char *other, int64_t *batches,
                             struct problem *why)
{
    sqlite3 *db = NULL;
    char text[512] = "";
    *batches = 0;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, "unix") != SQLITE_OK) {
        problem_set(why, STATUS_FAILED, "cannot open: %s", sqlite3_errmsg(db));
        sqlite3_close(db);
        return STATUS_FAILED;
    }
    enum status rc = attach(db, other, why);
    if (rc == STATUS_OK) rc = ask(db, "PRAGMA integrity_check", text, sizeof text, why);
    if (rc == STATUS_OK && strcmp(text, "ok") != 0)
        rc = problem_set(why, STATUS_FAILED, "integrity_check: %.300s", text);
    if (rc == STATUS_OK) rc = count_rows(db, batches, why);
    sqlite3_close(db);
    return rc;
}
