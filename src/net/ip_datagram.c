/* Blocks of eight bytes and two maps of bits, so that any order of pieces, and any
 * overlap, costs time linear in their bytes. */
#include "net/ip_datagram.h"

#include <string.h>

enum {
    WORD_BITS = 64,
    CAPACITY_STEP = IP_DATAGRAM_BLOCK * WORD_BITS, /* one word in each map */
};

static uint32_t blocks_in(uint32_t bytes)
{
    return (bytes + IP_DATAGRAM_BLOCK - 1) / IP_DATAGRAM_BLOCK;
}

static uint32_t smaller_of(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The bits of one word that lie within [first, end). */
static uint64_t mask_of(uint32_t word, uint32_t first, uint32_t end)
{
    uint32_t start = word * WORD_BITS;
    uint64_t mask = ~UINT64_C(0);
    if (first > start) mask <<= first - start;
    if (end - start < WORD_BITS) mask &= ~(~UINT64_C(0) << (end - start));
    return mask;
}

/* Both maps end at the capacity; beyond it no bit is set. */
static uint32_t map_limit(const struct ip_datagram *g, uint32_t end)
{
    return smaller_of(end, g->capacity / IP_DATAGRAM_BLOCK);
}

static uint32_t map_count(const struct ip_datagram *g, const uint64_t *map,
                          uint32_t first, uint32_t end)
{
    uint32_t count = 0;
    end = map_limit(g, end);
    for (uint32_t word = first / WORD_BITS; word * WORD_BITS < end; word++)
        count += (uint32_t)__builtin_popcountll(map[word] & mask_of(word, first, end));
    return count;
}

static bool map_has(const struct ip_datagram *g, const uint64_t *map, uint32_t block)
{
    return map_count(g, map, block, block + 1) != 0;
}

static void map_set(uint64_t *map, uint32_t first, uint32_t end)
{
    for (uint32_t word = first / WORD_BITS; word * WORD_BITS < end; word++)
        map[word] |= mask_of(word, first, end);
}

void ip_datagram_init(struct ip_datagram *g)
{
    *g = (struct ip_datagram){
        .total = IP_DATAGRAM_UNKNOWN,
        .intact = IP_DATAGRAM_UNKNOWN,
    };
}

void ip_datagram_done(struct ip_datagram *g)
{
    mem_free(g->data);
    mem_free(g->covered);
    mem_free(g->starts);
    ip_datagram_init(g);
}

/* Doubles, so that many pieces in order are moved a few times only. */
static uint32_t capacity_for(const struct ip_datagram *g, uint32_t end)
{
    if (end <= g->capacity) return g->capacity;
    uint32_t capacity = end > 2 * g->capacity ? end : 2 * g->capacity;
    capacity = (capacity + CAPACITY_STEP - 1) / CAPACITY_STEP * CAPACITY_STEP;
    return smaller_of(capacity, IP_DATAGRAM_BYTES_MAX + 1);
}

static size_t map_bytes(uint32_t capacity)
{
    return capacity / CAPACITY_STEP * sizeof(uint64_t);
}

static size_t memory_of(uint32_t capacity)
{
    return capacity + 2 * map_bytes(capacity);
}

size_t ip_datagram_memory(const struct ip_datagram *g)
{
    return memory_of(g->capacity);
}

size_t ip_datagram_memory_for(const struct ip_datagram *g, uint32_t end)
{
    return memory_of(capacity_for(g, end));
}

static uint64_t *grow_map(uint64_t *map, uint32_t old, uint32_t capacity)
{
    size_t kept = map_bytes(old), size = map_bytes(capacity);
    map = mem_resize(map, size);
    memset((uint8_t *)map + kept, 0, size - kept);
    return map;
}

static void grow(struct ip_datagram *g, uint32_t end)
{
    uint32_t capacity = capacity_for(g, end);
    if (capacity == g->capacity) return;
    g->data = mem_resize(g->data, capacity);
    g->covered = grow_map(g->covered, g->capacity, capacity);
    g->starts = grow_map(g->starts, g->capacity, capacity);
    g->capacity = capacity;
}

static bool contradicts(const struct ip_datagram *g, const struct ip_piece *piece)
{
    uint32_t end = piece->offset + piece->length;
    if (g->total == IP_DATAGRAM_UNKNOWN) return !piece->has_more && end < g->end;
    return end > g->total || (!piece->has_more && end != g->total);
}

/* Whether a covered block has another byte than the piece. What was not captured of
 * either cannot tell. */
static bool differs(const struct ip_datagram *g, const struct ip_piece *piece)
{
    uint32_t end = smaller_of(piece->offset + (uint32_t)piece->bytes.len, g->intact);
    for (uint32_t at = piece->offset; at < end; at += IP_DATAGRAM_BLOCK) {
        if (!map_has(g, g->covered, at / IP_DATAGRAM_BLOCK)) continue;
        uint32_t length = smaller_of(IP_DATAGRAM_BLOCK, end - at);
        if (memcmp(g->data + at, piece->bytes.ptr + (at - piece->offset), length) != 0)
            return true;
    }
    return false;
}

/* Whether the piece has the very borders of an earlier one. */
static bool has_borders(const struct ip_datagram *g, uint32_t first, uint32_t end)
{
    if (map_count(g, g->covered, first, end) != end - first) return false;
    if (!map_has(g, g->starts, first)) return false;
    if (map_count(g, g->starts, first + 1, end) != 0) return false;
    return !map_has(g, g->covered, end) || map_has(g, g->starts, end);
}

enum ip_datagram_fit ip_datagram_compare(const struct ip_datagram *g,
                                         const struct ip_piece *piece)
{
    uint32_t first = piece->offset / IP_DATAGRAM_BLOCK;
    uint32_t end = blocks_in(piece->offset + piece->length);
    if (contradicts(g, piece)) return IP_DATAGRAM_CONTRADICTS;
    if (map_count(g, g->covered, first, end) == 0) return IP_DATAGRAM_NEW;
    if (differs(g, piece)) return IP_DATAGRAM_DIFFERENT;
    return has_borders(g, first, end) ? IP_DATAGRAM_REPEATED : IP_DATAGRAM_SAME;
}

static void copy_uncovered(struct ip_datagram *g, const struct ip_piece *piece)
{
    uint32_t length = (uint32_t)piece->bytes.len;
    for (uint32_t done = 0; done < length; done += IP_DATAGRAM_BLOCK) {
        uint32_t at = piece->offset + done;
        if (map_has(g, g->covered, at / IP_DATAGRAM_BLOCK)) continue;
        memcpy(g->data + at, piece->bytes.ptr + done,
               smaller_of(IP_DATAGRAM_BLOCK, length - done));
    }
}

void ip_datagram_store(struct ip_datagram *g, const struct ip_piece *piece)
{
    uint32_t piece_end = piece->offset + piece->length;
    uint32_t first = piece->offset / IP_DATAGRAM_BLOCK, end = blocks_in(piece_end);
    grow(g, piece_end);
    uint32_t known = map_count(g, g->covered, first, end);
    if (known != 0)
        copy_uncovered(g, piece);
    else if (piece->bytes.len != 0)
        memcpy(g->data + piece->offset, piece->bytes.ptr, piece->bytes.len);
    map_set(g->covered, first, end);
    map_set(g->starts, first, first + 1);
    g->covered_count += end - first - known;
    if (piece_end > g->end) g->end = piece_end;
    if (!piece->has_more) g->total = piece_end;
    if (piece->bytes.len < piece->length)
        g->intact = smaller_of(g->intact, piece->offset + (uint32_t)piece->bytes.len);
}

bool ip_datagram_is_whole(const struct ip_datagram *g)
{
    return g->total != IP_DATAGRAM_UNKNOWN && g->covered_count == blocks_in(g->total);
}

struct bytes ip_datagram_bytes(const struct ip_datagram *g)
{
    return bytes_of(g->data, smaller_of(g->total, g->intact));
}

struct bytes ip_datagram_first_block(const struct ip_datagram *g)
{
    bool is_there = map_has(g, g->covered, 0) && g->intact >= IP_DATAGRAM_BLOCK &&
                    g->end >= IP_DATAGRAM_BLOCK;
    return bytes_of(g->data, is_there ? IP_DATAGRAM_BLOCK : 0);
}
