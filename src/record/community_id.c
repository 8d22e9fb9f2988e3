/* Community ID v1: base64(SHA1(seed, lower address, higher address, protocol, 0, lower
 * port, higher port)), all in network order; "lower" by address, then by port. */
#include "record/community_id.h"

#include <string.h>

enum { COMMUNITY_SEED = 0, COMMUNITY_PROTOCOL_TCP = 6, COMMUNITY_DIGEST_BYTES = 20 };

static uint8_t *put_16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
    return at + 2;
}

const char *community_id_write(const struct endpoint *a, const struct endpoint *b,
                               char out[COMMUNITY_ID_MAX])
{
    if (a->version != b->version || (a->version != 4 && a->version != 6)) return NULL;
    const struct endpoint *low = endpoint_compare(a, b) <= 0 ? a : b;
    const struct endpoint *high = low == a ? b : a;
    size_t address_bytes = a->version == 4 ? 4 : 16;
    uint8_t key[2 + 2 * 16 + 2 + 4], digest[COMMUNITY_DIGEST_BYTES];
    uint8_t *at = put_16(key, COMMUNITY_SEED);
    memcpy(at, low->address, address_bytes);
    at += address_bytes;
    memcpy(at, high->address, address_bytes);
    at += address_bytes;
    *at++ = COMMUNITY_PROTOCOL_TCP;
    *at++ = 0;
    at = put_16(at, low->port);
    at = put_16(at, high->port);
    sha1(bytes_of(key, (size_t)(at - key)), digest);
    memcpy(out, "1:", 2);
    base64_encode(bytes_of(digest, sizeof digest), out + 2);
    return out;
}
