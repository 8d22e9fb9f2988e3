/* What a live store takes over of the one that makes and checks files. */
#ifndef STORE_SQLITE_STORE_H
#define STORE_SQLITE_STORE_H

#include "hopscope/store.h"
#include "store/database_file.h"

#include <sqlite3.h>

/* In place of store_finish, for whoever goes on in the file at once. A database that
 * was there: its lock and the open connection go to `*place` and `*db`, the log that a
 * killed run has left stays, because emptying it would cost many times what reading it
 * does. A new one gets its name and is closed: `*place` stays as it was, `*db` is NULL.
 * STATUS_FAILED as store_finish; store_free is due in either case. */
enum status sqlite_store_hand_over(struct store *s, struct database_file *place,
                                   sqlite3 **db, struct problem *why);

#endif
