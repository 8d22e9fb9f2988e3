/* Link layers that few captures have: other local networks, firewalls' logs, capture
 * cards. Each is a header of a known size, and behind it what another link layer begins
 * with (www.tcpdump.org/linktypes.html). */
#include "net/layer.h"

enum {
    LINE_DIRECTION_BYTES = 1,
    RING_ROUTE = 0x80, /* in the source address: bridges to cross follow it */
    RING_ROUTE_LENGTH = 0x1f,
    PFLOG_HEADER_MIN = 45, /* the oldest, whose length does not count its padding */
    ATM_TRAFFIC = 0x0f,
    ATM_LANE = 1,
    ATM_LLC = 2,
    PRISM_BYTES = 144,
    NETANALYZER_BYTES = 4,
    MPACKET_START = 0xd5, /* of a whole frame, behind the preamble */
    MPACKET_PREAMBLE_BYTES = 7,
    ERF_TYPE = 0x7f,
    ERF_MORE = 0x80, /* an extension header of eight bytes */
    ERF_ETHERNET = 2,
    ERF_COLOUR_ETHERNET = 11,
    ERF_DSM_ETHERNET = 16,
    ERF_IPV4 = 22,
    ERF_IPV6 = 23,
};

static const uint32_t wireless_avs_version = UINT32_C(0x80211001);

static enum layer skip(struct decoding *d, uint32_t count, enum layer next)
{
    cursor_skip(&d->in, count);
    return d->in.is_short ? LAYER_SHORT : next;
}

/* Frame control and two addresses. */
enum layer link_rare_decode_fddi(struct decoding *d)
{
    return skip(d, 13, LAYER_LLC);
}

/* IEEE 802.5. */
enum layer link_rare_decode_token_ring(struct decoding *d)
{
    cursor_skip(&d->in, 8); /* access control, frame control, destination */
    uint8_t source = cursor_8(&d->in);
    cursor_skip(&d->in, 5);
    if ((source & RING_ROUTE) == 0) return d->in.is_short ? LAYER_SHORT : LAYER_LLC;
    struct cursor ahead = d->in;
    uint32_t length = cursor_8(&ahead) & RING_ROUTE_LENGTH;
    if (ahead.is_short) return LAYER_SHORT;
    return skip(d, length, LAYER_LLC);
}

/* RFC 2625: two addresses. */
enum layer link_rare_decode_fibre_channel(struct decoding *d)
{
    return skip(d, 16, LAYER_LLC);
}

/* RFC 2734: two addresses and an EtherType. */
enum layer link_rare_decode_firewire(struct decoding *d)
{
    cursor_skip(&d->in, 16);
    uint16_t type = cursor_be16(&d->in);
    return d->in.is_short ? LAYER_SHORT : link_find_ethertype(type);
}

enum layer link_rare_decode_sunatm(struct decoding *d)
{
    uint8_t traffic = cursor_8(&d->in) & ATM_TRAFFIC;
    cursor_skip(&d->in, 3); /* path, circuit */
    if (d->in.is_short) return LAYER_SHORT;
    if (traffic == ATM_LLC) return LAYER_LLC;
    return traffic == ATM_LANE ? skip(d, 2, LAYER_ETHERNET) : LAYER_OTHER;
}

/* What a packet filter of BSD logs: a length, filled up to a multiple of four, and a
 * family. */
enum layer link_rare_decode_pflog(struct decoding *d)
{
    struct cursor ahead = d->in;
    uint32_t length = (cursor_8(&ahead) + 3u) & ~3u;
    uint8_t family = cursor_8(&ahead);
    if (ahead.is_short) return LAYER_SHORT;
    if (length < PFLOG_HEADER_MIN) return LAYER_BAD;
    return skip(d, length, link_find_family(family));
}

enum layer link_rare_decode_ppp_directed(struct decoding *d)
{
    return skip(d, LINE_DIRECTION_BYTES, LAYER_PPP);
}

/* The direction stands where the address of HDLC was. */
enum layer link_rare_decode_pppd(struct decoding *d)
{
    struct cursor ahead = d->in;
    cursor_skip(&ahead, LINE_DIRECTION_BYTES);
    uint8_t control = cursor_8(&ahead);
    if (ahead.is_short) return LAYER_SHORT;
    return skip(d, control == 0x03 ? 2 : LINE_DIRECTION_BYTES, LAYER_PPP);
}

enum layer link_rare_decode_hdlc_directed(struct decoding *d)
{
    return skip(d, LINE_DIRECTION_BYTES, LAYER_C_HDLC);
}

enum layer link_rare_decode_relay_directed(struct decoding *d)
{
    return skip(d, LINE_DIRECTION_BYTES, LAYER_FRAME_RELAY);
}

/* AVS tells its version and its length. */
enum layer link_rare_decode_avs(struct decoding *d)
{
    struct cursor ahead = d->in;
    uint32_t version = cursor_be32(&ahead);
    uint32_t length = cursor_be32(&ahead);
    if (ahead.is_short) return LAYER_SHORT;
    if (version != wireless_avs_version || length < 8) return LAYER_BAD;
    return skip(d, length, LAYER_WIFI);
}

/* The drivers that wrote Prism headers wrote AVS's later, under the same number. */
enum layer link_rare_decode_prism(struct decoding *d)
{
    struct cursor ahead = d->in;
    uint32_t version = cursor_be32(&ahead);
    if (ahead.is_short) return LAYER_SHORT;
    if (version == wireless_avs_version) return link_rare_decode_avs(d);
    return skip(d, PRISM_BYTES, LAYER_WIFI);
}

enum layer link_rare_decode_netanalyzer(struct decoding *d)
{
    return skip(d, NETANALYZER_BYTES, LAYER_ETHERNET);
}

/* IEEE 802.3br; pieces of frames that were interrupted begin with other bytes. */
enum layer link_rare_decode_mpacket(struct decoding *d)
{
    cursor_skip(&d->in, MPACKET_PREAMBLE_BYTES);
    uint8_t start = cursor_8(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    return start == MPACKET_START ? LAYER_ETHERNET : LAYER_OTHER;
}

/* Endace's cards: a time, a type, flags, lengths, and two bytes before Ethernet. */
enum layer link_rare_decode_erf(struct decoding *d)
{
    cursor_skip(&d->in, 8);
    uint8_t type = cursor_8(&d->in);
    cursor_skip(&d->in, 7); /* flags, lengths, losses */
    for (uint8_t more = type; (more & ERF_MORE) != 0;) {
        more = cursor_8(&d->in);
        cursor_skip(&d->in, 7);
    }
    if (d->in.is_short) return LAYER_SHORT;
    switch (type & ERF_TYPE) {
    case ERF_ETHERNET:
    case ERF_COLOUR_ETHERNET:
    case ERF_DSM_ETHERNET: return skip(d, 2, LAYER_ETHERNET);
    case ERF_IPV4:
    case ERF_IPV6: return LAYER_IP;
    default: return LAYER_OTHER;
    }
}
