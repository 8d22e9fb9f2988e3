#include "store/sqlite_insert.h"

#include <string.h>

struct inserter {
    sqlite3 *db;
    const struct table_plan *plans;
    /* [0] the main table's, then the side tables' */
    sqlite3_stmt *statements[RECORD_KIND_COUNT][1 + PLAN_SIDES_MAX];
    sqlite3_stmt *text_statement;
    int64_t next_text_id;
    struct intern *texts;     /* by what was captured */
    struct intern *addresses; /* by version and bytes: found without formatting */
    struct buffer scratch;
};

/* ---- statements ---- */

static int prepare_insert(sqlite3 *db, const struct plan_table *t, bool has_first,
                          sqlite3_stmt **out)
{
    struct buffer sql = {.ptr = NULL};
    size_t count = t->column_count + (has_first ? 1 : 0);
    buffer_print(&sql, "INSERT INTO %s VALUES (", t->name);
    for (size_t i = 1; i <= count; i++) buffer_print(&sql, i == 1 ? "?1" : ",?%zu", i);
    buffer_append_text(&sql, ")");
    int rc = sqlite3_prepare_v3(db, (const char *)sql.ptr, (int)sql.len,
                                SQLITE_PREPARE_PERSISTENT, out, NULL);
    buffer_done(&sql);
    return rc;
}

static int prepare_all(struct inserter *in)
{
    for (size_t i = 0; i < RECORD_KIND_COUNT; i++) {
        const struct table_plan *plan = &in->plans[i];
        sqlite3_stmt **statements = in->statements[i];
        int rc = prepare_insert(in->db, &plan->main, plan->layout->is_numbered,
                                &statements[0]);
        for (size_t k = 0; rc == SQLITE_OK && k < plan->side_count; k++)
            rc = prepare_insert(in->db, &plan->sides[k], true, &statements[1 + k]);
        if (rc != SQLITE_OK) return rc;
    }
    return sqlite3_prepare_v3(in->db, "INSERT INTO text VALUES (?1, ?2)", -1,
                              SQLITE_PREPARE_PERSISTENT, &in->text_statement, NULL);
}

/* The texts that are there already get no second number, as far as memory goes. */
static int load_texts(struct inserter *in)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(
        in->db, "SELECT id, value FROM text ORDER BY id LIMIT ?1", -1, &s, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_int(s, 1, INTERN_COUNT_MAX / 2);
    while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        const char *value = (const char *)sqlite3_column_text(s, 1);
        struct bytes text = bytes_of(value, (size_t)sqlite3_column_bytes(s, 1));
        intern_add(in->texts, text, sqlite3_column_int64(s, 0));
        rc = SQLITE_OK;
    }
    sqlite3_finalize(s);
    if (rc != SQLITE_DONE) return rc;
    rc = sqlite3_prepare_v2(in->db, "SELECT COALESCE(MAX(id), 0) + 1 FROM text", -1, &s,
                            NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) in->next_text_id = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

int sqlite_insert_new(sqlite3 *db, const struct table_plan plans[RECORD_KIND_COUNT],
                      struct inserter **out)
{
    struct inserter *in = mem_alloc(sizeof *in);
    in->db = db;
    in->plans = plans;
    in->texts = intern_new();
    in->addresses = intern_new();
    *out = in;
    int rc = prepare_all(in);
    return rc == SQLITE_OK ? load_texts(in) : rc;
}

void sqlite_insert_free(struct inserter *in)
{
    if (in == NULL) return;
    for (size_t i = 0; i < RECORD_KIND_COUNT; i++) {
        for (size_t k = 0; k < ARRAY_LENGTH(in->statements[i]); k++)
            sqlite3_finalize(in->statements[i][k]);
    }
    sqlite3_finalize(in->text_statement);
    intern_free(in->texts);
    intern_free(in->addresses);
    buffer_done(&in->scratch);
    mem_free(in);
}

/* ---- shared texts ---- */

