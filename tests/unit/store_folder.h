/* A folder of its own for each test of the store, and what such tests do over and over.
 * All of them fail the test when something goes wrong. */
#ifndef UNIT_STORE_FOLDER_H
#define UNIT_STORE_FOLDER_H

#include "hopscope/store.h"

#include <sqlite3.h>

/* Setup and teardown: the working folder is a new one, removed at the end. */
int store_folder_enter(void **state);
int store_folder_leave(void **state);
/* How many files match the pattern. */
size_t store_folder_count_files(const char *pattern);
struct store *store_folder_open(const char *path);
/* store_finish and store_free. */
void store_folder_finish(struct store *s);
void store_folder_put(struct store *s, enum record_kind kind, const void *record);
/* store_open fails with a sentence that has this part. */
void store_folder_refuses(const char *path, const char *part);
sqlite3 *store_folder_connect(const char *path);
sqlite3_stmt *store_folder_query(sqlite3 *db, const char *sql);
/* The first column of the first row as text; "" for NULL. */
void store_folder_answers(const char *path, const char *sql, const char *expected);
void store_folder_execute(const char *path, const char *sql);

#endif
