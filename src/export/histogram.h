/* Durations: the first HISTOGRAM_EXACT_MAX are kept, so that percentiles of them are
 * exact; more are counted in buckets that grow with their value, eight to each
 * doubling, so that a percentile is at most 6 % off, at a fixed size. */
#ifndef EXPORT_HISTOGRAM_H
#define EXPORT_HISTOGRAM_H

#include "hopscope/base.h"

enum {
    HISTOGRAM_EXACT_MAX = 512,
    HISTOGRAM_STEP_BITS = 3,   /* 8 buckets to a doubling */
    HISTOGRAM_VALUE_BITS = 36, /* 19 hours in µs; longer ones count in the last */
    HISTOGRAM_BUCKETS = (HISTOGRAM_VALUE_BITS - HISTOGRAM_STEP_BITS + 1)
                        << HISTOGRAM_STEP_BITS,
};

/* All zero is an empty one. */
struct histogram {
    uint64_t count;
    int64_t least, most;
    int64_t *values;   /* owned: all of them; NULL once there are too many, */
    uint32_t *buckets; /* owned: which then count them */
};

/* Counts a duration in µs; negative ones (INT64_MIN: not observed) are passed over. */
void histogram_add(struct histogram *h, int64_t us);
/* By nearest rank: the smallest duration that `percent` of all do not exceed; INT64_MIN
 * when there are none. The least and the most are always exact. */
int64_t histogram_percentile(const struct histogram *h, unsigned percent);
bool histogram_is_exact(const struct histogram *h);
void histogram_done(struct histogram *h);

#endif
