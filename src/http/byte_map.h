/* The bytes of a head as bits, the first byte the lowest. One of two files holds the
 * work, chosen by the build: byte_map_x86.c where there are vectors for it. */
#ifndef HOPSCOPE_SRC_HTTP_BYTE_MAP_H
#define HOPSCOPE_SRC_HTTP_BYTE_MAP_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { BYTE_MAP_BYTES = 64 };

/* Two maps of the same bytes. A map's words are little-endian wherever it is made, so
 * that it can be read from any of its own bytes on. */
struct byte_map {
    uint64_t *controls; /* 0x00 to 0x1f and 0x7f */
    uint64_t *stops;    /* what is no ASCII letter, digit or hyphen: names stop there */
};

/* Reads `count` times BYTE_MAP_BYTES bytes into as many words of each map. */
void byte_map_read(struct byte_map out, const uint8_t *at, size_t count);

/* The 64 bits of a map from its byte `at` on. */
static inline uint64_t byte_map_bits(const uint64_t *map, size_t at)
{
    uint64_t bits;
    memcpy(&bits, (const uint8_t *)map + at, sizeof bits);
    return le64toh(bits);
}

#endif
