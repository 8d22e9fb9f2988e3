/*   record --digest--> the same stands there? --yes--> nothing to do
 *                              '--no, or none--> DELETE what may be there --> INSERT */
#include "store/live_rows.h"

#include "store/row_digest.h"

static int prepare(struct live_rows *r, enum record_kind kind, const char *table,
                   const char *more)
{
    struct live_rows_kind *k = &r->kinds[kind];
    struct buffer sql = {.ptr = NULL};
    buffer_print(&sql, "DELETE FROM %s WHERE id = ?1%s", table, more);
    int rc = sqlite3_prepare_v3(r->db, (const char *)sql.ptr, (int)sql.len,
                                SQLITE_PREPARE_PERSISTENT, &k->remove[k->remove_count],
                                NULL);
    if (rc == SQLITE_OK) k->remove_count++;
    buffer_done(&sql);
    return rc;
}

/* A kind without a key is never written over. Nor are an exchange's header fields: they
 * come once, when the message begins. */
static int prepare_kind(struct live_rows *r, enum record_kind kind)
{
    const struct table_plan *plan = &r->plans[kind];
    if (plan->key == NULL) return SQLITE_OK;
    int rc = prepare(r, kind, plan->main.name,
                     plan->layout->is_clustered ? " AND connection_id = ?1 >> 16" : "");
    for (size_t i = 0; rc == SQLITE_OK && i < plan->side_count; i++)
        rc = prepare(r, kind, plan->sides[i].name, "");
    return rc;
}

int live_rows_open(struct live_rows *r, sqlite3 *db, const struct table_plan *plans)
{
    *r = (struct live_rows){.db = db, .plans = plans, .key = hash_key_random()};
    int rc = sqlite_insert_new(db, plans, &r->inserter);
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        live_ids_init(&r->kinds[kind].open);
        if (rc == SQLITE_OK) rc = prepare_kind(r, (enum record_kind)kind);
    }
    return rc;
}

void live_rows_close(struct live_rows *r)
{
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        struct live_rows_kind *k = &r->kinds[kind];
        for (size_t i = 0; i < k->remove_count; i++) sqlite3_finalize(k->remove[i]);
        live_ids_done(&k->open);
    }
    sqlite_insert_free(r->inserter);
    *r = (struct live_rows){.db = NULL};
}

static int remove_row(struct live_rows *r, enum record_kind kind, int64_t id)
{
    const struct live_rows_kind *k = &r->kinds[kind];
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < k->remove_count; i++) {
        sqlite3_bind_int64(k->remove[i], 1, id);
        rc = sqlite3_step(k->remove[i]) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
        int reset = sqlite3_reset(k->remove[i]); /* tells what has gone wrong */
        if (reset != SQLITE_OK) rc = reset;
    }
    return rc;
}

int live_rows_flush(struct live_rows *r)
{
    return sqlite_insert_flush(r->inserter);
}

int live_rows_write(struct live_rows *r, enum record_kind kind, const void *record,
                    bool is_update, bool is_doubtful)
{
    const struct table_plan *plan = &r->plans[kind];
    struct live_ids *open = &r->kinds[kind].open;
    if (plan->key == NULL) return sqlite_insert_put(r->inserter, kind, record);
    int64_t id = record_integer(plan->key, record);
    const uint64_t *before = live_ids_find(open, id);
    uint64_t digest = 0;
    if (is_update || before != NULL) digest = row_digest(r->key, plan->layout, record);
    bool is_same = before != NULL && *before == digest && !is_doubtful;
    bool is_there = before != NULL || is_doubtful || kind == RECORD_CAPTURE;
    if (is_update)
        live_ids_set(open, id, digest);
    else
        live_ids_remove(open, id);
    if (is_same) return SQLITE_OK;
    int rc = is_there ? remove_row(r, kind, id) : SQLITE_OK;
    return rc == SQLITE_OK ? sqlite_insert_put(r->inserter, kind, record) : rc;
}

int live_rows_forget(struct live_rows *r)
{
    sqlite_insert_free(r->inserter);
    r->inserter = NULL;
    return sqlite_insert_new(r->db, r->plans, &r->inserter);
}
