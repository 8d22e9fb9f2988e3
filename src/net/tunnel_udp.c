/* Tunnels in UDP, one row for each port. A port proves nothing: each decoder checks all
 * that its header fixes, and unless that fits, the datagram is just no TCP. Either port
 * may be the tunnel's, because answers and old implementations turn them around. */
#include "net/layer.h"

enum {
    UDP_HEADER_BYTES = 8,
    VXLAN_ID_VALID = 0x08,
    VXLAN_GROUP_POLICY = 0x80, /* then two bytes name a group */
    VXLAN_PROTOCOL = 0x04,     /* GPE: then a byte names what follows */
    GENEVE_VERSION = 0xc0,
    GENEVE_OPTION_WORDS = 0x3f,
    GENEVE_CRITICAL = 0x40, /* the one bit that may be set for a user's packet */
    GTP_FIXED = 0xf8,       /* version, protocol type, a zero */
    GTP_U = 0x30,
    GTP_PACKET = 255, /* message type */
    GTP_EXTENSION = 0x04,
    GTP_OPTIONAL = 0x07, /* any of these: four bytes more */
    TEREDO_AUTHENTICATION = 0x0001,
    TEREDO_ORIGIN = 0x0000,
    AYIYA_IDENTITY_STRING = 2, /* the largest of the known types, likewise: */
    AYIYA_HASH_SHA1 = 2,
    AYIYA_AUTHENTICATION_KEY = 2,
    AYIYA_FORWARD = 1,
    GRE_KNOWN_FLAGS = 0xb000, /* RFC 8086, section 3: the rest is zero */
    MPLS_BOTTOM_OF_STACK = 0x100,
    L2TP_CONTROL = 0x8000,
    L2TP_LENGTH = 0x4000,
    L2TP_SEQUENCE = 0x0800,
    L2TP_OFFSET = 0x0200,
    L2TP_FIXED = 0x34ff, /* reserved bits and the version, */
    L2TP_VERSION = 0x0002,
    LISP_FLAGS_BYTES = 8,
    TZSP_VERSION = 1,
    TZSP_RECEIVED = 0,
    TZSP_ETHERNET = 1,
    TZSP_WIFI = 18,
    TZSP_PADDING = 0, /* these two tags have no length */
    TZSP_END = 1,
    IPV6_HEADER_BYTES = 40,
};

/* RFC 4380, section 2.6. */
static const uint32_t teredo_prefix = UINT32_C(0x20010000);

/* clang-format off */
static const enum layer vxlan_protocols[] = { /* draft-ietf-nvo3-vxlan-gpe, 3.1 */
    [1] = LAYER_IP,
    [2] = LAYER_IP,
    [3] = LAYER_ETHERNET,
    [4] = LAYER_NSH,
    [5] = LAYER_MPLS,
};
/* clang-format on */

/* An IP header whose lengths fit what is there. */
static enum layer find_plausible_ip(const struct decoding *d)
{
    uint32_t left = layer_wire_length(d);
    struct cursor ahead = d->in;
    uint8_t version_words = cursor_8(&ahead);
    cursor_skip(&ahead, 1);
    uint32_t total = cursor_be16(&ahead);
    uint32_t length = cursor_be16(&ahead) + 40u;
    if (ahead.is_short) return LAYER_SHORT;
    uint32_t header = (version_words & 0x0fu) * 4;
    bool is_4 = version_words >> 4 == 4 && header >= 20 && header <= left &&
                (total == 0 || (total >= header && total <= left));
    bool is_6 = version_words >> 4 == 6 && length <= left;
    return is_4 || is_6 ? LAYER_IP : LAYER_OTHER;
}

/* ... to the byte, where nearly nothing but that speaks for a tunnel. */
static enum layer find_exact_ip(const struct decoding *d)
{
    struct cursor ahead = d->in;
    uint8_t version = cursor_8(&ahead) >> 4;
    cursor_skip(&ahead, 1);
    uint32_t total = cursor_be16(&ahead);
    uint32_t length = version == 6 ? cursor_be16(&ahead) + 40u : total;
    if (ahead.is_short) return LAYER_SHORT;
    bool is_exact = length == layer_wire_length(d) || (version == 4 && total == 0);
    return is_exact ? find_plausible_ip(d) : LAYER_OTHER;
}

