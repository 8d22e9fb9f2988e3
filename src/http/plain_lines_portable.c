/* Byte by byte, for machines whose vectors nobody has written down here. */
#include "http/plain_lines_walk.h"

static inline uint64_t plain_lines_odd(const uint8_t *at)
{
    uint64_t odd = 0;
    for (int i = 0; i < PLAIN_LINES_BLOCK; i++)
        odd |= (uint64_t)(at[i] < 0x20 || at[i] >= 0x7f) << i;
    return odd;
}

static inline uint32_t plain_lines_colons(const uint8_t *at)
{
    uint32_t colons = 0;
    for (int i = 0; i < PLAIN_LINES_LOOK; i++) colons |= (uint32_t)(at[i] == ':') << i;
    return colons;
}

static inline size_t plain_lines_named(const uint8_t *at)
{
    size_t i = 0;
    while (i < PLAIN_LINES_LOOK && plain_lines_is_named(at[i])) i++;
    return i;
}

static inline size_t plain_lines_alike(const uint8_t *at, const uint8_t *row)
{
    size_t i = 0;
    while (i < PLAIN_LINES_LOOK && (at[i] | 0x20) == row[i]) i++;
    return i;
}

void plain_lines_find(struct plain_lines *out, struct bytes head,
                      const struct plain_lines_request *asked)
{
    plain_lines_walk(out, head, asked);
}
