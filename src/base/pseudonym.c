/* Addresses: bit i of the pseudonym is bit i of the address, turned over or not by what
 * the key makes of the i bits before it. So equal prefixes stay equal, and the first
 * bits that differ still do. */
#include "hopscope/pseudonym.h"

#include <errno.h>
#include <sys/random.h>

enum { PSEUDONYM_PREFIX_TAG = 0x70 };

enum status pseudonym_key_random(struct hash_key *out, struct problem *why)
{
    if (getrandom(out, sizeof *out, 0) == (ssize_t)sizeof *out) return STATUS_OK;
    return problem_set(why, STATUS_FAILED, "no random key can be had here: %s",
                       strerror(errno));
}

struct pseudonym *pseudonym_new(struct hash_key key)
{
    struct pseudonym *p = mem_alloc(sizeof *p);
    p->key = key;
    return p;
}

void pseudonym_free(struct pseudonym *p)
{
    mem_free(p);
}

static void pseudonym_compute(const struct pseudonym *p, struct endpoint *e)
{
    /* tag, version, number of bits, the bits, zeros */
    uint8_t prefix[3 + sizeof e->address] = {PSEUDONYM_PREFIX_TAG, e->version};
    uint8_t replaced[sizeof e->address] = {0};
    size_t bits = e->version == 4 ? 32 : 128;
    for (size_t i = 0; i < bits; i++) {
        uint8_t mask = (uint8_t)(0x80u >> i % 8);
        prefix[2] = (uint8_t)i;
        bool turns = hash_secret(p->key, bytes_of(prefix, sizeof prefix)) & 1;
        bool is_set = (e->address[i / 8] & mask) != 0;
        if (is_set != turns) replaced[i / 8] |= mask;
        if (is_set) prefix[3 + i / 8] |= mask;
    }
    memcpy(e->address, replaced, sizeof replaced);
}

void pseudonym_endpoint(struct pseudonym *p, struct endpoint *e)
{
    if (e->version == 0) return;
    struct endpoint from = *e;
    from.port = 0;
    uint64_t hash = hash_keyed(p->key, bytes_of(from.address, sizeof from.address));
    struct pseudonym_address *known = &p->addresses[hash % PSEUDONYM_ADDRESSES];
    if (!endpoint_equal(&known->from, &from)) {
        known->from = known->to = from;
        pseudonym_compute(p, &known->to);
    }
    memcpy(e->address, known->to.address, sizeof e->address);
}