static int step_once(sqlite3_stmt *s)
{
    int rc = sqlite3_step(s);
    sqlite3_reset(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int bind_text(sqlite3_stmt *s, int at, struct bytes text)
{
    if (text.ptr == NULL) return sqlite3_bind_null(s, at);
    return sqlite3_bind_text64(s, at, (const char *)text.ptr, text.len, SQLITE_STATIC,
                               SQLITE_UTF8);
}

static int add_text(struct inserter *in, struct bytes text, int64_t *id)
{
    *id = in->next_text_id++;
    int rc = sqlite3_bind_int64(in->text_statement, 1, *id);
    if (rc == SQLITE_OK)
        rc = bind_text(in->text_statement, 2, record_utf8(text, &in->scratch));
    return rc == SQLITE_OK ? step_once(in->text_statement) : rc;
}

/* *id 0: NULL. */
static int find_text(struct inserter *in, struct bytes text, int64_t *id)
{
    *id = 0;
    if (text.ptr == NULL) return SQLITE_OK;
    *id = intern_find(in->texts, text);
    if (*id != 0) return SQLITE_OK;
    int rc = add_text(in, text, id);
    if (rc == SQLITE_OK) intern_add(in->texts, text, *id);
    return rc;
}

static int find_address(struct inserter *in, const struct field *f, const void *record,
                        int64_t *id)
{
    const struct endpoint *e = (const void *)((const uint8_t *)record + f->offset);
    char text[ADDRESS_TEXT_MAX];
    uint8_t key[1 + sizeof e->address];
    *id = 0;
    if (e->version == 0) return SQLITE_OK;
    key[0] = e->version;
    memcpy(key + 1, e->address, sizeof e->address);
    *id = intern_find(in->addresses, bytes_of(key, sizeof key));
    if (*id != 0) return SQLITE_OK;
    endpoint_format_address(e, text);
    int rc = find_text(in, bytes_of_text(text), id);
    if (rc == SQLITE_OK) intern_add(in->addresses, bytes_of(key, sizeof key), *id);
    return rc;
}

/* ---- columns ---- */

static int bind_integer(sqlite3_stmt *s, int at, int64_t value)
{
    if (value == RECORD_UNKNOWN) return sqlite3_bind_null(s, at);
    return sqlite3_bind_int64(s, at, value);
}

/* What the column holds: the value, less its base where that is known. */
static int64_t relative_value(const struct plan_column *c, int64_t value,
                              const void *record)
{
    if (value == RECORD_UNKNOWN || c->base == NULL) return value;
    int64_t base = table_plan_integer(c->base, record);
    if (base == RECORD_UNKNOWN) return value;
    return (int64_t)((uint64_t)value - (uint64_t)base);
}

static int64_t flags_value(const struct table_plan *plan, const struct plan_column *c,
                           const void *record)
{
    uint64_t flags = 0;
    const struct flag_part *parts = &plan->parts[c->first_part];
    for (size_t i = 0; i < c->part_count; i++)
        flags |= table_plan_flag(&parts[i], record) << parts[i].shift;
    return (int64_t)flags;
}

static int bind_interned(struct inserter *in, const struct field *f, const void *record,
                         sqlite3_stmt *s, int at)
{
    int64_t id;
    int rc = f->type == FIELD_ADDRESS ? find_address(in, f, record, &id)
                                      : find_text(in, record_text(f, record), &id);
    if (rc != SQLITE_OK) return rc;
    return id == 0 ? sqlite3_bind_null(s, at) : sqlite3_bind_int64(s, at, id);
}

/* A text is borrowed until the row is written, so a cleaned copy is given to SQLite. */
static int bind_clean_text(struct inserter *in, struct bytes text, sqlite3_stmt *s,
                           int at)
{
    struct bytes clean = record_utf8(text, &in->scratch);
    if (clean.ptr == text.ptr) return bind_text(s, at, text);
    return sqlite3_bind_text64(s, at, (const char *)clean.ptr, clean.len,
                               SQLITE_TRANSIENT, SQLITE_UTF8);
}

static int bind_column(struct inserter *in, const struct table_plan *plan,
                       const struct plan_column *c, const void *record, sqlite3_stmt *s,
                       int at)
{
    uint64_t ref;
    switch (c->kind) {
    case COLUMN_INTEGER:
        return bind_integer(
            s, at, relative_value(c, table_plan_integer(c->field, record), record));
    case COLUMN_REF:
        ref = record_ref(c->field, record);
        if (ref == 0) return sqlite3_bind_null(s, at);
        return bind_integer(s, at, relative_value(c, (int64_t)ref, record));
    case COLUMN_TEXT: return bind_clean_text(in, record_text(c->field, record), s, at);
    case COLUMN_INTERNED: return bind_interned(in, c->field, record, s, at);
    case COLUMN_FLAGS: return sqlite3_bind_int64(s, at, flags_value(plan, c, record));
    }
    return SQLITE_MISUSE;
}

/* ---- rows ---- */

/* `first`: number of the parameter of the table's first column in the plan. */
static int insert_row(struct inserter *in, const struct table_plan *plan,
                      const struct plan_table *t, const void *record, sqlite3_stmt *s,
                      int first)
{
    for (size_t i = 0; i < t->column_count; i++) {
        int rc = bind_column(in, plan, &t->columns[i], record, s, first + (int)i);
        if (rc != SQLITE_OK) return rc;
    }
    return step_once(s);
}

/* Whether a side table's row would say anything that its absence does not. */
static bool side_is_unusual(const struct plan_table *side, const void *record)
{
    for (size_t i = 0; i < side->column_count; i++) {
        const struct plan_column *c = &side->columns[i];
        if (c->kind == COLUMN_TEXT) {
            if (record_text(c->field, record).ptr != NULL) return true;
        } else if (table_plan_integer(c->field, record) !=
                   table_plan_usual(c, record)) {
            return true;
        }
    }
    return false;
}

int sqlite_insert_put(struct inserter *in, enum record_kind kind, const void *record)
{
    const struct table_plan *plan = &in->plans[kind];
    sqlite3_stmt **statements = in->statements[kind];
    int first = plan->layout->is_numbered ? 2 : 1;
    int rc = insert_row(in, plan, &plan->main, record, statements[0], first);
    for (size_t i = 0; rc == SQLITE_OK && i < plan->side_count; i++) {
        if (!side_is_unusual(&plan->sides[i], record)) continue;
        rc = sqlite3_bind_int64(statements[1 + i], 1,
                                table_plan_integer(plan->key, record));
        if (rc == SQLITE_OK)
            rc = insert_row(in, plan, &plan->sides[i], record, statements[1 + i], 2);
    }
    return rc;
}
