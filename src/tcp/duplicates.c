/* Packets that a mirror port copies twice (HAZARDS 24): the same segment once more
 * within some milliseconds, with another TTL or VLAN tag perhaps. A retransmission is
 * none: it has another IP id, or comes later than any copy.
 *
 * Recent packets stand in a table of fixed size; in each bucket the oldest makes room.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tcp/flow.h"

#include <string.h>

enum {
    DUPLICATES_BUCKET_BITS = 13,
    DUPLICATES_BUCKETS = 1 << DUPLICATES_BUCKET_BITS,
    DUPLICATES_WAYS = 4,
};

#define DUPLICATES_WITHIN_NS 5000000 /* SEMANTICS 11 */

struct recent {
    uint64_t hash;
    int64_t captured_ns;
};

struct bucket {
    _Alignas(64) struct recent recent[DUPLICATES_WAYS]; /* one cache line */
};

struct duplicates {
    struct hash_key key; /* nobody can make a packet pass for a copy */
    struct bucket *buckets;
    void *memory; /* that the buckets stand in, aligned */
};

struct duplicates *duplicates_new(struct hash_key key)
{
    struct duplicates *d = mem_alloc(sizeof *d);
    d->key = key;
    d->memory = mem_alloc_array(DUPLICATES_BUCKETS + 1, sizeof *d->buckets);
    size_t into = (uintptr_t)d->memory % sizeof *d->buckets;
    d->buckets = (void *)((uint8_t *)d->memory + (sizeof *d->buckets - into));
    return d;
}

void duplicates_free(struct duplicates *d)
{
    if (d == NULL) return;
    mem_free(d->memory);
    mem_free(d);
}

/* Both halves of the address, so that either may tell the sender from the receiver. */
static uint64_t mix_address(const struct endpoint *e)
{
    uint64_t half[2];
    memcpy(half, e->address, sizeof half);
    return half[0] ^ (half[1] << 1 | half[1] >> 63);
}

static uint64_t pair(uint32_t high, uint32_t low)
{
    return (uint64_t)high << 32 | low;
}

/* All that a copy must share with its original; the TTL and the tags it need not. The
 * two endpoints and the network are in the flow's hash. */
static uint64_t fingerprint(const struct duplicates *d, const struct packet *p,
                            uint64_t flow_hash)
{
    uint64_t print[] = {
        flow_hash ^ d->key.k1,
        mix_address(&p->from),
        pair(p->seq, p->ack),
        pair(p->options.timestamp, p->options.timestamp_echo),
        pair(p->payload_length, (uint32_t)p->checksum << 16 | p->window),
        pair((uint32_t)p->ip_id << 16 | p->urgent,
             (uint32_t)p->flags << 16 | p->from.port),
    };
    return XXH3_64bits_withSeed(print, sizeof print, d->key.k0);
}

/* Without an IP id, a timestamp or payload nothing tells a copy from a second packet of
 * the same content, such as a reset for each of two segments. */
static bool has_identity(const struct packet *p)
{
    return p->ip_id != 0 || p->options.has_timestamps || p->payload_length > 0;
}

/* Without the key, so that who makes room for whom is the same on every run. */
static uint32_t bucket_of(const struct packet *p)
{
    uint32_t mix = p->seq ^ p->ack << 16 ^ p->ack >> 16 ^ (uint32_t)p->ip_id << 8;
    mix ^= (uint32_t)p->from.port << 16 ^ p->to.port ^ p->options.timestamp;
    return mix * 0x9e3779b1u >> (32 - DUPLICATES_BUCKET_BITS);
}

void duplicates_prefetch(const struct duplicates *d, const struct packet *p)
{
    if (has_identity(p)) mem_prefetch(&d->buckets[bucket_of(p)], 1);
}

bool duplicates_is_copy(struct duplicates *d, const struct packet *p,
                        uint64_t flow_hash)
{
    if (!has_identity(p)) return false;
    uint64_t hash = fingerprint(d, p, flow_hash);
    struct recent *recent = d->buckets[bucket_of(p)].recent, *place = recent;
    bool is_copy = false;
    for (int i = 0; i < DUPLICATES_WAYS; i++) {
        if (recent[i].hash == hash) {
            int64_t age_ns = p->frame->captured_ns - recent[i].captured_ns;
            is_copy = age_ns >= 0 && age_ns <= DUPLICATES_WITHIN_NS;
            place = &recent[i];
            break;
        }
        if (recent[i].captured_ns < place->captured_ns) place = &recent[i];
    }
    place->hash = hash;
    place->captured_ns = p->frame->captured_ns;
    return is_copy;
}
