/* Sixty-four bytes of a head as bits, the first byte the lowest. One of two files holds
 * the work, chosen by the build: byte_map_x86.c where there are vectors for it. */
#ifndef HOPSCOPE_SRC_HTTP_BYTE_MAP_H
#define HOPSCOPE_SRC_HTTP_BYTE_MAP_H

#include <stdint.h>

enum { BYTE_MAP_BYTES = 64 };

struct byte_map {
    uint64_t ends;     /* LF */
    uint64_t returns;  /* CR */
    uint64_t colons;   /* ':' */
    uint64_t controls; /* 0x00 to 0x1f and 0x7f, but HTAB, LF and CR */
};

/* Reads BYTE_MAP_BYTES bytes. */
void byte_map_read(struct byte_map *out, const uint8_t *at);

#endif
