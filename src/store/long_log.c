/* SQLite's log can be begun anew once all of it is in the database and nobody reads it.
 *
 *   commit --> longer than the limit? --try, now and then--> cut
 *                                            '--a reader--> told once, counted */
#include "store/long_log.h"

enum {
    LONG_LOG_MIB = 64,
    LONG_LOG_CUT_MS = 5000, /* between two tries */
};

static bool is_long(uint64_t bytes)
{
    return bytes >> 20 >= LONG_LOG_MIB;
}

const char *long_log_watch(struct long_log *l, const struct live_file *f,
                           uint64_t log_bytes, int64_t now_ns)
{
    if (!is_long(log_bytes)) {
        bool was_told = l->is_told;
        l->is_told = false;
        return was_told ? "has a short log again" : NULL;
    }
    if (now_ns - l->cut_ns < LONG_LOG_CUT_MS * 1000000LL) return NULL;
    l->cut_ns = now_ns;
    live_file_run(f, "PRAGMA wal_checkpoint(TRUNCATE)");
    if (!is_long(live_file_log_bytes(f))) return NULL;
    l->refused++;
    if (l->is_told) return NULL;
    l->is_told = true;
    return "has a log that grows and cannot be cut: another program has been reading "
           "one state of it for long";
}
