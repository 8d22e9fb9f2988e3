/* Records into rows, by loops over the plan; many rows by one statement. */
#ifndef STORE_SQLITE_INSERT_H
#define STORE_SQLITE_INSERT_H

#include "store/intern.h"
#include "store/table_plan.h"

#include <sqlite3.h>

struct inserter;

/* `plans` (by record kind) and the tables in `db` must outlive it. SQLITE_OK, or why
 * not; release *out with sqlite_insert_free in either case. */
int sqlite_insert_new(sqlite3 *db, const struct table_plan plans[RECORD_KIND_COUNT],
                      struct inserter **out);
void sqlite_insert_free(struct inserter *in); /* NULL is allowed */
/* Takes the record's rows; they are in the database after the next flush at the latest.
 * SQLITE_OK, or SQLite's code, perhaps of earlier rows; its message is the database's.
 */
int sqlite_insert_put(struct inserter *in, enum record_kind kind, const void *record);
/* As shared_text_forget; after a flush. */
int64_t sqlite_insert_forget_texts(struct inserter *in);
/* Writes what was taken. To be called before every COMMIT. */
int sqlite_insert_flush(struct inserter *in);

/* Rows written to a kind's tables: 0 the main one, then the plan's side tables; and to
 * the table of texts. */
uint64_t sqlite_insert_row_count(const struct inserter *in, enum record_kind kind,
                                 size_t table);
uint64_t sqlite_insert_text_count(const struct inserter *in);

#endif
