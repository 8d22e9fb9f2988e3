/* What switches and fabrics put between the addresses of a frame and what it carries:
 * tags, behind which an EtherType stands as before, and headers that carry a whole
 * frame. All share the cap of VLAN tags and MPLS labels. */
#include "net/layer.h"

enum {
    METADATA_VERSION = 1,
    MACSEC_ENCRYPTED = 0x08,
    MACSEC_CHANGED = 0x04,
    MACSEC_CHANNEL = 0x20, /* eight bytes that name it follow */
    TRILL_VERSION = 0xc000,
    NSH_VERSION = 0xc000,
    NSH_WORDS = 0x003f,
    NSH_WORDS_MIN = 2,
};

/* clang-format off */
static const enum layer nsh_protocols[] = { /* RFC 8300, section 2.2 */
    [1] = LAYER_IP,
    [2] = LAYER_IP,
    [3] = LAYER_ETHERNET,
    [4] = LAYER_NSH,
    [5] = LAYER_MPLS,
};
/* clang-format on */

static bool is_one_too_many(struct decoding *d)
{
    return d->tag_count++ >= NET_TAGS_MAX;
}

static enum layer skip_tag(struct decoding *d, size_t count)
{
    if (is_one_too_many(d)) return LAYER_TAGS_EXCEEDED;
    cursor_skip(&d->in, count);
    uint16_t type = cursor_be16(&d->in);
    return d->in.is_short ? LAYER_SHORT : link_find_ethertype(type);
}

static enum layer skip_to_frame(struct decoding *d, size_t count)
{
    if (is_one_too_many(d)) return LAYER_TAGS_EXCEEDED;
    cursor_skip(&d->in, count);
    return d->in.is_short ? LAYER_SHORT : LAYER_ETHERNET;
}

/* Between a host's virtual interfaces and its switch. */
enum layer link_fabric_decode_vn_tag(struct decoding *d)
{
    return skip_tag(d, 4);
}

/* IEEE 802.1BR. */
enum layer link_fabric_decode_e_tag(struct decoding *d)
{
    return skip_tag(d, 6);
}

/* IEC 62439-3 (HSR): a path, a length, a number. */
enum layer link_fabric_decode_redundancy_tag(struct decoding *d)
{
    return skip_tag(d, 4);
}

/* Cisco's: a version, how many words follow, and they: a security group, mostly. */
enum layer link_fabric_decode_metadata_tag(struct decoding *d)
{
    uint8_t version = cursor_8(&d->in);
    size_t words = cursor_8(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if (version != METADATA_VERSION) return LAYER_OTHER;
    return skip_tag(d, words * 4);
}

/* IEEE 802.1AE, where it only signs. */
enum layer link_fabric_decode_macsec(struct decoding *d)
{
    uint8_t control = cursor_8(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if ((control & (MACSEC_ENCRYPTED | MACSEC_CHANGED)) != 0) return LAYER_OTHER;
    return skip_tag(d, (control & MACSEC_CHANNEL) != 0 ? 5 + 8 : 5);
}

/* IEEE 802.1ah: the service, and the customer's frame. */
enum layer link_fabric_decode_provider_backbone(struct decoding *d)
{
    return skip_to_frame(d, 4);
}

/* Cisco FabricPath: a tree and a time to live. */
enum layer link_fabric_decode_path(struct decoding *d)
{
    return skip_to_frame(d, 2);
}

/* RFC 6325, section 3: options, hop count, two switches' names. */
enum layer link_fabric_decode_trill(struct decoding *d)
{
    uint16_t start = cursor_be16(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if ((start & TRILL_VERSION) != 0) return LAYER_OTHER;
    return skip_to_frame(d, 4 + (size_t)(start >> 6 & 0x1f) * 4);
}

/* RFC 8300: a path of services, their notes, and what they serve. */
enum layer link_fabric_decode_nsh(struct decoding *d)
{
    if (is_one_too_many(d)) return LAYER_TAGS_EXCEEDED;
    uint16_t start = cursor_be16(&d->in);
    cursor_skip(&d->in, 1); /* type of the notes */
    uint8_t protocol = cursor_8(&d->in);
    uint32_t words = start & NSH_WORDS;
    if (d->in.is_short) return LAYER_SHORT;
    if ((start & NSH_VERSION) != 0 || words < NSH_WORDS_MIN) return LAYER_OTHER;
    cursor_skip(&d->in, (size_t)(words - 1) * 4);
    if (d->in.is_short) return LAYER_SHORT;
    if (protocol == 0 || protocol >= ARRAY_LENGTH(nsh_protocols)) return LAYER_OTHER;
    return nsh_protocols[protocol];
}
