/* SipHash-1-3 (Aumasson and Bernstein, 2012): one round per 8-byte word, three to
 * finish. Short keys of a few words, the hash's use here, cost some twenty rounds less
 * than with SipHash-2-4, and a collision still cannot be aimed at without the key. What
 * is shown to others (pseudonyms) takes the full rounds. */
#include "hopscope/pseudonym.h"

#include <endian.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

struct siphash {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t siphash_rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void siphash_round(struct siphash *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = siphash_rotate(s->v1, 13) ^ s->v0;
    s->v3 = siphash_rotate(s->v3, 16) ^ s->v2;
    s->v0 = siphash_rotate(s->v0, 32) + s->v3;
    s->v2 += s->v1;
    s->v3 = siphash_rotate(s->v3, 21) ^ s->v0;
    s->v1 = siphash_rotate(s->v1, 17) ^ s->v2;
    s->v2 = siphash_rotate(s->v2, 32);
}

static inline void siphash_word(struct siphash *s, uint64_t word, int rounds)
{
    s->v3 ^= word;
    for (int i = 0; i < rounds; i++) siphash_round(s);
    s->v0 ^= word;
}

/* Up to 8 bytes as a little-endian word. */
static inline uint64_t siphash_load(const uint8_t *at, size_t len)
{
    uint64_t word = 0;
    memcpy(&word, at, len);
    return le64toh(word);
}

/* `rounds` per word, `last_rounds` to finish. */
static inline uint64_t siphash_of(struct hash_key key, struct bytes data, int rounds,
                                  int last_rounds)
{
    struct siphash s = {
        .v0 = key.k0 ^ 0x736f6d6570736575u,
        .v1 = key.k1 ^ 0x646f72616e646f6du,
        .v2 = key.k0 ^ 0x6c7967656e657261u,
        .v3 = key.k1 ^ 0x7465646279746573u,
    };
    size_t whole = data.len & ~(size_t)7;
    for (size_t at = 0; at < whole; at += 8)
        siphash_word(&s, siphash_load(data.ptr + at, 8), rounds);
    uint64_t last = (uint64_t)data.len << 56;
    if (data.len > whole) last |= siphash_load(data.ptr + whole, data.len - whole);
    siphash_word(&s, last, rounds);
    s.v2 ^= 0xff;
    for (int i = 0; i < last_rounds; i++) siphash_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t hash_keyed(struct hash_key key, struct bytes data)
{
    return siphash_of(key, data, 1, 3);
}

uint64_t hash_secret(struct hash_key key, struct bytes data)
{
    return siphash_of(key, data, 2, 4);
}

struct hash_key hash_key_random(void)
{
    struct hash_key key;
    if (getrandom(&key, sizeof key, 0) == (ssize_t)sizeof key) return key;
    /* No such system call (an old kernel, a strict sandbox): hard to guess beats a
     * constant, and refusing to read a capture would help nobody. */
    struct timespec now = {.tv_sec = 0};
    clock_gettime(CLOCK_REALTIME, &now);
    key.k0 = (uint64_t)now.tv_sec << 30 ^ (uint64_t)now.tv_nsec;
    key.k1 = (uint64_t)getpid() << 32 ^ (uint64_t)(uintptr_t)&key;
    return key;
}
