/* Sixteen bytes are compared at once and become sixteen bits, as every x86-64 can do;
 * where the machine has AVX2, thirty-two are looked up. */
#include "http/byte_map.h"

#include <immintrin.h>

/* There is no comparison of unsigned bytes, but a byte is at most `n` where it is the
 * smaller one of itself and `n`. */
static void byte_map_read_sixteens(struct byte_map out, const uint8_t *at, size_t count)
{
    const __m128i low = _mm_set1_epi8(0x1f), del = _mm_set1_epi8(0x7f);
    const __m128i a = _mm_set1_epi8('a'), letters = _mm_set1_epi8('z' - 'a');
    const __m128i zero = _mm_set1_epi8('0'), digits = _mm_set1_epi8(9);
    const __m128i small = _mm_set1_epi8(0x20), hyphen = _mm_set1_epi8('-');
    const uint8_t *end = at + count * BYTE_MAP_BYTES;
    for (size_t word = 0; at < end; word++) {
        uint64_t controls = 0, named = 0;
        for (int i = 0; i < BYTE_MAP_BYTES; i += 16, at += 16) {
            __m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
            __m128i is_control = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(v, low), v),
                                              _mm_cmpeq_epi8(v, del));
            __m128i letter = _mm_sub_epi8(_mm_or_si128(v, small), a);
            __m128i digit = _mm_sub_epi8(v, zero);
            __m128i is_named =
                _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(letter, letters), letter),
                             _mm_cmpeq_epi8(_mm_min_epu8(digit, digits), digit));
            is_named = _mm_or_si128(is_named, _mm_cmpeq_epi8(v, hyphen));
            controls |= (uint64_t)(uint32_t)_mm_movemask_epi8(is_control) << i;
            named |= (uint64_t)(uint32_t)_mm_movemask_epi8(is_named) << i;
        }
        out.controls[word] = controls;
        out.stops[word] = ~named;
    }
}

/* Of thirty-two bytes at once the class is looked up, which is what both halves of a
 * byte have in common, by the table of each half:
 *
 *   0x00-0x1f  0x2d  0x30-0x39  0x41-0x5a, 0x61-0x7a     others
 *   CONTROL    DASH  DIGIT      FIRST and SECOND rows    none, nor any from 0x80 on */
enum { CONTROL = 0x80, DASH = 1, DIGIT = 2, FIRST = 4, SECOND = 8 };

/* clang-format off */
static const int8_t byte_map_high[16] = {
    (int8_t)CONTROL, (int8_t)CONTROL, DASH, DIGIT, FIRST, SECOND, FIRST, SECOND,
};
static const int8_t byte_map_low[16] = {
/* 0x_0 */        (int8_t)(CONTROL | DIGIT | SECOND),
/* 0x_1 to 0x_9 */(int8_t)(CONTROL | DIGIT | FIRST | SECOND),
                  (int8_t)(CONTROL | DIGIT | FIRST | SECOND),
                  (int8_t)(CONTROL | DIGIT | FIRST | SECOND),
                  (int8_t)(CONTROL | DIGIT | FIRST | SECOND),
                  (int8_t)(CONTROL | DIGIT | FIRST | SECOND),
                  (int8_t)(CONTROL | DIGIT | FIRST | SECOND),
                  (int8_t)(CONTROL | DIGIT | FIRST | SECOND),
                  (int8_t)(CONTROL | DIGIT | FIRST | SECOND),
                  (int8_t)(CONTROL | DIGIT | FIRST | SECOND),
/* 0x_a */        (int8_t)(CONTROL | FIRST | SECOND),
/* 0x_b, 0x_c */  (int8_t)(CONTROL | FIRST), (int8_t)(CONTROL | FIRST),
/* 0x_d */        (int8_t)(CONTROL | FIRST | DASH),
/* 0x_e, 0x_f */  (int8_t)(CONTROL | FIRST), (int8_t)(CONTROL | FIRST),
};
/* clang-format on */

/* The bits of thirty-two bytes, lowest first: CONTROL is a byte's highest bit. */
__attribute__((target("avx2"), always_inline)) static inline void
byte_map_read_half(const uint8_t *at, __m256i high, __m256i low, uint32_t *controls,
                   uint32_t *stops)
{
    __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)at);
    __m256i upper = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0f));
    __m256i class =
        _mm256_and_si256(_mm256_shuffle_epi8(high, upper), _mm256_shuffle_epi8(low, v));
    __m256i del = _mm256_cmpeq_epi8(v, _mm256_set1_epi8(0x7f));
    *controls = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(class, del));
    *stops = (uint32_t)_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(class, _mm256_setzero_si256()));
}

__attribute__((target("avx2"))) static void
byte_map_read_halves(struct byte_map out, const uint8_t *at, size_t count)
{
    const __m256i high = _mm256_broadcastsi128_si256(
        _mm_loadu_si128((const __m128i *)(const void *)byte_map_high));
    const __m256i low = _mm256_broadcastsi128_si256(
        _mm_loadu_si128((const __m128i *)(const void *)byte_map_low));
    for (size_t i = 0; i < count; i++, at += BYTE_MAP_BYTES) {
        uint32_t controls[2], stops[2];
        byte_map_read_half(at, high, low, &controls[0], &stops[0]);
        byte_map_read_half(at + 32, high, low, &controls[1], &stops[1]);
        out.controls[i] = (uint64_t)controls[1] << 32 | controls[0];
        out.stops[i] = ((uint64_t)stops[1] << 32 | stops[0]) | out.controls[i];
    }
}

void byte_map_read(struct byte_map out, const uint8_t *at, size_t count)
{
    if (__builtin_cpu_supports("avx2"))
        byte_map_read_halves(out, at, count);
    else
        byte_map_read_sixteens(out, at, count);
}
