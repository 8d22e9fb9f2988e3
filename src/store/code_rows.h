/* The table `finding_code`: what the codes of findings mean. */
#ifndef STORE_CODE_ROWS_H
#define STORE_CODE_ROWS_H

#include <sqlite3.h>

/* Adds the codes that are not there. SQLITE_OK, or why not. */
int code_rows_fill(sqlite3 *db);

#endif
