/* Texts that only removed rows have used leave a growing database, too. A text has no
 * count of its users, so a pass finds them, a little at a time. */
#ifndef STORE_LIVE_TEXTS_H
#define STORE_LIVE_TEXTS_H

#include "store/table_plan.h"

#include <sqlite3.h>

enum {
    TEXTS_PASS_MAX = 1 << 20, /* texts of one pass: 8 MB; the next goes on there */
    TEXTS_TABLES_MAX = RECORD_KIND_COUNT * (1 + PLAN_SIDES_MAX),
};

struct live_texts {
    sqlite3_stmt *looks[TEXTS_TABLES_MAX]; /* a table's rows, and the texts they use */
    size_t look_count;
    sqlite3_stmt *list, *remove;

    /* Of the pass that is under way; ids NULL: none is. */
    int64_t *ids; /* that may be unused, ascending; negative: it is used */
    size_t id_count;
    size_t look;   /* the table that is looked at; look_count: all were */
    int64_t after; /* ... from this row on */
    size_t next;   /* of `ids`, to be removed */

    int64_t listed; /* the last id that the pass before has looked for */
    uint64_t removed;
};

/* SQLITE_OK, or why not; to be ended with live_texts_close in either case, which may
 * also follow zeros alone. `plans` need not outlive the call. */
int live_texts_open(struct live_texts *t, sqlite3 *db, const struct table_plan *plans);
void live_texts_close(struct live_texts *t);
/* Begins a pass. No row that is written from now on may use a text below `bound`, but
 * the common ones: who gives out their numbers has forgotten them. SQLITE_OK, or
 * SQLite's code. */
int live_texts_begin(struct live_texts *t, int64_t bound);
/* Goes on with the pass for as long as `until_ns` (monotonic) allows, within a
 * transaction. SQLITE_OK, or SQLite's code. */
int live_texts_some(struct live_texts *t, int64_t until_ns);
bool live_texts_is_idle(const struct live_texts *t); /* no pass is under way */
/* Numbers below the bound may be used once more: the pass is off. */
void live_texts_give_up(struct live_texts *t);

#endif
