/* One table to write to: rows wait in its batch until it is full. */
#ifndef STORE_INSERT_TABLE_H
#define STORE_INSERT_TABLE_H

#include "store/batch_table.h"

#include <sqlite3.h>

struct insert_table {
    struct batch_table rows;
    sqlite3_stmt *statement; /* NULL: there is no such table */
    bool is_keyed;           /* by the first column; else rows stay as they come */
    uint64_t written;        /* rows, so far */
};

/* All columns of table `name`; bit per column in `text_columns`. SQLITE_OK, or why not;
 * to be ended with insert_table_done in either case. It must not move meanwhile. */
int insert_table_prepare(struct insert_table *t, sqlite3 *db, const char *name,
                         size_t column_count, uint64_t text_columns, bool is_keyed);
void insert_table_done(struct insert_table *t);
/* Writes what waits. SQLITE_OK, or SQLite's code; the batch is empty in either case. */
int insert_table_write(struct insert_table *t);

/* To be called after every row. */
static inline int insert_table_write_full(struct insert_table *t)
{
    return row_batch_is_full(&t->rows.batch) ? insert_table_write(t) : SQLITE_OK;
}

#endif
