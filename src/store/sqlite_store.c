/* A database from opening to its finished name.
 *
 *   new:      path.partial-PID --rows, no journal--> indexes --> fsync --> path
 *   existing: WAL, a commit each second -----------> checkpoint, journal_mode=DELETE
 *
 * The first thing that goes wrong is kept; what follows it would only blur it. */
#include "store/sqlite_store.h"

#include "store/bare_table.h"
#include "store/code_rows.h"
#include "store/question_view.h"
#include "store/sorted_index.h"
#include "store/sqlite_insert.h"
#include "store/sqlite_schema.h"
#include "store/table_statistics.h"
#include "store/view_row.h"

#include <sqlite3.h>
#include <string.h>

enum {
    STORE_BUSY_MS = 5000,
    STORE_COMMIT_NS = 1000000000,      /* rows are committed at least this often */
    STORE_WRITE_OUT_RECORDS = 1 << 15, /* some 4 MB of a new file */
};

struct store {
    struct database_file file;
    sqlite3 *db;
    struct table_plan plans[RECORD_KIND_COUNT];
    struct schema *schema;
    struct inserter *inserter;
    struct sorted_index exchanges; /* of a new file, as the next one */
    uint64_t record_count;
    int64_t first_capture_id;
    int64_t began_ns; /* the open transaction, when appending */
    bool is_ours;     /* appended to; another program's file stays as it was */
    enum status status;
    struct problem why;
};

static bool is_new(const struct store *s)
{
    return s->file.lock < 0;
}

/* ---- what went wrong ---- */

/* Keeps the first reason as a sentence. */
static enum status fail(struct store *s, int rc)
{
    if (s->status != STATUS_OK) return s->status;
    const char *path = s->file.path, *message = sqlite3_errmsg(s->db);
    s->status = STATUS_FAILED;
    switch (rc & 0xff) { /* the primary code */
    case SQLITE_FULL:
        return problem_set(&s->why, s->status,
                           "no space left for %s: make room or choose another -o",
                           path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return problem_set(&s->why, s->status,
                           "%s is in use by another program: close it there", path);
    case SQLITE_READONLY:
        return problem_set(&s->why, s->status, "no right to write to %s or its folder",
                           path);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return problem_set(&s->why, s->status, "%s is damaged (%s): choose another -o",
                           path, message);
    }
    return problem_set(&s->why, s->status, "writing %s failed: %s", path, message);
}

static int execute(struct store *s, const char *sql)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

static enum status run(struct store *s, const char *sql)
{
    int rc = execute(s, sql);
    return rc == SQLITE_OK ? STATUS_OK : fail(s, rc);
}

/* One number out of the database; 0 when there is none. */
static enum status ask(struct store *s, const char *sql, int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    *out = 0;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) *out = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? STATUS_OK : fail(s, rc);
}

/* ---- opening ---- */

static enum status connect(struct store *s)
{
    const char *path = is_new(s) ? s->file.partial : s->file.path;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int rc = sqlite3_open_v2(path, &s->db, flags, NULL);
    if (rc != SQLITE_OK) return fail(s, rc);
    sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
    /* A new file's texts in sqlite_master are written, which some systems forbid. */
    rc = sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    return rc == SQLITE_OK ? STATUS_OK : fail(s, rc);
}

static enum status fill_codes(struct store *s)
{
    int rc = code_rows_fill(s->db);
    return rc == SQLITE_OK ? STATUS_OK : fail(s, rc);
}

static enum status update_questions(struct store *s)
{
    int rc = question_view_update(s->db);
    return rc == SQLITE_OK ? STATUS_OK : fail(s, rc);
}

static enum status create_tables(struct store *s)
{
    int rc = bare_table_create_all(s->db, s->plans, s->schema);
    return rc == SQLITE_OK ? STATUS_OK : fail(s, rc);
}

static enum status create(struct store *s)
{
    struct buffer identity = {.ptr = NULL};
    buffer_print(&identity, "PRAGMA application_id=%d; PRAGMA user_version=%d",
                 (int)STORE_APPLICATION_ID, (int)STORE_SCHEMA_VERSION);
    buffer_append(&identity, bytes_of("", 1));
    enum status rc = run(s, "PRAGMA page_size=16384; PRAGMA journal_mode=OFF;"
                            "PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;"
                            "PRAGMA cache_size=-2048; PRAGMA secure_delete=OFF");
    if (rc == STATUS_OK) rc = run(s, (const char *)identity.ptr);
    if (rc == STATUS_OK) rc = run(s, "BEGIN");
    if (rc == STATUS_OK) rc = create_tables(s);
    buffer_done(&identity);
    return rc == STATUS_OK ? fill_codes(s) : rc;
}

