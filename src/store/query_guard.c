/* A database file is input like a capture: made by anybody, damaged, or aimed at us.
 * SQLite's own advice for such files (its "Defense Against The Dark Arts") is kept, and
 * on top of it an authorizer lets nothing pass but reading. */
#include "store/query.h"

#include <string.h>

enum {
    GUARD_BUSY_MS = 5000,
    GUARD_STEPS = 20000, /* of the virtual machine between two looks at `stop` */
    GUARD_VALUE_BYTES_MAX = 64 << 20,
    GUARD_SQL_BYTES_MAX = 1 << 20,
    GUARD_FUNCTION_ARGUMENTS_MAX = 64,
    GUARD_PATTERN_BYTES_MAX = 1000, /* of LIKE and GLOB, which nothing can interrupt */
    GUARD_DEPTH_MAX = 1000,         /* of expressions: each level is some stack */
    GUARD_COMPOUND_MAX = 500,       /* SELECTs of one UNION */
    GUARD_COLUMNS_MAX = 1000,
    GUARD_PROGRAM_STEPS_MAX = 1 << 20, /* as compiled: some 24 MB */
    GUARD_PARAMETERS_MAX = 16,
};

/* ---- what may be done ---- */

/* PRAGMAs that only tell something. */
static bool guard_allows_pragma(const char *name, const char *argument)
{
    static const char *const bare[] = {
        "application_id", "user_version",   "page_count",      "page_size",
        "freelist_count", "collation_list", "compile_options", "database_list",
        "function_list",  "module_list",    "pragma_list",     "journal_mode",
        "encoding",       "schema_version",
    };
    static const char *const any[] = {
        "table_info", "table_xinfo", "table_list",  "index_list",
        "index_info", "index_xinfo", "quick_check", "integrity_check",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(any); i++)
        if (sqlite3_stricmp(any[i], name) == 0) return true;
    for (size_t i = 0; argument == NULL && i < ARRAY_LENGTH(bare); i++)
        if (sqlite3_stricmp(bare[i], name) == 0) return true;
    return false;
}

static int guard_authorize(void *context, int action, const char *first,
                           const char *second, const char *database,
                           const char *trigger)
{
    (void)context, (void)database, (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_FUNCTION:
        return sqlite3_stricmp(second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
        return guard_allows_pragma(first, second) ? SQLITE_OK : SQLITE_DENY;
    }
    return SQLITE_DENY;
}

static int guard_should_stop(void *context)
{
    const struct query *q = context;
    return q->stop != NULL && *q->stop != 0;
}

/* ---- arming ---- */

void query_guard_arm(struct query *q)
{
    static const struct {
        int id, value;
    } limits[] = {
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_LENGTH, GUARD_VALUE_BYTES_MAX},
        {SQLITE_LIMIT_SQL_LENGTH, GUARD_SQL_BYTES_MAX},
        {SQLITE_LIMIT_FUNCTION_ARG, GUARD_FUNCTION_ARGUMENTS_MAX},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, GUARD_PATTERN_BYTES_MAX},
        {SQLITE_LIMIT_EXPR_DEPTH, GUARD_DEPTH_MAX},
        {SQLITE_LIMIT_COMPOUND_SELECT, GUARD_COMPOUND_MAX},
        {SQLITE_LIMIT_COLUMN, GUARD_COLUMNS_MAX},
        {SQLITE_LIMIT_VDBE_OP, GUARD_PROGRAM_STEPS_MAX},
        {SQLITE_LIMIT_VARIABLE_NUMBER, GUARD_PARAMETERS_MAX},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };
    sqlite3_db_config(q->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(q->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(q->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(q->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(limits); i++)
        sqlite3_limit(q->db, limits[i].id, limits[i].value);
    sqlite3_busy_timeout(q->db, GUARD_BUSY_MS);
    /* None of these reads the file; what they set outlives the authorizer's arrival. */
    sqlite3_exec(q->db,
                 "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA query_only=ON;"
                 "PRAGMA cache_size=-65536",
                 NULL, NULL, NULL);
    sqlite3_progress_handler(q->db, GUARD_STEPS, guard_should_stop, q);
    sqlite3_set_authorizer(q->db, guard_authorize, NULL);
}

/* ---- sentences ---- */

enum status query_fail(struct query *q, int code, struct problem *why)
{
    const char *path = q->path, *message = sqlite3_errmsg(q->db);
    switch (code & 0xff) { /* the primary code */
    case SQLITE_INTERRUPT:
        return problem_set(why, STATUS_FAILED, "stopped before the answer was whole");
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return problem_set(why, STATUS_FAILED,
                           "%s is damaged (%s): make it anew with hopscope read -o",
                           path, message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return problem_set(why, STATUS_FAILED,
                           "%s is held by another program: try again when it is done",
                           path);
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
        return problem_set(
            why, STATUS_FAILED,
            "%s cannot be read here (%s): while it grows, its folder must "
            "be writable; copy it with sqlite3 .backup",
            path, message);
    case SQLITE_AUTH:
        return problem_set(why, STATUS_FAILED,
                           "only reading is allowed here (%s): sqlite3 can do more",
                           message);
    case SQLITE_FULL:
        return problem_set(why, STATUS_FAILED,
                           "no space left for sorting: set TMPDIR to a larger place");
    }
    return problem_set(why, STATUS_FAILED, "%s: %s", path, message);
}
