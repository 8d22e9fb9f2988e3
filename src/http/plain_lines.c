/* The last bytes of a window are filled up to a block with zeros, which stop a name and
 * are control bytes; so is, in the maps, the block behind: no search goes on there. */
#include "http/plain_lines.h"

#include <string.h>

void plain_lines_look(struct plain_lines *p, struct bytes rest)
{
    p->at = 0;
    p->window = bytes_first(rest, PLAIN_LINES_BYTES);
    size_t blocks = p->window.len / BYTE_MAP_BYTES;
    struct byte_map maps = {.controls = p->controls, .stops = p->stops};
    struct bytes last = bytes_from(p->window, blocks * BYTE_MAP_BYTES);
    if (blocks > 0) byte_map_read(maps, p->window.ptr, blocks);
    if (last.len > 0) {
        uint8_t filled[BYTE_MAP_BYTES] = {0};
        memcpy(filled, last.ptr, last.len);
        maps.controls += blocks;
        maps.stops += blocks;
        byte_map_read(maps, filled, 1);
        blocks++;
    }
    p->controls[blocks] = p->stops[blocks] = UINT64_MAX;
}
