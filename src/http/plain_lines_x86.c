/* Sixteen bytes are compared at once and become sixteen bits, as every x86-64 can do.
 * Wider vectors would find no more lines a block, and need to be asked for. */
#include "http/plain_lines_walk.h"

#include <emmintrin.h>

static inline __m128i plain_lines_load(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static inline uint32_t plain_lines_bits(__m128i v)
{
    return (uint32_t)_mm_movemask_epi8(v);
}

/* How many come before the first one that is not set. */
static inline size_t plain_lines_first(__m128i v)
{
    return (size_t)__builtin_ctz(~plain_lines_bits(v));
}

/* As signed numbers, odd bytes are those that are less than 0x21 when one is added,
 * which makes 0x7f the smallest of all; the difference keeps its sign. */
static inline uint32_t plain_lines_odd_sixteen(const uint8_t *at)
{
    __m128i v = plain_lines_load(at);
    __m128i next = _mm_add_epi8(v, _mm_set1_epi8(1));
    return plain_lines_bits(_mm_subs_epi8(next, _mm_set1_epi8(0x21)));
}

static inline uint64_t plain_lines_odd(const uint8_t *at)
{
    return plain_lines_odd_sixteen(at) |
           (uint64_t)plain_lines_odd_sixteen(at + 16) << 16 |
           (uint64_t)plain_lines_odd_sixteen(at + 32) << 32 |
           (uint64_t)plain_lines_odd_sixteen(at + 48) << 48;
}

static inline uint32_t plain_lines_colons(const uint8_t *at)
{
    return plain_lines_bits(_mm_cmpeq_epi8(plain_lines_load(at), _mm_set1_epi8(':')));
}

/* See names_are_eight: every byte of a row has the bit that tells a small letter. */
static inline size_t plain_lines_alike(const uint8_t *at, const uint8_t *row)
{
    __m128i small = _mm_or_si128(plain_lines_load(at), _mm_set1_epi8(0x20));
    __m128i own = _mm_load_si128((const __m128i *)(const void *)row);
    return plain_lines_first(_mm_cmpeq_epi8(small, own));
}

/* There is no comparison of unsigned bytes, but a byte is at most `n` where it is the
 * smaller one of itself and `n`. */
static inline __m128i plain_lines_is_at_most(__m128i v, char n)
{
    return _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(n)), v);
}

static inline size_t plain_lines_named(const uint8_t *at)
{
    __m128i v = plain_lines_load(at);
    __m128i letter =
        _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    __m128i digit = _mm_sub_epi8(v, _mm_set1_epi8('0'));
    __m128i is_named = _mm_or_si128(plain_lines_is_at_most(letter, 'z' - 'a'),
                                    plain_lines_is_at_most(digit, 9));
    is_named = _mm_or_si128(is_named, _mm_cmpeq_epi8(v, _mm_set1_epi8('-')));
    return plain_lines_first(is_named);
}

void plain_lines_find(struct plain_lines *out, struct bytes head,
                      const struct plain_lines_request *asked)
{
    plain_lines_walk(out, head, asked);
}
