/* The views of a new database, written as the rows of sqlite_master that they are. */
#ifndef STORE_VIEW_ROW_H
#define STORE_VIEW_ROW_H

#include "store/sqlite_schema.h"

#include <sqlite3.h>

/* Adds the schema's views, then those of the questions. SQLITE_OK, or why not. */
int view_row_add_all(sqlite3 *db, const struct schema *schema);
/* Adds one, through the statement that view_row_add_all has prepared. `sql` begins with
 * "CREATE VIEW name " and is correct: SQLite first looks at it when the file is opened
 * next. SQLITE_OK, or why not. */
int view_row_add(sqlite3_stmt *insert, const char *name, const char *sql);

#endif
