/* CREATE VIEW parses a text, and again for the connection's own list of objects: for
 * thirty views most of what opening a database costs. The connection that writes rows
 * asks no view, so it need not know them; a view's row has no page of its own and is
 * nothing but these texts (sqlite.org/fileformat2.html, 2.6).
 *
 *   type | name     | tbl_name | rootpage | sql
 *   view | ask_time | ask_time |    0     | CREATE VIEW ask_time AS ... */
#include "store/view_row.h"

#include "store/question_view.h"

static int begin(sqlite3 *db, sqlite3_stmt **insert)
{
    *insert = NULL;
    int rc = sqlite3_exec(db, "PRAGMA writable_schema=ON", NULL, NULL, NULL);
    if (rc != SQLITE_OK) return rc;
    return sqlite3_prepare_v2(
        db, "INSERT INTO sqlite_master VALUES ('view', ?1, ?1, 0, ?2)", -1, insert,
        NULL);
}

int view_row_add(sqlite3_stmt *insert, const char *name, const char *sql)
{
    sqlite3_bind_text(insert, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, sql, -1, SQLITE_STATIC);
    sqlite3_step(insert);
    return sqlite3_reset(insert);
}

int view_row_add_all(sqlite3 *db, const struct schema *schema)
{
    sqlite3_stmt *insert;
    int rc = begin(db, &insert);
    for (size_t i = 0; rc == SQLITE_OK && i < schema->object_count; i++) {
        const struct schema_object *o = &schema->objects[i];
        if (o->is_view) rc = view_row_add(insert, o->name, o->sql);
    }
    if (rc == SQLITE_OK) rc = question_view_add_all(insert);
    sqlite3_finalize(insert);
    if (rc != SQLITE_OK) return rc; /* of which another statement would say nothing */
    return sqlite3_exec(db, "PRAGMA writable_schema=OFF", NULL, NULL, NULL);
}
