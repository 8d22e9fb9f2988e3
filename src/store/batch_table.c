/* An eponymous virtual table (sqlite.org/vtab.html, 2.1.2): it exists in this program
 * only, under the name of its module, and is read from its first row to its last.
 *
 *   SELECT * --filter--> first row --column 0, 1, ...--> next --> ... --> eof */
#include "store/batch_table.h"

#include <assert.h>

struct batch_vtab {
    sqlite3_vtab base;
    const struct batch_table *table;
};

struct batch_cursor {
    sqlite3_vtab_cursor base;
    const struct batch_table *table;
    const int64_t *cells; /* of the row it stands on */
    size_t place, row_count;
};

static int connect_table(sqlite3 *db, void *table, int argument_count,
                         const char *const *arguments, sqlite3_vtab **out, char **error)
{
    (void)argument_count, (void)arguments, (void)error;
    const struct batch_table *t = table;
    struct buffer sql = {.ptr = NULL};
    for (size_t i = 0; i < t->batch.column_count; i++)
        buffer_print(&sql, i == 0 ? "CREATE TABLE t(c%zu" : ",c%zu", i);
    buffer_append(&sql, bytes_of(")", 2));
    int rc = sqlite3_declare_vtab(db, (const char *)sql.ptr);
    buffer_done(&sql);
    if (rc != SQLITE_OK) return rc;
    struct batch_vtab *v = mem_alloc(sizeof *v);
    v->table = t;
    *out = &v->base;
    return SQLITE_OK;
}

static int disconnect_table(sqlite3_vtab *vtab)
{
    mem_free(vtab);
    return SQLITE_OK;
}

static int plan_query(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    (void)vtab;
    info->estimatedCost = ROW_BATCH_ROWS;
    info->estimatedRows = ROW_BATCH_ROWS;
    return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out)
{
    struct batch_cursor *c = mem_alloc(sizeof *c);
    c->table = ((const struct batch_vtab *)vtab)->table;
    *out = &c->base;
    return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *cursor)
{
    mem_free(cursor);
    return SQLITE_OK;
}

static int go_first(sqlite3_vtab_cursor *cursor, int plan, const char *plan_text,
                    int argument_count, sqlite3_value **arguments)
{
    (void)plan, (void)plan_text, (void)argument_count, (void)arguments;
    struct batch_cursor *c = (struct batch_cursor *)cursor;
    c->place = 0;
    c->row_count = c->table->batch.row_count;
    c->cells = row_batch_row(&c->table->batch, 0);
    return SQLITE_OK;
}

static int go_next(sqlite3_vtab_cursor *cursor)
{
    struct batch_cursor *c = (struct batch_cursor *)cursor;
    if (++c->place < c->row_count) c->cells = row_batch_row(&c->table->batch, c->place);
    return SQLITE_OK;
}

static int is_at_end(sqlite3_vtab_cursor *cursor)
{
    const struct batch_cursor *c = (const struct batch_cursor *)cursor;
    return c->place >= c->row_count;
}

static int give_column(sqlite3_vtab_cursor *cursor, sqlite3_context *out, int column)
{
    const struct batch_cursor *c = (const struct batch_cursor *)cursor;
    int64_t cell = c->cells[column];
    if (cell == RECORD_UNKNOWN) return SQLITE_OK; /* nothing given: NULL */
    if ((c->table->text_columns >> column & 1) == 0) {
        sqlite3_result_int64(out, cell);
        return SQLITE_OK;
    }
    struct bytes text = row_batch_text(&c->table->batch, cell);
    sqlite3_result_text64(out, (const char *)text.ptr, text.len, SQLITE_STATIC,
                          SQLITE_UTF8);
    return SQLITE_OK;
}

static int give_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)((const struct batch_cursor *)cursor)->place;
    return SQLITE_OK;
}

static const sqlite3_module batch_module = {
    .xConnect = connect_table, /* and no xCreate: eponymous only */
    .xBestIndex = plan_query,
    .xDisconnect = disconnect_table,
    .xOpen = open_cursor,
    .xClose = close_cursor,
    .xFilter = go_first,
    .xNext = go_next,
    .xEof = is_at_end,
    .xColumn = give_column,
    .xRowid = give_rowid,
};

int batch_table_register(sqlite3 *db, const char *name, struct batch_table *table)
{
    assert(table->batch.column_count <= 64);
    return sqlite3_create_module(db, name, &batch_module, table);
}
