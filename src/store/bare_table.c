/* A STRICT table looks at the type of every value of every row, and one with types at
 * all changes values to suit them. Our rows need neither: a cell is a number or NULL,
 * or a text or NULL, by the plan that the types are written from. So a new table is
 * filled without types, and gets its text at the end; the rows are the same for both
 * (sqlite.org/fileformat2.html, 2.3; lang_altertable.html, 7).
 *
 *   sqlite_master  exchange | CREATE TABLE exchange(id INTEGER PRIMARY KEY, target, ...
 *            --->  exchange | CREATE TABLE exchange ( -- A request ...     ) STRICT */
#include "store/bare_table.h"

#include <string.h>

struct planned {
    const struct table_plan *plan; /* NULL: no plan's table */
    const struct plan_table *table;
};

static struct planned find_planned(const struct table_plan plans[RECORD_KIND_COUNT],
                                   const char *name)
{
    for (size_t i = 0; i < RECORD_KIND_COUNT; i++) {
        const struct table_plan *plan = &plans[i];
        if (strcmp(plan->main.name, name) == 0)
            return (struct planned){plan, &plan->main};
        for (size_t k = 0; k < plan->side_count; k++) {
            if (strcmp(plan->sides[k].name, name) == 0)
                return (struct planned){plan, &plan->sides[k]};
        }
    }
    return (struct planned){.plan = NULL};
}

static void write_bare(const struct planned *p, struct buffer *sql)
{
    static const char key[] = " INTEGER PRIMARY KEY";
    const struct plan_table *t = p->table;
    bool is_side = t != &p->plan->main;
    bool is_clustered = !is_side && p->plan->layout->is_clustered;
    buffer_print(sql, "CREATE TABLE %s(", t->name);
    if (is_side) buffer_print(sql, "id%s, ", key);
    for (size_t i = 0; i < t->column_count; i++) {
        const struct field *f = t->columns[i].field;
        bool is_key = f != NULL && f->place == PLACE_KEY;
        buffer_print(sql, "%s%s%s", i == 0 ? "" : ", ", t->columns[i].name,
                     is_key && !is_clustered ? key : "");
    }
    if (is_clustered) buffer_append_text(sql, ", PRIMARY KEY (connection_id, id)");
    buffer_append_text(sql, is_clustered ? ") WITHOUT ROWID" : ")");
    buffer_append(sql, bytes_of("", 1));
}

int bare_table_create_all(sqlite3 *db, const struct table_plan plans[RECORD_KIND_COUNT],
                          const struct schema *schema)
{
    struct buffer bare = {.ptr = NULL};
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < schema->object_count; i++) {
        const struct schema_object *o = &schema->objects[i];
        struct planned p = find_planned(plans, o->name);
        if (o->is_view) continue;
        buffer_clear(&bare);
        if (p.plan != NULL) write_bare(&p, &bare);
        const char *sql = p.plan != NULL ? (const char *)bare.ptr : o->sql;
        rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    }
    buffer_done(&bare);
    return rc;
}

static int dress(sqlite3_stmt *update, const struct schema_object *o)
{
    sqlite3_bind_text(update, 1, o->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(update, 2, o->sql, -1, SQLITE_STATIC);
    sqlite3_step(update);
    return sqlite3_reset(update);
}

int bare_table_dress_all(sqlite3 *db, const struct schema *schema)
{
    sqlite3_stmt *update = NULL;
    int rc = sqlite3_exec(db, "PRAGMA writable_schema=ON", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db,
                                "UPDATE sqlite_master SET sql = ?2 "
                                "WHERE type = 'table' AND name = ?1",
                                -1, &update, NULL);
    for (size_t i = 0; rc == SQLITE_OK && i < schema->object_count; i++)
        if (!schema->objects[i].is_view) rc = dress(update, &schema->objects[i]);
    sqlite3_finalize(update);
    if (rc != SQLITE_OK) return rc;
    return sqlite3_exec(db, "PRAGMA writable_schema=OFF", NULL, NULL, NULL);
}
