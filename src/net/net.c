/* Walks the layers of a frame to its TCP header, whatever they are and however deep,
 * and counts how that ended. */
#include "hopscope/net.h"

#include "net/layer.h"

struct net {
    struct net_counters counters;
};

/* clang-format off */
static layer_decoder *const decoders[LAYER_COUNT] = {
    [LAYER_ETHERNET]      = link_decode_ethernet,
    [LAYER_LLC]           = link_decode_llc,
    [LAYER_SLL]           = link_decode_sll,
    [LAYER_SLL2]          = link_decode_sll2,
    [LAYER_FAMILY]        = link_decode_family,
    [LAYER_RAW_IP]        = link_decode_raw_ip,
    [LAYER_C_HDLC]        = link_ppp_decode_c_hdlc,
    [LAYER_PPP]           = link_ppp_decode,
    [LAYER_PPP_SERIAL]    = link_ppp_decode_serial,
    [LAYER_PPPOE]         = link_ppp_decode_pppoe,
    [LAYER_VLAN]          = link_tags_decode_vlan,
    [LAYER_MPLS]          = link_tags_decode_mpls,
    [LAYER_IPV4]          = ip_decode_v4,
    [LAYER_IPV6]          = ip_decode_v6,
    [LAYER_IPV6_OPTIONS]  = ip_extensions_decode_options,
    [LAYER_IPV6_ROUTING]  = ip_extensions_decode_routing,
    [LAYER_IPV6_FRAGMENT] = ip_extensions_decode_fragment,
    [LAYER_IP_AH]         = ip_extensions_decode_ah,
    [LAYER_TCP]           = segment_decode,
};
/* clang-format on */

struct net *net_new(void)
{
    return mem_alloc(sizeof(struct net));
}

void net_free(struct net *n)
{
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
        if (depth > NET_LAYERS_MAX && layer != LAYER_TCP) return LAYER_EXCEEDED;
        layer = decoders[layer](d);
    }
    return layer;
}

static enum net_verdict count_end(struct net *n, const struct decoding *d,
                                  enum layer end)
{
    if (end == LAYER_FRAGMENT) n->counters.fragments++;
    if (end == LAYER_FRAGMENT || end == LAYER_OTHER) {
        n->counters.other++;
        return NET_OTHER;
    }
    /* A header may end before its own end also where nothing was cut off. */
    if (end == LAYER_SHORT && d->uncaptured != 0) {
        n->counters.truncated++;
        return NET_TRUNCATED;
    }
    if (end == LAYER_EXCEEDED) {
        n->counters.layers_exceeded++;
        d->packet->oddities |= NET_ODDITY_LAYERS_EXCEEDED;
    }
    n->counters.undecoded++;
    return NET_UNDECODED;
}

enum net_verdict net_decode(struct net *n, const struct frame *frame,
                            struct packet *packet)
{
    uint32_t captured = (uint32_t)frame->data.len;
    struct decoding d = {
        .in = cursor_of(frame->data),
        .uncaptured = frame->length > captured ? frame->length - captured : 0,
        .packet = packet,
    };
    packet->frame = frame;
    packet->tunnel_id = 0;
    packet->vlan = 0;
    packet->oddities = 0;

    enum layer end = walk_layers(&d, link_find_layer(frame->link_type));
    if (end != LAYER_DONE) return count_end(n, &d, end);
    n->counters.tcp++;
    return NET_TCP;
}
