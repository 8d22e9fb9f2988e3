/* PPP (RFC 1661) bare, in HDLC-like framing (RFC 1662) and in Ethernet (RFC 2516), and
 * Cisco's HDLC and Frame Relay (RFC 2427), which share its serial lines. */
#include "net/layer.h"

enum {
    HDLC_ALL_STATIONS = 0xff,
    HDLC_UNNUMBERED = 0x03,
    CISCO_UNICAST = 0x0f,
    CISCO_MULTICAST = 0x8f,
    PPPOE_VERSION_TYPE = 0x11,
    PPPOE_SESSION = 0x00,
    RELAY_ADDRESS_ENDS = 0x01, /* the last of two to four bytes */
    RELAY_ADDRESS_BYTES_MIN = 2,
    RELAY_ADDRESS_BYTES_MAX = 4,
    RELAY_IPV4 = 0xcc,
    RELAY_IPV6 = 0x8e,
    RELAY_SNAP = 0x80,
    RELAY_PAD = 0x00,
    RELAY_BRIDGED = 0x0080c2, /* the organisation of bridged frames */
    RELAY_ETHERNET_FCS = 0x0001,
    RELAY_ETHERNET = 0x0007,
};

/* clang-format off */
static const struct { uint16_t protocol; enum layer layer; } protocols[] = {
    { 0x0021, LAYER_IP },
    { 0x0057, LAYER_IP },
    { 0x0281, LAYER_MPLS },
    { 0x0283, LAYER_MPLS },
};
/* clang-format on */

/* The field is compressed to one byte where that byte is odd (RFC 1661, section 6.5).
 */
static enum layer decode_protocol(struct decoding *d)
{
    uint16_t protocol = cursor_8(&d->in);
    if ((protocol & 1) == 0) protocol = (uint16_t)(protocol << 8 | cursor_8(&d->in));
    if (d->in.is_short) return LAYER_SHORT;
    for (size_t i = 0; i < ARRAY_LENGTH(protocols); i++)
        if (protocols[i].protocol == protocol) return protocols[i].layer;
    return LAYER_OTHER;
}

/* Address and control are there unless the ends agreed to leave them out. */
enum layer link_ppp_decode(struct decoding *d)
{
    struct cursor ahead = d->in;
    uint8_t address = cursor_8(&ahead);
    uint8_t control = cursor_8(&ahead);
    if (ahead.is_short) return LAYER_SHORT;
    if (address == HDLC_ALL_STATIONS && control == HDLC_UNNUMBERED) d->in = ahead;
    return decode_protocol(d);
}

enum layer link_ppp_decode_serial(struct decoding *d)
{
    struct cursor ahead = d->in;
    uint8_t address = cursor_8(&ahead);
    if (ahead.is_short) return LAYER_SHORT;
    if (address == CISCO_UNICAST || address == CISCO_MULTICAST) return LAYER_C_HDLC;
    return link_ppp_decode(d);
}

enum layer link_ppp_decode_c_hdlc(struct decoding *d)
{
    cursor_skip(&d->in, 2); /* address, control */
    uint16_t type = cursor_be16(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    enum layer next = link_find_ethertype(type);
    return next == LAYER_LLC ? LAYER_OTHER : next; /* no lengths here */
}

enum layer link_ppp_decode_pppoe(struct decoding *d)
{
    uint8_t version_type = cursor_8(&d->in);
    uint8_t code = cursor_8(&d->in);
    cursor_skip(&d->in, 2); /* session */
    uint16_t length = cursor_be16(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if (version_type != PPPOE_VERSION_TYPE) return LAYER_BAD;
    if (code != PPPOE_SESSION) return LAYER_OTHER;
    layer_limit_length(d, length);
    return decode_protocol(d);
}

/* RFC 2427, section 4.2: a bridged frame, or an EtherType. */
static enum layer decode_relay_snap(struct decoding *d)
{
    uint32_t organisation = (uint32_t)cursor_8(&d->in) << 16;
    organisation |= cursor_be16(&d->in);
    uint16_t type = cursor_be16(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if (organisation == RELAY_BRIDGED)
        return type == RELAY_ETHERNET || type == RELAY_ETHERNET_FCS ? LAYER_ETHERNET
                                                                    : LAYER_OTHER;
    if (organisation != 0) return LAYER_OTHER;
    enum layer next = link_find_ethertype(type);
    return next == LAYER_LLC ? LAYER_OTHER : next;
}

/* RFC 2427's control byte and protocol id stand behind the address, or where Cisco's
 * own encapsulation was chosen, an EtherType. */
enum layer link_ppp_decode_frame_relay(struct decoding *d)
{
    uint32_t address_bytes = 0;
    bool has_ended = false;
    while (!has_ended && address_bytes++ < RELAY_ADDRESS_BYTES_MAX)
        has_ended = (cursor_8(&d->in) & RELAY_ADDRESS_ENDS) != 0;
    uint8_t control = cursor_8(&d->in);
    uint8_t protocol = cursor_8(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if (!has_ended || address_bytes < RELAY_ADDRESS_BYTES_MIN) return LAYER_BAD;
    if (control != HDLC_UNNUMBERED) {
        enum layer next = link_find_ethertype((uint16_t)(control << 8 | protocol));
        return next == LAYER_LLC ? LAYER_OTHER : next;
    }
    if (protocol == RELAY_PAD) protocol = cursor_8(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if (protocol == RELAY_IPV4) return LAYER_IP;
    if (protocol == RELAY_IPV6) return LAYER_IP;
    return protocol == RELAY_SNAP ? decode_relay_snap(d) : LAYER_OTHER;
}
