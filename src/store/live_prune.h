/* What is older than it need be leaves a growing database, a little at a time. */
#ifndef STORE_LIVE_PRUNE_H
#define STORE_LIVE_PRUNE_H

#include "store/live_rows.h"

struct live_prune {
    int64_t after[RECORD_KIND_COUNT]; /* the id where the next look begins */
    size_t turn;                      /* whose it is */
    uint64_t removed;
};

/* Removes rows that ended before `cutoff_us`, for as long as `until_ns` (monotonic)
 * allows; the next call goes on. Unfinished ones stay. To be called within a
 * transaction. SQLITE_OK, or SQLite's code. */
int live_prune_some(struct live_prune *p, struct live_rows *rows, int64_t cutoff_us,
                    int64_t until_ns);

#endif
