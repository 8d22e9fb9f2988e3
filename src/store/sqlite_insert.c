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

struct inserter_table {
    struct insert_table out;
    struct row_code code;
};

/* Of one kind: [0] the main table, then the side tables. */
struct inserter_kind {
    const struct field *key; /* NULL: none */
    size_t side_count;
    size_t large; /* the side table of large numbers; 0: none */
    bool is_numbered;
    struct inserter_table tables[1 + PLAN_SIDES_MAX];
};

struct inserter {
    struct inserter_kind kinds[RECORD_KIND_COUNT];
    struct shared_text texts;
};

/* ---- tables ---- */

/* `has_first`: a column `id` stands before those of the plan. */
static int open_table(sqlite3 *db, const struct table_plan *plan,
                      const struct plan_table *planned, bool has_first,
                      struct inserter_table *t)
{
    size_t first = has_first ? 1 : 0;
    uint64_t texts = 0;
    for (size_t i = 0; i < planned->column_count; i++) {
        if (planned->columns[i].kind == COLUMN_TEXT)
            texts |= UINT64_C(1) << (first + i);
    }
    row_code_make(plan, planned, first, &t->code);
    return insert_table_prepare(&t->out, db, planned->name, t->code.cell_count, texts);
}

static int open_kind(sqlite3 *db, const struct table_plan *plan,
                     struct inserter_kind *k)
{
    k->key = plan->key;
    k->side_count = plan->side_count;
    k->large = plan->large_name[0] == '\0' ? 0 : 1 + plan->large;
    k->is_numbered = plan->layout->is_numbered;
    int rc = open_table(db, plan, &plan->main, k->is_numbered, &k->tables[0]);
    for (size_t i = 0; rc == SQLITE_OK && i < k->side_count; i++)
        rc = open_table(db, plan, &plan->sides[i], true, &k->tables[1 + i]);
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

/* ---- rows ---- */

static int put_row(struct inserter *in, struct inserter_table *t, int64_t id,
                   const void *record, bool *is_large)
{
    struct row_batch *batch = &t->out.rows.batch;
    int64_t *cells = row_batch_add(batch);
    cells[0] = id; /* a table without a first column `id` writes over it */
    int rc = row_code_fill(&t->code, &in->texts, record, batch, cells, is_large);
    return rc == SQLITE_OK ? insert_table_write_full(&t->out) : rc;
}

int sqlite_insert_put(struct inserter *in, enum record_kind kind, const void *record)
{
    struct inserter_kind *k = &in->kinds[kind];
    int64_t key = k->key == NULL ? RECORD_UNKNOWN : record_integer(k->key, record);
    bool is_large = false;
    /* Without a key SQLite counts the rows itself. */
    int rc = put_row(in, &k->tables[0], RECORD_UNKNOWN, record, &is_large);
    for (size_t i = 1; rc == SQLITE_OK && i <= k->side_count; i++) {
        struct inserter_table *side = &k->tables[i];
        bool is_row =
            i == k->large ? is_large : row_code_is_unusual(&side->code, key, record);
        if (is_row) rc = put_row(in, side, key, record, &is_large);
    }
    return rc;
}
