/* What SQLite's planner is told of the tables of a new database (sqlite.org/
 * fileformat2.html, 2.6.3). */
#ifndef STORE_TABLE_STATISTICS_H
#define STORE_TABLE_STATISTICS_H

#include "store/sqlite_insert.h"

/* Once all rows are written and the indexes are made. SQLITE_OK, or why not. */
int table_statistics_write(sqlite3 *db,
                           const struct table_plan plans[RECORD_KIND_COUNT],
                           const struct inserter *in);

#endif
