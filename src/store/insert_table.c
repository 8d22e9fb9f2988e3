#include "store/insert_table.h"

int insert_table_prepare(struct insert_table *t, sqlite3 *db, const char *name,
                         size_t column_count, uint64_t text_columns, bool is_keyed)
{
    struct buffer module = {.ptr = NULL}, sql = {.ptr = NULL};
    row_batch_init(&t->rows.batch, column_count);
    t->rows.text_columns = text_columns;
    t->is_keyed = is_keyed;
    buffer_print(&module, "hopscope_batch_of_%s", name);
    buffer_append(&module, bytes_of("", 1));
    buffer_print(&sql, "INSERT INTO %s SELECT * FROM %s", name,
                 (const char *)module.ptr);
    int rc = batch_table_register(db, (const char *)module.ptr, &t->rows);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v3(db, (const char *)sql.ptr, (int)sql.len,
                                SQLITE_PREPARE_PERSISTENT, &t->statement, NULL);
    buffer_done(&module);
    buffer_done(&sql);
    return rc;
}

void insert_table_done(struct insert_table *t)
{
    sqlite3_finalize(t->statement);
    row_batch_done(&t->rows.batch);
    t->statement = NULL;
}

int insert_table_write(struct insert_table *t)
{
    if (t->rows.batch.row_count == 0) return SQLITE_OK;
    row_batch_sort(&t->rows.batch, t->is_keyed);
    int rc = sqlite3_step(t->statement);
    sqlite3_reset(t->statement);
    t->written += t->rows.batch.row_count;
    row_batch_clear(&t->rows.batch);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}
