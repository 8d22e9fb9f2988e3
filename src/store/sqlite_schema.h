/* The text of the schema: tables and views, made from the plans. */
#ifndef STORE_SQLITE_SCHEMA_H
#define STORE_SQLITE_SCHEMA_H

#include "store/table_plan.h"

enum {
    SCHEMA_OBJECTS_MAX = 40,
    SCHEMA_NAME_MAX = 48,
};

/* One CREATE statement, exactly as SQLite keeps it. */
struct schema_object {
    char name[SCHEMA_NAME_MAX];
    bool is_view; /* else a table */
    char *sql;
};

struct schema {
    struct schema_object objects[SCHEMA_OBJECTS_MAX]; /* in the order of creation */
    size_t object_count;
};

/* `plans` by record kind. Release with schema_free. */
struct schema *sqlite_schema_new(const struct table_plan plans[RECORD_KIND_COUNT]);
void sqlite_schema_free(struct schema *s); /* NULL is allowed */

/* Made once the rows are in; they do no harm when they are there. */
extern const char *const sqlite_schema_indexes[]; /* NULL ends them */

#endif
