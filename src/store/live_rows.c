#include "store/live_rows.h"

static int prepare(struct live_rows *r, enum record_kind kind, const char *table,
                   const char *column)
{
    struct live_rows_kind *k = &r->kinds[kind];
    struct buffer sql = {.ptr = NULL};
    buffer_print(&sql, "DELETE FROM %s WHERE %s = ?1", table, column);
    int rc = sqlite3_prepare_v3(r->db, (const char *)sql.ptr, (int)sql.len,
                                SQLITE_PREPARE_PERSISTENT, &k->remove[k->remove_count],
                                NULL);
    if (rc == SQLITE_OK) k->remove_count++;
    buffer_done(&sql);
    return rc;
}

/* A kind without a key is counted by the store: its rows are never written over. */
static int prepare_kind(struct live_rows *r, enum record_kind kind)
{
    const struct table_plan *plan = &r->plans[kind];
    const char *key = plan->key == NULL ? "id" : plan->key->name;
    if (plan->key == NULL && !plan->layout->is_numbered) return SQLITE_OK;
    int rc = prepare(r, kind, plan->main.name, key);
    for (size_t i = 0; rc == SQLITE_OK && i < plan->side_count; i++)
        rc = prepare(r, kind, plan->sides[i].name, "id");
    if (rc == SQLITE_OK && kind == RECORD_EXCHANGE)
        rc = prepare(r, kind, "header", "exchange_id");
    return rc;
}

int live_rows_open(struct live_rows *r, sqlite3 *db, const struct table_plan *plans)
{
    *r = (struct live_rows){.db = db, .plans = plans};
    int rc = sqlite_insert_new(db, plans, &r->inserter);
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        live_ids_init(&r->kinds[kind].open);
        live_ids_init(&r->kinds[kind].fresh);
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
        live_ids_done(&k->fresh);
    }
    sqlite_insert_free(r->inserter);
    *r = (struct live_rows){.db = NULL};
}

static int remove_from(sqlite3_stmt *s, int64_t id)
{
    int rc = sqlite3_bind_int64(s, 1, id);
    if (rc == SQLITE_OK) rc = sqlite3_step(s);
    sqlite3_reset(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Its header fields stay: they are written once, when the message begins. */
static int remove_row(struct live_rows *r, enum record_kind kind, int64_t id)
{
    const struct live_rows_kind *k = &r->kinds[kind];
    size_t count = k->remove_count - (kind == RECORD_EXCHANGE ? 1 : 0);
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < count; i++)
        rc = remove_from(k->remove[i], id);
    return rc;
}

static void forget_fresh(struct live_rows *r)
{
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++)
        live_ids_clear(&r->kinds[kind].fresh);
}

int live_rows_remove(struct live_rows *r, enum record_kind kind, int64_t id)
{
    const struct live_rows_kind *k = &r->kinds[kind];
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < k->remove_count; i++)
        rc = remove_from(k->remove[i], id);
    return rc;
}

int live_rows_flush(struct live_rows *r)
{
    forget_fresh(r);
    return sqlite_insert_flush(r->inserter);
}

int live_rows_write(struct live_rows *r, enum record_kind kind, const void *record,
                    bool is_update, bool is_doubtful)
{
    const struct table_plan *plan = &r->plans[kind];
    int rc = SQLITE_OK;
    if (plan->key != NULL) {
        int64_t id = record_integer(plan->key, record);
        struct live_rows_kind *k = &r->kinds[kind];
        bool is_there =
            live_ids_remove(&k->open, id) || is_doubtful || kind == RECORD_CAPTURE;
        /* Many rows go together; one that waits for that could not be found. */
        if (is_doubtful || live_ids_remove(&k->fresh, id)) rc = live_rows_flush(r);
        if (is_there && rc == SQLITE_OK) rc = remove_row(r, kind, id);
        if (is_update) live_ids_add(&k->open, id);
        if (is_update || kind == RECORD_CAPTURE) live_ids_add(&k->fresh, id);
    }
    return rc == SQLITE_OK ? sqlite_insert_put(r->inserter, kind, record) : rc;
}

int live_rows_forget(struct live_rows *r)
{
    forget_fresh(r);
    sqlite_insert_free(r->inserter);
    r->inserter = NULL;
    return sqlite_insert_new(r->db, r->plans, &r->inserter);
}
