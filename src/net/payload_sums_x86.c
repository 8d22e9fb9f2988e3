/* Word by word, as every x86-64 can do; where the machine has AVX2, four words at once.
 */
#include "net/payload_sums.h"

#include <immintrin.h>

/* A payload may come straight from the file's pages, and the next packet's stands
 * behind it: asked for so far ahead, the bytes of bulk transfers arrive in time. */
enum { PAYLOAD_AHEAD_BYTES = 2048 };

struct payload_sums_lanes {
    __m256i products, words, halves;
};

__attribute__((target("avx2"), always_inline)) static inline void
payload_sums_add(struct payload_sums_lanes *sums, const uint64_t *key,
                 const uint8_t *stripe)
{
    __m256i word = _mm256_loadu_si256((const __m256i *)(const void *)stripe);
    __m256i keys = _mm256_loadu_si256((const __m256i *)(const void *)key);
    __m256i keyed = _mm256_add_epi32(word, keys);
    __m256i product = _mm256_mul_epu32(keyed, _mm256_srli_epi64(keyed, 32));
    sums->products = _mm256_add_epi64(sums->products, product);
    sums->words = _mm256_add_epi64(sums->words, word);
    sums->halves = _mm256_add_epi64(sums->halves, _mm256_srli_epi64(word, 32));
}

__attribute__((target("avx2"), always_inline)) static inline uint64_t
payload_sums_add_lanes(__m256i lanes)
{
    __m128i two = _mm_add_epi64(_mm256_castsi256_si128(lanes),
                                _mm256_extracti128_si256(lanes, 1));
    two = _mm_add_epi64(two, _mm_unpackhi_epi64(two, two));
    return (uint64_t)_mm_cvtsi128_si64(two);
}

__attribute__((target("avx2"))) static struct payload_sums
payload_sums_wide(const uint64_t *key, struct bytes data)
{
    struct payload_sums_lanes sums = {0};
    size_t rest = data.len % PAYLOAD_STRIPE_BYTES, whole = data.len - rest;
    if (rest > 0) {
        uint8_t last[PAYLOAD_STRIPE_BYTES] = {0};
        memcpy(last, data.ptr + whole, rest);
        payload_sums_add(&sums, key + whole / 8, last);
    }
    for (size_t at = 0; at < whole; at += PAYLOAD_STRIPE_BYTES) {
        _mm_prefetch((const char *)data.ptr + at + PAYLOAD_AHEAD_BYTES, _MM_HINT_T0);
        payload_sums_add(&sums, key + at / 8, data.ptr + at);
    }
    struct payload_sums s = {
        .products = payload_sums_add_lanes(sums.products),
        .words = payload_sums_add_lanes(sums.words),
        .halves = payload_sums_add_lanes(sums.halves),
    };
    /* Optimised across files, the compiler forgets it, and what follows crawls. */
    _mm256_zeroupper();
    return s;
}

/* Apart, so that the choice costs the others nothing. */
__attribute__((noinline)) static struct payload_sums
payload_sums_narrow(const uint64_t *key, struct bytes data)
{
    return payload_sums_plain(key, data);
}

struct payload_sums payload_sums_of(const uint64_t *key, struct bytes data)
{
    return __builtin_cpu_supports("avx2") ? payload_sums_wide(key, data)
                                          : payload_sums_narrow(key, data);
}
