/* Amounts that the live options take, and the names that a run's files get. */
#ifndef CLI_LIVE_AMOUNT_H
#define CLI_LIVE_AMOUNT_H

#include "cli/options.h"

enum { LIVE_AMOUNT_PATH_MAX = 4096 };

/* "90s", "30m", "12h", "7d": *ns above 0. False: something else. */
bool live_amount_time(const char *text, int64_t *ns);
/* "500K", "100M", "2G", powers of 1024: *bytes above 0. False: something else. */
bool live_amount_size(const char *text, uint64_t *bytes);
/* "dir/live.db" of a time becomes "dir/live-20261122T063404Z.db"; where that file is
 * there already, "-2" and so on stands behind the time. */
void live_amount_name(const char *path, int64_t epoch_s,
                      char out[LIVE_AMOUNT_PATH_MAX]);

/* "dir/live.pcapng" of the second thread becomes "dir/live-t2.pcapng"; of the first,
 * thread 0, it stays. */
void live_amount_of_thread(const char *path, size_t thread,
                           char out[LIVE_AMOUNT_PATH_MAX]);

/* What --rotate and --keep say; 0: nothing. */
struct live_amounts {
    bool has_parts;
    int64_t part_ns, keep_ns;
    uint64_t part_bytes;
};

/* STATUS_USAGE: an amount that is none, or one without its file. STATUS_FAILED: the
 * file for packets is there already. `why` says it. */
enum status live_amount_read(const struct options *options, struct live_amounts *out,
                             struct problem *why);

#endif
