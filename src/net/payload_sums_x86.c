/* Word by word, as every x86-64 can do; where the machine has AVX2, four words at once.
 */
#include "net/payload_sums.h"

#include <immintrin.h>

/* A payload may come straight from the file's pages, and the next packet's stands
 * behind it: asked for so far ahead, the bytes of bulk transfers arrive in time. */
enum { PAYLOAD_AHEAD_BYTES = 2048 };

struct payload_sums_lanes {
    __m256i products, words, upper; /* words of eight bytes, and their upper halves */
};

__attribute__((target("avx2"), always_inline)) static inline void
payload_sums_add(struct payload_sums_lanes *sums, const uint64_t *key, __m256i word)
{
    __m256i keys = _mm256_loadu_si256((const __m256i *)(const void *)key);
    __m256i keyed = _mm256_add_epi32(word, keys);
    __m256i product = _mm256_mul_epu32(keyed, _mm256_srli_epi64(keyed, 32));
    sums->products = _mm256_add_epi64(sums->products, product);
    sums->words = _mm256_add_epi64(sums->words, word);
    sums->upper = _mm256_add_epi64(sums->upper, _mm256_srli_epi64(word, 32));
}

__attribute__((target("avx2"), always_inline)) static inline uint64_t
payload_sums_add_lanes(__m256i lanes)
{
    __m128i two = _mm_add_epi64(_mm256_castsi256_si128(lanes),
                                _mm256_extracti128_si256(lanes, 1));
    two = _mm_add_epi64(two, _mm_unpackhi_epi64(two, two));
    return (uint64_t)_mm_cvtsi128_si64(two);
}

__attribute__((target("avx2"), always_inline)) static inline __m256i
payload_sums_load(const void *stripe)
{
    return _mm256_loadu_si256(stripe);
}

/* The last stripe: 32 bytes up to the data's end, less those counted already. */
__attribute__((target("avx2"), always_inline)) static inline __m256i
payload_sums_load_last(const uint8_t *end, size_t rest)
{
    static const uint64_t none_then_all[] = {
        0, 0, 0, 0, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
    __m256i kept = payload_sums_load((const uint8_t *)none_then_all + rest);
    __m256i stripe =
        _mm256_and_si256(payload_sums_load(end - PAYLOAD_STRIPE_BYTES), kept);
    if (rest % 2 == 0) return stripe;
    return _mm256_or_si256(_mm256_slli_epi16(stripe, 8), _mm256_srli_epi16(stripe, 8));
}

/* Of a stripe's bytes at least. */
__attribute__((target("avx2"))) static struct payload_sums
payload_sums_wide(const uint64_t *key, struct bytes data)
{
    enum { STEP_BYTES = 2 * PAYLOAD_STRIPE_BYTES /* a cache line */ };
    size_t rest = payload_sums_last(data.len), whole = data.len - rest;
    const uint8_t *at = data.ptr, *steps_end = at + whole / STEP_BYTES * STEP_BYTES;
    struct payload_sums_lanes sums = {0};
    payload_sums_add(&sums, key + whole / 8,
                     payload_sums_load_last(data.ptr + data.len, rest));
    for (; at < steps_end; at += STEP_BYTES, key += STEP_BYTES / 8) {
        _mm_prefetch((const char *)at + PAYLOAD_AHEAD_BYTES, _MM_HINT_T0);
        payload_sums_add(&sums, key, payload_sums_load(at));
        payload_sums_add(&sums, key + PAYLOAD_STRIPE_WORDS,
                         payload_sums_load(at + PAYLOAD_STRIPE_BYTES));
    }
    if (whole % STEP_BYTES != 0) payload_sums_add(&sums, key, payload_sums_load(at));
    /* Both halves, of which no sum can overflow. */
    __m256i words = _mm256_sub_epi64(sums.words, _mm256_slli_epi64(sums.upper, 32));
    struct payload_sums s = {
        .products = payload_sums_add_lanes(sums.products),
        .words = payload_sums_add_lanes(_mm256_add_epi64(words, sums.upper)),
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
    bool is_wide = data.len >= PAYLOAD_STRIPE_BYTES && __builtin_cpu_supports("avx2");
    return is_wide ? payload_sums_wide(key, data) : payload_sums_narrow(key, data);
}
