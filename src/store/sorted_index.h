/* The index of a table by connection, of a new database that grows large. */
#ifndef STORE_SORTED_INDEX_H
#define STORE_SORTED_INDEX_H

#include "store/insert_table.h"

struct sorted_index_limits {
    size_t entries; /* sorted together; kept three times */
    size_t pages;   /* that a batch may touch before the end of the table */
    size_t few; /* are sorted together where nearly all go to the end of the table */
};

static const struct sorted_index_limits sorted_index_usual = {1 << 16, 4096, 1 << 13};

struct index_entry {
    int64_t connection, id;
};

struct sorted_index {
    sqlite3 *db; /* NULL: there is no such index to make */
    const char *table_name;
    char name[48]; /* of the index */
    struct sorted_index_limits limits;
    struct index_entry *entries, *sorted, *scratch;
    size_t entry_count;                /* that are gathered */
    size_t below_count;                /* of those not behind `last` */
    size_t sorted_first, sorted_count; /* of the batch before: those that wait */
    size_t written;                    /* in the table, those that wait included */
    int64_t last;                      /* connection of these; none is above it */
    struct insert_table table;
    bool is_given_up; /* nothing is gathered any more */
};

/* Of `table`, by its column connection_id; its key is `id`. */
void sorted_index_init(struct sorted_index *x, sqlite3 *db, const char *table,
                       const struct sorted_index_limits *limits);
void sorted_index_done(struct sorted_index *x); /* before the database is closed */

/* Writes some of what is sorted, and sorts a full batch. SQLITE_OK, or SQLite's code.
 */
int sorted_index_go_on(struct sorted_index *x);
/* All entries are there: makes the table the index, or leaves nothing, so that CREATE
 * INDEX is due. No other statement may be under way. SQLITE_OK, or SQLite's code. */
int sorted_index_finish(struct sorted_index *x);

/* To be called for every row. */
static inline int sorted_index_add(struct sorted_index *x, int64_t connection,
                                   int64_t id)
{
    if (x->is_given_up) return SQLITE_OK;
    x->entries[x->entry_count++] = (struct index_entry){connection, id};
    x->below_count += connection <= x->last;
    bool is_due = x->entry_count % ROW_BATCH_ROWS == 0;
    return is_due || x->entry_count == x->limits.entries ? sorted_index_go_on(x)
                                                         : SQLITE_OK;
}

#endif
