/* The frame that almost every one is:
 *
 *   | Ethernet 14 | IPv4 20 | TCP 20 | options | payload    0x0800, 0x45, no fragment,
 * 6 | Ethernet 14 | IPv6 40 | TCP 20 | options | payload    0x86dd, 6
 *
 * Nothing here is a rule of its own. Each test is one that the decoders of the layers
 * make, too, with the answer that leads straight on; any other answer leaves the frame
 * to them. So what they would have to remember or to choose does not arise: where each
 * header stands is known before it is read. */
#include "net/plain_frame.h"

#include "net/ip.h"
#include "net/segment.h"

enum {
    LINK_TYPE_ETHERNET = 1,
    ETHERNET_ADDRESSES_BYTES = 12,
    ETHERNET_BYTES = 14,
    ETHERNET_IPV4_BYTES = ETHERNET_BYTES + 20,
    ETHERNET_IPV6_BYTES = ETHERNET_BYTES + 40,
    IPV4_BYTES = 20,
    ETHERTYPE_IPV4_PLAIN = 0x080045, /* EtherType, version, a header of five words */
    ETHERTYPE_IPV6 = 0x86dd6,        /* EtherType and version */
    IPV4_FRAGMENT_BITS = 0x3fff,     /* more fragments, and the offset */
    PROTOCOL_TCP = 6,
};

/* Moves `all` from the frame's first byte to that of TCP. *length is what IP says there
 * is from there on. */
static inline bool plain_frame_read_ipv4(struct cursor *all, struct packet *p,
                                         size_t *length)
{
    struct cursor in;
    if (!cursor_enter(all, ETHERNET_IPV4_BYTES, &in)) return false;
    cursor_skip(&in, ETHERNET_BYTES + 2); /* version, length, service */
    uint16_t total = cursor_be16(&in);
    p->ip_id = cursor_be16(&in);
    uint16_t fragment = cursor_be16(&in);
    p->ttl = cursor_8(&in);
    uint8_t protocol = cursor_8(&in);
    cursor_skip(&in, 2); /* header checksum */
    ip_read_address(&in, 4, &p->from);
    ip_read_address(&in, 4, &p->to);
    *length = (size_t)total - IPV4_BYTES;
    return (fragment & IPV4_FRAGMENT_BITS) == 0 && protocol == PROTOCOL_TCP &&
           total >= IPV4_BYTES;
}

/* The same. A length of zero has a meaning of its own (ip.c); it holds no TCP header.
 */
static inline bool plain_frame_read_ipv6(struct cursor *all, struct packet *p,
                                         size_t *length)
{
    struct cursor in;
    if (!cursor_enter(all, ETHERNET_IPV6_BYTES, &in)) return false;
    cursor_skip(&in, ETHERNET_BYTES + 4); /* version, class, flow label */
    *length = cursor_be16(&in);
    uint8_t next_header = cursor_8(&in);
    p->ttl = cursor_8(&in);
    ip_read_address(&in, 6, &p->from);
    ip_read_address(&in, 6, &p->to);
    p->ip_id = 0;
    return next_header == PROTOCOL_TCP;
}

static inline bool plain_frame_read_ip(struct cursor *all, struct packet *p,
                                       size_t *length)
{
    struct cursor ahead = *all, in;
    if (!cursor_enter(&ahead, ETHERNET_BYTES + 2, &in)) return false;
    cursor_skip(&in, ETHERNET_ADDRESSES_BYTES);
    uint32_t kind = cursor_be32(&in);
    if (kind >> 8 == ETHERTYPE_IPV4_PLAIN) return plain_frame_read_ipv4(all, p, length);
    return kind >> 12 == ETHERTYPE_IPV6 && plain_frame_read_ipv6(all, p, length);
}

bool plain_frame_decode(const struct frame *frame, struct packet *packet)
{
    size_t length = 0, captured = frame->data.len;
    struct cursor rest = cursor_of(frame->data), in;
    if (frame->link_type != LINK_TYPE_ETHERNET ||
        !plain_frame_read_ip(&rest, packet, &length))
        return false;
    /* IP may claim more than the wire had; then the wire is right. */
    size_t on_wire = cursor_left(&rest);
    if (frame->length > captured) on_wire += frame->length - captured;
    if (length > on_wire) length = on_wire;
    struct bytes segment = bytes_first(cursor_rest(&rest), length);

    if (!cursor_enter(&rest, SEGMENT_HEADER_BYTES, &in)) return false;
    uint32_t header = segment_read_fixed(&in, packet);
    if (header < SEGMENT_HEADER_BYTES || header > segment.len) return false;
    packet->header_bytes = (uint8_t)header;
    packet->payload = bytes_from(segment, header);
    packet->payload_length = (uint32_t)length - header;
    segment_read_options(bytes_first(cursor_rest(&rest), header - SEGMENT_HEADER_BYTES),
                         &packet->options);
    return true;
}
