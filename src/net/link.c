/* Link layers: the table of link types, and the headers that are no more than an
 * address and a type (www.tcpdump.org/linktypes.html has each layout). */
#include "net/layer.h"

enum {
    ETHERTYPE_FIRST = 0x0600, /* below it the field is a length */
    SLL_PROTOCOL_LLC = 4,
    LLC_SAP_SNAP = 0xaa,
    LLC_SAP_IP = 0x06,
    LLC_UNNUMBERED = 0x03,
    SNAP_BRIDGE_TUNNEL = 0x0000f8, /* RFC 1042 and 802.1H both carry EtherTypes */
};

/* clang-format off */
static const struct { uint32_t link_type; enum layer layer; } link_types[] = {
    {   1, LAYER_ETHERNET },
    { 276, LAYER_SLL2 },
    { 113, LAYER_SLL },
    {   0, LAYER_FAMILY },     /* NULL: in the capturing host's order */
    { 108, LAYER_FAMILY },     /* LOOP: in network order */
    { 101, LAYER_IP },
    {  12, LAYER_IP },     /* what some systems wrote for 101 */
    { 228, LAYER_IP },
    { 229, LAYER_IP },
    {   9, LAYER_PPP },
    {  50, LAYER_PPP_SERIAL },
    {  51, LAYER_PPPOE },
    { 104, LAYER_C_HDLC },
    { 107, LAYER_FRAME_RELAY },
    { 105, LAYER_WIFI },
    { 127, LAYER_RADIOTAP },
    { 192, LAYER_PPI },
    { 239, LAYER_NFLOG },
    { 226, LAYER_IPNET },
    { 258, LAYER_PKTAP },
    { 109, LAYER_ENC },
    { 281, LAYER_BRCM },
    { 282, LAYER_BRCM_PREPEND },
    { 283, LAYER_DSA },
    { 284, LAYER_EDSA },
    {   6, LAYER_TOKEN_RING },
    {  10, LAYER_FDDI },
    { 100, LAYER_LLC },     /* ATM, RFC 2684 */
    { 106, LAYER_LLC },     /* ATM, RFC 2225 */
    { 117, LAYER_PFLOG },
    { 119, LAYER_PRISM },
    { 122, LAYER_FIBRE_CHANNEL },
    { 123, LAYER_SUNATM },
    { 138, LAYER_FIREWIRE },
    { 163, LAYER_AVS },
    { 166, LAYER_PPPD },
    { 197, LAYER_ERF },
    { 204, LAYER_PPP_DIRECTED },
    { 205, LAYER_HDLC_DIRECTED },
    { 206, LAYER_RELAY_DIRECTED },
    { 240, LAYER_NETANALYZER },
    { 274, LAYER_MPACKET },
};

static const struct { uint16_t type; enum layer layer; } ethertypes[] = {
    { 0x0800, LAYER_IP },
    { 0x86dd, LAYER_IP },
    { 0x8100, LAYER_VLAN },
    { 0x88a8, LAYER_VLAN },    /* 802.1ad: the provider's tag */
    { 0x9100, LAYER_VLAN },    /* the same before the standard */
    { 0x9200, LAYER_VLAN },    /* likewise */
    { 0x9300, LAYER_VLAN },
    { 0x8864, LAYER_PPPOE },
    { 0x8847, LAYER_MPLS },
    { 0x8848, LAYER_MPLS },    /* upstream-assigned labels (RFC 5332) */
    { 0x8870, LAYER_LLC },     /* a frame too long for a length */
    { 0x6558, LAYER_ETHERNET },/* transparent bridging (RFC 1701) */
    { 0x8926, LAYER_VN_TAG },
    { 0x893f, LAYER_E_TAG },
    { 0x892f, LAYER_REDUNDANCY_TAG },
    { 0x8909, LAYER_METADATA_TAG },
    { 0x88e5, LAYER_MACSEC },
    { 0x88e7, LAYER_PROVIDER_BACKBONE },
    { 0x8903, LAYER_FABRIC_PATH },
    { 0x22f3, LAYER_TRILL },
    { 0x894f, LAYER_NSH },
};

