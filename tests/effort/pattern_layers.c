/* Patterns of what stands around a segment: tags, tunnels, fragments, extensions.
 *
 *   Ethernet | layer | layer | ... | IPv4 | TCP      as deep as a frame has room */
#include "pattern.h"

enum {
    LAYERS_BYTES_MAX = 1024,
    IP_HEADER = 20,
    TYPE_IPV4 = 0x0800,
    TYPE_IPV6 = 0x86dd,
    TYPE_VLAN = 0x8100,
    TYPE_MPLS = 0x8847,
    PROTOCOL_IPIP = 4,
    PROTOCOL_TCP = 6,
    PROTOCOL_GRE = 47,
    MORE_FRAGMENTS = 0x2000,
};

static const char ask[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/* One more request of the same connection, as an IPv4 packet. */
static size_t next_packet(struct forge *f, struct forge_talk *t,
                          uint8_t out[FORGE_PACKET_MAX])
{
    size_t length = forge_packet(f, t, 0, bytes_of_text(ask), out);
    t->side[0].seq += sizeof ask - 1;
    return length;
}

struct shell {        /* one kind of layer, many of it */
    uint16_t type;    /* of Ethernet */
    size_t bytes;     /* of one layer */
    uint8_t layer[4]; /* of tags: each but the last */
    uint8_t last[4];
    uint8_t protocol; /* of tunnels: what the outer IPv4 headers say; 0: tags */
};

static void write_tunnel(uint8_t *at, const struct shell *s, size_t length)
{
    memset(at, 0, s->bytes);
    at[0] = 0x45;
    forge_16(at + 2, (uint32_t)length);
    at[8] = 64;
    at[9] = s->protocol;
    forge_32(at + 12, 0x0a010101);
    forge_32(at + 16, 0x0a010102);
    if (s->bytes > IP_HEADER) forge_16(at + IP_HEADER + 2, TYPE_IPV4);
}

/* Packets in any number of layers for which there is room. */
static void nest(struct forge *f, const struct shell *s)
{
    struct forge_talk t;
    forge_meet(&t, 1);
    while (forge_has_room(f)) {
        uint8_t frame[LAYERS_BYTES_MAX + FORGE_PACKET_MAX], packet[FORGE_PACKET_MAX];
        size_t at = 0;
        uint32_t depth_max = (uint32_t)(LAYERS_BYTES_MAX / s->bytes);
        size_t depth = 1 + forge_random(f, depth_max);
        size_t inner = next_packet(f, &t, packet), all = depth * s->bytes + inner;
        for (size_t i = 1; i <= depth; i++, at += s->bytes) {
            if (s->protocol != 0)
                write_tunnel(frame + at, s, all - at);
            else
                memcpy(frame + at, i < depth ? s->layer : s->last, s->bytes);
        }
        memcpy(frame + at, packet, inner);
        forge_ethernet(f, s->type, bytes_of(frame, all));
    }
}

void pattern_vlan_nest(struct forge *f)
{
    nest(f, &(struct shell){.type = TYPE_VLAN,
                            .bytes = 4,
                            .layer = {0, 1, 0x81, 0},
                            .last = {0, 2, 8, 0}});
}

void pattern_mpls_nest(struct forge *f)
{
    nest(f, &(struct shell){.type = TYPE_MPLS,
                            .bytes = 4,
                            .layer = {0, 1, 0, 64},
                            .last = {0, 1, 1, 64}});
}

void pattern_ipip_nest(struct forge *f)
{
    nest(f, &(struct shell){
                .type = TYPE_IPV4, .bytes = IP_HEADER, .protocol = PROTOCOL_IPIP});
}

void pattern_gre_nest(struct forge *f)
{
    nest(f, &(struct shell){
                .type = TYPE_IPV4, .bytes = IP_HEADER + 4, .protocol = PROTOCOL_GRE});
}

/* One connection's addresses and ports in networks (VXLAN, RFC 7348) whose numbers
 * differ in high bits alone. */
void pattern_network_ids(struct forge *f)
{
    enum { VXLAN = IP_HEADER + 8 + 8, PORT_VXLAN = 4789, PROTOCOL_UDP = 17 };
    for (uint32_t network = 1; forge_has_room(f); network++) {
        struct forge_talk t;
        uint8_t frame[VXLAN + FORGE_ETHERNET + FORGE_PACKET_MAX] = {0}, *ip = frame,
                                               *udp = frame + IP_HEADER;
        uint8_t *ethernet = frame + VXLAN;
        forge_meet(&t, network >> 12);
        size_t length = VXLAN + FORGE_ETHERNET;
        length += next_packet(f, &t, ethernet + FORGE_ETHERNET);
        forge_16(ethernet + FORGE_ETHERNET - 2, TYPE_IPV4);
        ip[0] = 0x45;
        forge_16(ip + 2, (uint32_t)length);
        ip[8] = 64;
        ip[9] = PROTOCOL_UDP;
        forge_32(ip + 12, 0x0a010101);
        forge_32(ip + 16, 0x0a010102);
        forge_16(udp, PORT_VXLAN);
        forge_16(udp + 2, PORT_VXLAN);
        forge_16(udp + 4, (uint32_t)(length - IP_HEADER));
        udp[8] = 0x08;
        forge_32(udp + 12, (network << 12 & 0xffffff) << 8);
        forge_ethernet(f, TYPE_IPV4, bytes_of(frame, length));
    }
}

/* ---- fragments ---- */

struct fragment {
    uint16_t id;
    size_t at, length; /* in the datagram; multiples of 8 but for the last */
    bool has_more;
    char fill;
};

static void put_fragment(struct forge *f, const struct fragment *g)
{
    uint8_t packet[FORGE_PACKET_MAX] = {0x45};
    size_t length = g->length < FORGE_SEGMENT_MAX ? g->length : FORGE_SEGMENT_MAX;
    uint32_t flags = g->has_more ? MORE_FRAGMENTS : 0;
    forge_16(packet + 2, (uint32_t)(IP_HEADER + length));
    forge_16(packet + 4, g->id);
    forge_16(packet + 6, flags | (uint32_t)(g->at / 8));
    packet[8] = 64;
    packet[9] = PROTOCOL_TCP;
    forge_32(packet + 12, 0x0a000001 + g->id / 256u);
    forge_32(packet + 16, 0x0a000002);
    memset(packet + IP_HEADER, g->fill, length);
    forge_ethernet(f, TYPE_IPV4, bytes_of(packet, IP_HEADER + length));
}

enum { DATAGRAM_PARTS = 1000 };

/* Datagrams of 1,000 parts of 8 bytes, which do become whole. */
void pattern_fragments_tiny(struct forge *f)
{
    for (uint16_t id = 1; forge_has_room(f); id++)
        for (size_t i = 0; i < DATAGRAM_PARTS; i++)
            put_fragment(f, &(struct fragment){.id = id,
                                               .at = i * 8,
                                               .length = 8,
                                               .has_more = i + 1 < DATAGRAM_PARTS,
                                               .fill = 'x'});
}

void pattern_fragments_reverse(struct forge *f)
{
    for (uint16_t id = 1; forge_has_room(f); id++)
        for (size_t i = DATAGRAM_PARTS; i-- > 0;)
            put_fragment(f, &(struct fragment){.id = id,
                                               .at = i * 8,
                                               .length = 8,
                                               .has_more = i + 1 < DATAGRAM_PARTS,
                                               .fill = 'x'});
}

/* Every second part, then longer ones over two of them, with other bytes. */
void pattern_fragments_overlap(struct forge *f)
{
    for (uint16_t id = 1; forge_has_room(f); id++)
        for (size_t i = 1; i < DATAGRAM_PARTS; i++)
            put_fragment(f,
                         &(struct fragment){.id = id,
                                            .at = (i * 16) % (DATAGRAM_PARTS * 8),
                                            .length = i * 2 < DATAGRAM_PARTS ? 8 : 24,
                                            .has_more = true,
                                            .fill = (char)('a' + i % 26)});
}

void pattern_fragments_never_whole(struct forge *f)
{
    for (uint32_t i = 0; forge_has_room(f); i++)
        put_fragment(f, &(struct fragment){.id = (uint16_t)i,
                                           .at = i % 2 * 1392,
                                           .length = 1392,
                                           .has_more = true,
                                           .fill = 'x'});
}

/* ---- IPv6 ---- */

enum { IPV6_HEADER = 40, IPV6_NEXT = 6, OPTIONS_HEADER = 60, CHAIN_BYTES = 1200 };

/* Destination options over and over, `unit` bytes each, and a segment that cannot be
 * right. */
static void chain(struct forge *f, size_t unit)
{
    while (forge_has_room(f)) {
        uint8_t packet[IPV6_HEADER + CHAIN_BYTES] = {0x60};
        size_t count = (CHAIN_BYTES - IP_HEADER) / unit;
        forge_16(packet + 4, (uint32_t)(count * unit + IP_HEADER));
        packet[IPV6_NEXT] = OPTIONS_HEADER;
        packet[7] = 64;
        packet[8] = packet[24] = 0x20;
        packet[23] = 1;
        packet[39] = 2;
        for (size_t i = 0; i < count; i++) {
            uint8_t *at = packet + IPV6_HEADER + i * unit;
            at[0] = i + 1 < count ? OPTIONS_HEADER : PROTOCOL_TCP;
            at[1] = (uint8_t)(unit / 8 - 1);
        }
        size_t length = IPV6_HEADER + count * unit + IP_HEADER;
        forge_ethernet(f, TYPE_IPV6, bytes_of(packet, length));
    }
}

void pattern_extension_chain(struct forge *f)
{
    chain(f, 8);
}

/* One header of pad options of one byte. */
void pattern_extension_options(struct forge *f)
{
    chain(f, 1160);
}

/* ---- snaplen ---- */

/* Of every segment only the headers and some bytes were captured. */
void pattern_cut_packets(struct forge *f)
{
    struct forge_talk t;
    uint8_t frame[FORGE_ETHERNET + FORGE_PACKET_MAX] = {0}, data[FORGE_SEGMENT_MAX];
    memset(data, 'x', sizeof data);
    memcpy(data, ask, sizeof ask - 1);
    forge_meet(&t, 1);
    forge_16(frame + FORGE_ETHERNET - 2, TYPE_IPV4);
    while (forge_has_room(f)) {
        size_t length =
            forge_packet(f, &t, 0, bytes_of(data, sizeof data), frame + FORGE_ETHERNET);
        t.side[0].seq += FORGE_SEGMENT_MAX;
        forge_frame(f, bytes_of(frame, FORGE_ETHERNET + length), 1370);
    }
}
