/* Sixteen bytes are compared at once and become sixteen bits, as every x86-64 can do;
 * where the machine has AVX2, thirty-two. */
#include "http/byte_map.h"

#include <immintrin.h>

static void byte_map_read_sixteens(struct byte_map *out, const uint8_t *at)
{
    const __m128i lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
    const __m128i colon = _mm_set1_epi8(':'), tab = _mm_set1_epi8('\t');
    const __m128i low = _mm_set1_epi8(0x1f), del = _mm_set1_epi8(0x7f);
    struct byte_map map = {0};
    for (int i = 0; i < BYTE_MAP_BYTES; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
        __m128i is_low = _mm_cmpeq_epi8(_mm_min_epu8(v, low), v);
        __m128i is_odd = _mm_or_si128(is_low, _mm_cmpeq_epi8(v, del));
        is_odd = _mm_andnot_si128(_mm_cmpeq_epi8(v, tab), is_odd);
        const __m128i found[] = {_mm_cmpeq_epi8(v, lf), _mm_cmpeq_epi8(v, cr),
                                 _mm_cmpeq_epi8(v, colon), is_odd};
        map.ends |= (uint64_t)(uint32_t)_mm_movemask_epi8(found[0]) << i;
        map.returns |= (uint64_t)(uint32_t)_mm_movemask_epi8(found[1]) << i;
        map.colons |= (uint64_t)(uint32_t)_mm_movemask_epi8(found[2]) << i;
        map.controls |= (uint64_t)(uint32_t)_mm_movemask_epi8(found[3]) << i;
    }
    map.controls &= ~(map.ends | map.returns);
    *out = map;
}

__attribute__((target("avx2"))) static void byte_map_read_halves(struct byte_map *out,
                                                                 const uint8_t *at)
{
    const __m256i lf = _mm256_set1_epi8('\n'), cr = _mm256_set1_epi8('\r');
    const __m256i colon = _mm256_set1_epi8(':'), tab = _mm256_set1_epi8('\t');
    const __m256i low = _mm256_set1_epi8(0x1f), del = _mm256_set1_epi8(0x7f);
    struct byte_map map = {0};
    for (int i = 0; i < BYTE_MAP_BYTES; i += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(at + i));
        __m256i is_low = _mm256_cmpeq_epi8(_mm256_min_epu8(v, low), v);
        __m256i is_odd = _mm256_or_si256(is_low, _mm256_cmpeq_epi8(v, del));
        is_odd = _mm256_andnot_si256(_mm256_cmpeq_epi8(v, tab), is_odd);
        const __m256i found[] = {_mm256_cmpeq_epi8(v, lf), _mm256_cmpeq_epi8(v, cr),
                                 _mm256_cmpeq_epi8(v, colon), is_odd};
        map.ends |= (uint64_t)(uint32_t)_mm256_movemask_epi8(found[0]) << i;
        map.returns |= (uint64_t)(uint32_t)_mm256_movemask_epi8(found[1]) << i;
        map.colons |= (uint64_t)(uint32_t)_mm256_movemask_epi8(found[2]) << i;
        map.controls |= (uint64_t)(uint32_t)_mm256_movemask_epi8(found[3]) << i;
    }
    map.controls &= ~(map.ends | map.returns);
    *out = map;
}

void byte_map_read(struct byte_map *out, const uint8_t *at)
{
    if (__builtin_cpu_supports("avx2"))
        byte_map_read_halves(out, at);
    else
        byte_map_read_sixteens(out, at);
}
