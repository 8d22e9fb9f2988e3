/* Records wait, and are written a transaction at a time:
 *
 *   put, update --> pending --tick--> BEGIN, the latest of each id, COMMIT
 *                                      '--busy, full--> ROLLBACK, wait, once more
 *                                      '--refused-----> opened anew; in another file
 *
 * Where little comes it is committed at once. Where much comes it waits for the capture
 * row, which the engine renews behind all that it says of one second: so a connection
 * that has opened and closed within that second is written once. */
#include "hopscope/live_store.h"

#include "store/live_pending.h"
#include "store/live_prune.h"
#include "store/long_log.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MS_NS 1000000LL

enum {
    LIVE_STORE_COMMIT_MS = 200, /* age of the oldest record that waits */
    LIVE_STORE_LATEST_MS =
        1100,               /* the same, where many do: a little more than a tick */
    LIVE_STORE_MANY = 2000, /* records that are worth waiting for the tick */
    LIVE_STORE_ROWS_MAX = 50000, /* kept until a commit; some 30 MB */
    LIVE_STORE_HURRY_MS = 1000,  /* all waits together once the end is near */
    LIVE_STORE_PRUNE_MS = 400,   /* between two prunings, a quarter to half of that */
    LIVE_STORE_TALK_MS = 2000,   /* a wait that is worth a sentence */
    LIVE_STORE_REFUSALS = 3,     /* then it is opened anew; so often, then elsewhere */
};

struct live_store {
    struct live_store_options options;
    struct live_file file;
    char *path; /* as asked for; the file may be another one */
    struct table_plan plans[RECORD_KIND_COUNT];
    struct live_rows rows;
    struct live_pending pending;
    struct live_prune prune;
    struct long_log log;
    bool has_talked;
    unsigned refusals;             /* since the last commit, or opening */
    unsigned openings, opened;     /* tries since the last commit; those that worked */
    int64_t pending_ns;            /* the oldest record's */
    int64_t pruned_ns, waiting_ns; /* waiting_ns: since when; 0: not */
    _Atomic int64_t hurry_ns;      /* 0: there is time */
    _Atomic uint64_t bytes;
    enum status status;
    struct problem why;
};

static enum status fail(struct live_store *s, const char *what, int rc)
{
    if (s->status != STATUS_OK) return s->status;
    s->status = STATUS_FAILED;
    return problem_set(&s->why, STATUS_FAILED, "%s: %s (%s)", s->path, what,
                       s->file.db == NULL ? "no database" : sqlite3_errstr(rc));
}

/* ---- waiting for what may pass ---- */

static void talk(const struct live_store *s, const char *words, const char *reason)
{
    struct problem sentence;
    problem_set(&sentence, STATUS_OK, "%s %s%s",
                s->file.place.path != NULL ? s->file.place.path : s->path, words,
                reason);
    if (s->options.talk != NULL) s->options.talk(s->options.context, sentence.text);
}

static bool is_late(const struct live_store *s)
{
    int64_t hurry_ns = atomic_load(&s->hurry_ns);
    return hurry_ns != 0 &&
           clock_monotonic_ns() - hurry_ns > LIVE_STORE_HURRY_MS * MS_NS;
}

/* A moment's wait. STATUS_FAILED: it makes no sense any more. */
static enum status wait_for(struct live_store *s, int rc)
{
    const char *reason = live_file_reason(rc);
    if (reason == NULL) return fail(s, "writing failed", rc);
    if (is_late(s)) return fail(s, "the last rows could not be written", rc);
    int64_t now = clock_monotonic_ns();
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
    return live_file_run(&s->file, sql);
}

static void roll_back(struct live_store *s)
{
    if (sqlite3_get_autocommit(s->file.db) == 0) run(s, "ROLLBACK");
}

static void measure(struct live_store *s)
{
    uint64_t log_bytes = live_file_log_bytes(&s->file);
    atomic_store(&s->bytes, live_file_bytes(&s->file) + log_bytes);
    const char *news =
        long_log_watch(&s->log, &s->file, log_bytes, clock_monotonic_ns());
    if (news != NULL) talk(s, news, "");
}

/* ---- files ---- */

static enum status open_file(struct live_store *s, const char *path)
{
    s->status = live_file_open(&s->file, path, &s->why);
    if (s->status != STATUS_OK) return s->status;
    int rc = live_rows_open(&s->rows, s->file.db, s->plans);
    if (rc == SQLITE_OK && s->options.keep_us > 0)
        rc = live_prune_open(&s->prune, s->file.db, s->plans, s->options.keep_us);
    if (rc != SQLITE_OK) fail(s, "cannot be written", rc);
    measure(s);
    return s->status;
}

