/* Link types that no wire has: what a host writes around a packet to tell where it was
 * met (NFLOG, IPNET, PKTAP, ENC), and switch tags between a port's chip and its host
 * (DSA). Each layout: www.tcpdump.org/linktypes.html. */
#include "net/layer.h"

enum {
    FAMILY_IPV4 = 2,
    FAMILY_IPV6_LINUX = 10,
    NFLOG_PAYLOAD = 9,
    NFLOG_HEADER_BYTES = 4, /* of each attribute: length and type */
    NFLOG_NESTED = 0x80,    /* in a type's first byte, big-endian */
    PKTAP_HEADER_BYTES = 108,
    PKTAP_PACKET = 1,
    DSA_TAGGED = 0x20,
    DSA_VLAN_ID = 0x0fff,
};

/* The packet has no link header. Families other than IP's (bridge, netdev) carry it
 * too. */
static enum layer find_nflog_payload(const struct decoding *d, uint8_t family)
{
    if (family == FAMILY_IPV4) return LAYER_IP;
    if (family == FAMILY_IPV6_LINUX) return LAYER_IP;
    struct cursor ahead = d->in;
    uint8_t version = cursor_8(&ahead) >> 4;
    if (ahead.is_short) return LAYER_SHORT;
    return version == 4 || version == 6 ? LAYER_IP : LAYER_OTHER;
}

/* Attributes in the capturing host's order: a length that counts itself, a type, the
 * value, filled up to a multiple of four. Types are small, so the order tells itself.
 */
enum layer link_host_decode_nflog(struct decoding *d)
{
    uint8_t family = cursor_8(&d->in);
    cursor_skip(&d->in, 3); /* version, group */
    for (;;) {
        struct cursor ahead = d->in;
        cursor_skip(&ahead, 2);
        d->in.is_little = (cursor_8(&ahead) & ~NFLOG_NESTED) != 0;
        uint16_t length = cursor_16(&d->in);
        uint16_t type = cursor_16(&d->in);
        d->in.is_little = false;
        if (d->in.is_short) return LAYER_SHORT;
        if (length < NFLOG_HEADER_BYTES) return LAYER_BAD;
        length = (uint16_t)(length - NFLOG_HEADER_BYTES);
        if (type == NFLOG_PAYLOAD) {
            layer_limit_length(d, length);
            return find_nflog_payload(d, family);
        }
        cursor_skip(&d->in, length + ((4u - length) & 3));
    }
}

enum layer link_host_decode_ipnet(struct decoding *d)
{
    cursor_skip(&d->in, 1); /* version */
    uint8_t family = cursor_8(&d->in);
    cursor_skip(&d->in, 22); /* hook, length, interfaces, zones */
    return d->in.is_short ? LAYER_SHORT : link_find_family(family);
}

/* Written by little-endian hosts only. The packet behind has a link type of its own. */
enum layer link_host_decode_pktap(struct decoding *d)
{
    struct cursor start = d->in;
    start.is_little = true;
    uint32_t length = cursor_32(&start);
    uint32_t record = cursor_32(&start);
    uint32_t link_type = cursor_32(&start);
    if (start.is_short) return LAYER_SHORT;
    if (length < PKTAP_HEADER_BYTES) return LAYER_BAD;
    if (record != PKTAP_PACKET) return LAYER_OTHER;
    cursor_skip(&d->in, length);
    return d->in.is_short ? LAYER_SHORT : link_find_layer(link_type);
}

enum layer link_host_decode_enc(struct decoding *d)
{
    uint32_t family = cursor_be32(&d->in);
    cursor_skip(&d->in, 8); /* security association, flags */
    return d->in.is_short ? LAYER_SHORT : link_find_family(family);
}

/* Behind the addresses a tag of `before` bytes, then four, then the EtherType. The four
 * take the place of a VLAN tag and keep its number. */
static enum layer decode_switch_tag(struct decoding *d, uint32_t before)
{
    cursor_skip(&d->in, 12 + before);
    uint16_t mode_port = cursor_be16(&d->in);
    uint16_t vlan = cursor_be16(&d->in);
    uint16_t type = cursor_be16(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if ((mode_port >> 8 & DSA_TAGGED) != 0) layer_note_vlan(d, vlan & DSA_VLAN_ID);
    return link_find_ethertype(type);
}

enum layer link_host_decode_dsa(struct decoding *d)
{
    return decode_switch_tag(d, 0);
}

enum layer link_host_decode_edsa(struct decoding *d)
{
    return decode_switch_tag(d, 4);
}

enum layer link_host_decode_brcm(struct decoding *d)
{
    cursor_skip(&d->in, 12 + 4);
    uint16_t type = cursor_be16(&d->in);
    return d->in.is_short ? LAYER_SHORT : link_find_ethertype(type);
}

enum layer link_host_decode_brcm_prepend(struct decoding *d)
{
    cursor_skip(&d->in, 4);
    return d->in.is_short ? LAYER_SHORT : LAYER_ETHERNET;
}
