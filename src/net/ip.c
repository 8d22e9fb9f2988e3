/* IPv4 (RFC 791) and the fixed header of IPv6 (RFC 8200). The IP length ends the
 * cursor, so nothing behind it takes link padding for payload. A length of zero is what
 * a host writes that leaves cutting to its card (segments over 64 KiB, RFC 2675's
 * jumbograms): the frame's own length counts then. */
#include "net/layer.h"

#include <string.h>

enum {
    IPV4_HEADER_BYTES = 20,
    IPV4_MORE_FRAGMENTS = 0x2000,
    IPV4_OFFSET_MASK = 0x1fff,
    PROTOCOL_TCP = 6,
    PROTOCOL_AH = 51,
};

static void read_address(struct cursor *in, uint8_t version, struct endpoint *e)
{
    struct bytes address = cursor_take(in, version == 4 ? 4 : 16);
    e->version = version;
    if (version == 4) memset(e->address + 4, 0, sizeof(e->address) - 4);
    if (address.len != 0) memcpy(e->address, address.ptr, address.len);
}

/* What a fragment carries is no segment; whoever collects fragments takes the place of
 * the end that is named here. */
static enum layer find_protocol_v4(uint16_t fragment, uint8_t protocol)
{
    if ((fragment & (IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK)) != 0)
        return LAYER_FRAGMENT;
    if (protocol == PROTOCOL_TCP) return LAYER_TCP;
    return protocol == PROTOCOL_AH ? LAYER_IP_AH : LAYER_OTHER;
}

enum layer ip_decode_v4(struct decoding *d)
{
    uint32_t wire_length = layer_wire_length(d);
    struct packet *p = d->packet;
    uint8_t version_words = cursor_8(&d->in);
    cursor_skip(&d->in, 1); /* type of service */
    uint16_t total = cursor_be16(&d->in);
    p->ip_id = cursor_be16(&d->in);
    uint16_t fragment = cursor_be16(&d->in);
    p->ttl = cursor_8(&d->in);
    uint8_t protocol = cursor_8(&d->in);
    cursor_skip(&d->in, 2); /* header checksum */
    read_address(&d->in, 4, &p->from);
    read_address(&d->in, 4, &p->to);
    if (d->in.is_short) return LAYER_SHORT;

    uint32_t header = (version_words & 0x0fu) * 4;
    uint32_t length = total == 0 ? wire_length : total;
    if (version_words >> 4 != 4 || header < IPV4_HEADER_BYTES || length < header)
        return LAYER_BAD;
    layer_limit_length(d, length - IPV4_HEADER_BYTES);
    if (header > IPV4_HEADER_BYTES) cursor_skip(&d->in, header - IPV4_HEADER_BYTES);
    if (d->in.is_short) return LAYER_SHORT;
    return find_protocol_v4(fragment, protocol);
}

enum layer ip_decode_v6(struct decoding *d)
{
    struct packet *p = d->packet;
    uint32_t version_class_flow = cursor_be32(&d->in);
    uint16_t length = cursor_be16(&d->in);
    uint8_t next_header = cursor_8(&d->in);
    p->ttl = cursor_8(&d->in);
    read_address(&d->in, 6, &p->from);
    read_address(&d->in, 6, &p->to);
    if (d->in.is_short) return LAYER_SHORT;

    if (version_class_flow >> 28 != 6) return LAYER_BAD;
    p->ip_id = 0;
    if (length != 0) layer_limit_length(d, length);
    return ip_extensions_find_layer(next_header);
}
