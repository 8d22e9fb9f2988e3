/* What is older than it need be leaves a growing database, a little at a time. */
#ifndef STORE_LIVE_PRUNE_H
#define STORE_LIVE_PRUNE_H

#include "store/live_texts.h"
#include "store/sqlite_insert.h"
#include "store/table_plan.h"

#include <sqlite3.h>

enum { PRUNE_TABLES_MAX = 1 + PLAN_SIDES_MAX + 1 };

struct live_prune_kind {
    sqlite3_stmt *look;
    sqlite3_stmt *remove[PRUNE_TABLES_MAX]; /* main table, side tables, header */
    size_t remove_count;
    int64_t after; /* the id where the next look begins */
};

struct live_prune {
    struct live_prune_kind kinds[RECORD_KIND_COUNT];
    size_t turn;    /* whose it is */
    bool is_behind; /* the last call's time was up before it came to the young rows */
    uint64_t removed;
    int64_t keep_us;
    struct live_texts texts;
    int64_t texts_ns;       /* when the last pass over the texts began; 0: none */
    uint64_t texts_removed; /* `removed`, at that time */
};

/* SQLITE_OK, or why not; to be ended with live_prune_close in either case, which may
 * also follow zeros alone. `plans` need not outlive the call. */
int live_prune_open(struct live_prune *p, sqlite3 *db, const struct table_plan *plans,
                    int64_t keep_us);
void live_prune_close(struct live_prune *p);
/* Removes rows that ended longer ago than they are kept, for as long as `until_ns`
 * (monotonic) allows; the next call goes on. Unfinished ones stay. Twice within that
 * time, texts that no row uses go as well; `in`, which writes the rows, gives texts new
 * numbers for that. To be called within a transaction, all being flushed. SQLITE_OK, or
 * SQLite's code. */
int live_prune_some(struct live_prune *p, struct inserter *in, int64_t until_ns);
/* The inserter is another one, which knows texts of the database. */
void live_prune_forget(struct live_prune *p);

#endif
