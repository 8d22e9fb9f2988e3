/* The sums over a payload that one pass gives, each modulo 2^64. */
#ifndef NET_PAYLOAD_SUMS_H
#define NET_PAYLOAD_SUMS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    PAYLOAD_STRIPE_BYTES = 32,
    PAYLOAD_STRIPE_WORDS = PAYLOAD_STRIPE_BYTES / 8,
};

struct payload_sums {
    uint64_t products; /* of both halves of each word, when its key was added to them */
    uint64_t words;    /* of eight bytes, as they lie in memory */
    uint64_t halves;   /* of their upper halves */
};

/* Over so many stripes; `key` has as many words. */
struct payload_sums payload_sums_of(const uint64_t *key, const uint8_t *at,
                                    size_t stripes);

/* The same as every machine can do it. */
static inline struct payload_sums payload_sums_plain(const uint64_t *key,
                                                     const uint8_t *at, size_t stripes)
{
    struct payload_sums s = {0};
    for (size_t i = 0; i < stripes * PAYLOAD_STRIPE_WORDS; i++) {
        uint64_t word;
        memcpy(&word, at + i * sizeof word, sizeof word);
        uint32_t lower = (uint32_t)word + (uint32_t)key[i];
        uint32_t upper = (uint32_t)(word >> 32) + (uint32_t)(key[i] >> 32);
        s.products += (uint64_t)lower * upper;
        s.words += word;
        s.halves += word >> 32;
    }
    return s;
}

#endif
