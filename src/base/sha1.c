/* SHA-1, FIPS 180-4, section 6.1; names a to e, K and W are the standard's. */
#include "hopscope/base.h"

#include <string.h>

enum { SHA1_BLOCK_BYTES = 64, SHA1_ROUNDS = 80, SHA1_LENGTH_AT = 56 };

static uint32_t sha1_rotate(uint32_t x, unsigned bits)
{
    return x << bits | x >> (32 - bits);
}

/* Section 4.1.1: the function of round t. */
static uint32_t sha1_function(int t, uint32_t b, uint32_t c, uint32_t d)
{
    switch (t / 20) {
    case 0: return (b & c) ^ (~b & d);
    case 2: return (b & c) ^ (b & d) ^ (c & d);
    }
    return b ^ c ^ d;
}

/* Section 6.1.2: one 512-bit block. */
static void sha1_block(uint32_t hash[5], const uint8_t *block)
{
    static const uint32_t k[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    uint32_t w[SHA1_ROUNDS];
    struct cursor in = cursor_of(bytes_of(block, SHA1_BLOCK_BYTES));
    for (int t = 0; t < 16; t++) w[t] = cursor_be32(&in);
    for (int t = 16; t < SHA1_ROUNDS; t++)
        w[t] = sha1_rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4];
    for (int t = 0; t < SHA1_ROUNDS; t++) {
        uint32_t next =
            sha1_rotate(a, 5) + sha1_function(t, b, c, d) + e + k[t / 20] + w[t];
        e = d;
        d = c;
        c = sha1_rotate(b, 30);
        b = a;
        a = next;
    }
    hash[0] += a;
    hash[1] += b;
    hash[2] += c;
    hash[3] += d;
    hash[4] += e;
}

static void sha1_store(uint8_t *out, uint64_t value, size_t len)
{
    for (size_t i = 0; i < len; i++) out[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
}

void sha1(struct bytes data, uint8_t digest[20])
{
    uint32_t hash[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    struct cursor in = cursor_of(data);
    while (cursor_left(&in) >= SHA1_BLOCK_BYTES)
        sha1_block(hash, cursor_take(&in, SHA1_BLOCK_BYTES).ptr);

    /* Section 5.1.1: a one bit, zeros, the length in bits. */
    uint8_t last[2 * SHA1_BLOCK_BYTES] = {0};
    struct bytes rest = cursor_rest(&in);
    if (rest.len > 0) memcpy(last, rest.ptr, rest.len);
    last[rest.len] = 0x80;
    size_t blocks = rest.len < SHA1_LENGTH_AT ? 1 : 2;
    sha1_store(last + blocks * SHA1_BLOCK_BYTES - 8, (uint64_t)data.len * 8, 8);
    for (size_t i = 0; i < blocks; i++) sha1_block(hash, last + i * SHA1_BLOCK_BYTES);
    for (size_t i = 0; i < 5; i++) sha1_store(digest + 4 * i, hash[i], 4);
}