static enum status check_identity(struct store *s)
{
    int64_t id, version;
    enum status rc = ask(s, "PRAGMA application_id", &id);
    if (rc == STATUS_OK) rc = ask(s, "PRAGMA user_version", &version);
    if (rc != STATUS_OK) return rc;
    if (id == STORE_APPLICATION_ID && version == STORE_SCHEMA_VERSION) return STATUS_OK;
    s->status = STATUS_FAILED;
    if (id != STORE_APPLICATION_ID)
        return problem_set(&s->why, s->status,
                           "%s is a database of another program: choose another -o",
                           s->file.path);
    bool is_newer = version > STORE_SCHEMA_VERSION;
    return problem_set(&s->why, s->status,
                       "%s was made by %s hopscope (schema %lld): use that version or "
                       "choose another -o",
                       s->file.path, is_newer ? "a newer" : "an older",
                       (long long)version);
}

/* The bits of the flags mean what the text says: rows of another layout beside ours
 * would be read wrongly, so every table and view must be the very same. */
static enum status check_schema(struct store *s)
{
    sqlite3_stmt *statement = NULL;
    bool is_same = true;
    int rc = sqlite3_prepare_v2(s->db, "SELECT sql FROM sqlite_master WHERE name = ?1",
                                -1, &statement, NULL);
    for (size_t i = 0; rc == SQLITE_OK && is_same && i < s->schema->object_count; i++) {
        const struct schema_object *o = &s->schema->objects[i];
        sqlite3_bind_text(statement, 1, o->name, -1, SQLITE_STATIC);
        rc = sqlite3_step(statement);
        is_same =
            rc == SQLITE_ROW &&
            bytes_are(bytes_of_text((const char *)sqlite3_column_text(statement, 0)),
                      o->sql);
        if (rc == SQLITE_ROW || rc == SQLITE_DONE) rc = sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    if (rc != SQLITE_OK) return fail(s, rc);
    if (is_same) return STATUS_OK;
    s->status = STATUS_FAILED;
    return problem_set(&s->why, s->status,
                       "the tables of %s are not the ones this hopscope writes: choose "
                       "another -o",
                       s->file.path);
}

/* Ids begin with the capture's, so that one must be new even where an earlier run
 * ended before it wrote its capture's row. */
static enum status find_first_capture(struct store *s)
{
    int64_t captures, connections, exchanges;
    enum status rc = ask(s, "SELECT MAX(id) FROM capture", &captures);
    if (rc == STATUS_OK)
        rc = ask(s, "SELECT MAX(id) >> 32 FROM connection", &connections);
    if (rc == STATUS_OK)
        rc = ask(s, "SELECT MAX(connection_id) >> 32 FROM exchange", &exchanges);
    if (rc != STATUS_OK) return rc;
    int64_t last = captures > connections ? captures : connections;
    s->first_capture_id = (last > exchanges ? last : exchanges) + 1;
    return STATUS_OK;
}

static enum status prepare_append(struct store *s)
{
    enum status rc = run(s, "BEGIN"); /* a hundred looks, locked once */
    if (rc == STATUS_OK) rc = check_identity(s);
    if (rc == STATUS_OK) rc = check_schema(s);
    s->is_ours = rc == STATUS_OK;
    if (rc == STATUS_OK)
        rc = run(s, "COMMIT; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                    "PRAGMA cache_size=-16384; PRAGMA secure_delete=OFF;"
                    "BEGIN IMMEDIATE");
    if (rc == STATUS_OK) rc = fill_codes(s);
    if (rc == STATUS_OK) rc = update_questions(s);
    if (rc == STATUS_OK) rc = find_first_capture(s);
    return rc == STATUS_OK ? run(s, "COMMIT") : rc;
}

enum status store_open(const char *path, struct store **out, struct problem *why)
{
    struct store *s = mem_alloc(sizeof *s);
    s->first_capture_id = 1;
    s->status = database_file_open(&s->file, path, &s->why);
    if (s->status != STATUS_OK) goto done;
    for (int i = 0; i < RECORD_KIND_COUNT; i++)
        table_plan_make((enum record_kind)i, &s->plans[i]);
    s->schema = sqlite_schema_new(s->plans);
    if (connect(s) != STATUS_OK) goto done;
    if ((is_new(s) ? create(s) : prepare_append(s)) != STATUS_OK) goto done;
    int rc = sqlite_insert_new(s->db, s->plans, &s->inserter);
    if (rc != SQLITE_OK) fail(s, rc);
    if (s->status == STATUS_OK && is_new(s))
        sorted_index_init(&s->exchanges, s->db, "exchange", &sorted_index_usual);
done:
    if (s->status == STATUS_OK) {
        *out = s;
        return STATUS_OK;
    }
    problem_set(why, STATUS_FAILED, "%s", s->why.text);
    store_free(s);
    return STATUS_FAILED;
}

uint32_t store_first_capture_id(const struct store *s)
{
    return (uint32_t)s->first_capture_id;
}

/* ---- rows ---- */

/* With every row that was put before. */
static enum status commit(struct store *s)
{
    int rc = sqlite_insert_flush(s->inserter);
    return rc == SQLITE_OK ? run(s, "COMMIT") : fail(s, rc);
}

/* Others may read an existing database meanwhile: they see rows a second old at most.
 */
static enum status keep_transaction(struct store *s)
{
    if (is_new(s)) return STATUS_OK; /* one, begun with the tables */
    bool is_begun = sqlite3_get_autocommit(s->db) == 0;
    int64_t now = clock_monotonic_ns();
    if (is_begun && now - s->began_ns < STORE_COMMIT_NS) return STATUS_OK;
    if (is_begun && commit(s) != STATUS_OK) return s->status;
    s->began_ns = now;
    return run(s, "BEGIN IMMEDIATE");
}

/* What a new file would else have all of at the end. */
static int follow(struct store *s, enum record_kind kind, const void *record)
{
    if (++s->record_count % STORE_WRITE_OUT_RECORDS == 0)
        database_file_write_out(&s->file);
    if (kind != RECORD_EXCHANGE) return SQLITE_OK;
    const struct record_exchange *e = record;
    return sorted_index_add(&s->exchanges, e->connection_id, e->id);
}

static enum status store_put(void *context, enum record_kind kind, const void *record)
{
    struct store *s = context;
    if (s->status != STATUS_OK) return s->status;
    if (keep_transaction(s) != STATUS_OK) return s->status;
    int rc = sqlite_insert_put(s->inserter, kind, record);
    if (rc == SQLITE_OK && is_new(s)) rc = follow(s, kind, record);
    return rc == SQLITE_OK ? STATUS_OK : fail(s, rc);
}

struct record_sink store_sink(struct store *s)
{
    return (struct record_sink){.context = s, .put = store_put};
}

/* ---- the end ---- */

static void disconnect(struct store *s)
{
    sorted_index_done(&s->exchanges);
    sqlite_insert_free(s->inserter);
    s->inserter = NULL;
    if (s->db != NULL && !is_new(s)) {
        /* Neither has to work: others may hold it in WAL mode. */
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
        if (s->is_ours)
            sqlite3_exec(s->db, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
    }
    int rc = sqlite3_close(s->db);
    if (rc != SQLITE_OK) fail(s, rc);
    s->db = NULL;
}

static int make_indexes(struct store *s)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && sqlite_schema_indexes[i] != NULL; i++)
        rc = execute(s, sqlite_schema_indexes[i]);
    return rc;
}

