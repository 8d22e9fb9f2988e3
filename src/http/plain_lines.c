/* A head is looked at once, sixty-four bytes at a time; what is asked of a line are
 * bits between its first and its last:
 *
 *   bytes     H o s t :   a . b CR LF A g e :
 *   ends      . . . . . . . . . .  1  . . . .
 *   returns   . . . . . . . . . 1  .  . . . .    only right before an end
 *   colons    . . . . 1 . . . . .  .  . . . 1    the first one
 *   controls  . . . . . . . . . .  .  . . . .    none */
#include "http/plain_lines.h"

#include <string.h>

#include "http/chars.h"

static void plain_lines_map(struct plain_lines *p)
{
    size_t left = (size_t)(p->end - p->block);
    if (left >= BYTE_MAP_BYTES) {
        byte_map_read(&p->map, p->block);
    } else {
        uint8_t last[BYTE_MAP_BYTES] = {0};
        memcpy(last, p->block, left);
        byte_map_read(&p->map, last);
    }
    /* A CR is odd unless an LF follows, be it in the next block. */
    uint64_t before_end = p->map.ends >> 1;
    if (left > BYTE_MAP_BYTES && p->block[BYTE_MAP_BYTES] == '\n')
        before_end |= UINT64_C(1) << (BYTE_MAP_BYTES - 1);
    p->map.controls |= p->map.returns & ~before_end;
}

void plain_lines_begin(struct plain_lines *p, struct bytes rest)
{
    p->at = p->block = rest.ptr;
    p->end = rest.ptr + rest.len;
    plain_lines_map(p);
}

static const uint8_t *plain_lines_find(const struct plain_lines *p, uint64_t bits)
{
    return p->block + __builtin_ctzll(bits);
}

bool plain_lines_next(struct plain_lines *p, struct plain_line *line)
{
    const uint8_t *colon = NULL;
    while (p->map.ends == 0) {
        if (p->map.controls != 0 || p->end - p->block <= BYTE_MAP_BYTES) return false;
        if (colon == NULL && p->map.colons != 0)
            colon = plain_lines_find(p, p->map.colons);
        p->block += BYTE_MAP_BYTES;
        plain_lines_map(p);
    }
    const uint8_t *end = plain_lines_find(p, p->map.ends);
    uint64_t through = p->map.ends ^ (p->map.ends - 1); /* the bits up to that one */
    if (p->map.controls & through) return false;
    if (colon == NULL && (p->map.colons & through) != 0)
        colon = plain_lines_find(p, p->map.colons);
    if (colon == NULL || end[-1] != '\r') return false;
    if (end + 1 == p->end || chars_is_blank(end[1])) return false;
    line->text = bytes_of(p->at, (size_t)(end - 1 - p->at));
    line->name_length = (size_t)(colon - p->at);
    p->map.ends &= ~through;
    p->map.colons &= ~through;
    p->at = end + 1;
    return true;
}
