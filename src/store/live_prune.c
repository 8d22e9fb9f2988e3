/* Ids grow with time, so the oldest rows come first and a look ends at the first one
 * that began after the cutoff. What began before and has not ended is passed over.
 *
 *   id: | old, ended: goes | old, open: stays | old, ended: goes | young: look no more
 * |
 */
#include "store/live_prune.h"

#include <time.h>

enum { PRUNE_LOOK_ROWS = 256 };

/* Where the times of a kind stand in its view; in the order of removal. */
/* clang-format off */
static const struct { enum record_kind kind; const char *sql; } looks[] = {
    {RECORD_EXCHANGE,
     "SELECT id, COALESCE(request_start_us, response_start_us), CASE state WHEN 'open'"
     " THEN NULL ELSE COALESCE(response_end_us, response_start_us, request_end_us,"
     " request_start_us) END FROM exchanges WHERE id > ?1 ORDER BY id LIMIT ?2"},
    {RECORD_TUNNEL,
     "SELECT id, start_us, end_us FROM tunnels WHERE id > ?1 ORDER BY id LIMIT ?2"},
    {RECORD_FINDING,
     "SELECT id, time_us, time_us FROM findings WHERE id > ?1 ORDER BY id LIMIT ?2"},
    {RECORD_CONNECTION,
     "SELECT id, start_us, CASE state WHEN 'open' THEN NULL ELSE end_us END"
     " FROM connections WHERE id > ?1 ORDER BY id LIMIT ?2"},
};
/* clang-format on */

static bool is_over(int64_t until_ns)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec >= until_ns;
}

struct look {
    int64_t gone[PRUNE_LOOK_ROWS];
    size_t gone_count, seen_count;
    int64_t last;  /* the last id looked at */
    bool is_young; /* what follows began after the cutoff */
};

static int look_on(sqlite3 *db, const char *sql, int64_t after, int64_t cutoff_us,
                   struct look *out)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_int64(s, 1, after);
    if (rc == SQLITE_OK) rc = sqlite3_bind_int(s, 2, PRUNE_LOOK_ROWS);
    while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        rc = SQLITE_OK;
        int64_t id = sqlite3_column_int64(s, 0);
        bool has_start = sqlite3_column_type(s, 1) != SQLITE_NULL;
        bool has_end = sqlite3_column_type(s, 2) != SQLITE_NULL;
        out->is_young = has_start && sqlite3_column_int64(s, 1) >= cutoff_us;
        if (out->is_young) break;
        if (has_end && sqlite3_column_int64(s, 2) < cutoff_us)
            out->gone[out->gone_count++] = id;
        out->seen_count++;
        out->last = id;
    }
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* One look at one kind. *is_done: it came to the young ones. */
static int prune_kind(struct live_prune *p, struct live_rows *rows, size_t i,
                      int64_t cutoff_us, bool *is_done)
{
    struct look look = {.gone_count = 0};
    enum record_kind kind = looks[i].kind;
    int rc = look_on(rows->db, looks[i].sql, p->after[kind], cutoff_us, &look);
    for (size_t k = 0; rc == SQLITE_OK && k < look.gone_count; k++)
        rc = live_rows_remove(rows, kind, look.gone[k]);
    p->removed += look.gone_count;
    *is_done = look.is_young || look.seen_count < PRUNE_LOOK_ROWS;
    p->after[kind] = *is_done ? 0 : look.last;
    return rc;
}

int live_prune_some(struct live_prune *p, struct live_rows *rows, int64_t cutoff_us,
                    int64_t until_ns)
{
    int rc = SQLITE_OK;
    /* In turns, so that none is forgotten where there is never enough time. */
    bool is_done[ARRAY_LENGTH(looks)] = {false};
    size_t done_count = 0;
    while (rc == SQLITE_OK && done_count < ARRAY_LENGTH(looks) && !is_over(until_ns)) {
        size_t i = p->turn++ % ARRAY_LENGTH(looks);
        if (is_done[i]) continue;
        rc = prune_kind(p, rows, i, cutoff_us, &is_done[i]);
        if (is_done[i]) done_count++;
    }
    return rc;
}
