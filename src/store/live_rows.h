/* Rows that are written over: what stood under an id goes before it is written anew. */
#ifndef STORE_LIVE_ROWS_H
#define STORE_LIVE_ROWS_H

#include "store/live_ids.h"
#include "store/sqlite_insert.h"
#include "store/table_plan.h"

#include <sqlite3.h>

/* Of one kind: what removes a row, from its table and the side tables. */
struct live_rows_kind {
    sqlite3_stmt *remove[1 + PLAN_SIDES_MAX];
    size_t remove_count;
    struct live_ids open; /* unfinished rows in the database: their row_digest */
};

struct live_rows {
    sqlite3 *db;
    const struct table_plan *plans;
    struct inserter *inserter;
    struct hash_key key; /* of the digests */
    struct live_rows_kind kinds[RECORD_KIND_COUNT];
};

/* `plans` and `db` must outlive it. SQLITE_OK, or why not; to be ended with
 * live_rows_close in either case. */
int live_rows_open(struct live_rows *r, sqlite3 *db, const struct table_plan *plans);
void live_rows_close(struct live_rows *r);
/* Writes a record's row, unless that is what stands there; within a transaction an id
 * may come once. `is_doubtful`: any row of that id may be there, whatever is
 * remembered. SQLITE_OK, or SQLite's code. */
int live_rows_write(struct live_rows *r, enum record_kind kind, const void *record,
                    bool is_update, bool is_doubtful);
/* To be called before every COMMIT. */
int live_rows_flush(struct live_rows *r);
/* What was written since the last COMMIT is not there any more. */
int live_rows_forget(struct live_rows *r);

#endif
