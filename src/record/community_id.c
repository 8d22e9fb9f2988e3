/* Community ID v1: base64(SHA1(seed, lower address, higher address, protocol, 0, lower
 * port, higher port)), all in network order; "lower" by address, then by port. */
#include "record/community_id.h"

#include <endian.h>
#include <string.h>

enum {
    COMMUNITY_SEED = 0,
    COMMUNITY_PROTOCOL_TCP = 6,
    COMMUNITY_TEXT_BYTES = 28,
};

static uint8_t *put_16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
    return at + 2;
}

static void digest_of_ipv6(const struct endpoint *low, const struct endpoint *high,
                           uint8_t digest[COMMUNITY_DIGEST_BYTES])
{
    uint8_t key[2 + 2 * 16 + 2 + 4];
    uint8_t *at = put_16(key, COMMUNITY_SEED);
    memcpy(at, low->address, sizeof low->address);
    at += sizeof low->address;
    memcpy(at, high->address, sizeof high->address);
    at += sizeof high->address;
    *at++ = COMMUNITY_PROTOCOL_TCP;
    *at++ = 0;
    at = put_16(at, low->port);
    at = put_16(at, high->port);
    sha1(bytes_of(key, (size_t)(at - key)), digest);
}

static inline uint64_t ipv4_of(const struct endpoint *e)
{
    const uint8_t *a = e->address;
    return (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | a[3];
}

/* Of sixteen bytes, stored at once: the hash loads them so, and a load of what several
 * stores have just written waits for everything before them. */
typedef uint64_t community_words __attribute__((vector_size(16)));

/* With IPv4 the key has sixteen bytes: padded (FIPS 180-4, section 5.1.1), it is one
 * block of which the rest is always the same. */
static void digest_of_ipv4(const struct endpoint *low, const struct endpoint *high,
                           uint8_t digest[COMMUNITY_DIGEST_BYTES])
{
    const uint64_t a = ipv4_of(low), b = ipv4_of(high);
    const uint64_t first = (uint64_t)COMMUNITY_SEED << 48 | a << 16 | b >> 16;
    const uint64_t second = b << 48 | (uint64_t)COMMUNITY_PROTOCOL_TCP << 40 |
                            (uint64_t)low->port << 16 | high->port;
    const uint64_t one_bit = UINT64_C(1) << 63, length = 8 * sizeof(community_words);
    const community_words block[4] = {
        {htobe64(first), htobe64(second)},
        {htobe64(one_bit), 0},
        {0, 0},
        {0, htobe64(length)},
    };
    sha1_padded((const uint8_t *)block, digest);
}

bool community_id_digest(const struct endpoint *a, const struct endpoint *b,
                         uint8_t digest[COMMUNITY_DIGEST_BYTES])
{
    if (a->version != b->version || (a->version != 4 && a->version != 6)) return false;
    const struct endpoint *low = endpoint_compare(a, b) <= 0 ? a : b;
    const struct endpoint *high = low == a ? b : a;
    if (a->version == 4)
        digest_of_ipv4(low, high, digest);
    else
        digest_of_ipv6(low, high, digest);
    return true;
}

struct bytes community_id_text(const uint8_t digest[COMMUNITY_DIGEST_BYTES],
                               char out[COMMUNITY_ID_MAX])
{
    memcpy(out, "1:", 2);
    base64_encode(bytes_of(digest, COMMUNITY_DIGEST_BYTES), out + 2);
    return bytes_of(out, 2 + COMMUNITY_TEXT_BYTES);
}

struct bytes community_id_write(const struct endpoint *a, const struct endpoint *b,
                                char out[COMMUNITY_ID_MAX])
{
    uint8_t digest[COMMUNITY_DIGEST_BYTES];
    if (!community_id_digest(a, b, digest)) return bytes_of(NULL, 0);
    return community_id_text(digest, out);
}
