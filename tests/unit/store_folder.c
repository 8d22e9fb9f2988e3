#include "store_folder.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

int store_folder_enter(void **state)
{
    char *folder = mem_copy_text("/tmp/test_store-XXXXXX");
    *state = folder;
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

int store_folder_leave(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", (const char *)*state);
    int failed = chdir("/") != 0 || system(command) != 0;
    mem_free(*state);
    return failed;
}

size_t store_folder_count_files(const char *pattern)
{
    glob_t found;
    size_t count = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return count;
}

struct store *store_folder_open(const char *path)
{
    struct store *s = NULL;
    struct problem why = {.text = ""};
    enum status rc = store_open(path, &s, &why);
    if (rc != STATUS_OK) fail_msg("%s", why.text);
    return s;
}

void store_folder_finish(struct store *s)
{
    struct problem why = {.text = ""};
    enum status rc = store_finish(s, &why);
    if (rc != STATUS_OK) fail_msg("%s", why.text);
    store_free(s);
}

void store_folder_put(struct store *s, enum record_kind kind, const void *record)
{
    struct record_sink sink = store_sink(s);
    assert_int_equal(sink.put(sink.context, kind, record), STATUS_OK);
}

void store_folder_refuses(const char *path, const char *part)
{
    struct store *s = NULL;
    struct problem why = {.text = ""};
    assert_int_equal(store_open(path, &s, &why), STATUS_FAILED);
    assert_null(s);
    if (strstr(why.text, part) == NULL) fail_msg("%s: \"%s\"", path, why.text);
}

sqlite3 *store_folder_connect(const char *path)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL),
                     SQLITE_OK);
    return db;
}

sqlite3_stmt *store_folder_query(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    return s;
}

void store_folder_answers(const char *path, const char *sql, const char *expected)
{
    sqlite3 *db = store_folder_connect(path);
    sqlite3_stmt *s = store_folder_query(db, sql);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    const char *text = (const char *)sqlite3_column_text(s, 0);
    assert_string_equal(text == NULL ? "" : text, expected);
    sqlite3_finalize(s);
    sqlite3_close(db);
}

void store_folder_execute(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}
