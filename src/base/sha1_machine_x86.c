/* The SHA extensions: four rounds an instruction, W four words at a time. Names are
 * those of FIPS 180-4, section 6.1.2; a is the highest lane, as the first word is.
 *
 *   abcd --four rounds of W[i]--> abcd    and the next four's e is a of four before,
 *     '---rotated, + W[i + 1]---> e       rotated: so each four takes the abcd before
 */
#include "base/sha1_machine.h"

#include <immintrin.h>
#include <sys/platform/x86.h>

enum { FOURS = 20, FOURS_OF_BLOCK = 4, FOURS_OF_PART = 5 };

/* The function and the constant are in the instruction, as a literal. */
__attribute__((target("sha"), always_inline)) static inline __m128i
sha1_machine_four(__m128i abcd, __m128i e_and_w, int part)
{
    switch (part) {
    case 0: return _mm_sha1rnds4_epu32(abcd, e_and_w, 0);
    case 1: return _mm_sha1rnds4_epu32(abcd, e_and_w, 1);
    case 2: return _mm_sha1rnds4_epu32(abcd, e_and_w, 2);
    }
    return _mm_sha1rnds4_epu32(abcd, e_and_w, 3);
}

/* Step 1: the block's words, and those that follow from them. */
__attribute__((target("sha,ssse3"), always_inline)) static inline void
sha1_machine_schedule(__m128i w[FOURS], const uint8_t *block)
{
    const __m128i swapped =
        _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (size_t i = 0; i < FOURS_OF_BLOCK; i++) {
        const void *at = block + i * sizeof w[0];
        w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)at), swapped);
    }
    for (int i = FOURS_OF_BLOCK; i < FOURS; i++) {
        __m128i mixed = _mm_xor_si128(_mm_sha1msg1_epu32(w[i - 4], w[i - 3]), w[i - 2]);
        w[i] = _mm_sha1msg2_epu32(mixed, w[i - 1]);
    }
}

__attribute__((target("sha,ssse3"))) static void sha1_machine_take(uint32_t hash[5],
                                                                   const uint8_t *block)
{
    enum { REVERSED = 0x1b }; /* of four lanes */
    __m128i w[FOURS];
    sha1_machine_schedule(w, block);
    __m128i *kept = (__m128i *)(void *)hash;
    const __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128(kept), REVERSED);
    const __m128i e = _mm_set_epi32((int)hash[4], 0, 0, 0);
    __m128i before = abcd, now = sha1_machine_four(abcd, _mm_add_epi32(e, w[0]), 0);
#pragma GCC unroll 20
    for (int i = 1; i < FOURS; i++) {
        __m128i next = sha1_machine_four(now, _mm_sha1nexte_epu32(before, w[i]),
                                         i / FOURS_OF_PART);
        before = now;
        now = next;
    }
    __m128i last = _mm_sha1nexte_epu32(before, e);
    _mm_storeu_si128(kept, _mm_shuffle_epi32(_mm_add_epi32(now, abcd), REVERSED));
    hash[4] = (uint32_t)_mm_cvtsi128_si32(_mm_shuffle_epi32(last, REVERSED));
}

bool sha1_machine_block(uint32_t hash[5], const uint8_t *block)
{
    if (!CPU_FEATURE_ACTIVE(SHA)) return false;
    sha1_machine_take(hash, block);
    return true;
}