static enum layer decode_plausible_ip(struct decoding *d)
{
    enum layer next = find_plausible_ip(d);
    return next == LAYER_IP ? layer_enter_tunnel(d, LAYER_IP) : next;
}

/* RFC 7348, section 5, with group policy and generic protocols. */
static enum layer decode_vxlan(struct decoding *d)
{
    uint8_t flags = cursor_8(&d->in);
    uint8_t more_flags = cursor_8(&d->in);
    uint8_t reserved = cursor_8(&d->in);
    uint8_t protocol = cursor_8(&d->in);
    uint32_t id = cursor_be32(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if ((id & 0xff) != 0) return LAYER_OTHER;
    enum layer next = LAYER_ETHERNET;
    if (flags == (VXLAN_ID_VALID | VXLAN_PROTOCOL)) {
        if (more_flags != 0 || reserved != 0) return LAYER_OTHER;
        if (protocol >= ARRAY_LENGTH(vxlan_protocols)) return LAYER_OTHER;
        next = vxlan_protocols[protocol];
        if (next == LAYER_ETHERNET && protocol != 3) return LAYER_OTHER;
    } else if (flags == VXLAN_ID_VALID) {
        if (more_flags != 0 || reserved != 0 || protocol != 0) return LAYER_OTHER;
    } else if (flags != (VXLAN_ID_VALID | VXLAN_GROUP_POLICY)) {
        return LAYER_OTHER;
    }
    d->packet->tunnel_id = id >> 8;
    return layer_enter_tunnel(d, next);
}

/* RFC 8926, section 3.4. */
static enum layer decode_geneve(struct decoding *d)
{
    uint8_t version_length = cursor_8(&d->in);
    uint8_t flags = cursor_8(&d->in);
    uint16_t protocol = cursor_be16(&d->in);
    uint32_t id = cursor_be32(&d->in);
    cursor_skip(&d->in, (size_t)(version_length & GENEVE_OPTION_WORDS) * 4);
    if (d->in.is_short) return LAYER_SHORT;
    bool is_sound = (version_length & GENEVE_VERSION) == 0 &&
                    (flags & ~GENEVE_CRITICAL) == 0 && (id & 0xff) == 0;
    enum layer next = link_find_ethertype(protocol);
    if (!is_sound || next == LAYER_LLC || next == LAYER_OTHER) return LAYER_OTHER;
    d->packet->tunnel_id = id >> 8;
    return layer_enter_tunnel(d, next);
}

/* 3GPP TS 29.281, section 5.2: length in words, content, the next one's type. */
static enum layer skip_gtp_extensions(struct decoding *d, uint8_t type)
{
    while (type != 0) {
        uint32_t length = cursor_8(&d->in) * 4u;
        if (d->in.is_short) return LAYER_SHORT;
        if (length == 0) return LAYER_OTHER;
        cursor_skip(&d->in, length - 2);
        type = cursor_8(&d->in);
        if (d->in.is_short) return LAYER_SHORT;
        d->extension_bytes += length;
        if (d->extension_bytes > NET_EXTENSION_BYTES_MAX)
            return LAYER_EXTENSIONS_EXCEEDED;
    }
    return decode_plausible_ip(d);
}

/* 3GPP TS 29.281, section 5.1. Users' packets only; the rest is signalling. */
static enum layer decode_gtp_u(struct decoding *d)
{
    uint8_t flags = cursor_8(&d->in);
    uint8_t message = cursor_8(&d->in);
    uint16_t length = cursor_be16(&d->in);
    cursor_skip(&d->in, 4); /* tunnel endpoint */
    if (d->in.is_short) return LAYER_SHORT;
    if ((flags & GTP_FIXED) != GTP_U || message != GTP_PACKET) return LAYER_OTHER;
    if (length > layer_wire_length(d)) return LAYER_OTHER;
    layer_limit_length(d, length);
    if ((flags & GTP_OPTIONAL) == 0) return decode_plausible_ip(d);
    cursor_skip(&d->in, 3); /* sequence number, N-PDU number */
    uint8_t extension = cursor_8(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    return skip_gtp_extensions(d, (flags & GTP_EXTENSION) != 0 ? extension : 0);
}

/* RFC 4380, section 5.1.1. */
static enum layer decode_teredo(struct decoding *d)
{
    struct cursor ahead = d->in;
    uint16_t indicator = cursor_be16(&ahead);
    if (indicator == TEREDO_AUTHENTICATION && !ahead.is_short) {
        uint8_t identifier = cursor_8(&ahead);
        uint8_t value = cursor_8(&ahead);
        cursor_skip(&ahead, identifier + value + 9u); /* and nonce, confirmation */
        d->in = ahead;
        indicator = cursor_be16(&ahead);
    }
    if (indicator == TEREDO_ORIGIN && !ahead.is_short) cursor_skip(&d->in, 8);
    struct cursor header = d->in;
    uint8_t version = cursor_8(&header) >> 4;
    if (ahead.is_short || header.is_short) return LAYER_SHORT;
    return version == 6 ? decode_plausible_ip(d) : LAYER_OTHER;
}

/* draft-massar-v6ops-ayiya, section 3. */
static enum layer decode_ayiya(struct decoding *d)
{
    uint8_t identity = cursor_8(&d->in);
    uint8_t signature = cursor_8(&d->in);
    uint8_t operation = cursor_8(&d->in);
    uint8_t next_header = cursor_8(&d->in);
    cursor_skip(&d->in, 4); /* time */
    if (d->in.is_short) return LAYER_SHORT;
    if ((identity & 0x0f) > AYIYA_IDENTITY_STRING ||
        (signature & 0x0f) > AYIYA_HASH_SHA1 ||
        operation >> 4 > AYIYA_AUTHENTICATION_KEY ||
        (operation & 0x0f) != AYIYA_FORWARD ||
        ip_find_protocol(next_header) != LAYER_IP_IN_IP)
        return LAYER_OTHER;
    cursor_skip(&d->in, ((size_t)1 << (identity >> 4)) + (size_t)(signature >> 4) * 4);
    return d->in.is_short ? LAYER_SHORT : decode_plausible_ip(d);
}

/* RFC 8086. */
static enum layer decode_gre(struct decoding *d)
{
    struct cursor ahead = d->in;
    uint16_t flags = cursor_be16(&ahead);
    if (ahead.is_short) return LAYER_SHORT;
    return (flags & ~GRE_KNOWN_FLAGS) == 0 ? LAYER_GRE : LAYER_OTHER;
}

/* RFC 7510: labels down to the last, and then something. Labels hold nearly no fixed
 * bits, so IP must fit; what else they carry, their own decoder checks. */
static enum layer decode_mpls(struct decoding *d)
{
    struct decoding ahead = *d;
    uint32_t label = 0;
    for (int i = 0; i < NET_TAGS_MAX && (label & MPLS_BOTTOM_OF_STACK) == 0; i++) {
        label = cursor_be32(&ahead.in);
        if (ahead.in.is_short) return LAYER_SHORT;
        if ((label & 0xff) == 0) return LAYER_OTHER; /* it had no time to live */
    }
    if ((label & MPLS_BOTTOM_OF_STACK) == 0) return LAYER_OTHER;
    struct cursor payload = ahead.in;
    uint8_t version = cursor_8(&payload) >> 4;
    enum layer next = version == 4 || version == 6 ? find_exact_ip(&ahead) : LAYER_IP;
    return next == LAYER_IP ? layer_enter_tunnel(d, LAYER_MPLS) : next;
}

/* RFC 2661, section 3.1. */
static enum layer decode_l2tp(struct decoding *d)
{
    uint16_t flags = cursor_be16(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if ((flags & L2TP_FIXED) != L2TP_VERSION || (flags & L2TP_CONTROL) != 0)
        return LAYER_OTHER;
    if ((flags & L2TP_LENGTH) != 0) cursor_skip(&d->in, 2);
    cursor_skip(&d->in, 4); /* tunnel, session */
    if ((flags & L2TP_SEQUENCE) != 0) cursor_skip(&d->in, 4);
    if ((flags & L2TP_OFFSET) != 0) cursor_skip(&d->in, cursor_be16(&d->in));
    return d->in.is_short ? LAYER_SHORT : layer_enter_tunnel(d, LAYER_PPP);
}

/* RFC 9300, section 5.3: flags, nonce, locators. */
static enum layer decode_lisp(struct decoding *d)
{
    cursor_skip(&d->in, LISP_FLAGS_BYTES);
    if (d->in.is_short) return LAYER_SHORT;
    enum layer next = find_exact_ip(d);
    return next == LAYER_IP ? layer_enter_tunnel(d, LAYER_IP) : next;
}

/* What routers and access points send to a sniffer: a link type, tags, a frame. */
static enum layer decode_tzsp(struct decoding *d)
{
    uint8_t version = cursor_8(&d->in);
    uint8_t type = cursor_8(&d->in);
    uint16_t link = cursor_be16(&d->in);
    uint8_t tag = TZSP_PADDING;
    while (tag != TZSP_END && !d->in.is_short) {
        tag = cursor_8(&d->in);
        if (tag > TZSP_END) cursor_skip(&d->in, cursor_8(&d->in));
    }
    if (d->in.is_short) return LAYER_SHORT;
    if (version != TZSP_VERSION || type != TZSP_RECEIVED) return LAYER_OTHER;
    if (link == TZSP_ETHERNET) return layer_enter_tunnel(d, LAYER_ETHERNET);
    return link == TZSP_WIFI ? layer_enter_tunnel(d, LAYER_WIFI) : LAYER_OTHER;
}

/* Teredo between a client and a relay has no port of its own. Its addresses tell, and a
 * length that is right to the byte. */
static enum layer decode_relayed_teredo(struct decoding *d)
{
    struct cursor ahead = d->in;
    uint8_t version = cursor_8(&ahead) >> 4;
    cursor_skip(&ahead, 3);
    uint32_t length = cursor_be16(&ahead);
    cursor_skip(&ahead, 2);
    uint32_t from = cursor_be32(&ahead);
    cursor_skip(&ahead, 12);
    uint32_t to = cursor_be32(&ahead);
    if (ahead.is_short || version != 6) return LAYER_OTHER;
    bool is_whole = length + IPV6_HEADER_BYTES == layer_wire_length(d);
    bool is_teredo = from == teredo_prefix || to == teredo_prefix;
    return is_whole && is_teredo ? layer_enter_tunnel(d, LAYER_IP) : LAYER_OTHER;
}

/* clang-format off */
static const struct { uint16_t port; layer_decoder *decode; } tunnels[] = {
    { 4789, decode_vxlan },
    { 8472, decode_vxlan },    /* Linux's before the number was assigned */
    { 4790, decode_vxlan },    /* generic protocols */
    { 6081, decode_geneve },
    { 2152, decode_gtp_u },
    { 3544, decode_teredo },
    { 5072, decode_ayiya },
    { 4754, decode_gre },
    { 6635, decode_mpls },
    { 1701, decode_l2tp },
    { 4341, decode_lisp },
    { 37008, decode_tzsp },
};
/* clang-format on */

static layer_decoder *find_tunnel(uint16_t port)
{
    for (size_t i = 0; i < ARRAY_LENGTH(tunnels); i++)
        if (tunnels[i].port == port) return tunnels[i].decode;
    return NULL;
}

/* RFC 768. */
enum layer tunnel_udp_decode(struct decoding *d)
{
    uint16_t from = cursor_be16(&d->in);
    uint16_t to = cursor_be16(&d->in);
    uint16_t length = cursor_be16(&d->in);
    cursor_skip(&d->in, 2); /* checksum */
    if (d->in.is_short) return LAYER_SHORT;
    layer_decoder *decode = find_tunnel(to);
    if (decode == NULL) decode = find_tunnel(from);
    if (decode == NULL) decode = decode_relayed_teredo;
    d->is_guess = true;
    if (length >= UDP_HEADER_BYTES) layer_limit_length(d, length - UDP_HEADER_BYTES);
    return decode(d);
}
