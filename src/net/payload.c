/* One pass over a payload for both who verify it and who will have to recognise it.
 *
 *   | block: 64 stripes, each 4 words | block | ...  | stripes, zeros in the last |
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

static uint64_t payload_key_word(struct hash_key from, uint64_t number)
{
    return hash_keyed(from, bytes_of(&number, sizeof number));
}

void payload_key_init(struct payload_key *key, struct hash_key from)
{
    for (size_t i = 0; i < ARRAY_LENGTH(key->words); i++)
        key->words[i] = payload_key_word(from, i);
    key->fold = payload_key_word(from, ARRAY_LENGTH(key->words)) | 1;
}

/* The product's halves folded: every bit of the input reaches every bit. */
static inline uint64_t payload_fold(const struct payload_key *key, uint64_t x)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)(x ^ key->words[0]) * key->fold;
    return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

static inline void payload_add_block(const struct payload_key *key, struct bytes block,
                                     struct payload_result *r)
{
    struct payload_sums s = payload_sums_of(key->words, block);
    r->hash = payload_fold(key, r->hash ^ s.products);
    r->sum += s.words;
}

/* Apart, since almost every payload is one block. */
__attribute__((noinline)) static struct payload_result
payload_pass_blocks(const struct payload_key *key, struct bytes data)
{
    struct payload_result r = {0};
    for (; data.len > 0; data = bytes_from(data, PAYLOAD_BLOCK_BYTES))
        payload_add_block(key, bytes_first(data, PAYLOAD_BLOCK_BYTES), &r);
    return r;
}

static inline struct payload_result payload_pass(const struct payload_key *key,
                                                 struct bytes data)
{
    struct payload_result r = {0};
    if (data.len > PAYLOAD_BLOCK_BYTES) return payload_pass_blocks(key, data);
    if (data.len > 0) payload_add_block(key, data, &r);
    return r;
}

uint32_t payload_hash(const struct payload_key *key, struct bytes data)
{
    return (uint32_t)payload_pass(key, data).hash;
}

enum checksum payload_read(const struct payload_key *key, struct packet *packet)
{
    struct payload_result r = payload_pass(key, packet->payload);
    packet->has_payload_hash = packet->payload.len > 0;
    packet->payload_hash = (uint32_t)r.hash;
    return checksum_with_payload(packet, r.sum);
}
