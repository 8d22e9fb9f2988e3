/* A database opened for reading, and statements as rows.
 *
 *   file --is it ours?--> SQLite, armed --> statement --> rows (no type of SQLite's)
 *
 * The identity is read by ourselves first: most wrong files never reach SQLite. */
#include "store/query.h"

#include "store/sqlite_schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HEADER_BYTES = 100,
    HEADER_VERSION = 60, /* where user_version and application_id stand in the file */
    HEADER_APPLICATION = 68,
};

/* ---- the file ---- */

static enum status refuse_other(const char *path, struct problem *why)
{
    return problem_set(why, STATUS_FAILED,
                       "%s is not a database of hopscope; make one of a capture with "
                       "hopscope read -o NEW.db CAPTURE",
                       path);
}

static enum status check_header(const char *path, const uint8_t header[HEADER_BYTES],
                                struct problem *why)
{
    if (memcmp(header, "SQLite format 3", 16) != 0) return refuse_other(path, why);
    struct cursor at = cursor_of(bytes_of(header, HEADER_BYTES));
    cursor_skip(&at, HEADER_VERSION);
    uint32_t version = cursor_be32(&at);
    cursor_skip(&at, HEADER_APPLICATION - HEADER_VERSION - sizeof version);
    if (cursor_be32(&at) != STORE_APPLICATION_ID) return refuse_other(path, why);
    if (version == STORE_SCHEMA_VERSION) return STATUS_OK;
    return problem_set(why, STATUS_FAILED,
                       "%s was made by %s hopscope (schema %lu): use that version, or "
                       "make it anew",
                       path, version > STORE_SCHEMA_VERSION ? "a newer" : "an older",
                       (unsigned long)version);
}

static enum status check_file(const char *path, struct problem *why)
{
    uint8_t header[HEADER_BYTES] = {0};
    struct stat about;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return problem_set(why, STATUS_FAILED, "cannot open %s: %s", path,
                           strerror(errno));
    enum status rc = STATUS_OK;
    bool is_file = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    if (!is_file)
        rc = problem_set(why, STATUS_FAILED, "%s is no file: a database is", path);
    else if (pread(fd, header, sizeof header, 0) != HEADER_BYTES)
        rc = refuse_other(path, why);
    else
        rc = check_header(path, header, why);
    close(fd);
    return rc;
}

/* ---- opening ---- */

/* SQLite reads more than a name into "file:..." and ":memory:". */
static char *plain_path(const char *path)
{
    bool is_special = path[0] == ':' || strncmp(path, "file:", 5) == 0;
    size_t size = strlen(path) + 3;
    char *out = mem_alloc(size);
    snprintf(out, size, "%s%s", is_special ? "./" : "", path);
    return out;
}

enum status query_open(const char *path, const volatile int *stop, struct query **out,
                       struct problem *why)
{
    struct query *q = mem_alloc(sizeof *q);
    q->path = plain_path(path);
    q->stop = stop;
    enum status rc = check_file(q->path, why);
    if (rc != STATUS_OK) goto done;
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(q->path, &q->db, flags, NULL);
    if (code == SQLITE_OK) {
        query_guard_arm(q);
        /* Reads the schema, and the log beside the file if there is one. */
        code = sqlite3_exec(q->db, "SELECT 1 FROM sqlite_master", NULL, NULL, NULL);
    }
    if (code != SQLITE_OK) rc = query_fail(q, code, why);
done:
    if (rc == STATUS_OK) *out = q;
    if (rc != STATUS_OK) query_close(q);
    return rc;
}

void query_close(struct query *q)
{
    if (q == NULL) return;
    sqlite3_close_v2(q->db);
    mem_free(q->path);
    mem_free(q);
}

/* ---- the views ---- */

/* A computed column is code that the views would run. */
static bool has_plain_columns(sqlite3 *db, const char *table)
{
    enum { COLUMN_HIDDEN = 6 };
    sqlite3_stmt *columns = NULL;
    bool is_plain = true;
    char *sql = sqlite3_mprintf("PRAGMA table_xinfo(%Q)", table);
    int code = sqlite3_prepare_v2(db, sql, -1, &columns, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(columns);
    for (; code == SQLITE_ROW; code = sqlite3_step(columns))
        if (sqlite3_column_int(columns, COLUMN_HIDDEN) != 0) is_plain = false;
    sqlite3_finalize(columns);
    sqlite3_free(sql);
    return is_plain && code == SQLITE_DONE;
}

/* A view must be the very same. A table need not be, to the letter: the views say how
 * it is read; but it must be one, and not a view with its name. */
static bool is_same_object(sqlite3_stmt *find, const struct schema_object *o)
{
    sqlite3_bind_text(find, 1, o->name, -1, SQLITE_STATIC);
    int code = sqlite3_step(find);
    bool is_same = code == SQLITE_DONE && !o->is_view; /* the views will miss it */
    if (code == SQLITE_ROW && o->is_view) {
        const char *sql = (const char *)sqlite3_column_text(find, 0);
        is_same = sql != NULL && strcmp(sql, o->sql) == 0;
    } else if (code == SQLITE_ROW) {
        is_same = sqlite3_column_int(find, 1) == 1 &&
                  has_plain_columns(sqlite3_db_handle(find), o->name);
    }
    sqlite3_reset(find);
    return is_same;
}

enum status query_check_views(struct query *q, struct problem *why)
{
    struct table_plan *plans = mem_alloc_array(RECORD_KIND_COUNT, sizeof *plans);
    for (int i = 0; i < RECORD_KIND_COUNT; i++)
        table_plan_make((enum record_kind)i, &plans[i]);
    struct schema *schema = sqlite_schema_new(plans);
    sqlite3_stmt *find = NULL;
    const char *changed = NULL;
    enum status rc = STATUS_OK;
    int code = sqlite3_prepare_v2(q->db,
                                  "SELECT sql, type = 'table' AND rootpage > 0 FROM "
                                  "sqlite_master WHERE name = ?1 COLLATE NOCASE",
                                  -1, &find, NULL);
    if (code != SQLITE_OK) rc = query_fail(q, code, why);
    for (size_t i = 0; rc == STATUS_OK && i < schema->object_count; i++) {
        if (is_same_object(find, &schema->objects[i])) continue;
        changed = schema->objects[i].name;
        break;
    }
    if (changed != NULL)
        rc = problem_set(why, STATUS_FAILED,
                         "%s of %s is not what this hopscope writes, so answers could "
                         "be wrong: make the database anew",
                         changed, q->path);
    sqlite3_finalize(find);
    sqlite_schema_free(schema);
    mem_free(plans);
    return rc;
}
