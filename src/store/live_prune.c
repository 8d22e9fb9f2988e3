/* Ids grow with time, so the oldest rows come first and a look ends at the first one
 * that began after the cutoff. What began before and has not ended, or not long ago, is
 * passed over; all between two of those goes with one DELETE per table.
 *
 *   id: | ended, ended | open | ended, ended, ended | young: look no more |
 *         '- a range -'         '---- a range ----'                        */
#include "store/live_prune.h"

enum { PRUNE_LOOK_ROWS = 2048 };

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

/* ---- statements ---- */

static int prepare_removal(struct live_prune_kind *k, sqlite3 *db, const char *table,
                           const char *column)
{
    struct buffer sql = {.ptr = NULL};
    buffer_print(&sql, "DELETE FROM %s WHERE %s > ?1 AND %s < ?2", table, column,
                 column);
    int rc = sqlite3_prepare_v3(db, (const char *)sql.ptr, (int)sql.len,
                                SQLITE_PREPARE_PERSISTENT, &k->remove[k->remove_count],
                                NULL);
    if (rc == SQLITE_OK) k->remove_count++;
    buffer_done(&sql);
    return rc;
}

static int prepare_kind(struct live_prune_kind *k, sqlite3 *db,
                        const struct table_plan *plan, const char *look)
{
    const char *key = plan->key == NULL ? "id" : plan->key->name;
    int rc =
        sqlite3_prepare_v3(db, look, -1, SQLITE_PREPARE_PERSISTENT, &k->look, NULL);
    if (rc == SQLITE_OK) rc = prepare_removal(k, db, plan->main.name, key);
    for (size_t i = 0; rc == SQLITE_OK && i < plan->side_count; i++)
        rc = prepare_removal(k, db, plan->sides[i].name, "id");
    if (rc == SQLITE_OK && plan->kind == RECORD_EXCHANGE)
        rc = prepare_removal(k, db, "header", "exchange_id");
    return rc;
}

int live_prune_open(struct live_prune *p, sqlite3 *db, const struct table_plan *plans)
{
    int rc = SQLITE_OK;
    *p = (struct live_prune){.turn = 0};
    for (size_t i = 0; rc == SQLITE_OK && i < ARRAY_LENGTH(looks); i++)
        rc = prepare_kind(&p->kinds[looks[i].kind], db, &plans[looks[i].kind],
                          looks[i].sql);
    return rc;
}

void live_prune_close(struct live_prune *p)
{
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        struct live_prune_kind *k = &p->kinds[kind];
        sqlite3_finalize(k->look);
        for (size_t i = 0; i < k->remove_count; i++) sqlite3_finalize(k->remove[i]);
    }
    *p = (struct live_prune){.removed = p->removed};
}

/* ---- a look, and what goes ---- */

struct look {
    int64_t staying[PRUNE_LOOK_ROWS];
    size_t staying_count, seen_count;
    int64_t last;  /* the last id looked at */
    bool is_young; /* what follows began after the cutoff */
};

static int look_on(struct live_prune_kind *k, int64_t cutoff_us, struct look *out)
{
    int rc = sqlite3_bind_int64(k->look, 1, k->after);
    if (rc == SQLITE_OK) rc = sqlite3_bind_int(k->look, 2, PRUNE_LOOK_ROWS);
    while (rc == SQLITE_OK && (rc = sqlite3_step(k->look)) == SQLITE_ROW) {
        rc = SQLITE_OK;
        bool has_start = sqlite3_column_type(k->look, 1) != SQLITE_NULL;
        bool has_end = sqlite3_column_type(k->look, 2) != SQLITE_NULL;
        out->is_young = has_start && sqlite3_column_int64(k->look, 1) >= cutoff_us;
        if (out->is_young) break;
        out->last = sqlite3_column_int64(k->look, 0);
        out->seen_count++;
        if (!has_end || sqlite3_column_int64(k->look, 2) >= cutoff_us)
            out->staying[out->staying_count++] = out->last;
    }
    sqlite3_reset(k->look);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* All between two ids, themselves not. */
static int remove_between(struct live_prune_kind *k, int64_t after, int64_t before)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < k->remove_count; i++) {
        sqlite3_bind_int64(k->remove[i], 1, after);
        sqlite3_bind_int64(k->remove[i], 2, before);
        sqlite3_step(k->remove[i]);
        rc = sqlite3_reset(k->remove[i]); /* tells what has gone wrong */
    }
    return rc;
}

/* One look at one kind. *is_done: it came to the young ones. */
static int prune_kind(struct live_prune *p, struct live_prune_kind *k,
                      int64_t cutoff_us, bool *is_done)
{
    struct look look = {.last = k->after};
    int rc = look_on(k, cutoff_us, &look);
    int64_t after = k->after;
    for (size_t i = 0; rc == SQLITE_OK && i < look.staying_count; i++) {
        if (look.staying[i] - after > 1) rc = remove_between(k, after, look.staying[i]);
        after = look.staying[i];
    }
    if (rc == SQLITE_OK && look.last > after)
        rc = remove_between(k, after, look.last + 1);
    p->removed += look.seen_count - look.staying_count;
    *is_done = look.is_young || look.seen_count < PRUNE_LOOK_ROWS;
    k->after = *is_done ? 0 : look.last;
    return rc;
}

static bool is_over(int64_t until_ns)
{
    return clock_monotonic_ns() >= until_ns;
}

int live_prune_some(struct live_prune *p, int64_t cutoff_us, int64_t until_ns)
{
    int rc = SQLITE_OK;
    /* In turns, so that none is forgotten where there is never enough time. */
    bool is_done[ARRAY_LENGTH(looks)] = {false};
    size_t done_count = 0;
    while (rc == SQLITE_OK && done_count < ARRAY_LENGTH(looks) && !is_over(until_ns)) {
        size_t i = p->turn++ % ARRAY_LENGTH(looks);
        if (is_done[i]) continue;
        rc = prune_kind(p, &p->kinds[looks[i].kind], cutoff_us, &is_done[i]);
        if (is_done[i]) done_count++;
    }
    p->is_behind = rc == SQLITE_OK && done_count < ARRAY_LENGTH(looks);
    return rc;
}
