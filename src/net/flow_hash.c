/* Which packets belong together, told as cheaply as can be: by whoever hands packets to
 * several analysers and must not spend on each what decoding costs.
 *
 *   | Ethernet 14 | IPv4 20 | TCP 20.. |    0x0800, 0x45, no fragment, 6
 *   | Ethernet 14 | IPv6 40 | TCP 20.. |    0x86dd, 6
 *
 * A sum of both ends' hashes is the same for both directions; the key keeps anybody
 * from aiming all connections at one analyser. */
#include "hopscope/net.h"

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

static uint64_t flow_hash_of_end(struct hash_key key, const struct flow_hash_end *e)
{
    if (e->version == 4) return flow_hash_mix(e->low << 16 | e->port, key.k0);
    return flow_hash_mix(flow_hash_mix(e->low, key.k0) ^ e->high, key.k1 + e->port);
}

static uint64_t flow_hash_of_ends(struct hash_key key,
                                  const struct flow_hash_end end[2])
{
    uint64_t sum = flow_hash_of_end(key, &end[0]) + flow_hash_of_end(key, &end[1]);
    return flow_hash_mix(sum, key.k1);
}

static uint64_t flow_hash_read_word(struct cursor *in)
{
    uint64_t high = cursor_be32(in);
    return high << 32 | cursor_be32(in);
}

static void flow_hash_read_address(struct cursor *in, uint8_t version,
                                   struct flow_hash_end *end)
{
    end->version = version;
    end->high = version == 4 ? 0 : flow_hash_read_word(in);
    end->low = version == 4 ? cursor_be32(in) : flow_hash_read_word(in);
}

/* Whether a whole TCP header stands at the cursor, as the wire and the capture have it;
 * `length` is what IP says there is. */
static bool flow_hash_read_ports(struct cursor *in, uint32_t length,
                                 struct flow_hash_end end[2])
{
    size_t captured = cursor_left(in);
    end[0].port = cursor_be16(in);
    end[1].port = cursor_be16(in);
    cursor_skip(in, 8); /* sequence and acknowledgment numbers */
    uint32_t header = (uint32_t)(cursor_8(in) >> 4) * 4;
    return header >= TCP_BYTES && header <= length && header <= captured;
}

static bool flow_hash_read_ipv4(struct cursor *in, struct flow_hash_end end[2])
{
    uint8_t version = cursor_8(in);
    cursor_skip(in, 1);
    uint16_t total = cursor_be16(in);
    cursor_skip(in, 2);
    uint16_t fragment = cursor_be16(in);
    cursor_skip(in, 1);
    uint8_t protocol = cursor_8(in);
    cursor_skip(in, 2);
    flow_hash_read_address(in, 4, &end[0]);
    flow_hash_read_address(in, 4, &end[1]);
    if (version != IPV4_PLAIN || protocol != PROTOCOL_TCP || total < IPV4_BYTES ||
        (fragment & IPV4_FRAGMENT_BITS) != 0)
        return false;
    return flow_hash_read_ports(in, total - (uint32_t)IPV4_BYTES, end);
}

static bool flow_hash_read_ipv6(struct cursor *in, struct flow_hash_end end[2])
{
    uint8_t version = cursor_8(in);
    cursor_skip(in, 3);
    uint16_t length = cursor_be16(in);
    uint8_t next = cursor_8(in);
    cursor_skip(in, 1);
    flow_hash_read_address(in, 6, &end[0]);
    flow_hash_read_address(in, 6, &end[1]);
    if (version >> 4 != 6 || next != PROTOCOL_TCP) return false;
    return flow_hash_read_ports(in, length, end);
}

bool flow_hash_of_frame(struct hash_key key, const struct frame *frame, uint64_t *hash)
{
    struct flow_hash_end end[2];
    struct cursor in = cursor_of(frame->data);
    if (frame->link_type != LINK_TYPE_ETHERNET) return false;
    if (frame->data.len < ETHERNET_BYTES + IPV4_BYTES + TCP_BYTES) return false;
    cursor_skip(&in, 12); /* addresses */
    uint16_t type = cursor_be16(&in);
    bool is_plain = (type == ETHERTYPE_IPV4 && flow_hash_read_ipv4(&in, end)) ||
                    (type == ETHERTYPE_IPV6 && flow_hash_read_ipv6(&in, end));
    if (!is_plain || in.is_short) return false;
    *hash = flow_hash_of_ends(key, end);
    return true;
}

uint64_t flow_hash_of_packet(struct hash_key key, const struct packet *packet)
{
    const struct endpoint *const ends[2] = {&packet->from, &packet->to};
    struct flow_hash_end end[2];
    for (int i = 0; i < 2; i++) {
        struct cursor in = cursor_of(bytes_of(ends[i]->address, sizeof ends[i]->address));
        flow_hash_read_address(&in, ends[i]->version, &end[i]);
        end[i].port = ends[i]->port;
    }
    return flow_hash_of_ends(key, end);
}
