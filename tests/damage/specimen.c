/* Conversations become a classic pcap in network order (forge), which is then told in
 * the other formats, record by record.
 *
 *   lines --forge--> pcap --> the same | other byte order | nanoseconds | pcapng
 *                     '-- packets, in tunnels and fragments --> pcap */
#include "specimen.h"

#include "../effort/forge.h"

#include <stdlib.h>

enum { HEAD = 24, RECORD_HEAD = 16, LINK_ETHERNET = 1, SIDES = 2 };

struct line {
    int side;
    const char *text;
};

/* clang-format off */
static const struct line plain[] = {
    { 0, "GET /a HTTP/1.1\r\nHost: a.example\r\nUser-Agent: u/1\r\n\r\n" },
    { 1, "HTTP/1.1 200 OK\r\nServer: s\r\nContent-Length: 5\r\n\r\nhello" },
    { 0, "POST /b HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n" },
    { 1, "HTTP/1.1 100 Continue\r\n\r\n" },
    { 0, "abc" },
    { 1, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nwiki\r\n" },
    { 1, "0\r\nT: v\r\n\r\n" },
    { 0, NULL },
};
static const struct line pipelined[] = {
    { 0, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n" },
    { 1, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nKeep-Alive: timeout=5, max=9\r\n\r\nx" },
    { 1, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" },
    { 1, "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\nto the end" },
    { 0, NULL },
};
static const struct line websocket[] = {
    { 0, "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" },
    { 1, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n" },
    { 0, "\x81\x83" "abcdxyz" },
    { 1, "\x89\x01p" },
    { 0, "\x8a\x81" "abcdx" },
    { 1, "\x88\x02\x03\xe8" },
    { 0, NULL },
};
static const struct line connected[] = {
    { 0, "CONNECT b.example:443 HTTP/1.1\r\nHost: b.example\r\n\r\n" },
    { 1, "HTTP/1.1 200 OK\r\n\r\n" },
    { 0, "\x16\x03\x01\x01\x31\x01\x01\x01\x2d\x03\x03" "0123456789" },
    { 1, "\x16\x03\x03\x01\x31\x02\x01\x01\x2d\x03\x03" "0123456789" },
    { 0, NULL },
};
static const struct line tunnelled[] = {
    { 0, "GET /inside HTTP/1.1\r\nHost: c\r\n\r\n" },
    { 1, "HTTP/1.1 204 No Content\r\n\r\n" },
    { 0, "GET /again HTTP/1.1\r\nHost: c\r\n\r\n" },
    { 1, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" },
    { 0, NULL },
};
/* clang-format on */

/* ---- conversations as pcap ---- */

static void converse(const struct line *lines, uint32_t client, struct buffer *out)
{
    char *text = NULL;
    size_t length = 0;
    struct forge f = {.out = open_memstream(&text, &length), .step_us = 1000};
    struct forge_talk t;
    if (f.out == NULL) abort();
    forge_meet(&t, client);
    forge_begin(&f, LINK_ETHERNET);
    forge_open(&f, &t);
    for (; lines->text != NULL; lines++)
        forge_send(&f, &t, lines->side, bytes_of_text(lines->text));
    forge_close(&f, &t);
    fclose(f.out);
    buffer_append(out, bytes_of(text, length));
    free(text);
}

/* ---- the formats ---- */

static uint32_t number_at(struct bytes b, size_t at)
{
    struct cursor in = cursor_of(bytes_from(b, at));
    return cursor_be32(&in);
}

static void put(struct buffer *out, uint32_t value, size_t size, bool is_little)
{
    uint8_t digits[4];
    for (size_t i = 0; i < size; i++) {
        size_t shift = 8 * (is_little ? i : size - 1 - i);
        digits[i] = (uint8_t)(value >> shift);
    }
    buffer_append(out, bytes_of(digits, size));
}

static void copy_big_endian(struct bytes pcap, struct buffer *out)
{
    buffer_append(out, pcap);
}

static void rewrite(struct bytes pcap, struct buffer *out, uint32_t magic,
                    uint32_t per_us)
{
    put(out, magic, 4, true);
    put(out, 2, 2, true);
    put(out, 4, 2, true);
    for (size_t at = 8; at < HEAD; at += 4) put(out, number_at(pcap, at), 4, true);
    for (size_t at = HEAD; at < pcap.len;) {
        uint32_t captured = number_at(pcap, at + 8);
        put(out, number_at(pcap, at), 4, true);
        put(out, number_at(pcap, at + 4) * per_us, 4, true);
        put(out, captured, 4, true);
        put(out, number_at(pcap, at + 12), 4, true);
        at += RECORD_HEAD;
        buffer_append(out, bytes_first(bytes_from(pcap, at), captured));
        at += captured;
    }
}

static void write_little_endian(struct bytes pcap, struct buffer *out)
{
    rewrite(pcap, out, 0xa1b2c3d4, 1);
}

static void write_nanoseconds(struct bytes pcap, struct buffer *out)
{
    rewrite(pcap, out, 0xa1b23c4d, 1000);
}

/* A block around `body`, which is filled up to a multiple of four. */
static void put_block(struct buffer *out, uint32_t type, struct bytes body)
{
    static const uint8_t zeros[3] = {0};
    uint32_t fill = (uint32_t)(0 - body.len) & 3;
    uint32_t length = (uint32_t)body.len + fill + 12;
    put(out, type, 4, true);
    put(out, length, 4, true);
    buffer_append(out, body);
    buffer_append(out, bytes_of(zeros, fill));
    put(out, length, 4, true);
}

static void put_packet(struct buffer *out, struct bytes pcap, size_t at)
{
    static const char comment[] = "\1\0\4\0note\0\0\0";
    struct buffer body = {.ptr = NULL};
    uint64_t us = (uint64_t)number_at(pcap, at) * 1000000 + number_at(pcap, at + 4);
    uint32_t captured = number_at(pcap, at + 8);
    put(&body, 0, 4, true);
    put(&body, (uint32_t)(us >> 32), 4, true);
    put(&body, (uint32_t)us, 4, true);
    put(&body, captured, 4, true);
    put(&body, captured, 4, true);
    buffer_append(&body, bytes_first(bytes_from(pcap, at + RECORD_HEAD), captured));
    put(&body, 0, (0 - captured) & 3, true);
    buffer_append(&body, bytes_of(comment, sizeof comment));
    put_block(out, 6, buffer_bytes(&body));
    buffer_done(&body);
}

static void write_pcapng(struct bytes pcap, struct buffer *out)
{
    static const char section[] = "\x4d\x3c\x2b\x1a\1\0\0\0\xff\xff\xff\xff\xff\xff\xff"
                                  "\xff\4\0\5\0tests\0\0\0\0\0\0";
    static const char interface[] =
        "\1\0\0\0\0\0\4\0\2\0\4\0eth0\x9\0\1\0\6\0\0\0\0\0\0";
    static const char names[] = "\1\0\x6\0\x7f\0\0\1h\0\0\0\0\0\0";
    static const char statistics[] =
        "\0\0\0\0\0\0\0\0\0\0\0\0\5\0\x8\0\2\0\0\0\0\0\0\0\0\0\0";
    put_block(out, 0x0a0d0d0a, bytes_of(section, sizeof section));
    put_block(out, 1, bytes_of(interface, sizeof interface));
    put_block(out, 4, bytes_of(names, sizeof names));
    for (size_t at = HEAD; at < pcap.len; at += RECORD_HEAD + number_at(pcap, at + 8))
        put_packet(out, pcap, at);
    put_block(out, 5, bytes_of(statistics, sizeof statistics));
}

/* ---- tunnels ---- */

/* What stands between the outer Ethernet header and the packet; lengths are filled in
 * at their places. 0: there is none. */
struct wrapping {
    uint16_t type;
    struct bytes head;
    size_t length_at[2]; /* of 16 bits: of all from `counted` on */
    size_t counted[2];
};

#define T(text)                                   \
    {                                             \
        (const uint8_t *)(text), sizeof(text) - 1 \
    }

/* clang-format off */
static const struct wrapping wrappings[] = {
    { 0x8100, T("\0\5\x81\0\0\6\x8\0"), { 0, 0 }, { 0, 0 } },
    { 0x8847, T("\0\1\0\x40\0\2\1\x40"), { 0, 0 }, { 0, 0 } },
    { 0x0800, T("\x45\0\0\0\0\1\0\0\x40\x2f\0\0\x0a\1\1\1\x0a\1\1\2" "\0\0\x8\0"), { 2, 0 }, { 0, 0 } },
    { 0x0800, T("\x45\0\0\0\0\2\0\0\x40\x04\0\0\x0a\1\1\1\x0a\1\1\2"), { 2, 0 }, { 0, 0 } },
    { 0x0800, T("\x45\0\0\0\0\3\0\0\x40\x11\0\0\x0a\1\1\1\x0a\1\1\2" "\x12\xb5\x12\xb5\0\0\0\0" "\x8\0\0\0\0\0\7\0"
                "\2\0\0\0\0\1\2\0\0\0\0\2\x8\0"), { 2, 24 }, { 0, 20 } },
    { 0x86dd, T("\x60\0\0\0\0\0\x3c\x40" "0123456789abcdef" "0123456789abcdeF" "\4\0\1\4\0\0\0\0"), { 4, 0 }, { 40, 0 } },
};
/* clang-format on */

static void put_wrapped(struct buffer *out, struct bytes pcap, size_t at, size_t which)
{
    const struct wrapping *w = &wrappings[which % ARRAY_LENGTH(wrappings)];
    uint8_t frame[512] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
    uint32_t captured = number_at(pcap, at + 8);
    struct bytes packet = bytes_first(bytes_from(pcap, at + RECORD_HEAD), captured);
    packet = bytes_from(packet, FORGE_ETHERNET);
    uint8_t *head = frame + FORGE_ETHERNET;
    size_t length = w->head.len + packet.len;
    forge_16(frame + 12, w->type);
    memcpy(head, w->head.ptr, w->head.len);
    memcpy(head + w->head.len, packet.ptr, packet.len);
    for (int i = 0; i < 2; i++)
        if (w->length_at[i] != 0)
            forge_16(head + w->length_at[i], (uint32_t)(length - w->counted[i]));
    buffer_append(out, bytes_first(bytes_from(pcap, at), 8));
    put(out, (uint32_t)(FORGE_ETHERNET + length), 4, false);
    put(out, (uint32_t)(FORGE_ETHERNET + length), 4, false);
    buffer_append(out, bytes_of(frame, FORGE_ETHERNET + length));
}

/* A connection of its own in each kind of wrapping. */
static void write_tunnels(struct bytes pcap, struct buffer *out)
{
    buffer_append(out, bytes_first(pcap, HEAD));
    for (size_t which = 0; which < ARRAY_LENGTH(wrappings); which++) {
        struct buffer own = {.ptr = NULL};
        converse(tunnelled, (uint32_t)which + 1, &own);
        struct bytes in = buffer_bytes(&own);
        for (size_t at = HEAD; at < in.len; at += RECORD_HEAD + number_at(in, at + 8))
            if (number_at(in, at + 8) > 60) /* leaves out what carries nothing */
                put_wrapped(out, in, at, which);
        buffer_done(&own);
    }
}

/* ---- public ---- */

/* clang-format off */
static const struct specimen {
    const char *name;
    const struct line *lines;
    void (*write)(struct bytes pcap, struct buffer *out);
} specimens[SPECIMEN_COUNT] = {
    { "big-endian",    plain,     copy_big_endian },
    { "little-endian", pipelined, write_little_endian },
    { "nanoseconds",   websocket, write_nanoseconds },
    { "pcapng",        connected, write_pcapng },
    { "tunnels",       tunnelled, write_tunnels },
};
/* clang-format on */

const char *specimen_name(size_t index)
{
    return specimens[index].name;
}

void specimen_write(size_t index, struct buffer *out)
{
    struct buffer pcap = {.ptr = NULL};
    converse(specimens[index].lines, 0, &pcap);
    specimens[index].write(buffer_bytes(&pcap), out);
    buffer_done(&pcap);
}
