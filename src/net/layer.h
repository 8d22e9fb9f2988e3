/* The layers of a frame, one decoder each. A decoder reads its header off the cursor,
 * notes in the packet what it has learned, and names what comes next: another layer, or
 * an end. net.c walks them; the row of a layer there is the only place that knows its
 * decoder.
 *
 *   link type --> link --> tags --> ip --> ip_extensions --> segment --> LAYER_DONE
 *                          '-any-------'-any-----------'-any--> the other ends */
#ifndef NET_LAYER_H
#define NET_LAYER_H

#include "hopscope/net.h"

enum layer {
    LAYER_ETHERNET,
    LAYER_LLC,
    LAYER_SLL,
    LAYER_SLL2,
    LAYER_FAMILY,
    LAYER_RAW_IP,
    LAYER_C_HDLC,
    LAYER_PPP,
    LAYER_PPP_SERIAL,
    LAYER_PPPOE,
    LAYER_VLAN,
    LAYER_MPLS,
    LAYER_IPV4,
    LAYER_IPV6,
    LAYER_IPV6_OPTIONS,
    LAYER_IPV6_ROUTING,
    LAYER_IPV6_FRAGMENT,
    LAYER_IP_AH,
    LAYER_TCP,
    LAYER_COUNT,
    /* the ends */
    LAYER_DONE = LAYER_COUNT, /* TCP; the packet is filled */
    LAYER_OTHER,              /* sound, but not TCP */
    LAYER_FRAGMENT, /* a piece of a datagram, which is read when it is whole */
    LAYER_SHORT,    /* the header goes on beyond the captured bytes */
    LAYER_BAD,      /* the header contradicts itself */
    LAYER_EXCEEDED, /* more tags, layers or extension bytes than the caps */
};

/* A frame being decoded. */
struct decoding {
    struct cursor in;    /* stands at the next header, ends with the captured bytes */
    uint32_t uncaptured; /* bytes that the wire had behind the cursor's end */
    uint32_t tag_count;
    uint32_t extension_bytes;
    struct packet *packet;
};

typedef enum layer layer_decoder(struct decoding *d);

/* Bytes that the wire had from the cursor on. */
static inline uint32_t layer_wire_length(const struct decoding *d)
{
    return (uint32_t)cursor_left(&d->in) + d->uncaptured;
}

/* A header tells how many bytes follow it: what the link padded goes. The header may
 * claim more than the wire had; then the wire is right. */
static inline void layer_limit_length(struct decoding *d, uint32_t length)
{
    uint32_t left = (uint32_t)cursor_left(&d->in);
    if (length <= left) {
        d->in = cursor_of(bytes_first(cursor_rest(&d->in), length));
        d->uncaptured = 0;
    } else if (length - left < d->uncaptured) {
        d->uncaptured = length - left;
    }
}

/* The layer that a link type begins with; LAYER_BAD: unknown. */
enum layer link_find_layer(uint32_t link_type);
/* The layer that an EtherType announces, or LAYER_LLC for a length (IEEE 802.3, 3.2.6).
 */
enum layer link_find_ethertype(uint16_t type);
layer_decoder link_decode_ethernet, link_decode_llc, link_decode_sll, link_decode_sll2,
    link_decode_family, link_decode_raw_ip;

layer_decoder link_ppp_decode, link_ppp_decode_serial, link_ppp_decode_c_hdlc,
    link_ppp_decode_pppoe;

layer_decoder link_tags_decode_vlan, link_tags_decode_mpls;

layer_decoder ip_decode_v4, ip_decode_v6;

/* The layer behind an IPv6 header or extension header (RFC 8200, section 4.1). */
enum layer ip_extensions_find_layer(uint8_t next_header);
layer_decoder ip_extensions_decode_options, ip_extensions_decode_routing,
    ip_extensions_decode_fragment, ip_extensions_decode_ah;

layer_decoder segment_decode;

#endif
