/* The tables of a new database while it is filled: names of columns and no types. */
#ifndef STORE_BARE_TABLE_H
#define STORE_BARE_TABLE_H

#include "store/sqlite_schema.h"

#include <sqlite3.h>

/* Makes every table of `schema`, those of the plans bare. SQLITE_OK, or why not. */
int bare_table_create_all(sqlite3 *db, const struct table_plan plans[RECORD_KIND_COUNT],
                          const struct schema *schema);
/* Gives every table the text that `schema` has for it; this connection goes on with the
 * bare ones. SQLITE_OK, or why not. */
int bare_table_dress_all(sqlite3 *db, const struct schema *schema);

#endif
