/* Rows come and go during a pass. It is right nevertheless, because new rows use new
 * texts only: what stood there before is looked at, or has gone by itself.
 *
 *   text ids:  1 . . 4 5 . 7 | 8 9        bound: from here on they are of new rows
 *              |     | |   |
 *   rows that use them: 1, 5              --> 4 and 7 go
 *
 * The common texts (common_text.h) stay: new rows use those, too. */
#include "store/live_texts.h"

#include "store/common_text.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXTS_LOOK_ROWS = 1024, TEXTS_REMOVED_AT_ONCE = 256 };

/* ---- statements ---- */

/* Each text a table's row uses, as a column. A packed number is one more than the
 * text's; that of no text is 0, and that of a large one says a text that may stay. */
static void write_uses(const struct table_plan *plan, const struct plan_table *table,
                       struct buffer *sql)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct plan_column *c = &table->columns[i];
        bool is_text = c->field != NULL && c->field->place == PLACE_INTERNED;
        if (is_text) buffer_print(sql, ", %s", c->name);
    }
    for (size_t i = 0; table == &plan->main && i < plan->part_count; i++) {
        const struct plan_part *part = &plan->parts[i];
        if (part->field->place != PLACE_INTERNED) continue;
        buffer_print(sql, ", ((packed%u >> %u) & %llu) - 1", part->word + 1,
                     part->shift, (unsigned long long)table_plan_mask(part));
    }
}

static int prepare(sqlite3 *db, const struct buffer *sql, sqlite3_stmt **out)
{
    return sqlite3_prepare_v3(db, (const char *)sql->ptr, (int)sql->len,
                              SQLITE_PREPARE_PERSISTENT, out, NULL);
}

static int prepare_look(struct live_texts *t, sqlite3 *db,
                        const struct table_plan *plan, const struct plan_table *table)
{
    int rc = SQLITE_OK;
    struct buffer sql = {.ptr = NULL};
    buffer_append_text(&sql, "SELECT rowid");
    size_t before = sql.len;
    write_uses(plan, table, &sql);
    if (sql.len > before) {
        buffer_print(&sql, " FROM %s WHERE rowid > ?1 ORDER BY rowid LIMIT %d",
                     table->name, (int)TEXTS_LOOK_ROWS);
        rc = prepare(db, &sql, &t->looks[t->look_count]);
        if (rc == SQLITE_OK) t->look_count++;
    }
    buffer_done(&sql);
    return rc;
}

int live_texts_open(struct live_texts *t, sqlite3 *db, const struct table_plan *plans)
{
    int rc = SQLITE_OK;
    *t = (struct live_texts){.listed = COMMON_TEXT_COUNT};
    for (size_t kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        const struct table_plan *plan = &plans[kind];
        if (rc == SQLITE_OK) rc = prepare_look(t, db, plan, &plan->main);
        for (size_t i = 0; rc == SQLITE_OK && i < plan->side_count; i++)
            rc = prepare_look(t, db, plan, &plan->sides[i]);
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db,
                                "SELECT id FROM text WHERE id > ?1 AND id < ?2"
                                " ORDER BY id LIMIT ?3",
                                -1, &t->list, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db, "DELETE FROM text WHERE id = ?1", -1, &t->remove,
                                NULL);
    return rc;
}

void live_texts_close(struct live_texts *t)
{
    live_texts_give_up(t);
    for (size_t i = 0; i < t->look_count; i++) sqlite3_finalize(t->looks[i]);
    sqlite3_finalize(t->list);
    sqlite3_finalize(t->remove);
    *t = (struct live_texts){.removed = t->removed};
}

/* ---- a pass ---- */

bool live_texts_is_idle(const struct live_texts *t)
{
    return t->ids == NULL;
}

void live_texts_give_up(struct live_texts *t)
{
    mem_free(t->ids);
    t->ids = NULL;
}

static int list_ids(struct live_texts *t, int64_t bound)
{
    struct buffer ids = {.ptr = NULL};
    sqlite3_bind_int64(t->list, 1, t->listed);
    sqlite3_bind_int64(t->list, 2, bound);
    sqlite3_bind_int(t->list, 3, TEXTS_PASS_MAX);
    while (sqlite3_step(t->list) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(t->list, 0);
        buffer_append(&ids, bytes_of(&id, sizeof id));
    }
    t->id_count = ids.len / sizeof *t->ids;
    t->ids = (int64_t *)(void *)ids.ptr;
    return sqlite3_reset(t->list); /* tells what has gone wrong */
}

int live_texts_begin(struct live_texts *t, int64_t bound)
{
    live_texts_give_up(t);
    t->look = t->next = 0;
    t->after = INT64_MIN;
    int rc = list_ids(t, bound);
    bool is_all = t->id_count < TEXTS_PASS_MAX;
    if (rc == SQLITE_OK)
        t->listed = is_all ? COMMON_TEXT_COUNT : t->ids[t->id_count - 1];
    if (rc != SQLITE_OK) live_texts_give_up(t);
    return rc;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = llabs(*(const int64_t *)a), y = llabs(*(const int64_t *)b);
    return x < y ? -1 : x > y;
}

static void mark(struct live_texts *t, int64_t id)
{
    int64_t *found = NULL;
    if (id > 0) found = bsearch(&id, t->ids, t->id_count, sizeof id, compare_ids);
    if (found != NULL) *found = -id;
}

/* Some rows of the table whose turn it is. */
static int look_on(struct live_texts *t)
{
    sqlite3_stmt *look = t->looks[t->look];
    size_t seen = 0;
    sqlite3_bind_int64(look, 1, t->after);
    for (; sqlite3_step(look) == SQLITE_ROW; seen++) {
        t->after = sqlite3_column_int64(look, 0);
        for (int i = 1; i < sqlite3_column_count(look); i++)
            mark(t, sqlite3_column_int64(look, i));
    }
    int rc = sqlite3_reset(look);
    if (rc == SQLITE_OK && seen < TEXTS_LOOK_ROWS) {
        t->look++;
        t->after = INT64_MIN;
    }
    return rc;
}

/* Some at least, however little time the clock has left: a busy machine gets on, too.
 */
static int remove_some(struct live_texts *t)
{
    int rc = SQLITE_OK;
    size_t end = t->next + TEXTS_REMOVED_AT_ONCE;
    if (end > t->id_count) end = t->id_count;
    for (; rc == SQLITE_OK && t->next < end; t->next++) {
        if (t->ids[t->next] < 0) continue;
        sqlite3_bind_int64(t->remove, 1, t->ids[t->next]);
        sqlite3_step(t->remove);
        rc = sqlite3_reset(t->remove);
        if (rc == SQLITE_OK) t->removed++;
    }
    return rc;
}

int live_texts_some(struct live_texts *t, int64_t until_ns)
{
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && t->ids != NULL && clock_monotonic_ns() < until_ns) {
        if (t->look < t->look_count)
            rc = look_on(t);
        else if (t->next < t->id_count)
            rc = remove_some(t);
        else
            live_texts_give_up(t); /* it is through */
    }
    return rc;
}