/* AF_INET is 2 everywhere; AF_INET6 has a number per system. */
static const struct { uint32_t family; enum layer layer; } families[] = {
    {  2, LAYER_IP },
    { 10, LAYER_IP },        /* Linux */
    { 24, LAYER_IP },        /* NetBSD, OpenBSD */
    { 26, LAYER_IP },        /* Solaris */
    { 28, LAYER_IP },        /* FreeBSD */
    { 30, LAYER_IP },        /* macOS */
};
/* clang-format on */

enum layer link_find_layer(uint32_t link_type)
{
    for (size_t i = 0; i < ARRAY_LENGTH(link_types); i++)
        if (link_types[i].link_type == link_type) return link_types[i].layer;
    return LAYER_BAD;
}

enum layer link_find_ethertype(uint16_t type)
{
    for (size_t i = 0; i < ARRAY_LENGTH(ethertypes); i++)
        if (ethertypes[i].type == type) return ethertypes[i].layer;
    return type < ETHERTYPE_FIRST ? LAYER_LLC : LAYER_OTHER;
}

enum layer link_decode_ethernet(struct decoding *d)
{
    cursor_skip(&d->in, 12); /* addresses */
    uint16_t type = cursor_be16(&d->in);
    return d->in.is_short ? LAYER_SHORT : link_find_ethertype(type);
}

/* IEEE 802.2, and its extension SNAP (RFC 1042) that carries an EtherType. */
enum layer link_decode_llc(struct decoding *d)
{
    uint8_t destination = cursor_8(&d->in);
    uint8_t source = cursor_8(&d->in);
    uint8_t control = cursor_8(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if (destination != source || control != LLC_UNNUMBERED) return LAYER_OTHER;
    if (source == LLC_SAP_IP) return LAYER_IP;
    if (source != LLC_SAP_SNAP) return LAYER_OTHER;

    uint32_t organisation = (uint32_t)cursor_8(&d->in) << 16;
    organisation |= cursor_be16(&d->in);
    uint16_t type = cursor_be16(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if (organisation != 0 && organisation != SNAP_BRIDGE_TUNNEL) return LAYER_OTHER;
    return type < ETHERTYPE_FIRST ? LAYER_OTHER : link_find_ethertype(type);
}

/* Linux's protocol field holds an EtherType, or below those a number of its own. */
static enum layer find_linux_protocol(uint16_t protocol)
{
    if (protocol >= ETHERTYPE_FIRST) return link_find_ethertype(protocol);
    return protocol == SLL_PROTOCOL_LLC ? LAYER_LLC : LAYER_OTHER;
}

enum layer link_decode_sll(struct decoding *d)
{
    cursor_skip(&d->in, 14); /* direction, hardware type, address */
    uint16_t protocol = cursor_be16(&d->in);
    return d->in.is_short ? LAYER_SHORT : find_linux_protocol(protocol);
}

enum layer link_decode_sll2(struct decoding *d)
{
    uint16_t protocol = cursor_be16(&d->in);
    cursor_skip(&d->in, 18); /* interface, hardware type, direction, address */
    return d->in.is_short ? LAYER_SHORT : find_linux_protocol(protocol);
}

/* Families are small, so the order tells itself. */
enum layer link_find_family(uint32_t family)
{
    if (family > 0xffff)
        family = family >> 24 | (family >> 8 & 0xff00) | (family << 8 & 0xff0000);
    for (size_t i = 0; i < ARRAY_LENGTH(families); i++)
        if (families[i].family == family) return families[i].layer;
    return LAYER_OTHER;
}

enum layer link_decode_family(struct decoding *d)
{
    uint32_t family = cursor_be32(&d->in);
    return d->in.is_short ? LAYER_SHORT : link_find_family(family);
}
