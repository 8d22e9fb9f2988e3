/* The sums over a block of a payload that one pass gives, each modulo 2^64. */
#ifndef NET_PAYLOAD_SUMS_H
#define NET_PAYLOAD_SUMS_H

#include "hopscope/bytes.h"

enum {
    PAYLOAD_STRIPE_BYTES = 32,
    PAYLOAD_STRIPE_WORDS = PAYLOAD_STRIPE_BYTES / 8,
};

struct payload_sums {
    uint64_t products; /* of both halves of each word, when its key was added to them */
    uint64_t words;    /* of eight bytes, as they lie in memory */
    uint64_t halves;   /* of their upper halves */
};

/* Over the words of `data`, whose last stripe is filled up with zeros; `key` has a word
 * for each. */
struct payload_sums payload_sums_of(const uint64_t *key, struct bytes data);

/* The same as every machine can do it. */
static inline struct payload_sums payload_sums_plain(const uint64_t *key,
                                                     struct bytes data)
{
    struct payload_sums s = {0};
    size_t stripes = (data.len + PAYLOAD_STRIPE_BYTES - 1) / PAYLOAD_STRIPE_BYTES;
    for (size_t i = 0; i < stripes * PAYLOAD_STRIPE_WORDS; i++) {
        uint64_t word = 0;
        struct bytes part = bytes_first(bytes_from(data, i * sizeof word), sizeof word);
        if (part.len > 0) memcpy(&word, part.ptr, part.len);
        uint32_t lower = (uint32_t)word + (uint32_t)key[i];
        uint32_t upper = (uint32_t)(word >> 32) + (uint32_t)(key[i] >> 32);
        s.products += (uint64_t)lower * upper;
        s.words += word;
        s.halves += word >> 32;
    }
    return s;
}

#endif
