/* What the parts of the reading side share. */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "hopscope/store.h"

#include <sqlite3.h>

struct query {
    sqlite3 *db;
    char *path; /* for sentences */
    const volatile int *stop;
};

/* Arms the connection, before anything of the file is read: no writing, no attaching,
 * no code from the schema, an end when `stop` says so. */
void query_guard_arm(struct query *q);
/* STATUS_FAILED, with SQLite's `code` as a sentence about this file. */
enum status query_fail(struct query *q, int code, struct problem *why);

#endif
