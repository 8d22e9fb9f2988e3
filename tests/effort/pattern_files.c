/* Patterns of the capture file itself: pcapng's blocks, compression, many files. */
#include "pattern.h"

#include <zlib.h>

enum {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 6,
    BLOCK_UNKNOWN = 0x0bad,
    BLOCK_BYTES_MAX = 512,
};

/* A block of any type; `body` is a multiple of 4. */
static void put_block(struct forge *f, uint32_t type, struct bytes body)
{
    uint8_t block[BLOCK_BYTES_MAX];
    body = bytes_first(body, sizeof block - 12);
    uint32_t length = (uint32_t)body.len + 12;
    forge_32(block, type);
    forge_32(block + 4, length);
    memcpy(block + 8, body.ptr, body.len);
    forge_32(block + 8 + body.len, length);
    forge_put(f, bytes_of(block, length));
}

static void put_section(struct forge *f)
{
    static const uint8_t body[] = {0x1a, 0x2b, 0x3c, 0x4d, 0,    1,    0,    0,
                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    put_block(f, 0x0a0d0d0a, bytes_of(body, sizeof body));
}

static void put_interface(struct forge *f)
{
    static const uint8_t body[] = {0, 1, 0, 0, 0, 0, 0, 0};
    put_block(f, BLOCK_INTERFACE, bytes_of(body, sizeof body));
}

/* A SYN of connection `number`, seen at `interface`, behind it that many comments. */
static void put_packet(struct forge *f, uint32_t number, uint32_t interface,
                       size_t comments)
{
    uint8_t body[BLOCK_BYTES_MAX] = {0};
    uint8_t packet[FORGE_PACKET_MAX];
    struct forge_talk t;
    forge_meet(&t, number);
    size_t length = forge_packet(f, &t, 0, bytes_of_text(""), packet);
    uint32_t captured = (uint32_t)(FORGE_ETHERNET + length);
    forge_32(body, interface);
    forge_32(body + 8, number * 10);
    forge_32(body + 12, captured);
    forge_32(body + 16, captured);
    forge_16(body + 20 + 12, 0x0800);
    memcpy(body + 20 + FORGE_ETHERNET, packet, length);
    size_t at = 20 + (captured + 3) / 4 * 4;
    for (size_t i = 0; i < comments; i++, at += 8) {
        forge_16(body + at, 1);
        forge_16(body + at + 2, 4);
        memcpy(body + at + 4, "text", 4);
    }
    put_block(f, BLOCK_PACKET, bytes_of(body, at));
}

/* One more interface before each packet. */
void pattern_interfaces(struct forge *f)
{
    put_section(f);
    for (uint32_t i = 0; forge_has_room(f); i++) {
        put_interface(f);
        put_packet(f, i, i, 0);
    }
}

void pattern_sections(struct forge *f)
{
    for (uint32_t i = 0; forge_has_room(f); i++) {
        put_section(f);
        put_interface(f);
        put_packet(f, i, 0, 0);
    }
}

void pattern_block_options(struct forge *f)
{
    put_section(f);
    put_interface(f);
    for (uint32_t i = 0; forge_has_room(f); i++) put_packet(f, i, 0, 32);
}

void pattern_unknown_blocks(struct forge *f)
{
    static const uint8_t body[4] = {0};
    put_section(f);
    put_interface(f);
    for (uint32_t i = 0; forge_has_room(f); i++) {
        if (i % 64 == 0) put_packet(f, i, 0, 0);
        put_block(f, BLOCK_UNKNOWN, bytes_of(body, sizeof body));
    }
}

/* ---- compression ---- */

/* Records of zeros. What counts is what it becomes: a thousandth of that is written. */
void pattern_gzip_bomb(struct forge *f)
{
    static const uint8_t head[24] = {0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0,
                                     0,    0,    0,    0,    0, 4, 0, 0, 0, 0, 0, 1};
    static const uint8_t record[16 + 240] = {[11] = 240, [15] = 240};
    uint8_t out[4096];
    z_stream z = {.next_in = NULL};
    int rc = deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    for (uint64_t made = 0; rc == Z_OK;) {
        bool is_last = made >= f->bytes_max;
        struct bytes in =
            made == 0 ? bytes_of(head, sizeof head) : bytes_of(record, sizeof record);
        z.next_in = (Bytef *)(uintptr_t)in.ptr;
        z.avail_in = is_last ? 0 : (uInt)in.len;
        made += in.len;
        do {
            z.next_out = out;
            z.avail_out = sizeof out;
            rc = deflate(&z, is_last ? Z_FINISH : Z_NO_FLUSH);
            forge_put(f, bytes_of(out, sizeof out - z.avail_out));
        } while (z.avail_out == 0);
        if (rc == Z_BUF_ERROR) rc = Z_OK; /* nothing was left to do */
    }
    deflateEnd(&z);
}

/* ---- many files ---- */

/* What one of them holds: connections that go on in the next. */
void pattern_one_of_many_files(struct forge *f)
{
    for (uint32_t i = 0; forge_has_room(f); i++) {
        struct forge_talk t;
        forge_meet(&t, i);
        t.side[0].seq += f->ip_id;
        forge_segment(f, &t, 0, 0, FORGE_ACK, bytes_of_text("x"));
    }
}
