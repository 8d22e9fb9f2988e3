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

/* Bucket of a value v: below 8 the value itself; above, the place of its highest bit
 * and the three bits after it. */
static inline size_t histogram_bucket_of(uint64_t v)
{
    if (v >> HISTOGRAM_VALUE_BITS) return HISTOGRAM_BUCKETS - 1;
    uint64_t at_least = v | 1U << HISTOGRAM_STEP_BITS;
    unsigned shift = 63U - (unsigned)__builtin_clzll(at_least) - HISTOGRAM_STEP_BITS;
    return (shift << HISTOGRAM_STEP_BITS) + (size_t)(v >> shift);
}

/* Of one that is not counted in buckets yet. */
void histogram_add_exact(struct histogram *h, int64_t us);

/* Counts a duration in µs; negative ones (INT64_MIN: not observed) are passed over. */
static inline void histogram_add(struct histogram *h, int64_t us)
{
    if (us < 0) return;
    if (h->buckets == NULL) {
        histogram_add_exact(h, us);
        return;
    }
    uint32_t *bucket = &h->buckets[histogram_bucket_of((uint64_t)us)];
    if (*bucket < UINT32_MAX) (*bucket)++;
    if (us < h->least) h->least = us;
    if (us > h->most) h->most = us;
    h->count++;
}

/* Adds all that `other` has counted, as if it had come here, too. */
void histogram_merge(struct histogram *h, const struct histogram *other);
/* By nearest rank: the smallest duration that `percent` of all do not exceed; INT64_MIN
 * when there are none. The least and the most are always exact. */
int64_t histogram_percentile(const struct histogram *h, unsigned percent);
bool histogram_is_exact(const struct histogram *h);
void histogram_done(struct histogram *h);

#endif
