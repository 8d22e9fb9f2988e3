/* The views of a new database, written as the rows of sqlite_master that they are. */
#ifndef STORE_VIEW_ROW_H
#define STORE_VIEW_ROW_H

#include <sqlite3.h>

/* Allows rows of views until view_row_end, and prepares the statement that writes them.
 * SQLITE_OK, or why not; view_row_end is due in either case. */
int view_row_begin(sqlite3 *db, sqlite3_stmt **insert);
/* `sql` begins with "CREATE VIEW name " and is correct: SQLite first looks at it when
 * the file is opened next. SQLITE_OK, or why not. */
int view_row_add(sqlite3_stmt *insert, const char *name, const char *sql);
void view_row_end(sqlite3 *db, sqlite3_stmt *insert); /* NULL is allowed */

#endif
