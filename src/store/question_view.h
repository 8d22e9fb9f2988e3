/* The questions as views ask_<question> in a database. */
#ifndef STORE_QUESTION_VIEW_H
#define STORE_QUESTION_VIEW_H

#include <sqlite3.h>

enum { QUESTION_VIEW_NAME_MAX = 48 };

/* Of a new database: adds them all, through the statement of view_row_add_all.
 * SQLITE_OK, or why not. */
int question_view_add_all(sqlite3_stmt *insert);
/* Makes those that are not there, and makes anew those of another version. SQLITE_OK,
 * or why not. */
int question_view_update(sqlite3 *db);

#endif
