/* Byte by byte, for machines whose vectors nobody has written down here. */
#include "http/byte_map.h"

void byte_map_read(struct byte_map *out, const uint8_t *at)
{
    struct byte_map map = {0};
    for (int i = 0; i < BYTE_MAP_BYTES; i++) {
        uint8_t c = at[i];
        uint64_t bit = UINT64_C(1) << i;
        if (c == ':') map.colons |= bit;
        if (c >= 0x20 && c != 0x7f) continue;
        if (c == '\n')
            map.ends |= bit;
        else if (c == '\r')
            map.returns |= bit;
        else if (c != '\t')
            map.controls |= bit;
    }
    *out = map;
}