static void disconnect(struct live_store *s)
{
    if (s->file.db != NULL) {
        live_rows_close(&s->rows);
        live_prune_close(&s->prune);
    }
    if (!live_file_close(&s->file))
        talk(s, "is being read: it stays in WAL mode until opened again", "");
}

/* Where it is the file that takes nothing, another one may; where it was the disk, and
 * that is well again, nobody needs another. */
static enum status open_elsewhere(struct live_store *s)
{
    char *other = live_file_other_name(s->path, 1);
    bool was_there = access(other, F_OK) == 0;
    bool is_lasting = s->opened >= LIVE_STORE_REFUSALS; /* it opens, and that is all */
    enum status rc = open_file(s, other);
    if (rc == STATUS_OK && !is_lasting) {
        disconnect(s);
        rc = open_file(s, s->path);
        if (rc == STATUS_OK && !was_there) unlink(other);
        if (rc != STATUS_OK) {
            disconnect(s);
            rc = open_file(s, other);
            is_lasting = true;
        }
    }
    if (rc == STATUS_OK && is_lasting) talk(s, "takes the rows from now on", "");
    mem_free(other);
    return rc;
}

/* A run that is under way does not end for a file that cannot be had now: the disk may
 * be full, somebody may stand in its place. */
static enum status open_in_time(struct live_store *s)
{
    int64_t began_ns = clock_monotonic_ns();
    bool has_talked = false;
    while (true) {
        enum status rc = STATUS_FAILED;
        if (s->opened < LIVE_STORE_REFUSALS) rc = open_file(s, s->path);
        if (rc == STATUS_OK) s->opened++;
        if (rc == STATUS_OK) return STATUS_OK;
        disconnect(s);
        if (++s->openings > LIVE_STORE_REFUSALS || s->opened >= LIVE_STORE_REFUSALS)
            rc = open_elsewhere(s);
        if (rc == STATUS_OK) return STATUS_OK;
        disconnect(s);
        if (is_late(s)) return s->status;
        if (!has_talked &&
            clock_monotonic_ns() - began_ns > LIVE_STORE_TALK_MS * MS_NS) {
            has_talked = true;
            talk(s, "takes no rows, they wait in memory: ", s->why.text);
        }
        struct timespec pause = {.tv_nsec = 100 * MS_NS};
        nanosleep(&pause, NULL);
        s->status = STATUS_OK;
    }
}

/* A new connection cures a handle that has gone stale, and another file what lasts. */
static enum status open_anew(struct live_store *s, int rc)
{
    if (live_file_may_pass(rc) || ++s->refusals < LIVE_STORE_REFUSALS) return STATUS_OK;
    s->refusals = 0;
    disconnect(s);
    return open_in_time(s);
}

/* Until it works, or makes no sense any more. */
static enum status commit(struct live_store *s)
{
    bool is_again = false;
    while (s->pending.count > 0 && s->status == STATUS_OK) {
        int rc = is_again ? live_rows_forget(&s->rows) : SQLITE_OK;
        if (is_again) live_prune_forget(&s->prune);
        if (rc == SQLITE_OK) rc = run(s, "BEGIN IMMEDIATE");
        if (rc == SQLITE_OK) rc = live_pending_write(&s->pending, &s->rows, is_again);
        if (rc == SQLITE_OK) rc = run(s, "COMMIT");
        if (rc == SQLITE_OK) {
            live_pending_clear(&s->pending);
            s->refusals = s->openings = s->opened = 0;
            measure(s);
            end_waiting(s);
        } else {
            bool was_known = is_again || (rc & 0xff) != SQLITE_CONSTRAINT;
            is_again = true; /* what may stand there already goes first */
            roll_back(s);
            if (was_known && wait_for(s, rc) == STATUS_OK) open_anew(s, rc);
        }
    }
    return s->status;
}

/* ---- the sink ---- */

static bool is_due(const struct live_store *s, int64_t age_ns)
{
    if (s->pending.count == 0) return false;
    bool has_many = s->pending.count >= LIVE_STORE_MANY;
    return age_ns >= (has_many ? LIVE_STORE_LATEST_MS : LIVE_STORE_COMMIT_MS) * MS_NS;
}

