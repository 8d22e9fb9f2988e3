/* Ids of a capture grow with time, so its oldest rows come first and a look goes on in
 * the next capture at the first one that began after the cutoff. What began before and
 * has not ended, or not long ago, is passed over; all between two of those goes with
 * one DELETE per table.
 *
 *   id: | ended, ended | open | ended, ended, ended | young: no more of this capture |
 *         '- a range -'         '---- a range ----'                                  */
#include "store/live_prune.h"

enum {
    PRUNE_LOOK_ROWS = 2048,
    PRUNE_TEXTS_MS = 20, /* of one call, for a pass over the texts */
};

/* Where the times of a kind stand in its view; in the order of removal. Above
 * `capture_shift` bits an id is that of its capture. */
/* clang-format off */
static const struct { enum record_kind kind; unsigned capture_shift; const char *sql; } looks[] = {
    {RECORD_EXCHANGE, 48,
     "SELECT id, COALESCE(request_start_us, response_start_us), CASE state WHEN 'open'"
     " THEN NULL ELSE COALESCE(response_end_us, response_start_us, request_end_us,"
     " request_start_us) END FROM exchanges WHERE id > ?1 ORDER BY id LIMIT ?2"},
    {RECORD_TUNNEL, 48,
     "SELECT id, start_us, end_us FROM tunnels WHERE id > ?1 ORDER BY id LIMIT ?2"},
    {RECORD_FINDING, 48, /* one of an old connection may be young, and come before old ones */
     "SELECT f.id, (SELECT start_us FROM connections AS c WHERE c.id = f.connection_id),"
     " f.time_us FROM finding AS f WHERE f.connection_id >= ?1 >> 16 AND f.id > ?1"
     " ORDER BY f.connection_id, f.id LIMIT ?2"},
    {RECORD_CONNECTION, 32,
     "SELECT id, start_us, CASE state WHEN 'open' THEN NULL ELSE end_us END"
     " FROM connections WHERE id > ?1 ORDER BY id LIMIT ?2"},
};
/* clang-format on */

/* ---- statements ---- */

static int prepare_removal(struct live_prune_kind *k, sqlite3 *db, const char *table,
                           const char *column, bool is_clustered)
{
    struct buffer sql = {.ptr = NULL};
    buffer_print(
        &sql, "DELETE FROM %s WHERE %s > ?1 AND %s < ?2%s", table, column, column,
        is_clustered ? " AND connection_id BETWEEN ?1 >> 16 AND ?2 >> 16" : "");
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
    int rc =
        sqlite3_prepare_v3(db, look, -1, SQLITE_PREPARE_PERSISTENT, &k->look, NULL);
    if (rc == SQLITE_OK)
        rc = prepare_removal(k, db, plan->main.name, "id", plan->layout->is_clustered);
    for (size_t i = 0; rc == SQLITE_OK && i < plan->side_count; i++)
        rc = prepare_removal(k, db, plan->sides[i].name, "id", false);
    if (rc == SQLITE_OK && plan->kind == RECORD_EXCHANGE)
        rc = prepare_removal(k, db, "header", "exchange_id", false);
    return rc;
}

int live_prune_open(struct live_prune *p, sqlite3 *db, const struct table_plan *plans,
                    int64_t keep_us)
{
    *p = (struct live_prune){.keep_us = keep_us};
    int rc = live_texts_open(&p->texts, db, plans);
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
    live_texts_close(&p->texts);
    *p = (struct live_prune){.removed = p->removed};
}

/* ---- a look, and what goes ---- */

struct look {
    int64_t staying[PRUNE_LOOK_ROWS];
    size_t staying_count, seen_count;
    int64_t last;  /* the last id looked at */
    int64_t young; /* the first id that began after the cutoff; 0: none was seen */
};

static int look_on(struct live_prune_kind *k, int64_t cutoff_us, struct look *out)
{
    int rc = sqlite3_bind_int64(k->look, 1, k->after);
    if (rc == SQLITE_OK) rc = sqlite3_bind_int(k->look, 2, PRUNE_LOOK_ROWS);
    while (rc == SQLITE_OK && (rc = sqlite3_step(k->look)) == SQLITE_ROW) {
        rc = SQLITE_OK;
        bool has_start = sqlite3_column_type(k->look, 1) != SQLITE_NULL;
        bool has_end = sqlite3_column_type(k->look, 2) != SQLITE_NULL;
        int64_t id = sqlite3_column_int64(k->look, 0);
        bool is_young = has_start && sqlite3_column_int64(k->look, 1) >= cutoff_us;
        if (is_young) out->young = id;
        if (is_young) break;
        out->last = id;
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

/* One look at one kind. *is_done: it came to the young ones of the last capture. */
static int prune_kind(struct live_prune *p, size_t turn, int64_t cutoff_us,
                      bool *is_done)
{
    struct live_prune_kind *k = &p->kinds[looks[turn].kind];
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
    if (look.young != 0) { /* others of this run count beside it */
        unsigned shift = looks[turn].capture_shift;
        k->after = (((look.young >> shift) + 1) << shift) - 1;
        return rc;
    }
    *is_done = look.seen_count < PRUNE_LOOK_ROWS;
    k->after = *is_done ? 0 : look.last;
    return rc;
}

static bool is_over(int64_t until_ns)
{
    return clock_monotonic_ns() >= until_ns;
}

/* ---- texts ---- */

void live_prune_forget(struct live_prune *p)
{
    live_texts_give_up(&p->texts);
}

static bool is_texts_due(const struct live_prune *p, int64_t now_ns)
{
    if (!live_texts_is_idle(&p->texts) || p->removed == p->texts_removed) return false;
    return p->texts_ns == 0 || (now_ns - p->texts_ns) / 1000 >= p->keep_us / 2;
}

static int prune_texts(struct live_prune *p, struct inserter *in)
{
    int rc = SQLITE_OK;
    int64_t now_ns = clock_monotonic_ns();
    if (is_texts_due(p, now_ns)) {
        p->texts_ns = now_ns;
        p->texts_removed = p->removed;
        rc = live_texts_begin(&p->texts, sqlite_insert_forget_texts(in));
    }
    if (rc != SQLITE_OK) return rc;
    return live_texts_some(&p->texts, now_ns + PRUNE_TEXTS_MS * 1000000LL);
}

/* ---- both ---- */

int live_prune_some(struct live_prune *p, struct inserter *in, int64_t until_ns)
{
    int rc = SQLITE_OK;
    int64_t cutoff_us = clock_epoch_ns() / 1000 - p->keep_us;
    /* In turns, so that none is forgotten where there is never enough time. */
    bool is_done[ARRAY_LENGTH(looks)] = {false};
    size_t done_count = 0;
    while (rc == SQLITE_OK && done_count < ARRAY_LENGTH(looks) && !is_over(until_ns)) {
        size_t i = p->turn++ % ARRAY_LENGTH(looks);
        if (is_done[i]) continue;
        rc = prune_kind(p, i, cutoff_us, &is_done[i]);
        if (is_done[i]) done_count++;
    }
    p->is_behind = rc == SQLITE_OK && done_count < ARRAY_LENGTH(looks);
    return rc == SQLITE_OK ? prune_texts(p, in) : rc;
}
