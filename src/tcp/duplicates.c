/* Packets that a mirror port copies twice (HAZARDS 24): the same segment once more
 * within some milliseconds, with another TTL or VLAN tag perhaps. A retransmission is
 * none: it has another IP id, or comes later than any copy.
 *
 * Recent packets stand in a table of fixed size, in each bucket by age; the one that
 * came first makes room. */
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

enum { DUPLICATES_WORDS = 6 /* of a packet's print */ };

struct duplicates {
    uint64_t key[DUPLICATES_WORDS]; /* nobody can make a packet pass for a copy */
    struct bucket *buckets;
    void *memory; /* that the buckets stand in, aligned */
};

struct duplicates *duplicates_new(struct hash_key key)
{
    struct duplicates *d = mem_alloc(sizeof *d);
    for (uint64_t i = 0; i < DUPLICATES_WORDS; i++)
        d->key[i] = hash_keyed(key, bytes_of(&i, sizeof i));
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

static uint64_t pair(uint32_t high, uint32_t low)
{
    return (uint64_t)high << 32 | low;
}

__extension__ typedef unsigned __int128 wide;

static wide product(const uint64_t key[2], uint64_t a, uint64_t b)
{
    return (wide)(a + key[0]) * (b + key[1]);
}

/* All that a copy must share with its original; the TTL and the tags it need not. The
 * two endpoints and the network are in the flow's hash; which of the two sent it is
 * told here.
 *
 * Sums of products of words, each with a key of its own (NH, as in RFC 4418): whatever
 * two packets differ in, their sums are the same by a chance of 1 in 2^64 for whoever
 * does not know the keys; the sum's halves are folded. */
static uint64_t fingerprint(const struct duplicates *d, const struct packet *p,
                            uint64_t flow_hash)
{
    uint64_t sender[2];
    memcpy(sender, p->from.address, sizeof sender);
    uint64_t numbers = pair(p->ack, p->seq);
    uint64_t stamps = pair(p->options.timestamp_echo, p->options.timestamp);
    uint64_t place = pair(p->payload_length, (uint32_t)p->from.port << 16 | p->flags);
    uint64_t rest = pair((uint32_t)p->checksum << 16 | p->ip_id,
                         (uint32_t)p->urgent << 16 | p->window);
    wide sum = flow_hash + product(&d->key[0], sender[0], sender[1]) +
               product(&d->key[2], numbers, stamps) + product(&d->key[4], place, rest);
    return (uint64_t)(sum >> 64) ^ (uint64_t)sum;
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

/* Seen once more, at `now_ns`: whether that is so soon that it is a copy. */
static bool see_again(struct recent *r, int64_t now_ns)
{
    int64_t age_ns = now_ns - r->captured_ns;
    r->captured_ns = now_ns;
    return age_ns >= 0 && age_ns <= DUPLICATES_WITHIN_NS;
}

bool duplicates_is_copy(struct duplicates *d, const struct packet *p,
                        uint64_t flow_hash)
{
    if (!has_identity(p)) return false;
    uint64_t hash = fingerprint(d, p, flow_hash);
    int64_t now_ns = p->frame->captured_ns;
    struct recent *recent = d->buckets[bucket_of(p)].recent;
#pragma GCC unroll 4 /* with every packet */
    for (int i = 0; i < DUPLICATES_WAYS; i++)
        if (recent[i].hash == hash) return see_again(&recent[i], now_ns);
    for (int i = DUPLICATES_WAYS - 1; i > 0; i--) recent[i] = recent[i - 1];
    recent[0] = (struct recent){.hash = hash, .captured_ns = now_ns};
    return false;
}
