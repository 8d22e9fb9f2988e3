#include "store/shared_text.h"

#include "hopscope/field.h"
#include "store/common_text.h"

enum { SHARED_TEXT_COLUMNS = 2 /* id, value */ };

/* Where somebody has changed their rows they are texts like others, and may be
 * forgotten. */
static void keep_common(struct shared_text *t)
{
    bool are_first = true;
    for (int i = 0; are_first && i < COMMON_TEXT_COUNT; i++)
        are_first = intern_find(t->texts, bytes_of_text(common_texts[i])) == i + 1;
    if (are_first) intern_keep(t->texts, COMMON_TEXT_COUNT);
}

/* The texts that are there already get no second number, as far as memory goes; of
 * those that have two the first counts. */
static int load_texts(struct shared_text *t, sqlite3 *db)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, "SELECT id, value FROM text ORDER BY id LIMIT ?1",
                                -1, &s, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_int(s, 1, INTERN_COUNT_MAX / 2);
    while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        const char *value = (const char *)sqlite3_column_text(s, 1);
        struct bytes text = bytes_of(value, (size_t)sqlite3_column_bytes(s, 1));
        int64_t id = sqlite3_column_int64(s, 0);
        if (intern_find(t->texts, text) == 0) intern_add(t->texts, text, id);
        if (id == COMMON_TEXT_COUNT) keep_common(t); /* before others push them out */
        rc = SQLITE_OK;
    }
    sqlite3_finalize(s);
    if (rc != SQLITE_DONE) return rc;
    rc = sqlite3_prepare_v2(db, "SELECT COALESCE(MAX(id), 0) + 1 FROM text", -1, &s,
                            NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) t->next_id = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* Written when the table is new. */
static int add_common(struct shared_text *t)
{
    int rc = SQLITE_OK;
    int64_t id;
    for (int i = 0; rc == SQLITE_OK && i < COMMON_TEXT_COUNT; i++)
        rc = shared_text_find(t, bytes_of_text(common_texts[i]), &id);
    if (rc == SQLITE_OK) keep_common(t);
    return rc;
}

int shared_text_open(struct shared_text *t, sqlite3 *db)
{
    *t = (struct shared_text){.texts = intern_new(), .addresses = intern_new()};
    int rc =
        insert_table_prepare(&t->table, db, "text", SHARED_TEXT_COLUMNS, 1 << 1, true);
    if (rc == SQLITE_OK) rc = load_texts(t, db);
    return rc == SQLITE_OK ? add_common(t) : rc;
}

void shared_text_close(struct shared_text *t)
{
    insert_table_done(&t->table);
    intern_free(t->texts);
    intern_free(t->addresses);
    buffer_done(&t->scratch);
}

int64_t shared_text_forget(struct shared_text *t)
{
    intern_forget(t->texts);
    intern_forget(t->addresses);
    return t->next_id;
}

int shared_text_add(struct shared_text *t, struct bytes text, int64_t *id)
{
    struct row_batch *batch = &t->table.rows.batch;
    int64_t *cells = row_batch_add(batch);
    *id = cells[0] = t->next_id++;
    cells[1] = row_batch_keep_text(batch, record_utf8(text, &t->scratch));
    int rc = insert_table_write_full(&t->table);
    if (rc == SQLITE_OK) intern_add(t->texts, text, *id);
    return rc;
}

int shared_text_find_address(struct shared_text *t, const struct endpoint *e,
                             int64_t *id)
{
    char text[ADDRESS_TEXT_MAX];
    struct bytes key = shared_text_address_key(e);
    *id = RECORD_UNKNOWN;
    if (key.ptr == NULL) return SQLITE_OK;
    *id = intern_find(t->addresses, key);
    if (*id != 0) return SQLITE_OK;
    endpoint_format_address(e, text);
    int rc = shared_text_find(t, bytes_of_text(text), id);
    if (rc == SQLITE_OK) intern_add(t->addresses, key, *id);
    return rc;
}
