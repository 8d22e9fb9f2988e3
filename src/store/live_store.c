/* A transaction at a time, and the records of the open one kept beside it:
 *
 *   put, update --> kept, written --tick--> COMMIT --> forgotten
 *                          '--busy, full--> ROLLBACK, wait, BEGIN, written anew
 *
 * The file is made, and an old one checked, by the other store; it is then opened anew.
 */
#include "hopscope/live_store.h"

#include "hopscope/store.h"
#include "store/database_file.h"
#include "store/live_prune.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define MS_NS 1000000LL

enum {
    LIVE_STORE_BUSY_MS = 100,    /* one wait of SQLite's own */
    LIVE_STORE_COMMIT_MS = 200,  /* where nothing waits */
    LIVE_STORE_ROWS_MAX = 20000, /* kept until a commit */
    LIVE_STORE_HURRY_MS = 1000,  /* all waits together once the end is near */
    LIVE_STORE_PRUNE_MS = 400,   /* between two prunings, a quarter of that at most */
    LIVE_STORE_TALK_MS = 2000,   /* a wait that is worth a sentence */
};

struct live_store {
    struct live_store_options options;
    struct database_file file;
    sqlite3 *db;
    struct table_plan plans[RECORD_KIND_COUNT];
    struct live_rows rows;
    struct record_block *kept; /* since the last COMMIT */
    struct live_prune prune;
    uint32_t first_capture_id;
    bool is_begun, has_talked;
    int64_t began_ns, pruned_ns, waiting_ns; /* waiting_ns: since when; 0: not */
    _Atomic int64_t hurry_ns;                /* 0: there is time */
    _Atomic uint64_t bytes;
    enum status status;
    struct problem why;
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static enum status fail(struct live_store *s, const char *what)
{
    if (s->status != STATUS_OK) return s->status;
    s->status = STATUS_FAILED;
    return problem_set(&s->why, STATUS_FAILED, "%s: %s (%s)", s->file.path, what,
                       s->db == NULL ? "no database" : sqlite3_errmsg(s->db));
}

/* ---- waiting for what may pass ---- */

static const char *reason_of(int rc) /* NULL: it will not pass */
{
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "another program holds it";
    case SQLITE_FULL: return "there is no space left";
    case SQLITE_IOERR: return "the disk refuses";
    }
    return NULL;
}

static void talk(const struct live_store *s, const char *words, const char *reason)
{
    struct problem sentence;
    problem_set(&sentence, STATUS_OK, "%s %s%s", s->file.path, words, reason);
    if (s->options.talk != NULL) s->options.talk(s->options.context, sentence.text);
}

static bool is_late(const struct live_store *s)
{
    int64_t hurry_ns = atomic_load(&s->hurry_ns);
    return hurry_ns != 0 && now_ns() - hurry_ns > LIVE_STORE_HURRY_MS * MS_NS;
}

/* A moment's wait. STATUS_FAILED: it makes no sense any more. */
static enum status wait_for(struct live_store *s, int rc)
{
    const char *reason = reason_of(rc);
    if (reason == NULL) return fail(s, "writing failed");
    if (is_late(s)) return fail(s, "the last rows could not be written");
    int64_t now = now_ns();
    if (s->waiting_ns == 0) s->waiting_ns = now;
    if (!s->has_talked && now - s->waiting_ns > LIVE_STORE_TALK_MS * MS_NS) {
        talk(s, "takes no rows, they wait in memory: ", reason);
        s->has_talked = true;
    }
    bool has_waited = (rc & 0xff) == SQLITE_BUSY; /* SQLite's own timeout */
    struct timespec pause = {.tv_nsec = has_waited ? 10 * MS_NS : 100 * MS_NS};
    nanosleep(&pause, NULL);
    return STATUS_OK;
}

static void end_waiting(struct live_store *s)
{
    s->waiting_ns = 0;
    if (!s->has_talked) return;
    talk(s, "takes rows again", "");
    s->has_talked = false;
}

/* ---- transactions ---- */

static int run(struct live_store *s, const char *sql)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

static int begin(struct live_store *s)
{
    if (s->is_begun) return SQLITE_OK;
    int rc = run(s, "BEGIN IMMEDIATE");
    if (rc != SQLITE_OK) return rc;
    s->is_begun = true;
    s->began_ns = now_ns();
    return SQLITE_OK;
}

