/* Bucket of a value v: below 8 the value itself; above, the place of its highest bit
 * and the three bits after it. */
#include "export/histogram.h"

static size_t histogram_bucket_of(uint64_t v)
{
    if (v >> HISTOGRAM_VALUE_BITS) return HISTOGRAM_BUCKETS - 1;
    if (v < 1U << HISTOGRAM_STEP_BITS) return (size_t)v;
    unsigned shift = 63U - (unsigned)__builtin_clzll(v) - HISTOGRAM_STEP_BITS;
    return (shift << HISTOGRAM_STEP_BITS) + (size_t)(v >> shift);
}

/* The middle of what a bucket holds. */
static int64_t histogram_value_of(size_t bucket)
{
    if (bucket < 2U << HISTOGRAM_STEP_BITS) return (int64_t)bucket;
    size_t shift = (bucket >> HISTOGRAM_STEP_BITS) - 1;
    uint64_t first = (uint64_t)(bucket - (shift << HISTOGRAM_STEP_BITS)) << shift;
    return (int64_t)(first + (1ULL << shift) / 2);
}

void histogram_add(struct histogram *h, int64_t us)
{
    if (us < 0) return;
    if (h->count == 0 || us < h->least) h->least = us;
    if (h->count == 0 || us > h->most) h->most = us;
    h->count++;
    h->sum += (uint64_t)us;
    uint32_t *bucket = &h->buckets[histogram_bucket_of((uint64_t)us)];
    if (*bucket < UINT32_MAX) (*bucket)++;
}

int64_t histogram_percentile(const struct histogram *h, double share)
{
    if (h->count == 0) return INT64_MIN;
    /* Nearest rank: the smallest value with at least this many at or below it. */
    uint64_t rank = (uint64_t)(share * (double)h->count);
    if ((double)rank < share * (double)h->count || rank == 0) rank++;
    if (rank >= h->count) return h->most;
    if (rank == 1) return h->least;
    uint64_t seen = 0;
    int64_t value = h->most;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->buckets[i];
        if (seen < rank) continue;
        value = histogram_value_of(i);
        break;
    }
    if (value < h->least) return h->least;
    return value > h->most ? h->most : value;
}
