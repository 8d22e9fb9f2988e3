/* What stands between a link header and IP, any number of times: VLAN tags (IEEE
 * 802.1Q, 802.1ad) and MPLS labels (RFC 3032). Each is a layer of its own; both share
 * one cap. Of stacked VLAN tags (QinQ) the outermost, the provider's, names the
 * packet's VLAN. */
#include "net/layer.h"

enum {
    VLAN_ID_MASK = 0x0fff,
    MPLS_BOTTOM_OF_STACK = 0x100,
    PSEUDOWIRE_CONTROL = 0, /* first nibble (RFC 4385, section 3) */
    PSEUDOWIRE_CHANNEL = 1, /* operations, no user's bytes */
    CONTROL_WORD_BYTES = 4,
    ETHERNET_BYTES = 14,
};

enum layer link_tags_decode_vlan(struct decoding *d)
{
    if (d->tag_count == NET_TAGS_MAX) return LAYER_TAGS_EXCEEDED;
    uint16_t control = cursor_be16(&d->in);
    uint16_t type = cursor_be16(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    d->tag_count++;
    layer_note_vlan(d, control & VLAN_ID_MASK);
    return link_find_ethertype(type);
}

/* Whether an Ethernet frame with a type known here begins `skip` bytes ahead. */
static bool has_ethernet_at(const struct decoding *d, size_t skip)
{
    struct cursor ahead = d->in;
    cursor_skip(&ahead, skip + 12);
    enum layer next = link_find_ethertype(cursor_be16(&ahead));
    return !ahead.is_short && next != LAYER_OTHER && next != LAYER_LLC;
}

/* Labels do not say what they carry: the first nibble is IP's version, or a
 * pseudowire's control word before an Ethernet frame (RFC 4928, section 3; RFC 4448,
 * section 4.6). A pseudowire without that word shows by its EtherType alone. */
static enum layer find_payload(struct decoding *d)
{
    struct cursor ahead = d->in;
    uint8_t nibble = cursor_8(&ahead) >> 4;
    if (ahead.is_short) return LAYER_SHORT;
    if (nibble == 4) return LAYER_IP;
    if (nibble == 6) return LAYER_IP;
    if (nibble == PSEUDOWIRE_CHANNEL) return LAYER_OTHER;

    if (cursor_left(&d->in) < CONTROL_WORD_BYTES + ETHERNET_BYTES) return LAYER_SHORT;
    if (nibble == PSEUDOWIRE_CONTROL && has_ethernet_at(d, CONTROL_WORD_BYTES)) {
        cursor_skip(&d->in, CONTROL_WORD_BYTES);
        return LAYER_ETHERNET;
    }
    return has_ethernet_at(d, 0) ? LAYER_ETHERNET : LAYER_OTHER;
}

enum layer link_tags_decode_mpls(struct decoding *d)
{
    if (d->tag_count == NET_TAGS_MAX) return LAYER_TAGS_EXCEEDED;
    uint32_t label = cursor_be32(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    d->tag_count++;
    return (label & MPLS_BOTTOM_OF_STACK) != 0 ? find_payload(d) : LAYER_MPLS;
}
