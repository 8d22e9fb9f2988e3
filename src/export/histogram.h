/* Durations counted in buckets that grow with their value: eight to each doubling, so a
 * percentile is at most 6 % off, at a fixed size. */
#ifndef EXPORT_HISTOGRAM_H
#define EXPORT_HISTOGRAM_H

#include "hopscope/base.h"

enum {
    HISTOGRAM_STEP_BITS = 3,   /* 8 buckets to a doubling */
    HISTOGRAM_VALUE_BITS = 36, /* 19 hours in µs; longer ones count in the last */
    HISTOGRAM_BUCKETS = (HISTOGRAM_VALUE_BITS - HISTOGRAM_STEP_BITS + 1)
                        << HISTOGRAM_STEP_BITS,
};

/* All zero is an empty one. */
struct histogram {
    uint64_t count, sum;
    int64_t least, most;
    uint32_t buckets[HISTOGRAM_BUCKETS];
};

/* Counts a duration in µs; negative ones (INT64_MIN: not observed) are passed over. */
void histogram_add(struct histogram *h, int64_t us);
/* The value that `share` (0 to 1) of the durations do not exceed; INT64_MIN when there
 * are none. Exact for the least and the most. */
int64_t histogram_percentile(const struct histogram *h, double share);

#endif
