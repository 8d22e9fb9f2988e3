/* A batch of rows as a table that SQLite can select from, so that one statement writes
 * all of them: `INSERT INTO t SELECT * FROM name`. A column costs a call there, where
 * binding it, and stepping once per row, cost twice that. */
#ifndef STORE_BATCH_TABLE_H
#define STORE_BATCH_TABLE_H

#include "store/row_batch.h"

#include <sqlite3.h>

struct batch_table {
    struct row_batch batch;
    uint64_t text_columns; /* bit per column: its cells are places of texts */
};

/* Makes `table` readable as `name` in `db`; not a part of the file. It must outlive the
 * statements that read it. SQLITE_OK, or why not. */
int batch_table_register(sqlite3 *db, const char *name, struct batch_table *table);

#endif
