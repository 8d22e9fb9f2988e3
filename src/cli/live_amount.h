/* Amounts that the live options take, and the names that a run's files get. */
#ifndef CLI_LIVE_AMOUNT_H
#define CLI_LIVE_AMOUNT_H

#include "hopscope/base.h"

enum { LIVE_AMOUNT_PATH_MAX = 4096 };

/* "90s", "30m", "12h", "7d": *ns above 0. False: something else. */
bool live_amount_time(const char *text, int64_t *ns);
/* "500K", "100M", "2G", powers of 1024: *bytes above 0. False: something else. */
bool live_amount_size(const char *text, uint64_t *bytes);
/* "dir/live.db" of a time becomes "dir/live-20261122T063404Z.db"; where that file is
 * there already, "-2" and so on stands behind the time. */
void live_amount_name(const char *path, int64_t epoch_s,
                      char out[LIVE_AMOUNT_PATH_MAX]);

#endif
