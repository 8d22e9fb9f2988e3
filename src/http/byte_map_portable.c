/* Byte by byte, for machines whose vectors nobody has written down here. */
#include "http/byte_map.h"

void byte_map_read(struct byte_map out, const uint8_t *at, size_t count)
{
    for (size_t word = 0; word < count; word++, at += BYTE_MAP_BYTES) {
        uint64_t controls = 0, stops = 0;
        for (int i = 0; i < BYTE_MAP_BYTES; i++) {
            uint8_t c = at[i];
            uint64_t bit = UINT64_C(1) << i;
            if (c < 0x20 || c == 0x7f) controls |= bit;
            if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') continue;
            if ((c < '0' || c > '9') && c != '-') stops |= bit;
        }
        out.controls[word] = htole64(controls);
        out.stops[word] = htole64(stops);
    }
}
