/* CREATE INDEX at the end reads every page again and sorts all entries, on one core
 * while the others wait. Here that is done by the handful, while rows still come.
 *
 *   row --> entries --full: sorted--> table <of its table>_connection --end--> index
 *
 * Connections begin one after the other, so nearly all of a batch goes to the end of
 * the table. A table WITHOUT ROWID of (connection_id, id) and an index on connection_id
 * of a table with the key id are the same b-tree of the same records (sqlite.org/
 * fileformat2.html, 2.4 and 2.5); at the end its row in sqlite_master says the latter.
 *
 * Less than one batch is left to CREATE INDEX, and so is a capture with so many
 * connections that go on and on that each batch would touch the whole tree. */
#include "store/sorted_index.h"

#include <stdio.h>

enum { SORTED_INDEX_GOES_ON = 4 * ROW_BATCH_ROWS }; /* entries written at a time */

void sorted_index_init(struct sorted_index *x, sqlite3 *db, const char *table,
                       const struct sorted_index_limits *limits)
{
    *x = (struct sorted_index){.db = db, .table_name = table, .limits = *limits};
    snprintf(x->name, sizeof x->name, "%s_connection", table);
    x->entries = mem_alloc_array(limits->entries, sizeof *x->entries);
    x->sorted = mem_alloc_array(limits->entries, sizeof *x->sorted);
    x->scratch = mem_alloc_array(limits->entries, sizeof *x->scratch);
}

static void forget(struct sorted_index *x)
{
    insert_table_done(&x->table);
    mem_free(x->entries);
    mem_free(x->sorted);
    mem_free(x->scratch);
    x->entries = x->sorted = x->scratch = NULL;
    x->entry_count = x->sorted_count = 0;
    x->is_given_up = true;
}

void sorted_index_done(struct sorted_index *x)
{
    if (x->db != NULL) forget(x);
}

/* `format`: with up to four `%s` that each stand for the table's name. */
static int execute(struct sorted_index *x, const char *format)
{
    const char *t = x->table_name;
    char *sql = sqlite3_mprintf(format, t, t, t, t);
    int rc = sql == NULL ? SQLITE_NOMEM : sqlite3_exec(x->db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    return rc;
}

static int give_up(struct sorted_index *x)
{
    forget(x);
    return execute(x, "DROP TABLE IF EXISTS %s_connection");
}

/* ---- sorting ---- */

static uint64_t key_of(const struct index_entry *e, bool by_connection)
{
    return (uint64_t)(by_connection ? e->connection : e->id);
}

static void swap(struct index_entry **a, struct index_entry **b)
{
    struct index_entry *was = *a;
    *a = *b;
    *b = was;
}

/* One pass of a radix sort: the order within the same byte stays. */
static void sort_by_byte(struct sorted_index *x, bool by_connection, unsigned shift)
{
    size_t places[256] = {0}, place = 0;
    for (size_t i = 0; i < x->entry_count; i++)
        places[key_of(&x->entries[i], by_connection) >> shift & 0xff]++;
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        size_t count = places[i];
        places[i] = place;
        place += count;
    }
    for (size_t i = 0; i < x->entry_count; i++) {
        const struct index_entry *e = &x->entries[i];
        x->scratch[places[key_of(e, by_connection) >> shift & 0xff]++] = *e;
    }
    swap(&x->entries, &x->scratch);
}

/* Most bytes are the same in all: those are no passes. */
static void sort_by(struct sorted_index *x, bool by_connection)
{
    uint64_t first = key_of(&x->entries[0], by_connection), varying = 0;
    for (size_t i = 1; i < x->entry_count; i++)
        varying |= key_of(&x->entries[i], by_connection) ^ first;
    for (unsigned shift = 0; shift < 64; shift += 8)
        if ((varying >> shift & 0xff) != 0) sort_by_byte(x, by_connection, shift);
}

static bool is_sorted(const struct sorted_index *x)
{
    for (size_t i = 1; i < x->entry_count; i++) {
        const struct index_entry *a = &x->entries[i - 1], *b = &x->entries[i];
        if (a->connection == b->connection && a->id > b->id) return false;
    }
    return true;
}

