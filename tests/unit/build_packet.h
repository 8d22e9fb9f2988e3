/* Frames for tests, from a few named values: every length and checksum comes out right.
 * A frame grows in a struct buffer, outermost header first:
 *
 *   struct buffer wire = {0};
 *   struct build_segment s = build_request(4);       // change what the case is about
 *   build_ethernet(&wire, &s);                       // or build_hex() + build_ip()
 *   struct frame f = build_frame(&wire, 1);          // borrows from `wire` */
#ifndef BUILD_PACKET_H
#define BUILD_PACKET_H

#include "hopscope/base.h"
#include "hopscope/capture.h"
#include "hopscope/net.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

struct build_segment {
    int version;           /* of IP: 4 or 6 */
    const char *from, *to; /* addresses as text, of that version */
    uint16_t from_port, to_port;
    uint32_t seq, ack;
    uint16_t window, urgent, ip_id;
    uint8_t flags, ttl;
    struct bytes options; /* filled up with zeros to a multiple of four */
    struct bytes payload;
};

/* A client's request on an established connection, to be changed by the case. */
static inline struct build_segment build_request(int version)
{
    return (struct build_segment){
        .version = version,
        .from = version == 4 ? "192.0.2.10" : "2001:db8::10",
        .to = version == 4 ? "198.51.100.80" : "2001:db8:1::80",
        .from_port = 40000,
        .to_port = 80,
        .seq = 0x01020304,
        .ack = 0x0a0b0c0d,
        .window = 502,
        .ip_id = 0x4242,
        .flags = TCP_ACK | TCP_PSH,
        .ttl = 64,
        .payload = bytes_of_text("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    };
}

static inline void build_8(struct buffer *w, unsigned value)
{
    uint8_t byte = (uint8_t)value;
    buffer_append(w, bytes_of(&byte, 1));
}

static inline void build_16(struct buffer *w, unsigned value)
{
    build_8(w, value >> 8);
    build_8(w, value & 0xff);
}

static inline void build_32(struct buffer *w, uint32_t value)
{
    build_16(w, value >> 16);
    build_16(w, value & 0xffff);
}

static inline void build_zeros(struct buffer *w, size_t count)
{
    while (count-- > 0) build_8(w, 0);
}

/* "ff03 0021": two hexadecimal digits a byte, spaces wherever they help. */
static inline void build_hex(struct buffer *w, const char *hex)
{
    for (; *hex != '\0'; hex++) {
        if (*hex == ' ') continue;
        char digits[3] = {hex[0], hex[1], '\0'};
        build_8(w, (unsigned)strtoul(digits, NULL, 16));
        hex++;
    }
}

/* The address and how many bytes it has. */
static inline size_t build_address(const struct build_segment *s, const char *text,
                                   uint8_t out[16])
{
    memset(out, 0, 16);
    if (inet_pton(s->version == 4 ? AF_INET : AF_INET6, text, out) != 1) abort();
    return s->version == 4 ? 4 : 16;
}

/* RFC 1071 the plain way: 16 bits at a time, in network order. */
static inline uint32_t build_sum(uint32_t sum, struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        sum += (i % 2 == 0) ? (uint32_t)b.ptr[i] << 8 : b.ptr[i];
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static inline void build_patch_16(struct buffer *w, size_t at, uint32_t value)
{
    w->ptr[at] = (uint8_t)(value >> 8);
    w->ptr[at + 1] = (uint8_t)value;
}

static inline size_t build_tcp_length(const struct build_segment *s)
{
    return 20 + (s->options.len + 3) / 4 * 4 + s->payload.len;
}

/* TCP header, options and payload. */
static inline void build_tcp(struct buffer *w, const struct build_segment *s)
{
    size_t start = w->len, length = build_tcp_length(s);
    size_t header = length - s->payload.len;
    build_16(w, s->from_port);
    build_16(w, s->to_port);
    build_32(w, s->seq);
    build_32(w, s->ack);
    build_8(w, (unsigned)(header / 4) << 4);
    build_8(w, s->flags);
    build_16(w, s->window);
    build_16(w, 0);
    build_16(w, s->urgent);
    buffer_append(w, s->options);
    build_zeros(w, header - 20 - s->options.len);
    buffer_append(w, s->payload);

    uint8_t from[16], to[16];
    size_t width = build_address(s, s->from, from);
    build_address(s, s->to, to);
    uint32_t sum = build_sum(6, bytes_of(from, width));
    sum = build_sum(sum, bytes_of(to, width));
    sum += (uint32_t)(length >> 16) + (uint32_t)(length & 0xffff);
    sum = build_sum(sum, bytes_of(w->ptr + start, length));
    build_patch_16(w, start + 16, ~sum & 0xffff);
}

/* The IP header alone, for `length` bytes of `protocol` behind it. */
static inline void build_ip_header(struct buffer *w, const struct build_segment *s,
                                   uint8_t protocol, size_t length)
{
    uint8_t address[16];
    size_t start = w->len;
    if (s->version == 4) {
        build_hex(w, "4500");
        build_16(w, (unsigned)(20 + length));
        build_16(w, s->ip_id);
        build_hex(w, "4000");
        build_8(w, s->ttl);
        build_8(w, protocol);
        build_16(w, 0);
    } else {
        build_hex(w, "60000000");
        build_16(w, (unsigned)length);
        build_8(w, protocol);
        build_8(w, s->ttl);
    }
    size_t width = build_address(s, s->from, address);
    buffer_append(w, bytes_of(address, width));
    build_address(s, s->to, address);
    buffer_append(w, bytes_of(address, width));
    if (s->version == 4) {
        uint32_t sum = build_sum(0, bytes_of(w->ptr + start, 20));
        build_patch_16(w, start + 10, ~sum & 0xffff);
    }
}

static inline void build_ip(struct buffer *w, const struct build_segment *s)
{
    build_ip_header(w, s, 6, build_tcp_length(s));
    build_tcp(w, s);
}

static inline void build_ethernet(struct buffer *w, const struct build_segment *s)
{
    build_hex(w, "020000000002 020000000001");
    build_16(w, s->version == 4 ? 0x0800 : 0x86dd);
    build_ip(w, s);
}

/* All of `w`, captured whole, as packet 1. */
static inline struct frame build_frame(const struct buffer *w, uint32_t link_type)
{
    return (struct frame){
        .ref = 1,
        .captured_ns = 1000000000,
        .link_type = link_type,
        .captured = (uint32_t)w->len,
        .length = (uint32_t)w->len,
        .data = buffer_bytes(w),
    };
}

#endif
