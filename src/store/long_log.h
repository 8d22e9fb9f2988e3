/* The log beside a database, which a reader that keeps to an old state makes grow. */
#ifndef STORE_LONG_LOG_H
#define STORE_LONG_LOG_H

#include "store/live_file.h"

struct long_log {
    uint64_t refused; /* how often it could not be cut, so far */
    int64_t cut_ns;   /* the last try */
    bool is_told;
};

/* To be called after a commit: cuts a log that has got long. A sentence's end to tell
 * of the database ("x.db ..."), static; NULL: nothing new. */
const char *long_log_watch(struct long_log *l, const struct live_file *f,
                           uint64_t log_bytes, int64_t now_ns);

#endif
