/* The file is made, and an old one checked, by the other store; what it has opened then
 * stays open: a start after a crash has rows waiting.
 *
 *   nothing, or a finished file --> WAL, a log beside it --> finished file
 *   what a killed run has left: its log is read, its capture's row told to be cut  */
#include "store/live_file.h"

#include "store/sqlite_store.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define MS_NS 1000000LL

enum {
    LIVE_FILE_BUSY_MS = 100,          /* one wait of SQLite's own */
    LIVE_FILE_LEAVE_MS = 500,         /* for readers to leave, at the end */
    LIVE_FILE_SPACE_BYTES = 16 << 20, /* to begin with */
    LIVE_FILE_SPACE_MIB = LIVE_FILE_SPACE_BYTES >> 20,
};

int live_file_run(const struct live_file *f, const char *sql)
{
    return sqlite3_exec(f->db, sql, NULL, NULL, NULL);
}

const char *live_file_reason(int rc)
{
    switch (rc & 0xff) { /* the primary code */
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "another program holds it";
    case SQLITE_FULL: return "there is no space left";
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY: return "the disk refuses";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return "it is damaged";
    }
    return NULL;
}

bool live_file_may_pass(int rc)
{
    int code = rc & 0xff;
    return code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_FULL;
}

/* ---- opening ---- */

/* Makes the file, or looks whether it is ours. */
static enum status prepare(struct live_file *f, const char *path, struct problem *why)
{
    struct store *maker = NULL;
    if (store_open(path, &maker, why) != STATUS_OK) return STATUS_FAILED;
    f->first_capture_id = store_first_capture_id(maker);
    enum status rc = sqlite_store_hand_over(maker, &f->place, &f->db, why);
    store_free(maker);
    if (rc != STATUS_OK || f->db != NULL) return rc;
    return database_file_open(&f->place, path, why);
}

static int connect(struct live_file *f)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    return f->db != NULL ? SQLITE_OK
                         : sqlite3_open_v2(f->place.path, &f->db, flags, NULL);
}

/* The rows of a run that was killed stay as they are; its capture's row says so. */
static int tell_interrupted(const struct live_file *f)
{
    return live_file_run(
        f, "UPDATE capture SET damage = 'interrupted: the program was ended while it"
           " captured; what it had written by then is here' WHERE damage = "
           "'" LIVE_FILE_UNFINISHED "'");
}

enum status live_file_open(struct live_file *f, const char *path, struct problem *why)
{
    *f = (struct live_file){.place = {.lock = -1}};
    if (prepare(f, path, why) != STATUS_OK) return STATUS_FAILED;
    int rc = connect(f);
    if (rc == SQLITE_OK) rc = sqlite3_busy_timeout(f->db, LIVE_FILE_BUSY_MS);
    /* FULL: a power cut costs what was not committed, and nothing else. */
    if (rc == SQLITE_OK)
        rc = live_file_run(
            f, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
               "PRAGMA cache_size=-16384; PRAGMA secure_delete=OFF;"
               "PRAGMA journal_size_limit=16777216; PRAGMA temp_store=MEMORY");
    if (rc == SQLITE_OK) rc = tell_interrupted(f);
    if (rc == SQLITE_OK) return STATUS_OK;
    return problem_set(why, STATUS_FAILED, "%s: cannot be written (%s)", path,
                       sqlite3_errstr(rc));
}

/* ---- leaving ---- */

/* A reader that is there at this moment keeps the log; it goes with the last of them.
 */
static bool leave_log(const struct live_file *f)
{
    int rc = SQLITE_BUSY;
    int64_t until_ns = clock_monotonic_ns() + LIVE_FILE_LEAVE_MS * MS_NS;
    while (rc == SQLITE_BUSY && clock_monotonic_ns() < until_ns)
        rc = live_file_run(f, "PRAGMA journal_mode=DELETE") & 0xff;
    return rc != SQLITE_BUSY;
}

bool live_file_close(struct live_file *f)
{
    bool is_left = f->db == NULL || leave_log(f);
    sqlite3_close(f->db);
    f->db = NULL;
    database_file_close(&f->place);
    return is_left;
}

/* ---- sizes ---- */

static uint64_t size_of(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 ? (uint64_t)found.st_size : 0;
}

uint64_t live_file_bytes(const struct live_file *f)
{
    return size_of(f->place.path);
}

uint64_t live_file_log_bytes(const struct live_file *f)
{
    struct buffer path = {.ptr = NULL};
    buffer_print(&path, "%s-wal", f->place.path);
    buffer_append(&path, bytes_of("", 1));
    uint64_t bytes = size_of((const char *)path.ptr);
    buffer_done(&path);
    return bytes;
}

enum status live_file_check_space(const char *path, struct problem *why)
{
    struct statvfs disk;
    char *folder = mem_copy_text(path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        snprintf(folder, strlen(path) + 1, ".");
    else
        slash[slash == folder ? 1 : 0] = '\0';
    bool is_known = folder[0] != '\0' && statvfs(folder, &disk) == 0;
    mem_free(folder);
    if (!is_known) return STATUS_OK; /* whatever is wrong with it, opening says */
    uint64_t left = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (left >= LIVE_FILE_SPACE_BYTES) return STATUS_OK;
    return problem_set(why, STATUS_FAILED,
                       "too little space for %s: %llu MiB are left where it shall be, "
                       "and a capture begins with %d MiB: make room or choose another "
                       "-o",
                       path, (unsigned long long)(left >> 20),
                       (int)LIVE_FILE_SPACE_MIB);
}

char *live_file_other_name(const char *path, unsigned index)
{
    if (index == 0) return mem_copy_text(path);
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(name, '.');
    if (dot == NULL || dot == name) dot = path + strlen(path);
    size_t size = strlen(path) + 16;
    char *out = mem_alloc(size);
    snprintf(out, size, "%.*s-%u%s", (int)(dot - path), path, index + 1, dot);
    return out;
}