/* The tables' own texts come last, when no statement asks for them any more. */
static int finish_new(struct store *s)
{
    int rc = sorted_index_finish(&s->exchanges);
    if (rc == SQLITE_OK) rc = make_indexes(s);
    if (rc == SQLITE_OK) rc = table_statistics_write(s->db, s->plans, s->inserter);
    if (rc == SQLITE_OK) rc = view_row_add_all(s->db, s->schema);
    if (rc == SQLITE_OK) rc = bare_table_dress_all(s->db, s->schema);
    return rc;
}

static int finish_appended(struct store *s)
{
    int rc = make_indexes(s);
    return rc == SQLITE_OK ? execute(s, "PRAGMA analysis_limit=1000; ANALYZE") : rc;
}

static void conclude(struct store *s)
{
    int rc = sqlite_insert_flush(s->inserter);
    if (rc == SQLITE_OK) rc = execute(s, "PRAGMA cache_size=-16384");
    if (rc == SQLITE_OK) rc = is_new(s) ? finish_new(s) : finish_appended(s);
    if (rc == SQLITE_OK && sqlite3_get_autocommit(s->db) == 0)
        rc = execute(s, "COMMIT");
    if (rc != SQLITE_OK) fail(s, rc);
}

enum status store_finish(struct store *s, struct problem *why)
{
    if (s->status == STATUS_OK) conclude(s);
    disconnect(s);
    if (s->status == STATUS_OK && is_new(s))
        s->status = database_file_publish(&s->file, &s->why);
    if (s->status != STATUS_OK) problem_set(why, s->status, "%s", s->why.text);
    return s->status;
}

enum status sqlite_store_hand_over(struct store *s, struct database_file *place,
                                   sqlite3 **db, struct problem *why)
{
    *db = NULL;
    if (is_new(s)) return store_finish(s, why);
    int rc = make_indexes(s);
    if (rc != SQLITE_OK) fail(s, rc);
    if (s->status != STATUS_OK) return problem_set(why, s->status, "%s", s->why.text);
    sqlite_insert_free(s->inserter);
    s->inserter = NULL;
    *place = s->file;
    *db = s->db;
    s->file = (struct database_file){.lock = -1};
    s->db = NULL;
    return STATUS_OK;
}

void store_free(struct store *s)
{
    if (s == NULL) return;
    disconnect(s);
    sqlite_schema_free(s->schema);
    database_file_close(&s->file);
    mem_free(s);
}
