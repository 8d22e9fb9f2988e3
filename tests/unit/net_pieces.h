/* Fragments for tests: a TCP segment's bytes as one datagram, and its pieces as frames.
 */
#ifndef NET_PIECES_H
#define NET_PIECES_H

#include "build_packet.h"

struct net_piece {
    uint32_t offset, length;
    bool has_more;
};

/* The link's hexadecimal, IP with what makes a fragment of `id`, and the bytes. The
 * lengths of outer headers stay zero, which net takes for "all there is". */
static inline void net_piece_build(struct buffer *w, const char *prefix,
                                   const struct build_segment *s, uint32_t id,
                                   struct net_piece piece, struct bytes data)
{
    build_hex(w, prefix);
    size_t start = w->len;
    struct build_segment header = *s;
    header.ip_id = (uint16_t)id;
    if (s->version == 4) {
        build_ip_header(w, &header, 6, data.len);
        build_patch_16(w, start + 6, piece.offset / 8 | (piece.has_more ? 0x2000u : 0));
    } else {
        build_ip_header(w, &header, 44, 8 + data.len);
        build_hex(w, "0600");
        build_16(w, piece.offset | (piece.has_more ? 1u : 0));
        build_32(w, id);
    }
    buffer_append(w, data);
}

/* Decodes a piece of `datagram`, as packet `ref`, `at_ns` after the epoch. */
static inline enum net_verdict net_piece_push(struct net *n, const char *prefix,
                                              const struct build_segment *s,
                                              uint32_t id, struct net_piece piece,
                                              struct bytes datagram, uint64_t ref,
                                              int64_t at_ns, struct packet *p)
{
    static struct frame frame; /* the packet points to it */
    static struct buffer wire;
    buffer_clear(&wire);
    net_piece_build(&wire, prefix, s, id, piece,
                    bytes_first(bytes_from(datagram, piece.offset), piece.length));
    frame = build_frame(&wire, prefix[0] == '\0' ? 101 : 1);
    frame.ref = ref;
    frame.captured_ns = at_ns;
    return net_decode(n, &frame, p);
}

#endif
