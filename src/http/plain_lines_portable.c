/* Byte by byte, for machines whose vectors nobody has written down here. */
#include "http/plain_lines_walk.h"

static inline uint64_t plain_lines_odd(const uint8_t *at)
{
    uint64_t odd = 0;
    for (int i = 0; i < WALK_BLOCK; i++)
        odd |= (uint64_t)(at[i] < 0x20 || at[i] >= 0x7f) << i;
    return odd;
}

static uint32_t plain_lines_colons(const uint8_t *at)
{
    uint32_t colons = 0;
    for (int i = 0; i < WALK_NAME; i++) colons |= (uint32_t)(at[i] == ':') << i;
    return colons;
}

static uint32_t plain_lines_named(const uint8_t *at)
{
    uint32_t named = 0;
    for (int i = 0; i < WALK_NAME; i++)
        named |= (uint32_t)plain_lines_is_named(at[i]) << i;
    return named;
}

static const struct plain_lines_ways plain_lines_ways = {
    plain_lines_odd, plain_lines_colons, plain_lines_named};

/* Two loops, each with a machine's registers to itself. */
__attribute__((noinline)) static size_t
plain_lines_find_ends(uint32_t ends[PLAIN_LINES_MAX], struct bytes head)
{
    return plain_lines_walk_ends(ends, head, &plain_lines_ways);
}

__attribute__((noinline)) static void
plain_lines_find_fields(struct plain_lines *out, struct bytes head,
                        const struct plain_lines_run *run, uint32_t wanted)
{
    plain_lines_walk_fields(out, head, *run, wanted, &plain_lines_ways);
}

void plain_lines_find(struct plain_lines *out, struct bytes head,
                      const struct plain_lines_request *asked)
{
    uint8_t filled[WALK_BLOCK];
    uint32_t ends[PLAIN_LINES_MAX];
    size_t length = head.len;
    if (head.len < WALK_BLOCK) head = plain_lines_fill(head, filled);
    struct plain_lines_run run = {.ends = ends};
    run.count = plain_lines_find_ends(ends, head);
    plain_lines_walk_start(out, &run, length, asked);
    plain_lines_find_fields(out, head, &run, asked->wanted);
}
