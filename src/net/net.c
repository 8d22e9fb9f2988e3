/* Walks the layers of a frame to its TCP header, whatever they are and however deep,
 * and counts how that ended. */
#include "hopscope/net.h"

#include "net/ip_fragments.h"
#include "net/layer.h"
#include "net/plain_frame.h"

struct net {
    struct net_counters counters;
    struct layer_memory memory;
    bool is_plain; /* the last frame: the memory has nothing of it */
};

/* clang-format off */
static layer_decoder *const decoders[LAYER_COUNT] = {
    [LAYER_ETHERNET]      = link_decode_ethernet,
    [LAYER_LLC]           = link_decode_llc,
    [LAYER_SLL]           = link_decode_sll,
    [LAYER_SLL2]          = link_decode_sll2,
    [LAYER_FAMILY]        = link_decode_family,
    [LAYER_C_HDLC]        = link_ppp_decode_c_hdlc,
    [LAYER_PPP]           = link_ppp_decode,
    [LAYER_PPP_SERIAL]    = link_ppp_decode_serial,
    [LAYER_PPPOE]         = link_ppp_decode_pppoe,
    [LAYER_FRAME_RELAY]   = link_ppp_decode_frame_relay,
    [LAYER_WIFI]          = link_wireless_decode,
    [LAYER_WIFI_UNIT]     = link_wireless_decode_unit,
    [LAYER_RADIOTAP]      = link_wireless_decode_radiotap,
    [LAYER_PPI]           = link_wireless_decode_ppi,
    [LAYER_NFLOG]         = link_host_decode_nflog,
    [LAYER_IPNET]         = link_host_decode_ipnet,
    [LAYER_PKTAP]         = link_host_decode_pktap,
    [LAYER_ENC]           = link_host_decode_enc,
    [LAYER_DSA]           = link_host_decode_dsa,
    [LAYER_EDSA]          = link_host_decode_edsa,
    [LAYER_BRCM]          = link_host_decode_brcm,
    [LAYER_BRCM_PREPEND]  = link_host_decode_brcm_prepend,
    [LAYER_FDDI]          = link_rare_decode_fddi,
    [LAYER_TOKEN_RING]    = link_rare_decode_token_ring,
    [LAYER_FIBRE_CHANNEL] = link_rare_decode_fibre_channel,
    [LAYER_FIREWIRE]      = link_rare_decode_firewire,
    [LAYER_SUNATM]        = link_rare_decode_sunatm,
    [LAYER_PFLOG]         = link_rare_decode_pflog,
    [LAYER_PPP_DIRECTED]  = link_rare_decode_ppp_directed,
    [LAYER_PPPD]          = link_rare_decode_pppd,
    [LAYER_HDLC_DIRECTED] = link_rare_decode_hdlc_directed,
    [LAYER_RELAY_DIRECTED] = link_rare_decode_relay_directed,
    [LAYER_AVS]           = link_rare_decode_avs,
    [LAYER_PRISM]         = link_rare_decode_prism,
    [LAYER_NETANALYZER]   = link_rare_decode_netanalyzer,
    [LAYER_MPACKET]       = link_rare_decode_mpacket,
    [LAYER_ERF]           = link_rare_decode_erf,
    [LAYER_VLAN]          = link_tags_decode_vlan,
    [LAYER_VN_TAG]        = link_fabric_decode_vn_tag,
    [LAYER_E_TAG]         = link_fabric_decode_e_tag,
    [LAYER_REDUNDANCY_TAG] = link_fabric_decode_redundancy_tag,
    [LAYER_METADATA_TAG]  = link_fabric_decode_metadata_tag,
    [LAYER_MACSEC]        = link_fabric_decode_macsec,
    [LAYER_PROVIDER_BACKBONE] = link_fabric_decode_provider_backbone,
    [LAYER_FABRIC_PATH]   = link_fabric_decode_path,
    [LAYER_TRILL]         = link_fabric_decode_trill,
    [LAYER_NSH]           = link_fabric_decode_nsh,
    [LAYER_MPLS]          = link_tags_decode_mpls,
    [LAYER_IP]            = ip_decode,
    [LAYER_IPV6_OPTIONS]  = ip_extensions_decode_options,
    [LAYER_IPV6_ROUTING]  = ip_extensions_decode_routing,
    [LAYER_IPV6_FRAGMENT] = ip_extensions_decode_fragment,
    [LAYER_IP_AH]         = ip_extensions_decode_ah,
    [LAYER_IP_IN_IP]      = tunnel_decode_ip,
    [LAYER_ETHERIP]       = tunnel_decode_etherip,
    [LAYER_GRE]           = tunnel_decode_gre,
    [LAYER_UDP]           = tunnel_udp_decode,
    [LAYER_TCP]           = segment_decode,
};
/* clang-format on */

