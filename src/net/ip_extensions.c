/* What stands between an IPv6 header and TCP (RFC 8200, section 4), and the
 * authentication header, which IPv4 has too (RFC 4302). Each is a layer of its own; all
 * of one packet share a cap of bytes. */
#include "net/ip_fragments.h"
#include "net/layer.h"

#include <string.h>

enum {
    FRAGMENT_HEADER_BYTES = 8,
    FRAGMENT_OFFSET_MASK = 0xfff8,
    FRAGMENT_MORE = 0x0001,
    PROTOCOL_TCP = 6,
    ROUTING_SOURCE_ROUTE = 0, /* RFC 2460, section 4.4: the last address is the goal */
    ROUTING_HOME_ADDRESS = 2, /* RFC 6275, section 6.4: the only one */
    ROUTING_SEGMENTS = 4,     /* RFC 8754, section 2: the first one */
    OPTION_PAD_1 = 0,
    OPTION_HOME_ADDRESS = 0xc9,
    ADDRESS_BYTES = 16,
};

/* clang-format off */
static const struct { uint8_t next_header; enum layer layer; } layers[] = {
    {  0, LAYER_IPV6_OPTIONS },  /* hop by hop */
    { 60, LAYER_IPV6_OPTIONS },  /* destination */
    { 43, LAYER_IPV6_ROUTING },
    { 44, LAYER_IPV6_FRAGMENT },
};
/* clang-format on */

enum layer ip_extensions_find_layer(uint8_t next_header)
{
    if (next_header == PROTOCOL_TCP) return LAYER_TCP;
    for (size_t i = 0; i < ARRAY_LENGTH(layers); i++)
        if (layers[i].next_header == next_header) return layers[i].layer;
    return ip_find_protocol(next_header);
}

static bool count_bytes(struct decoding *d, uint32_t length)
{
    d->extension_bytes += length;
    return d->extension_bytes <= NET_EXTENSION_BYTES_MAX;
}

/* A host that is away sends from its care-of address, and means its home address: the
 * checksum is over that one (RFC 6275, sections 6.3 and 11.3.1). */
static void take_home_address(struct packet *p, struct bytes options)
{
    struct cursor in = cursor_of(options);
    while (cursor_left(&in) != 0) {
        uint8_t type = cursor_8(&in);
        if (type == OPTION_PAD_1) continue;
        struct bytes value = cursor_take(&in, cursor_8(&in));
        bool is_home = type == OPTION_HOME_ADDRESS && value.len == ADDRESS_BYTES;
        if (is_home && p->from.version == 6)
            memcpy(p->from.address, value.ptr, ADDRESS_BYTES);
    }
}

enum layer ip_extensions_decode_options(struct decoding *d)
{
    uint8_t next_header = cursor_8(&d->in);
    uint32_t length = (cursor_8(&d->in) + 1u) * 8;
    if (d->in.is_short) return LAYER_SHORT;
    if (!count_bytes(d, length)) return LAYER_EXTENSIONS_EXCEEDED;
    struct bytes options = cursor_take(&d->in, length - 2);
    if (d->in.is_short) return LAYER_SHORT;
    take_home_address(d->packet, options);
    return ip_extensions_find_layer(next_header);
}

/* A packet on its way through a list of addresses is for the final one: the checksum is
 * over that one (RFC 8200, section 8.1), and answers come from it. */
static void take_final_address(struct packet *p, uint8_t type, struct bytes list)
{
    if (list.len < ADDRESS_BYTES || p->to.version != 6) return;
    size_t last = list.len / ADDRESS_BYTES * ADDRESS_BYTES - ADDRESS_BYTES;
    if (type == ROUTING_SOURCE_ROUTE) list = bytes_from(list, last);
    if (type == ROUTING_SOURCE_ROUTE || type == ROUTING_HOME_ADDRESS ||
        type == ROUTING_SEGMENTS)
        memcpy(p->to.address, list.ptr, ADDRESS_BYTES);
}

enum layer ip_extensions_decode_routing(struct decoding *d)
{
    uint8_t next_header = cursor_8(&d->in);
    uint32_t length = (cursor_8(&d->in) + 1u) * 8;
    uint8_t type = cursor_8(&d->in);
    uint8_t segments_left = cursor_8(&d->in);
    cursor_skip(&d->in, 4); /* differs by type */
    if (d->in.is_short) return LAYER_SHORT;
    if (!count_bytes(d, length)) return LAYER_EXTENSIONS_EXCEEDED;
    struct bytes list = cursor_take(&d->in, length - 8);
    if (d->in.is_short) return LAYER_SHORT;
    if (segments_left != 0) take_final_address(d->packet, type, list);
    return ip_extensions_find_layer(next_header);
}

/* A packet whole in one fragment is just a packet (RFC 8200, section 4.5). */
enum layer ip_extensions_decode_fragment(struct decoding *d)
{
    uint8_t next_header = cursor_8(&d->in);
    cursor_skip(&d->in, 1);
    uint16_t offset_more = cursor_be16(&d->in);
    uint32_t id = cursor_be32(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if (!count_bytes(d, FRAGMENT_HEADER_BYTES)) return LAYER_EXTENSIONS_EXCEEDED;
    struct ip_fragment piece = {
        .id = id,
        .offset = offset_more & FRAGMENT_OFFSET_MASK,
        .has_more = (offset_more & FRAGMENT_MORE) != 0,
        .next = ip_extensions_find_layer(next_header),
    };
    if (piece.offset == 0 && !piece.has_more) return piece.next;
    return ip_fragments_push(d, &piece);
}

enum layer ip_extensions_decode_ah(struct decoding *d)
{
    uint8_t next_header = cursor_8(&d->in);
    uint32_t length = (cursor_8(&d->in) + 2u) * 4;
    if (d->in.is_short) return LAYER_SHORT;
    if (!count_bytes(d, length)) return LAYER_EXTENSIONS_EXCEEDED;
    cursor_skip(&d->in, length - 2);
    if (d->in.is_short) return LAYER_SHORT;
    return d->packet->to.version == 4 ? ip_find_protocol(next_header)
                                      : ip_extensions_find_layer(next_header);
}
