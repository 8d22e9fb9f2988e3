/* Which packets belong together, told as cheaply as can be: by whoever hands packets to
 * several analysers and must not spend on each what decoding costs.
 *
 *   | Ethernet 14 | IPv4 20 | TCP 20.. |    0x0800, 0x45, no fragment, 6
 *   | Ethernet 14 | IPv6 40 | TCP 20.. |    0x86dd, 6
 *
 * A sum of both ends' hashes is the same for both directions; the key keeps anybody
 * from aiming all connections at one analyser. */
#include "hopscope/net.h"

#include <endian.h>
#include <string.h>

enum {
    LINK_TYPE_ETHERNET = 1,
    ETHERNET_TYPE_AT = 12,
    ETHERNET_BYTES = 14,
    IPV4_BYTES = 20,
    IPV6_BYTES = 40,
    TCP_BYTES = 20,
    IPV4_FRAGMENT_BITS = 0x3fff,     /* more fragments, and the offset */
    ETHERTYPE_IPV4_PLAIN = 0x080045, /* EtherType, version, a header of five words */
    ETHERTYPE_IPV6 = 0x86dd6,        /* EtherType and version */
    PROTOCOL_TCP = 6,
};

/* The product's halves folded: every bit of the input reaches every bit. */
static inline uint64_t flow_hash_mix(uint64_t x, uint64_t key)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)(x ^ key) * (0x9e3779b97f4a7c15u ^ (key << 1 | 1));
    return (uint64_t)(product >> 64) ^ (uint64_t)product;
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

static inline uint64_t flow_hash_of_end_v4(struct hash_key key, const uint8_t *address,
                                           uint16_t port)
{
    return flow_hash_mix((uint64_t)flow_hash_word32(address) << 16 | port, key.k0);
}

static inline uint64_t flow_hash_of_end_v6(struct hash_key key, const uint8_t *address,
                                           uint16_t port)
{
    uint64_t low = flow_hash_mix(flow_hash_word64(address + 8), key.k0);
    return flow_hash_mix(low ^ flow_hash_word64(address), key.k1 + port);
}

static inline uint64_t flow_hash_of_ends(struct hash_key key, uint64_t from,
                                         uint64_t to)
{
    return flow_hash_mix(from + to, key.k1);
}

/* Whether a whole TCP header stands there, as the wire and the capture have it;
 * `length` is what IP says there is. */
static inline bool flow_hash_is_tcp(const uint8_t *tcp, size_t length, size_t captured)
{
    size_t header = (size_t)(tcp[12] >> 4) * 4; /* RFC 9293, section 3.1 */
    return header >= TCP_BYTES && header <= length && header <= captured;
}

/* `in` has all of IP's header and the fixed part of TCP's. */
static inline bool flow_hash_of_ipv4(struct hash_key key, struct bytes in,
                                     uint64_t *hash)
{
    const uint8_t *ip = in.ptr, *tcp = in.ptr + IPV4_BYTES;
    size_t total = flow_hash_be16(ip + 2);
    if (ip[9] != PROTOCOL_TCP || total < IPV4_BYTES ||
        (flow_hash_be16(ip + 6) & IPV4_FRAGMENT_BITS) != 0 ||
        !flow_hash_is_tcp(tcp, total - IPV4_BYTES, in.len - IPV4_BYTES))
        return false;
    *hash =
        flow_hash_of_ends(key, flow_hash_of_end_v4(key, ip + 12, flow_hash_be16(tcp)),
                          flow_hash_of_end_v4(key, ip + 16, flow_hash_be16(tcp + 2)));
    return true;
}

static bool flow_hash_of_ipv6(struct hash_key key, struct bytes in, uint64_t *hash)
{
    if (in.len < IPV6_BYTES + TCP_BYTES) return false;
    const uint8_t *ip = in.ptr, *tcp = in.ptr + IPV6_BYTES;
    if (ip[6] != PROTOCOL_TCP ||
        !flow_hash_is_tcp(tcp, flow_hash_be16(ip + 4), in.len - IPV6_BYTES))
        return false;
    *hash =
        flow_hash_of_ends(key, flow_hash_of_end_v6(key, ip + 8, flow_hash_be16(tcp)),
                          flow_hash_of_end_v6(key, ip + 24, flow_hash_be16(tcp + 2)));
    return true;
}

bool flow_hash_of_frame(struct hash_key key, const struct frame *frame, uint64_t *hash)
{
    struct bytes all = frame->data;
    if (frame->link_type != LINK_TYPE_ETHERNET ||
        all.len < ETHERNET_BYTES + IPV4_BYTES + TCP_BYTES)
        return false;
    uint32_t kind = be32toh(flow_hash_word32(all.ptr + ETHERNET_TYPE_AT));
    struct bytes in = bytes_of(all.ptr + ETHERNET_BYTES, all.len - ETHERNET_BYTES);
    if (kind >> 8 == ETHERTYPE_IPV4_PLAIN) return flow_hash_of_ipv4(key, in, hash);
    return kind >> 12 == ETHERTYPE_IPV6 && flow_hash_of_ipv6(key, in, hash);
}

uint64_t flow_hash_of_packet(struct hash_key key, const struct packet *packet)
{
    const struct endpoint *from = &packet->from, *to = &packet->to;
    if (from->version == 4) /* and so is the other */
        return flow_hash_of_ends(key,
                                 flow_hash_of_end_v4(key, from->address, from->port),
                                 flow_hash_of_end_v4(key, to->address, to->port));
    return flow_hash_of_ends(key, flow_hash_of_end_v6(key, from->address, from->port),
                             flow_hash_of_end_v6(key, to->address, to->port));
}
