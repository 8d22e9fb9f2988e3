/* One pass over a payload for both who verify it and who will have to recognise it.
 *
 *   | block: 64 stripes, each 4 words | block | ...  | stripes, the last with zeros |
 *       '--> products of the keyed halves of each word, summed --fold--> state --.
 *       '--> words, upper halves, summed: the checksum            state <--------'
 *
 * The sum of products is NH of RFC 4418 (UMAC), section 5.2: for whoever does not know
 * the key, two blocks agree by a chance of 1 in 2^32. Each key word serves one place of
 * a block; the fold in between keeps blocks from taking each other's place. Hashes are
 * compared for payloads of the same length only, so that it need not go into them. */
#include "hopscope/net.h"

#include "net/checksum.h"
#include "net/payload_sums.h"

struct payload_result {
    uint64_t hash, sum;
};

void payload_key_init(struct payload_key *key, struct hash_key from)
{
    for (uint64_t i = 0; i < ARRAY_LENGTH(key->words); i++)
        key->words[i] = hash_keyed(from, bytes_of(&i, sizeof i));
    key->fold = from.k1 | 1;
}

/* The product's halves folded: every bit of the input reaches every bit. */
static inline uint64_t payload_fold(const struct payload_key *key, uint64_t x)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)(x ^ key->words[0]) * key->fold;
    return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

static struct payload_result payload_pass(const struct payload_key *key,
                                          struct bytes data)
{
    struct payload_result r = {0};
    while (data.len > 0) {
        struct bytes block = bytes_first(data, PAYLOAD_BLOCK_BYTES);
        struct payload_sums s = payload_sums_of(key->words, block);
        r.hash = payload_fold(key, r.hash ^ s.products);
        /* Without what the upper halves put into them, the words are their lower
         * halves. */
        r.sum += s.words - (s.halves << 32) + s.halves;
        data = bytes_from(data, block.len);
    }
    return r;
}

uint32_t payload_hash(const struct payload_key *key, struct bytes data)
{
    return (uint32_t)payload_pass(key, data).hash;
}

enum checksum payload_read(const struct payload_key *key, struct packet *packet)
{
    struct payload_result r = {0}; /* of no payload, as most packets have none */
    if (packet->payload.len > 0) r = payload_pass(key, packet->payload);
    packet->has_payload_hash = packet->payload.len > 0;
    packet->payload_hash = (uint32_t)r.hash;
    return checksum_with_payload(packet, r.sum);
}