static void roll_back(struct live_store *s)
{
    if (sqlite3_get_autocommit(s->db) == 0) run(s, "ROLLBACK");
    s->is_begun = false;
}

static enum status replay_put(void *context, enum record_kind kind, const void *record)
{
    struct live_store *s = context;
    int rc = live_rows_write(&s->rows, kind, record, false, true);
    return rc == SQLITE_OK ? STATUS_OK : STATUS_FAILED;
}

static enum status replay_update(void *context, enum record_kind kind,
                                 const void *record)
{
    struct live_store *s = context;
    int rc = live_rows_write(&s->rows, kind, record, true, true);
    return rc == SQLITE_OK ? STATUS_OK : STATUS_FAILED;
}

/* Writes all that was kept, until it works or makes no sense any more. */
static enum status write_anew(struct live_store *s, int rc)
{
    struct record_sink sink = {
        .context = s, .put = replay_put, .update = replay_update};
    while (rc != SQLITE_OK) {
        roll_back(s);
        if (wait_for(s, rc) != STATUS_OK) return s->status;
        rc = live_rows_forget(&s->rows);
        if (rc == SQLITE_OK) rc = begin(s);
        if (rc == SQLITE_OK && record_block_replay(s->kept, &sink) != STATUS_OK)
            rc = sqlite3_extended_errcode(s->db);
    }
    end_waiting(s);
    return STATUS_OK;
}

static void measure(struct live_store *s)
{
    struct stat found;
    struct buffer log = {.ptr = NULL};
    uint64_t bytes = stat(s->file.path, &found) == 0 ? (uint64_t)found.st_size : 0;
    buffer_print(&log, "%s-wal", s->file.path);
    if (stat((const char *)log.ptr, &found) == 0) bytes += (uint64_t)found.st_size;
    buffer_done(&log);
    atomic_store(&s->bytes, bytes);
}

static enum status commit(struct live_store *s)
{
    while (s->is_begun && s->status == STATUS_OK) {
        int rc = live_rows_flush(&s->rows);
        if (rc == SQLITE_OK) rc = run(s, "COMMIT");
        if (rc == SQLITE_OK) {
            s->is_begun = false;
            record_block_clear(s->kept);
            measure(s);
        } else {
            write_anew(s, rc);
        }
    }
    return s->status;
}

/* ---- the sink ---- */

static enum status take(struct live_store *s, enum record_kind kind, const void *record,
                        bool is_update)
{
    if (s->status != STATUS_OK) return s->status;
    if (is_update)
        record_block_update(s->kept, kind, record);
    else
        record_block_put(s->kept, kind, record);
    int rc = begin(s);
    if (rc == SQLITE_OK) rc = live_rows_write(&s->rows, kind, record, is_update, false);
    if (rc != SQLITE_OK) return write_anew(s, rc);
    if (record_block_count(s->kept) < LIVE_STORE_ROWS_MAX) return STATUS_OK;
    return commit(s);
}

static enum status on_put(void *context, enum record_kind kind, const void *record)
{
    return take(context, kind, record, false);
}

static enum status on_update(void *context, enum record_kind kind, const void *record)
{
    return take(context, kind, record, true);
}

/* A transaction of its own: what fails of it is only put off. */
static void prune(struct live_store *s, int64_t now)
{
    struct timespec epoch;
    clock_gettime(CLOCK_REALTIME, &epoch);
    int64_t epoch_us = (int64_t)epoch.tv_sec * 1000000 + epoch.tv_nsec / 1000;
    int64_t until_ns = now + LIVE_STORE_PRUNE_MS * MS_NS / 4;
    s->pruned_ns = now;
    if (begin(s) != SQLITE_OK) return;
    int rc =
        live_prune_some(&s->prune, &s->rows, epoch_us - s->options.keep_us, until_ns);
    if (rc == SQLITE_OK) rc = run(s, "COMMIT");
    if (rc != SQLITE_OK) roll_back(s);
    s->is_begun = false;
}

static enum status on_tick(void *context)
{
    struct live_store *s = context;
    int64_t now = now_ns();
    if (s->is_begun && now - s->began_ns >= LIVE_STORE_COMMIT_MS * MS_NS) commit(s);
    bool is_due = s->options.keep_us > 0 && s->status == STATUS_OK && !s->is_begun &&
                  atomic_load(&s->hurry_ns) == 0 &&
                  now - s->pruned_ns >= LIVE_STORE_PRUNE_MS * MS_NS;
    if (is_due) prune(s, now);
    return s->status;
}

