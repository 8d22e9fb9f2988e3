/* All values while they are few, then buckets: eight to a doubling. */
#include "export/histogram.h"

#include <stdlib.h>
#include <string.h>

enum { HISTOGRAM_VALUES_FIRST = 16 };

/* The middle of what a bucket holds. */
static int64_t histogram_value_of(size_t bucket)
{
    if (bucket < 2U << HISTOGRAM_STEP_BITS) return (int64_t)bucket;
    size_t shift = (bucket >> HISTOGRAM_STEP_BITS) - 1;
    uint64_t first = (uint64_t)(bucket - (shift << HISTOGRAM_STEP_BITS)) << shift;
    return (int64_t)(first + (1ULL << shift) / 2);
}

static void histogram_count(struct histogram *h, size_t bucket, uint32_t more)
{
    uint32_t room = UINT32_MAX - h->buckets[bucket];
    h->buckets[bucket] += more < room ? more : room;
}

static void histogram_turn_to_buckets(struct histogram *h)
{
    h->buckets = mem_alloc_array(HISTOGRAM_BUCKETS, sizeof *h->buckets);
    for (uint64_t i = 0; h->values != NULL && i < h->count; i++)
        histogram_count(h, histogram_bucket_of((uint64_t)h->values[i]), 1);
    mem_free(h->values);
    h->values = NULL;
}

/* Room is doubled when the count is a power of two. */
static void histogram_keep(struct histogram *h, int64_t us)
{
    if (h->count == 0)
        h->values = mem_alloc_array(HISTOGRAM_VALUES_FIRST, sizeof *h->values);
    else if (h->count >= HISTOGRAM_VALUES_FIRST && (h->count & (h->count - 1)) == 0)
        h->values = mem_resize(h->values, 2 * (size_t)h->count * sizeof *h->values);
    h->values[h->count] = us;
}

void histogram_add_exact(struct histogram *h, int64_t us)
{
    if (h->count == HISTOGRAM_EXACT_MAX) {
        histogram_turn_to_buckets(h);
        histogram_add(h, us);
        return;
    }
    histogram_keep(h, us);
    if (h->count == 0 || us < h->least) h->least = us;
    if (h->count == 0 || us > h->most) h->most = us;
    h->count++;
}

void histogram_merge(struct histogram *h, const struct histogram *other)
{
    if (other->buckets == NULL) {
        for (uint64_t i = 0; i < other->count; i++) histogram_add(h, other->values[i]);
        return;
    }
    if (h->buckets == NULL) histogram_turn_to_buckets(h);
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        histogram_count(h, i, other->buckets[i]);
    if (h->count == 0 || other->least < h->least) h->least = other->least;
    if (h->count == 0 || other->most > h->most) h->most = other->most;
    h->count += other->count;
}

static int histogram_compare(const void *a, const void *b)
{
    int64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static int64_t histogram_value_at(const struct histogram *h, uint64_t rank)
{
    int64_t sorted[HISTOGRAM_EXACT_MAX];
    size_t count = (size_t)h->count;
    memcpy(sorted, h->values, count * sizeof sorted[0]);
    qsort(sorted, count, sizeof sorted[0], histogram_compare);
    return sorted[rank - 1];
}

bool histogram_is_exact(const struct histogram *h)
{
    return h->buckets == NULL;
}

int64_t histogram_percentile(const struct histogram *h, unsigned percent)
{
    if (h->count == 0) return INT64_MIN;
    uint64_t rank = h->count / 100 * percent + (h->count % 100 * percent + 99) / 100;
    if (rank >= h->count) return h->most;
    if (rank <= 1) return h->least;
    if (histogram_is_exact(h)) return histogram_value_at(h, rank);
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

void histogram_done(struct histogram *h)
{
    mem_free(h->values);
    mem_free(h->buckets);
}
