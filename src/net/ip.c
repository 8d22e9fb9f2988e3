/* IPv4 (RFC 791) and the fixed header of IPv6 (RFC 8200). The IP length ends the
 * cursor, so nothing behind it takes link padding for payload. A length of zero is what
 * a host writes that leaves cutting to its card (segments over 64 KiB, RFC 2675's
 * jumbograms): the frame's own length counts then.
 *
 * Whichever version was announced, the version in the header decides: captures exist
 * whose link type or EtherType was written over, and receivers go by the nibble too. */
#include "net/ip.h"

#include "net/ip_fragments.h"
#include "net/layer.h"

enum {
    IPV4_HEADER_BYTES = 20,
    IPV6_HEADER_BYTES = 40,
    IPV4_MORE_FRAGMENTS = 0x2000,
    IPV4_OFFSET_MASK = 0x1fff,
    IPV4_OFFSET_UNIT = 8,
    PROTOCOL_TCP = 6,
};

/* clang-format off */
static const struct { uint8_t protocol; enum layer layer; } protocols[] = {
    {  17, LAYER_UDP },
    {   4, LAYER_IP_IN_IP },   /* RFC 2003, RFC 2473 */
    {  41, LAYER_IP_IN_IP },   /* RFC 4213 */
    {  47, LAYER_GRE },
    {  51, LAYER_IP_AH },
    {  97, LAYER_ETHERIP },
    { 137, LAYER_MPLS },       /* RFC 4023 */
};
/* clang-format on */

enum layer ip_find_protocol(uint8_t protocol)
{
    if (protocol == PROTOCOL_TCP) return LAYER_TCP;
    for (size_t i = 0; i < ARRAY_LENGTH(protocols); i++)
        if (protocols[i].protocol == protocol) return protocols[i].layer;
    return LAYER_OTHER;
}

static enum layer push_fragment(struct decoding *d, uint32_t header, uint16_t fragment,
                                uint8_t protocol)
{
    struct ip_fragment piece = {
        .id = d->packet->ip_id,
        .offset = (uint32_t)(fragment & IPV4_OFFSET_MASK) * IPV4_OFFSET_UNIT,
        .header = header,
        .protocol = protocol,
        .has_more = (fragment & IPV4_MORE_FRAGMENTS) != 0,
        .next = ip_find_protocol(protocol),
    };
    return ip_fragments_push(d, &piece);
}

/* `version_words` is the first byte; the cursor stands behind it. */
static enum layer decode_v4(struct decoding *d, uint8_t version_words)
{
    uint32_t wire_length = layer_wire_length(d) + 1;
    struct packet *p = d->packet;
    struct cursor in;
    if (!cursor_enter(&d->in, IPV4_HEADER_BYTES - 1, &in)) return LAYER_SHORT;
    cursor_skip(&in, 1); /* type of service */
    uint16_t total = cursor_be16(&in);
    p->ip_id = cursor_be16(&in);
    uint16_t fragment = cursor_be16(&in);
    p->ttl = cursor_8(&in);
    uint8_t protocol = cursor_8(&in);
    cursor_skip(&in, 2); /* header checksum */
    ip_read_address(&in, 4, &p->from);
    ip_read_address(&in, 4, &p->to);

    uint32_t header = (version_words & 0x0fu) * 4;
    uint32_t length = total == 0 ? wire_length : total;
    if (header < IPV4_HEADER_BYTES || length < header) return LAYER_BAD;
    layer_limit_length(d, length - IPV4_HEADER_BYTES);
    if (header > IPV4_HEADER_BYTES) cursor_skip(&d->in, header - IPV4_HEADER_BYTES);
    if (d->in.is_short) return LAYER_SHORT;
    if ((fragment & (IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK)) != 0)
        return push_fragment(d, header, fragment, protocol);
    return ip_find_protocol(protocol);
}

static enum layer decode_v6(struct decoding *d)
{
    struct packet *p = d->packet;
    struct cursor in;
    if (!cursor_enter(&d->in, IPV6_HEADER_BYTES - 1, &in)) return LAYER_SHORT;
    cursor_skip(&in, 3); /* traffic class, flow label */
    uint16_t length = cursor_be16(&in);
    uint8_t next_header = cursor_8(&in);
    p->ttl = cursor_8(&in);
    ip_read_address(&in, 6, &p->from);
    ip_read_address(&in, 6, &p->to);
    p->ip_id = 0;
    if (length != 0) layer_limit_length(d, length);
    return ip_extensions_find_layer(next_header);
}

enum layer ip_decode(struct decoding *d)
{
    uint8_t first = cursor_8(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if (first >> 4 == 4) return decode_v4(d, first);
    return first >> 4 == 6 ? decode_v6(d) : LAYER_BAD;
}