struct record_sink live_store_sink(struct live_store *s)
{
    return (struct record_sink){
        .context = s, .put = on_put, .update = on_update, .tick = on_tick};
}

uint32_t live_store_first_capture_id(const struct live_store *s)
{
    return s->first_capture_id;
}

void live_store_hurry(struct live_store *s)
{
    int64_t none = 0;
    atomic_compare_exchange_strong(&s->hurry_ns, &none, now_ns());
}

uint64_t live_store_bytes(const struct live_store *s)
{
    return atomic_load(&s->bytes);
}

/* ---- files ---- */

/* Makes the file, or looks whether it is ours. */
static enum status prepare_file(struct live_store *s, const char *path)
{
    struct store *maker = NULL;
    if (store_open(path, &maker, &s->why) != STATUS_OK) return STATUS_FAILED;
    s->first_capture_id = store_first_capture_id(maker);
    enum status rc = store_finish(maker, &s->why);
    store_free(maker);
    return rc;
}

static enum status open_file(struct live_store *s, const char *path)
{
    s->status = prepare_file(s, path);
    if (s->status == STATUS_OK) s->status = database_file_open(&s->file, path, &s->why);
    if (s->status != STATUS_OK) return s->status;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int rc = sqlite3_open_v2(s->file.path, &s->db, flags, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_busy_timeout(s->db, LIVE_STORE_BUSY_MS);
    if (rc == SQLITE_OK)
        rc = run(s, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                    "PRAGMA cache_size=-16384; PRAGMA secure_delete=OFF;"
                    "PRAGMA journal_size_limit=16777216; PRAGMA temp_store=MEMORY");
    if (rc == SQLITE_OK) rc = live_rows_open(&s->rows, s->db, s->plans);
    if (rc != SQLITE_OK) fail(s, "cannot be written");
    measure(s);
    return s->status;
}

/* A reader that is there at this moment keeps the log; it goes with the last of them.
 */
static void leave_log(struct live_store *s)
{
    int rc = SQLITE_BUSY;
    int64_t until_ns = now_ns() + LIVE_STORE_HURRY_MS * MS_NS / 2;
    while (rc == SQLITE_BUSY && now_ns() < until_ns)
        rc = run(s, "PRAGMA journal_mode=DELETE") & 0xff;
    if (rc == SQLITE_BUSY)
        talk(s, "is being read: it stays in WAL mode until opened again", "");
}

static enum status close_file(struct live_store *s)
{
    commit(s);
    if (s->db != NULL) {
        if (s->status == STATUS_OK) run(s, "PRAGMA analysis_limit=400; ANALYZE");
        roll_back(s);
        live_rows_close(&s->rows);
        leave_log(s);
        if (sqlite3_close(s->db) != SQLITE_OK) fail(s, "cannot be closed");
        s->db = NULL;
    }
    database_file_close(&s->file);
    return s->status;
}

enum status live_store_go_on(struct live_store *s, const char *path)
{
    char *kept = mem_copy_text(path);
    enum status rc = close_file(s);
    if (rc == STATUS_OK) rc = open_file(s, kept);
    mem_free(kept);
    s->prune = (struct live_prune){.removed = s->prune.removed};
    return rc;
}

enum status live_store_open(const char *path, const struct live_store_options *options,
                            struct live_store **out, struct problem *why)
{
    struct live_store *s = mem_alloc(sizeof *s);
    s->options = *options;
    s->file.lock = -1;
    s->kept = record_block_new();
    for (int i = 0; i < RECORD_KIND_COUNT; i++)
        table_plan_make((enum record_kind)i, &s->plans[i]);
    if (open_file(s, path) == STATUS_OK) {
        *out = s;
        return STATUS_OK;
    }
    return live_store_close(s, why);
}

enum status live_store_close(struct live_store *s, struct problem *why)
{
    live_store_hurry(s);
    enum status rc = close_file(s);
    if (rc != STATUS_OK) problem_set(why, rc, "%s", s->why.text);
    record_block_free(s->kept);
    mem_free(s);
    return rc;
}