struct net *net_new(void)
{
    struct net *n = mem_alloc(sizeof(*n));
    n->memory.fragments = ip_fragments_new(&n->counters);
    return n;
}

void net_free(struct net *n)
{
    if (n == NULL) return;
    ip_fragments_free(n->memory.fragments);
    mem_free(n);
}

struct net_counters net_counters(const struct net *n)
{
    return n->counters;
}

/* The link and TCP themselves are not counted among the layers between them. */
static enum layer walk_layers(struct decoding *d, enum layer layer)
{
    for (int depth = 0; layer < LAYER_COUNT; depth++) {
        if (depth > NET_LAYERS_MAX && layer != LAYER_TCP) return LAYER_LAYERS_EXCEEDED;
        layer = decoders[layer](d);
    }
    return layer;
}

static void count_cap(struct net_counters *c, enum layer end)
{
    c->layers_exceeded++;
    if (end == LAYER_TAGS_EXCEEDED) c->tags_exceeded++;
    if (end == LAYER_TUNNELS_EXCEEDED) c->tunnels_exceeded++;
    if (end == LAYER_EXTENSIONS_EXCEEDED) c->extensions_exceeded++;
}

static enum net_verdict count_end(struct net *n, const struct decoding *d,
                                  enum layer end)
{
    /* A header may end before its own end also where nothing was cut off. */
    if (end == LAYER_SHORT && d->uncaptured != 0) {
        n->counters.truncated++;
        return NET_TRUNCATED;
    }
    if (end >= LAYER_LAYERS_EXCEEDED) {
        count_cap(&n->counters, end);
        d->packet->oddities |= NET_ODDITY_LAYERS_EXCEEDED;
    } else if (end == LAYER_HELD || end == LAYER_OTHER || d->is_guess) {
        if (end == LAYER_HELD) n->counters.fragments++;
        n->counters.other++;
        return NET_OTHER;
    }
    n->counters.undecoded++;
    return NET_UNDECODED;
}

/* The packet is filled, but for what earlier frames have left for it. */
static enum net_verdict count_tcp(struct net *n, struct packet *packet)
{
    struct ip_fragments *f = n->memory.fragments;
    if (ip_fragments_owe_oddities(f))
        packet->oddities |= ip_fragments_take_oddities(f, packet);
    n->counters.tcp++;
    return NET_TCP;
}

static enum net_verdict decode(struct net *n, struct decoding *d, enum layer first)
{
    enum layer end = walk_layers(d, first);
    return end == LAYER_DONE ? count_tcp(n, d->packet) : count_end(n, d, end);
}

/* Apart, so that its state costs plain frames nothing. */
__attribute__((noinline)) static enum net_verdict
decode_layers(struct net *n, const struct frame *frame, struct packet *packet)
{
    uint32_t captured = (uint32_t)frame->data.len;
    struct decoding d = {
        .in = cursor_of(frame->data),
        .uncaptured = frame->length > captured ? frame->length - captured : 0,
        .packet = packet,
        .memory = &n->memory,
    };
    ip_fragments_begin_frame(n->memory.fragments);
    return decode(n, &d, link_find_layer(frame->link_type));
}

/* Nothing known yet that only some layers tell. */
static inline void begin_packet(struct net *n, const struct frame *frame,
                                struct packet *packet)
{
    packet->frame = frame;
    packet->tunnel_id = 0;
    packet->vlan = 0;
    packet->oddities = 0;
    packet->has_payload_hash = false;
    n->memory.has_units = false;
}

enum net_verdict net_decode(struct net *n, const struct frame *frame,
                            struct packet *packet)
{
    begin_packet(n, frame, packet);
    n->is_plain = plain_frame_decode(frame, packet);
    return n->is_plain ? count_tcp(n, packet) : decode_layers(n, frame, packet);
}

uint64_t net_datagram(const struct net *n)
{
    return n->is_plain ? 0 : ip_fragments_datagram(n->memory.fragments);
}

bool net_owes_oddities(const struct net *n)
{
    return ip_fragments_owe_oddities(n->memory.fragments);
}

bool net_has_more(const struct net *n)
{
    return n->memory.has_units;
}

enum net_verdict net_decode_more(struct net *n, const struct frame *frame,
                                 struct packet *packet)
{
    struct decoding d = n->memory.units;
    d.packet = packet;
    begin_packet(n, frame, packet);
    return decode(n, &d, LAYER_WIFI_UNIT);
}
