/* Word by word, as every x86-64 can do; where the machine has AVX2, four words at once.
 */
#include "net/payload_sums.h"

#include <immintrin.h>

__attribute__((target("avx2"), always_inline)) static inline uint64_t
payload_sums_add_lanes(__m256i lanes)
{
    __m128i two = _mm_add_epi64(_mm256_castsi256_si128(lanes),
                                _mm256_extracti128_si256(lanes, 1));
    two = _mm_add_epi64(two, _mm_unpackhi_epi64(two, two));
    return (uint64_t)_mm_cvtsi128_si64(two);
}

__attribute__((target("avx2"))) static struct payload_sums
payload_sums_wide(const uint64_t *key, const uint8_t *at, size_t stripes)
{
    __m256i products = _mm256_setzero_si256();
    __m256i words = products, halves = products;
    for (size_t i = 0; i < stripes; i++) {
        __m256i word = _mm256_loadu_si256((const __m256i *)(const void *)at);
        __m256i keys = _mm256_loadu_si256((const __m256i *)(const void *)key);
        __m256i keyed = _mm256_add_epi32(word, keys);
        __m256i product = _mm256_mul_epu32(keyed, _mm256_srli_epi64(keyed, 32));
        products = _mm256_add_epi64(products, product);
        words = _mm256_add_epi64(words, word);
        halves = _mm256_add_epi64(halves, _mm256_srli_epi64(word, 32));
        at += PAYLOAD_STRIPE_BYTES;
        key += PAYLOAD_STRIPE_WORDS;
    }
    struct payload_sums s = {
        .products = payload_sums_add_lanes(products),
        .words = payload_sums_add_lanes(words),
        .halves = payload_sums_add_lanes(halves),
    };
    /* Optimised across files, the compiler forgets it, and what follows crawls. */
    _mm256_zeroupper();
    return s;
}

struct payload_sums payload_sums_of(const uint64_t *key, const uint8_t *at,
                                    size_t stripes)
{
    return __builtin_cpu_supports("avx2") ? payload_sums_wide(key, at, stripes)
                                          : payload_sums_plain(key, at, stripes);
}
