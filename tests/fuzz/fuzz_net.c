/* Fuzzes net: the first four bytes choose the link type (one that net knows, mostly)
 * and how much the snaplen took, the rest is the frame. */
#include "hopscope/net.h"

#include <stdlib.h>

/* Seeds name them by their place: new ones go to the end. */
static const uint32_t link_types[] = {1,   276, 113, 0,   108, 101, 12,  228, 229,
                                      9,   50,  51,  104, 107, 105, 127, 192, 239,
                                      226, 258, 109, 281, 282, 283, 284};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct bytes inner, struct bytes outer)
{
    if (inner.ptr < outer.ptr || inner.ptr + inner.len > outer.ptr + outer.len) abort();
}

/* One frame makes no datagram whole, so all of a packet lies in it. */
static void check_packet(enum net_verdict verdict, const struct packet *p,
                         struct bytes bytes)
{
    if (verdict != NET_TCP) return;
    check_inside(net_segment(p), bytes);
    check_inside(p->payload, net_segment(p));
    if (p->payload.len > p->payload_length) abort();
    if (p->options.window_shift > 14) abort();
    enum checksum sum = net_checksum(p);
    if (p->payload.len < p->payload_length && sum != CHECKSUM_UNSEEN) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_of(bytes_of(data, size));
    uint16_t type = cursor_be16(&in);
    uint16_t uncaptured = cursor_be16(&in);
    if (in.is_short) return 0;

    struct bytes bytes = cursor_rest(&in);
    struct frame frame = {
        .link_type = type < 0xff00 ? link_types[type % ARRAY_LENGTH(link_types)] : type,
        .captured = (uint32_t)bytes.len,
        .length = (uint32_t)bytes.len + uncaptured,
        .data = bytes,
    };
    struct net *n = net_new();
    struct packet packet;
    size_t packets = 1;
    check_packet(net_decode(n, &frame, &packet), &packet, bytes);
    while (net_has_more(n)) {
        check_packet(net_decode_more(n, &frame, &packet), &packet, bytes);
        if (++packets > bytes.len) abort();
    }
    net_free(n);
    return 0;
}
