/* The layers of a frame, one decoder each. A decoder reads its header off the cursor,
 * notes in the packet what it has learned, and names what comes next: another layer, or
 * an end. net.c walks them; the row of a layer there is the only place that knows its
 * decoder.
 *
 *   link type --> link --> tags --> ip --> ip_extensions --> segment --> LAYER_DONE
 *                  ^         ^      ^ '--> tunnel, tunnel_udp --.  '-any--> other ends
 *                  '---------'------'--------------------------'                     */
#ifndef NET_LAYER_H
#define NET_LAYER_H

#include "hopscope/net.h"

enum layer {
    LAYER_ETHERNET,
    LAYER_LLC,
    LAYER_SLL,
    LAYER_SLL2,
    LAYER_FAMILY,
    LAYER_C_HDLC,
    LAYER_PPP,
    LAYER_PPP_SERIAL,
    LAYER_PPPOE,
    LAYER_FRAME_RELAY,
    LAYER_WIFI,
    LAYER_WIFI_UNIT,
    LAYER_RADIOTAP,
    LAYER_PPI,
    LAYER_NFLOG,
    LAYER_IPNET,
    LAYER_PKTAP,
    LAYER_ENC,
    LAYER_DSA,
    LAYER_EDSA,
    LAYER_BRCM,
    LAYER_BRCM_PREPEND,
    LAYER_FDDI,
    LAYER_TOKEN_RING,
    LAYER_FIBRE_CHANNEL,
    LAYER_FIREWIRE,
    LAYER_SUNATM,
    LAYER_PFLOG,
    LAYER_PPP_DIRECTED,
    LAYER_PPPD,
    LAYER_HDLC_DIRECTED,
    LAYER_RELAY_DIRECTED,
    LAYER_AVS,
    LAYER_PRISM,
    LAYER_NETANALYZER,
    LAYER_MPACKET,
    LAYER_ERF,
    LAYER_VLAN,
    LAYER_VN_TAG,
    LAYER_E_TAG,
    LAYER_REDUNDANCY_TAG,
    LAYER_METADATA_TAG,
    LAYER_MACSEC,
    LAYER_PROVIDER_BACKBONE,
    LAYER_FABRIC_PATH,
    LAYER_TRILL,
    LAYER_NSH,
    LAYER_MPLS,
    LAYER_IP,
    LAYER_IPV6_OPTIONS,
    LAYER_IPV6_ROUTING,
    LAYER_IPV6_FRAGMENT,
    LAYER_IP_AH,
    LAYER_IP_IN_IP,
    LAYER_ETHERIP,
    LAYER_GRE,
    LAYER_UDP,
    LAYER_TCP,
    LAYER_COUNT,
    /* the ends */
    LAYER_DONE = LAYER_COUNT, /* TCP; the packet is filled */
    LAYER_OTHER,              /* sound, but not TCP */
    LAYER_HELD,            /* a piece of a datagram, which is read when it is whole */
    LAYER_SHORT,           /* the header goes on beyond the captured bytes */
    LAYER_BAD,             /* the header contradicts itself */
    LAYER_LAYERS_EXCEEDED, /* more than the caps: layers, tags, ... */
    LAYER_TAGS_EXCEEDED,
    LAYER_TUNNELS_EXCEEDED,
    LAYER_EXTENSIONS_EXCEEDED,
};

struct ip_fragments;
struct layer_memory;

/* A frame being decoded. */
struct decoding {
    struct cursor in;    /* stands at the next header, ends with the captured bytes */
    uint32_t uncaptured; /* bytes that the wire had behind the cursor's end */
    uint32_t tag_count;
    uint32_t extension_bytes;
    uint8_t tunnel_count;
    bool has_vlan;  /* packet->vlan is decided */
    bool is_guess;  /* a UDP port alone led here, so what follows may be anything */
    bool is_padded; /* an 802.11 header ends at a multiple of four (radiotap) */
    struct packet *packet;
    struct layer_memory *memory;
};

/* What net keeps from one layer or frame to the next. */
struct layer_memory {
    struct ip_fragments *fragments;
    struct decoding units; /* behind the unit (A-MSDU subframe) that was decoded last */
    bool has_units;
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

/* Goes into a tunnel, to the layer `inner`. */
static inline enum layer layer_enter_tunnel(struct decoding *d, enum layer inner)
{
    if (d->tunnel_count == NET_TUNNELS_MAX) return LAYER_TUNNELS_EXCEEDED;
    d->tunnel_count++;
    return inner;
}

/* The frame's outermost VLAN tag decides, wherever it stands. */
static inline void layer_note_vlan(struct decoding *d, uint16_t id)
{
    if (!d->has_vlan) d->packet->vlan = id;
    d->has_vlan = true;
}

/* The layer that a link type begins with; LAYER_BAD: unknown. */
enum layer link_find_layer(uint32_t link_type);
/* The layer that an EtherType announces, or LAYER_LLC for a length (IEEE 802.3, 3.2.6).
 */
enum layer link_find_ethertype(uint16_t type);
/* The layer of a protocol family (AF_INET, AF_INET6) of any system, in either byte
 * order. */
enum layer link_find_family(uint32_t family);
layer_decoder link_decode_ethernet, link_decode_llc, link_decode_sll, link_decode_sll2,
    link_decode_family;

layer_decoder link_ppp_decode, link_ppp_decode_serial, link_ppp_decode_c_hdlc,
    link_ppp_decode_pppoe, link_ppp_decode_frame_relay;

layer_decoder link_wireless_decode, link_wireless_decode_unit,
    link_wireless_decode_radiotap, link_wireless_decode_ppi;

layer_decoder link_host_decode_nflog, link_host_decode_ipnet, link_host_decode_pktap,
    link_host_decode_enc, link_host_decode_dsa, link_host_decode_edsa,
    link_host_decode_brcm, link_host_decode_brcm_prepend;

layer_decoder link_rare_decode_fddi, link_rare_decode_token_ring,
    link_rare_decode_fibre_channel, link_rare_decode_firewire, link_rare_decode_sunatm,
    link_rare_decode_pflog, link_rare_decode_ppp_directed, link_rare_decode_pppd,
    link_rare_decode_hdlc_directed, link_rare_decode_relay_directed,
    link_rare_decode_avs, link_rare_decode_prism, link_rare_decode_netanalyzer,
    link_rare_decode_mpacket, link_rare_decode_erf;

layer_decoder link_tags_decode_vlan, link_tags_decode_mpls;

layer_decoder link_fabric_decode_vn_tag, link_fabric_decode_e_tag,
    link_fabric_decode_redundancy_tag, link_fabric_decode_metadata_tag,
    link_fabric_decode_macsec, link_fabric_decode_provider_backbone,
    link_fabric_decode_path, link_fabric_decode_trill, link_fabric_decode_nsh;

/* The layer of a protocol number that both IPs share. */
enum layer ip_find_protocol(uint8_t protocol);
layer_decoder ip_decode;

/* The layer behind an IPv6 header or extension header (RFC 8200, section 4.1). */
enum layer ip_extensions_find_layer(uint8_t next_header);
layer_decoder ip_extensions_decode_options, ip_extensions_decode_routing,
    ip_extensions_decode_fragment, ip_extensions_decode_ah;

layer_decoder tunnel_decode_ip, tunnel_decode_etherip, tunnel_decode_gre;

layer_decoder tunnel_udp_decode;

layer_decoder segment_decode;

#endif