/* Rows of one connection mostly come in the order of their ids, and stay in it. */
static void sort(struct sorted_index *x)
{
    sort_by(x, true);
    if (is_sorted(x)) return;
    sort_by(x, false);
    sort_by(x, true);
}

/* ---- writing ---- */

static int create_table(struct sorted_index *x)
{
    int rc = execute(x, "CREATE TABLE %s_connection (connection_id, id, "
                        "PRIMARY KEY (connection_id, id)) WITHOUT ROWID");
    return rc == SQLITE_OK
               ? insert_table_prepare(&x->table, x->db, x->name, 2, 0, false)
               : rc;
}

/* Each connection that is not at the end has some other page, as far as there are any.
 */
static bool is_scattered(const struct sorted_index *x)
{
    enum { PAGE_ENTRIES = 512 };
    size_t pages = 0;
    if (x->written / PAGE_ENTRIES <= x->limits.pages) return false;
    for (size_t i = 0; i < x->entry_count; i++) {
        if (x->entries[i].connection > x->last) break;
        if (i == 0 || x->entries[i].connection != x->entries[i - 1].connection) pages++;
    }
    return pages > x->limits.pages;
}

static int write_sorted(struct sorted_index *x, size_t count)
{
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && count-- > 0 && x->sorted_first < x->sorted_count) {
        const struct index_entry *e = &x->sorted[x->sorted_first++];
        int64_t *cells = row_batch_add(&x->table.rows.batch);
        cells[0] = e->connection;
        cells[1] = e->id;
        rc = insert_table_write_full(&x->table);
    }
    return rc;
}

/* The batch before is written to its end, and what is gathered becomes the next. */
static int turn(struct sorted_index *x)
{
    int rc = write_sorted(x, SIZE_MAX);
    if (rc != SQLITE_OK || x->entry_count == 0) return rc;
    sort(x);
    int64_t last = x->entries[x->entry_count - 1].connection;
    if (last < 0 || is_scattered(x))
        return give_up(x); /* one without a connection is the last as it is the least */
    if (x->written == 0) rc = create_table(x);
    swap(&x->entries, &x->sorted);
    x->written += x->entry_count;
    x->sorted_count = x->entry_count;
    x->entry_count = x->below_count = x->sorted_first = 0;
    x->last = last > x->last ? last : x->last;
    return rc;
}

/* Where hardly one of them belongs among those that are written, it costs nothing to
 * sort few of them together, and fewer are left to the end of the run. */
static bool is_at_end(const struct sorted_index *x)
{
    enum { BELOW_PART = 16 };
    bool is_idle = x->sorted_first == x->sorted_count;
    return is_idle && x->written > 0 && x->entry_count >= x->limits.few &&
           x->below_count < x->entry_count / BELOW_PART;
}

/* Four entries for each that came: no burst keeps the rows waiting, and a batch is
 * written long before the next is whole. */
int sorted_index_go_on(struct sorted_index *x)
{
    if (x->entry_count == x->limits.entries || is_at_end(x)) return turn(x);
    return write_sorted(x, SORTED_INDEX_GOES_ON);
}

int sorted_index_finish(struct sorted_index *x)
{
    if (x->written == 0 || x->is_given_up) return SQLITE_OK;
    int rc = turn(x);
    if (rc == SQLITE_OK && !x->is_given_up) rc = write_sorted(x, SIZE_MAX);
    if (rc == SQLITE_OK && !x->is_given_up) rc = insert_table_write(&x->table);
    if (rc != SQLITE_OK || x->is_given_up) return rc;
    forget(x);
    return execute(x, "PRAGMA writable_schema=ON;"
                      "UPDATE sqlite_master SET type = 'index', tbl_name = '%s', "
                      "sql = 'CREATE INDEX %s_connection ON %s(connection_id)' "
                      "WHERE name = '%s_connection';"
                      "PRAGMA writable_schema=RESET");
}
