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

struct duplicates {
    struct hash_key key; /* nobody can make a packet pass for a copy */
    bool vlan_in_key;
    struct recent recent[DUPLICATES_BUCKETS][DUPLICATES_WAYS];
};

struct duplicates *duplicates_new(struct hash_key key, bool vlan_in_key)
{
    struct duplicates *d = mem_alloc(sizeof *d);
    d->key = key;
    d->vlan_in_key = vlan_in_key;
    return d;
}

void duplicates_free(struct duplicates *d)
{
    mem_free(d);
}

/* All that a copy must share with its original; the TTL and the tags it need not. */
struct fingerprint {
    struct endpoint from, to;
    uint32_t seq, ack, payload_length, timestamp, timestamp_echo, checksum;
    uint32_t tunnel_id;
    uint16_t window, ip_id, urgent, vlan;
    uint8_t flags, version;
};

static uint32_t checksum_of(const struct packet *p)
{
    struct cursor in = cursor_of(p->segment);
    cursor_skip(&in, 16); /* RFC 9293, section 3.1 */
    return cursor_be16(&in);
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

bool duplicates_is_copy(struct duplicates *d, const struct packet *p)
{
    if (!has_identity(p)) return false;
    struct fingerprint print;
    memset(&print, 0, sizeof print);
    print.from = p->from;
    print.to = p->to;
    print.seq = p->seq;
    print.ack = p->ack;
    print.payload_length = p->payload_length;
    print.timestamp = p->options.timestamp;
    print.timestamp_echo = p->options.timestamp_echo;
    print.checksum = checksum_of(p);
    print.window = p->window;
    print.ip_id = p->ip_id;
    print.urgent = p->urgent;
    print.flags = p->flags;
    print.tunnel_id = p->tunnel_id;
    if (d->vlan_in_key) print.vlan = p->vlan;
    uint64_t hash = XXH3_64bits_withSeed(&print, sizeof print, d->key.k1);
    struct recent *bucket = d->recent[bucket_of(p)], *place = bucket;
    bool is_copy = false;
    for (int i = 0; i < DUPLICATES_WAYS; i++) {
        if (bucket[i].hash == hash) {
            int64_t age_ns = p->frame->captured_ns - bucket[i].captured_ns;
            is_copy = age_ns >= 0 && age_ns <= DUPLICATES_WITHIN_NS;
            place = &bucket[i];
            break;
        }
        if (bucket[i].captured_ns < place->captured_ns) place = &bucket[i];
    }
    place->hash = hash;
    place->captured_ns = p->frame->captured_ns;
    return is_copy;
}
