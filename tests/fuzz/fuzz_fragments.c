/* Fuzzes net's reassembly: the input is a list of fragments, eight bytes each, of a few
 * datagrams whose bytes are known. Whatever comes out whole must be made of bytes that
 * went in, at their places; and without other bytes sent, of the true ones alone.
 *
 *   flags      bits 0-1 datagram, 2 IPv6, 3 last piece, 4 other bytes, 5 in GRE,
 *              6 cut by the snaplen
 *   offset     in blocks, two bytes   length   in blocks, one byte
 *   tail       bytes more than blocks step     in 200 ms   cut   in blocks   (spare) */
#include "hopscope/net.h"

#include <stdlib.h>
#include <string.h>

enum {
    DATAGRAMS = 8, /* four of each IP version */
    OFFSET_BLOCKS = 0x1fff,
    IN_TUNNEL = 1 << 5,
    CUT = 1 << 6,
};

static const int64_t step_ns = INT64_C(200000000);

struct step {
    unsigned datagram;
    bool is_6, is_last, is_other;
    uint8_t flags, cut;
    uint32_t offset, length;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A byte of a datagram; the TCP header's length is always 20. */
static uint8_t true_byte(unsigned datagram, uint32_t at)
{
    if (at == 12) return 0x50;
    return (uint8_t)(at * 7 + at / 256 + datagram);
}

static void append(struct buffer *w, const char *bytes, size_t length)
{
    buffer_append(w, bytes_of(bytes, length));
}

static void append_16(struct buffer *w, uint32_t value)
{
    uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    buffer_append(w, bytes_of(bytes, sizeof(bytes)));
}

/* Lengths of zero: all there is. */
static void build_header(struct buffer *w, const struct step *s)
{
    static const char gre[] =
        "\x45\0\0\0\0\1\0\0\x40\x2f\0\0\1\1\1\1\2\2\2\2\0\0\x08\0";
    if ((s->flags & IN_TUNNEL) != 0) append(w, gre, sizeof(gre) - 1);
    uint32_t offset = s->offset / 8 & OFFSET_BLOCKS;
    if (!s->is_6) {
        append(w, "\x45\0\0\0\0", 5);
        uint8_t id = (uint8_t)s->datagram;
        buffer_append(w, bytes_of(&id, 1));
        append_16(w, offset | (s->is_last ? 0 : 0x2000));
        append(w, "\x40\6\0\0\3\3\3\3\4\4\4\4", 12);
        return;
    }
    append(w, "\x60\0\0\0\0\0\x2c\x40", 8);
    for (int i = 0; i < 4; i++) append(w, "\x20\1\r\xb8\0\0\0\1", 8);
    append(w, "\6\0", 2);
    append_16(w, offset << 3 | (s->is_last ? 0 : 1));
    append_16(w, 0);
    append_16(w, s->datagram);
}

static void build_data(struct buffer *w, const struct step *s)
{
    uint8_t bytes[256 * 8 + 8];
    for (uint32_t i = 0; i < s->length; i++) {
        uint32_t at = s->offset + i;
        bytes[i] = true_byte(s->datagram, at);
        if (s->is_other && at != 12) bytes[i] ^= 0x80;
    }
    buffer_append(w, bytes_of(bytes, s->length));
}

static struct step read_step(struct cursor *in, int64_t *now_ns)
{
    struct step s = {.flags = cursor_8(in)};
    s.offset = (uint32_t)(cursor_be16(in) & OFFSET_BLOCKS) * 8;
    s.length = cursor_8(in) * 8u;
    s.is_6 = (s.flags & 1 << 2) != 0;
    s.datagram = (s.flags & 3u) + (s.is_6 ? 4 : 0);
    s.is_last = (s.flags & 1 << 3) != 0;
    s.is_other = (s.flags & 1 << 4) != 0;
    s.length += cursor_8(in) % 8;
    *now_ns += cursor_8(in) * step_ns;
    s.cut = cursor_8(in);
    cursor_skip(in, 1);
    return s;
}

static void check_whole(const struct packet *p, unsigned datagram, bool had_others)
{
    if (p->payload.len > p->payload_length || p->payload_length > 65535) abort();
    struct bytes segment = net_segment(p);
    for (uint32_t i = 0; i < segment.len; i++) {
        uint8_t difference = segment.ptr[i] ^ true_byte(datagram, i);
        if ((difference & 0x7f) != 0) abort();
        if (difference != 0 && !had_others) abort();
    }
    net_checksum(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_of(bytes_of(data, size));
    struct net *n = net_new();
    struct buffer wire = {0};
    bool had_others[DATAGRAMS] = {false};
    int64_t now_ns = 0;
    while (cursor_left(&in) >= 8) {
        struct step s = read_step(&in, &now_ns);
        struct packet packet;
        had_others[s.datagram] |= s.is_other;
        buffer_clear(&wire);
        build_header(&wire, &s);
        build_data(&wire, &s);
        struct frame frame = {
            .captured_ns = now_ns,
            .link_type = 101,
            .length = (uint32_t)wire.len,
            .data = buffer_bytes(&wire),
        };
        if ((s.flags & CUT) != 0)
            frame.data = bytes_first(frame.data, frame.data.len - s.cut % 64);
        frame.captured = (uint32_t)frame.data.len;
        if (net_decode(n, &frame, &packet) == NET_TCP)
            check_whole(&packet, s.datagram, had_others[s.datagram]);
        if (net_counters(n).fragment_bytes > NET_FRAGMENT_BYTES_MAX) abort();
    }
    struct net_counters c = net_counters(n);
    if (c.fragments > c.other || c.fragments_reassembled > size / 8) abort();
    net_free(n);
    buffer_done(&wire);
    return 0;
}
