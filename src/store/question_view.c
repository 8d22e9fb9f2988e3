/* The questions as views: with default parameters in line, for whoever opens the file
 * with another program. */
#include "store/question_view.h"

#include "store/question_texts.h"
#include "store/view_row.h"

#include <stdio.h>
#include <string.h>

/* The head goes into the schema too: whoever looks at it there reads what it tells. */
static void write_view(const struct question *q, char name[QUESTION_VIEW_NAME_MAX],
                       struct buffer *out)
{
    snprintf(name, QUESTION_VIEW_NAME_MAX, "ask_%s", q->name);
    for (char *c = name; *c != '\0'; c++)
        if (*c == '-') *c = '_';
    buffer_print(out, "CREATE VIEW %s AS\n", name);
    buffer_append(out, q->about);
    question_text_write(q, out);
    while (out->len > 0 && out->ptr[out->len - 1] == '\n') out->len--;
    buffer_append(out, bytes_of("", 1));
}

static bool is_there(sqlite3_stmt *find, const char *name, const char *sql)
{
    sqlite3_bind_text(find, 1, name, -1, SQLITE_STATIC);
    bool is_row = sqlite3_step(find) == SQLITE_ROW;
    const char *found = is_row ? (const char *)sqlite3_column_text(find, 0) : NULL;
    bool is_same = found != NULL && strcmp(found, sql) == 0;
    sqlite3_reset(find);
    return is_same;
}

static int replace_view(sqlite3 *db, const char *name, const char *sql)
{
    char drop[QUESTION_VIEW_NAME_MAX + 32];
    snprintf(drop, sizeof drop, "DROP VIEW IF EXISTS %s", name);
    int rc = sqlite3_exec(db, drop, NULL, NULL, NULL);
    return rc == SQLITE_OK ? sqlite3_exec(db, sql, NULL, NULL, NULL) : rc;
}

int question_view_add_all(sqlite3_stmt *insert)
{
    struct buffer sql = {.ptr = NULL};
    struct question q;
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && question_get(i, &q); i++) {
        char name[QUESTION_VIEW_NAME_MAX];
        buffer_clear(&sql);
        write_view(&q, name, &sql);
        rc = view_row_add(insert, name, (const char *)sql.ptr);
    }
    buffer_done(&sql);
    return rc;
}

int question_view_update(sqlite3 *db)
{
    struct buffer sql = {.ptr = NULL};
    sqlite3_stmt *find = NULL;
    struct question q;
    int rc = sqlite3_prepare_v2(db, "SELECT sql FROM sqlite_master WHERE name = ?1", -1,
                                &find, NULL);
    for (size_t i = 0; rc == SQLITE_OK && question_get(i, &q); i++) {
        char name[QUESTION_VIEW_NAME_MAX];
        buffer_clear(&sql);
        write_view(&q, name, &sql);
        if (!is_there(find, name, (const char *)sql.ptr))
            rc = replace_view(db, name, (const char *)sql.ptr);
    }
    sqlite3_finalize(find);
    buffer_done(&sql);
    return rc;
}