static enum status take(struct live_store *s, enum record_kind kind, const void *record,
                        bool is_update)
{
    /* A connection is committed with its findings: who follows it asks for both. */
    bool is_sequel = kind == RECORD_FINDING || kind == RECORD_TUNNEL;
    if (s->pending.count >= LIVE_STORE_ROWS_MAX && !is_sequel) commit(s);
    if (s->status != STATUS_OK) return s->status;
    if (s->pending.count == 0) s->pending_ns = clock_monotonic_ns();
    live_pending_add(&s->pending, kind, record, is_update);
    bool is_tick = kind == RECORD_CAPTURE && is_update;
    if (!is_tick || clock_monotonic_ns() - s->pending_ns < LIVE_STORE_COMMIT_MS * MS_NS)
        return STATUS_OK;
    return commit(s);
}

static enum status on_put(void *context, enum record_kind kind, const void *record)
{
    return take(context, kind, record, false);
}

static enum status on_update(void *context, enum record_kind kind, const void *record)
{
    if (kind != RECORD_CAPTURE) return take(context, kind, record, true);
    struct record_capture row = *(const struct record_capture *)record;
    if (row.damage.ptr == NULL) row.damage = bytes_of_text(LIVE_FILE_UNFINISHED);
    return take(context, kind, &row, true);
}

/* A transaction of its own: what fails of it is only put off. */
static void prune(struct live_store *s, int64_t now)
{
    int64_t every_ns = LIVE_STORE_PRUNE_MS * MS_NS;
    int64_t until_ns = now + every_ns / (s->prune.is_behind ? 2 : 4);
    s->pruned_ns = now;
    if (run(s, "BEGIN IMMEDIATE") != SQLITE_OK) return;
    int rc = live_prune_some(&s->prune, s->rows.inserter, until_ns);
    if (rc == SQLITE_OK) rc = run(s, "COMMIT");
    if (rc != SQLITE_OK) roll_back(s);
}

static enum status on_tick(void *context)
{
    struct live_store *s = context;
    int64_t now = clock_monotonic_ns();
    if (is_due(s, now - s->pending_ns)) commit(s);
    bool is_prune_due = s->options.keep_us > 0 && s->status == STATUS_OK &&
                        atomic_load(&s->hurry_ns) == 0 &&
                        now - s->pruned_ns >= LIVE_STORE_PRUNE_MS * MS_NS;
    if (is_prune_due) prune(s, now);
    return s->status;
}

struct record_sink live_store_sink(struct live_store *s)
{
    return (struct record_sink){
        .context = s, .put = on_put, .update = on_update, .tick = on_tick};
}

uint32_t live_store_first_capture_id(const struct live_store *s)
{
    return s->file.first_capture_id;
}

void live_store_hurry(struct live_store *s)
{
    int64_t none = 0;
    atomic_compare_exchange_strong(&s->hurry_ns, &none, clock_monotonic_ns());
}

uint64_t live_store_bytes(const struct live_store *s)
{
    return atomic_load(&s->bytes);
}

/* ---- from file to file ---- */

static enum status close_file(struct live_store *s)
{
    commit(s);
    if (s->file.db != NULL) {
        if (s->status == STATUS_OK) run(s, "PRAGMA analysis_limit=400; ANALYZE");
        roll_back(s);
    }
    disconnect(s);
    return s->status;
}

static void keep_path(struct live_store *s, const char *path)
{
    char *kept = mem_copy_text(path); /* which may be the one that goes */
    mem_free(s->path);
    s->path = kept;
}

enum status live_store_go_on(struct live_store *s, const char *path)
{
    if (close_file(s) != STATUS_OK) return s->status;
    keep_path(s, path);
    return open_in_time(s);
}

enum status live_store_open(const char *path, const struct live_store_options *options,
                            struct live_store **out, struct problem *why)
{
    struct live_store *s = mem_alloc(sizeof *s);
    s->options = *options;
    s->file.place.lock = -1;
    for (int i = 0; i < RECORD_KIND_COUNT; i++)
        table_plan_make((enum record_kind)i, &s->plans[i]);
    live_pending_init(&s->pending, s->plans);
    keep_path(s, path);
    s->status = live_file_check_space(path, &s->why);
    if (s->status == STATUS_OK) open_file(s, path);
    if (s->status != STATUS_OK) return live_store_close(s, why);
    *out = s;
    return STATUS_OK;
}

enum status live_store_close(struct live_store *s, struct problem *why)
{
    live_store_hurry(s);
    enum status rc = close_file(s);
    if (rc != STATUS_OK) problem_set(why, rc, "%s", s->why.text);
    live_pending_done(&s->pending);
    mem_free(s->path);
    mem_free(s);
    return rc;
}
