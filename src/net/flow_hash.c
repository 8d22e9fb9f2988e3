/* Which packets belong together, told as cheaply as can be: by whoever hands packets to
 * several analysers and must not spend on each what decoding costs.
 *
 *   | Ethernet 14 | IPv4 20 | TCP 20.. |    0x0800, 0x45, no fragment, 6
 *   | Ethernet 14 | IPv6 40 | TCP 20.. |    0x86dd, 6
 *
 * A sum of both ends' hashes is the same for both directions; the key keeps anybody
 * from aiming all connections at one analyser. */
#include "hopscope/net.h"

#include <string.h>

enum {
    LINK_TYPE_ETHERNET = 1,
    ETHERNET_BYTES = 14,
    IPV4_BYTES = 20,
    IPV6_BYTES = 40,
    TCP_BYTES = 20,
    IPV4_FRAGMENT_BITS = 0x3fff, /* more fragments, and the offset */
    IPV4_PLAIN = 0x45,           /* version, and a header of five words */
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86dd,
    PROTOCOL_TCP = 6,
};

struct flow_hash_end {
    uint64_t high, low; /* the address, at the end of both words */
    uint16_t port;
    uint8_t version;
};

/* The product's halves folded: every bit of the input reaches every bit. */
static inline uint64_t flow_hash_mix(uint64_t x, uint64_t key)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)(x ^ key) * (0x9e3779b97f4a7c15u ^ (key << 1 | 1));
    return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

static inline uint64_t flow_hash_of_end(struct hash_key key,
                                        const struct flow_hash_end *e)
{
    if (e->version == 4) return flow_hash_mix(e->low << 16 | e->port, key.k0);
    return flow_hash_mix(flow_hash_mix(e->low, key.k0) ^ e->high, key.k1 + e->port);
}

static inline uint64_t flow_hash_of_ends(struct hash_key key,
                                         const struct flow_hash_end end[2])
{
    uint64_t sum = flow_hash_of_end(key, &end[0]) + flow_hash_of_end(key, &end[1]);
    return flow_hash_mix(sum, key.k1);
}

/* Fields at fixed places, read without a cursor: whoever calls has made sure that they
 * are there, once for all of them, since this is what every packet costs the reader. */
static inline uint16_t flow_hash_be16(const uint8_t *at)
{
    return (uint16_t)((unsigned)at[0] << 8 | at[1]);
}

static inline uint32_t flow_hash_word32(const uint8_t *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static inline uint64_t flow_hash_word64(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static inline struct flow_hash_end flow_hash_end_v4(const uint8_t *address,
                                                    uint16_t port)
{
    return (struct flow_hash_end){
        .low = flow_hash_word32(address), .port = port, .version = 4};
}

static inline struct flow_hash_end flow_hash_end_v6(const uint8_t *address,
                                                    uint16_t port)
{
    return (struct flow_hash_end){.high = flow_hash_word64(address),
                                  .low = flow_hash_word64(address + 8),
                                  .port = port,
                                  .version = 6};
}

/* Whether a whole TCP header stands there, as the wire and the capture have it;
 * `length` is what IP says there is. */
static inline bool flow_hash_is_tcp(const uint8_t *tcp, size_t length, size_t captured)
{
    size_t header = (size_t)(tcp[12] >> 4) * 4; /* RFC 9293, section 3.1 */
    return header >= TCP_BYTES && header <= length && header <= captured;
}

static bool flow_hash_of_ipv4(struct hash_key key, struct bytes in, uint64_t *hash)
{
    if (in.len < IPV4_BYTES + TCP_BYTES) return false;
    const uint8_t *ip = in.ptr, *tcp = in.ptr + IPV4_BYTES;
    size_t total = flow_hash_be16(ip + 2);
    if (ip[0] != IPV4_PLAIN || ip[9] != PROTOCOL_TCP || total < IPV4_BYTES ||
        (flow_hash_be16(ip + 6) & IPV4_FRAGMENT_BITS) != 0 ||
        !flow_hash_is_tcp(tcp, total - IPV4_BYTES, in.len - IPV4_BYTES))
        return false;
    struct flow_hash_end end[2] = {flow_hash_end_v4(ip + 12, flow_hash_be16(tcp)),
                                   flow_hash_end_v4(ip + 16, flow_hash_be16(tcp + 2))};
    *hash = flow_hash_of_ends(key, end);
    return true;
}

static bool flow_hash_of_ipv6(struct hash_key key, struct bytes in, uint64_t *hash)
{
    if (in.len < IPV6_BYTES + TCP_BYTES) return false;
    const uint8_t *ip = in.ptr, *tcp = in.ptr + IPV6_BYTES;
    if (ip[0] >> 4 != 6 || ip[6] != PROTOCOL_TCP ||
        !flow_hash_is_tcp(tcp, flow_hash_be16(ip + 4), in.len - IPV6_BYTES))
        return false;
    struct flow_hash_end end[2] = {flow_hash_end_v6(ip + 8, flow_hash_be16(tcp)),
                                   flow_hash_end_v6(ip + 24, flow_hash_be16(tcp + 2))};
    *hash = flow_hash_of_ends(key, end);
    return true;
}

bool flow_hash_of_frame(struct hash_key key, const struct frame *frame, uint64_t *hash)
{
    struct bytes in = frame->data;
    if (frame->link_type != LINK_TYPE_ETHERNET || in.len < ETHERNET_BYTES) return false;
    switch (flow_hash_be16(in.ptr + 12)) {
    case ETHERTYPE_IPV4:
        return flow_hash_of_ipv4(key, bytes_from(in, ETHERNET_BYTES), hash);
    case ETHERTYPE_IPV6:
        return flow_hash_of_ipv6(key, bytes_from(in, ETHERNET_BYTES), hash);
    }
    return false;
}

static struct flow_hash_end flow_hash_end_of(const struct endpoint *e)
{
    return e->version == 4 ? flow_hash_end_v4(e->address, e->port)
                           : flow_hash_end_v6(e->address, e->port);
}

uint64_t flow_hash_of_packet(struct hash_key key, const struct packet *packet)
{
    struct flow_hash_end end[2] = {flow_hash_end_of(&packet->from),
                                   flow_hash_end_of(&packet->to)};
    return flow_hash_of_ends(key, end);
}
