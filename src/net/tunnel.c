/* Tunnels with a protocol number of IP's: IP in IP, EtherIP (RFC 3378), and GRE
 * (RFC 2784, RFC 2890) with what has an EtherType to be carried by it: Ethernet, MPLS,
 * mirrored frames (ERSPAN), redirected ones (WCCP), those of access points (802.11),
 * PPP (version 1, RFC 2637). */
#include "net/layer.h"

enum {
    ETHERIP_VERSION = 0x3000,
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000, /* RFC 1701 */
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACKNOWLEDGMENT = 0x0080, /* version 1 */
    GRE_VERSION = 0x0007,
    GRE_ERSPAN = 0x88be,
    GRE_PPP = 0x880b,
    GRE_ARUBA_FIRST = 0x8200, /* a number per queue; an access point's own frames */
    GRE_ARUBA_LAST = 0x83ff,
    ERSPAN_II = 1, /* the version in its header */
    ERSPAN_III = 2,
    ERSPAN_IP = 2, /* frame type */
    ERSPAN_SUBHEADER = 0x0001,
};

enum layer tunnel_decode_ip(struct decoding *d)
{
    return layer_enter_tunnel(d, LAYER_IP);
}

enum layer tunnel_decode_etherip(struct decoding *d)
{
    uint16_t version = cursor_be16(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    return version == ETHERIP_VERSION ? layer_enter_tunnel(d, LAYER_ETHERNET)
                                      : LAYER_OTHER;
}

/* Types II and III, told apart by the version within (draft-foschiano-erspan). Type I
 * has no header. */
static enum layer decode_erspan(struct decoding *d)
{
    uint32_t version = cursor_be32(&d->in) >> 28;
    cursor_skip(&d->in, 4); /* index, or a time */
    uint32_t type = version == ERSPAN_III ? cursor_be32(&d->in) : 0;
    if ((type & ERSPAN_SUBHEADER) != 0) cursor_skip(&d->in, 8);
    if (d->in.is_short) return LAYER_SHORT;
    if (version != ERSPAN_II && version != ERSPAN_III) return LAYER_OTHER;
    return (type >> 10 & 0x1f) == ERSPAN_IP ? LAYER_IP : LAYER_ETHERNET;
}

/* Version 2 puts four bytes before the packet (draft-wilson-wrec-wccp-v2). */
static enum layer decode_wccp(struct decoding *d)
{
    struct cursor ahead = d->in;
    uint8_t version = cursor_8(&ahead) >> 4;
    if (version != 4) cursor_skip(&d->in, 4);
    return d->in.is_short || ahead.is_short ? LAYER_SHORT : LAYER_IP;
}

/* clang-format off */
static const struct { uint16_t protocol; layer_decoder *decode; } gre_headers[] = {
    { 0x88be, decode_erspan },
    { 0x22eb, decode_erspan },
    { 0x883e, decode_wccp },
};
/* clang-format on */

static enum layer decode_gre_payload(struct decoding *d, uint16_t protocol)
{
    for (size_t i = 0; i < ARRAY_LENGTH(gre_headers); i++)
        if (gre_headers[i].protocol == protocol) return gre_headers[i].decode(d);
    if (protocol >= GRE_ARUBA_FIRST && protocol <= GRE_ARUBA_LAST) return LAYER_WIFI;
    enum layer next = link_find_ethertype(protocol);
    return next == LAYER_LLC ? LAYER_OTHER : next; /* no lengths here */
}

/* Source routes: family, offset, length and that many bytes each; zeros end them. */
static void skip_gre_routes(struct decoding *d)
{
    while (!d->in.is_short) {
        uint16_t family = cursor_be16(&d->in);
        cursor_skip(&d->in, 1);
        uint8_t length = cursor_8(&d->in);
        if (family == 0 && length == 0) return;
        cursor_skip(&d->in, length);
    }
}

/* RFC 2637, section 4.1. Without a sequence number nothing follows the header. */
static enum layer decode_gre_1(struct decoding *d, uint16_t flags, uint16_t protocol)
{
    uint16_t length = cursor_be16(&d->in);
    cursor_skip(&d->in, 2); /* call */
    if ((flags & GRE_SEQUENCE) != 0) cursor_skip(&d->in, 4);
    if ((flags & GRE_ACKNOWLEDGMENT) != 0) cursor_skip(&d->in, 4);
    if (d->in.is_short) return LAYER_SHORT;
    if (protocol != GRE_PPP || (flags & GRE_KEY) == 0) return LAYER_BAD;
    if ((flags & GRE_SEQUENCE) == 0) return LAYER_OTHER;
    layer_limit_length(d, length);
    return layer_enter_tunnel(d, LAYER_PPP);
}

enum layer tunnel_decode_gre(struct decoding *d)
{
    uint16_t flags = cursor_be16(&d->in);
    uint16_t protocol = cursor_be16(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if ((flags & GRE_VERSION) == 1) return decode_gre_1(d, flags, protocol);
    if ((flags & GRE_VERSION) != 0) return LAYER_BAD;

    if ((flags & (GRE_CHECKSUM | GRE_ROUTING)) != 0) cursor_skip(&d->in, 4);
    if ((flags & GRE_KEY) != 0) cursor_skip(&d->in, 4);
    if ((flags & GRE_SEQUENCE) != 0) cursor_skip(&d->in, 4);
    if ((flags & GRE_ROUTING) != 0) skip_gre_routes(d);
    if (d->in.is_short) return LAYER_SHORT;
    if (protocol == GRE_ERSPAN && (flags & GRE_SEQUENCE) == 0) /* type I */
        return layer_enter_tunnel(d, LAYER_ETHERNET);
    enum layer next = decode_gre_payload(d, protocol);
    return next < LAYER_COUNT ? layer_enter_tunnel(d, next) : next;
}
