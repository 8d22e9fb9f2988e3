/* SHA-1, FIPS 180-4, section 6.1; names a to e, K and W are the standard's. */
#include "hopscope/base.h"

#include "base/sha1_machine.h"

#include <string.h>

enum { SHA1_BLOCK_BYTES = 64, SHA1_ROUNDS = 80, SHA1_LENGTH_AT = 56 };

struct sha1_state {
    uint32_t a, b, c, d, e;
};

static inline uint32_t sha1_rotate(uint32_t x, unsigned bits)
{
    return x << bits | x >> (32 - bits);
}

/* Section 4.1.1: the function of rounds 20 `part` to 20 `part` + 19. */
static inline uint32_t sha1_function(int part, uint32_t b, uint32_t c, uint32_t d)
{
    switch (part) {
    case 0: return (b & c) ^ (~b & d);
    case 2: return (b & c) ^ (b & d) ^ (c & d);
    }
    return b ^ c ^ d;
}

/* Section 6.1.2, step 3. Instead of moving each letter on by one, the next round is
 * called with the letters moved. */
static inline void sha1_round(uint32_t a, uint32_t *b, uint32_t *e, uint32_t f,
                              uint32_t k_and_w)
{
    *e += sha1_rotate(a, 5) + f + k_and_w;
    *b = sha1_rotate(*b, 30);
}

/* Twenty rounds of one function and one constant, five at a time: then each letter is
 * itself again. */
static inline void sha1_rounds(struct sha1_state *s, int part, uint32_t k,
                               const uint32_t w[20])
{
    uint32_t a = s->a, b = s->b, c = s->c, d = s->d, e = s->e;
    for (int t = 0; t < 20; t += 5) {
        sha1_round(a, &b, &e, sha1_function(part, b, c, d), k + w[t]);
        sha1_round(e, &a, &d, sha1_function(part, a, b, c), k + w[t + 1]);
        sha1_round(d, &e, &c, sha1_function(part, e, a, b), k + w[t + 2]);
        sha1_round(c, &d, &b, sha1_function(part, d, e, a), k + w[t + 3]);
        sha1_round(b, &c, &a, sha1_function(part, c, d, e), k + w[t + 4]);
    }
    *s = (struct sha1_state){.a = a, .b = b, .c = c, .d = d, .e = e};
}

/* Section 6.1.2: one 512-bit block. */
static void sha1_block(uint32_t hash[5], const uint8_t *block)
{
    if (sha1_machine_block(hash, block)) return;
    uint32_t w[SHA1_ROUNDS];
    struct cursor in = cursor_of(bytes_of(block, SHA1_BLOCK_BYTES));
    for (int t = 0; t < 16; t++) w[t] = cursor_be32(&in);
    for (int t = 16; t < SHA1_ROUNDS; t++)
        w[t] = sha1_rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    struct sha1_state s = {hash[0], hash[1], hash[2], hash[3], hash[4]};
    sha1_rounds(&s, 0, 0x5a827999, w);
    sha1_rounds(&s, 1, 0x6ed9eba1, w + 20);
    sha1_rounds(&s, 2, 0x8f1bbcdc, w + 40);
    sha1_rounds(&s, 3, 0xca62c1d6, w + 60);
    hash[0] += s.a;
    hash[1] += s.b;
    hash[2] += s.c;
    hash[3] += s.d;
    hash[4] += s.e;
}

static inline void sha1_store(uint8_t *out, uint32_t value)
{
    out[0] = (uint8_t)(value >> 24);
    out[1] = (uint8_t)(value >> 16);
    out[2] = (uint8_t)(value >> 8);
    out[3] = (uint8_t)value;
}

static const uint32_t sha1_start[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
                                       0xc3d2e1f0};

static inline void sha1_finish(const uint32_t hash[5], uint8_t digest[20])
{
    for (size_t i = 0; i < 5; i++) sha1_store(digest + 4 * i, hash[i]);
}

void sha1_padded(const uint8_t block[SHA1_BLOCK_BYTES], uint8_t digest[20])
{
    uint32_t hash[5];
    memcpy(hash, sha1_start, sizeof hash);
    sha1_block(hash, block);
    sha1_finish(hash, digest);
}

void sha1(struct bytes data, uint8_t digest[20])
{
    uint32_t hash[5];
    memcpy(hash, sha1_start, sizeof hash);
    struct cursor in = cursor_of(data);
    while (cursor_left(&in) >= SHA1_BLOCK_BYTES)
        sha1_block(hash, cursor_take(&in, SHA1_BLOCK_BYTES).ptr);

    /* Section 5.1.1: a one bit, zeros, the length in bits. */
    uint8_t last[SHA1_BLOCK_BYTES] = {0};
    struct bytes rest = cursor_rest(&in);
    if (rest.len > 0) memcpy(last, rest.ptr, rest.len);
    last[rest.len] = 0x80;
    if (rest.len >= SHA1_LENGTH_AT) { /* the length does not fit any more */
        sha1_block(hash, last);
        memset(last, 0, sizeof last);
    }
    sha1_store(last + SHA1_LENGTH_AT, (uint32_t)((uint64_t)data.len >> 29));
    sha1_store(last + SHA1_LENGTH_AT + 4, (uint32_t)data.len << 3);
    sha1_block(hash, last);
    sha1_finish(hash, digest);
}
