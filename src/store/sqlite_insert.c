/* One batch and one statement per table. A record becomes a row of its kind's main
 * batch, and of a side table's where it says something unusual; a full batch goes into
 * the database as a whole.
 *
 *   record --cells by the plan--> batch of exchange -------.
 *      |'----unusual only-------> batch of exchange_timing --full--> INSERT ... SELECT
 *      '--new text--------------> batch of text ----------' */
#include "store/sqlite_insert.h"

#include "store/insert_table.h"
#include "store/row_code.h"
#include "store/shared_text.h"
#include "store/side_code.h"

#include <assert.h>
#include <string.h>

struct inserter_table {
    struct insert_table out;
    struct row_code code;
};

/* Of one kind: [0] the main table, then the side tables. */
struct inserter_kind {
    size_t key_offset;
    bool has_key;
    uint32_t large; /* bit of the side table of large numbers; 0: none */
    size_t side_count;
    struct side_code sides;
    struct inserter_table tables[1 + PLAN_SIDES_MAX];
};

struct inserter {
    struct inserter_kind kinds[RECORD_KIND_COUNT];
    struct shared_text texts;
};

/* ---- tables ---- */

/* `is_side`: a column `id` stands before those of the plan. `is_keyed`: the first of
 * all is the key. */
static int open_table(sqlite3 *db, const struct table_plan *plan,
                      const struct plan_table *planned, bool is_side, bool is_keyed,
                      struct inserter_table *t)
{
    size_t first = is_side ? 1 : 0;
    uint64_t texts = 0;
    for (size_t i = 0; i < planned->column_count; i++) {
        if (planned->columns[i].kind == COLUMN_TEXT)
            texts |= UINT64_C(1) << (first + i);
    }
    row_code_make(plan, planned, first, &t->code);
    return insert_table_prepare(&t->out, db, planned->name, t->code.cell_count, texts,
                                is_keyed);
}

static int open_kind(sqlite3 *db, const struct table_plan *plan,
                     struct inserter_kind *k)
{
    k->has_key = plan->key != NULL;
    if (k->has_key) k->key_offset = plan->key->offset;
    assert(!k->has_key || plan->key->type == FIELD_INTEGER);
    k->large = plan->large_name[0] == '\0' ? 0 : UINT32_C(1) << plan->large;
    k->side_count = plan->side_count;
    side_code_make(plan, &k->sides);
    int rc = open_table(db, plan, &plan->main, false, k->has_key, &k->tables[0]);
    for (size_t i = 0; rc == SQLITE_OK && i < k->side_count; i++)
        rc = open_table(db, plan, &plan->sides[i], true, true, &k->tables[1 + i]);
    return rc;
}

int sqlite_insert_new(sqlite3 *db, const struct table_plan plans[RECORD_KIND_COUNT],
                      struct inserter **out)
{
    struct inserter *in = mem_alloc(sizeof *in);
    *out = in;
    int rc = shared_text_open(&in->texts, db);
    for (size_t i = 0; rc == SQLITE_OK && i < RECORD_KIND_COUNT; i++)
        rc = open_kind(db, &plans[i], &in->kinds[i]);
    return rc;
}

void sqlite_insert_free(struct inserter *in)
{
    if (in == NULL) return;
    for (size_t i = 0; i < RECORD_KIND_COUNT; i++) {
        for (size_t k = 0; k < ARRAY_LENGTH(in->kinds[i].tables); k++)
            insert_table_done(&in->kinds[i].tables[k].out);
    }
    shared_text_close(&in->texts);
    mem_free(in);
}

int64_t sqlite_insert_forget_texts(struct inserter *in)
{
    return shared_text_forget(&in->texts);
}

int sqlite_insert_flush(struct inserter *in)
{
    int rc = insert_table_write(&in->texts.table);
    for (size_t i = 0; i < RECORD_KIND_COUNT; i++) {
        for (size_t k = 0; rc == SQLITE_OK && k <= in->kinds[i].side_count; k++)
            rc = insert_table_write(&in->kinds[i].tables[k].out);
    }
    return rc;
}

uint64_t sqlite_insert_row_count(const struct inserter *in, enum record_kind kind,
                                 size_t table)
{
    return in->kinds[kind].tables[table].out.written;
}

uint64_t sqlite_insert_text_count(const struct inserter *in)
{
    return in->texts.table.written;
}

/* ---- rows ---- */

static int put_row(struct inserter *in, struct inserter_table *t, int64_t id,
                   const void *record, bool *is_large)
{
    struct row_batch *batch = &t->out.rows.batch;
    int64_t *cells = row_batch_add(batch);
    cells[0] = id; /* a main table, which has no such column, writes over it */
    int rc = row_code_fill(&t->code, &in->texts, record, batch, cells, is_large);
    return rc == SQLITE_OK ? insert_table_write_full(&t->out) : rc;
}

int sqlite_insert_put(struct inserter *in, enum record_kind kind, const void *record)
{
    struct inserter_kind *k = &in->kinds[kind];
    bool is_large = false;
    int rc = put_row(in, &k->tables[0], RECORD_UNKNOWN, record, &is_large);
    if (!k->has_key) return rc;
    int64_t key;
    memcpy(&key, (const uint8_t *)record + k->key_offset, sizeof key);
    uint32_t rows = side_code_find_rows(&k->sides, key, record);
    if (is_large) rows |= k->large;
    for (; rc == SQLITE_OK && rows != 0; rows &= rows - 1) {
        size_t side = (size_t)__builtin_ctz(rows);
        rc = put_row(in, &k->tables[1 + side], key, record, &is_large);
    }
    return rc;
}
