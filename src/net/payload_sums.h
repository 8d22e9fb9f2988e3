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
    uint64_t words;    /* of four bytes, as they lie in memory; none is lost */
};

/* How many bytes stand in the last stripe of `len`, which is not zero. */
static inline size_t payload_sums_last(size_t len)
{
    return (len - 1) % PAYLOAD_STRIPE_BYTES + 1;
}

/* Over the stripes of `data`, a byte at least and PAYLOAD_BLOCK_BYTES at most; `key`
 * has a word for each of theirs. The last stripe may have fewer bytes. They stand at
 * its end behind zeros: so they can be loaded with those before them. Where their count
 * is odd, neighbours change places, and each byte has the weight that RFC 1071 gives
 * it. */
struct payload_sums payload_sums_of(const uint64_t *key, struct bytes data);

/* The same as every machine can do it. */
static inline void payload_sums_add_plain(struct payload_sums *sums,
                                          const uint64_t *key, const uint8_t *stripe)
{
    for (size_t i = 0; i < PAYLOAD_STRIPE_WORDS; i++) {
        uint32_t half[2];
        memcpy(half, stripe + i * sizeof half, sizeof half);
        uint32_t lower = half[0] + (uint32_t)key[i];
        uint32_t upper = half[1] + (uint32_t)(key[i] >> 32);
        sums->products += (uint64_t)lower * upper;
        sums->words += (uint64_t)half[0] + half[1];
    }
}

static inline struct payload_sums payload_sums_plain(const uint64_t *key,
                                                     struct bytes data)
{
    struct payload_sums s = {0};
    uint8_t last[PAYLOAD_STRIPE_BYTES] = {0};
    size_t rest = payload_sums_last(data.len), whole = data.len - rest;
    for (size_t at = 0; at < whole; at += PAYLOAD_STRIPE_BYTES)
        payload_sums_add_plain(&s, key + at / 8, data.ptr + at);
    for (size_t i = 0; i < rest; i++)
        last[(PAYLOAD_STRIPE_BYTES - rest + i) ^ (rest & 1)] = data.ptr[whole + i];
    payload_sums_add_plain(&s, key + whole / 8, last);
    return s;
}

#endif
