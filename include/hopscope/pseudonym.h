/* pseudonym: other names for addresses and texts (part of layer base), so that an
 * account or packets can be shown to others. Under one key the same has the same
 * pseudonym, on every run, and different things have different ones; lengths and the
 * places of punctuation stay. Who has the key can undo it; without it, what can be seen
 * is which parts two names share, how long they are, and what stands for a word of one
 * or two characters can be guessed at.
 *
 *   address   10.1.2.3      --bit by bit: the prefixes that two share stay shared
 *   host      a.example:80  --label by label from the right; the port stays
 *   target    /a/b?c=d      --word by word from the left
 */
#ifndef HOPSCOPE_PSEUDONYM_H
#define HOPSCOPE_PSEUDONYM_H

#include "hopscope/base.h"

/* SipHash-2-4 (Aumasson and Bernstein, 2012): a pseudo-random function of `data` for
 * who has not the key. */
uint64_t hash_secret(struct hash_key key, struct bytes data);

/* A key that cannot be guessed. STATUS_FAILED: the system gives no randomness. */
enum status pseudonym_key_random(struct hash_key *out, struct problem *why);

enum { PSEUDONYM_ADDRESSES = 256 /* that are remembered, for speed */ };

/* One thread's. */
struct pseudonym {
    struct hash_key key;
    struct pseudonym_address {
        struct endpoint from, to;
    } addresses[PSEUDONYM_ADDRESSES];
};

struct pseudonym *pseudonym_new(struct hash_key key);
void pseudonym_free(struct pseudonym *p); /* NULL is allowed */

/* Replaces the address; version and port stay. Two addresses of one version share as
 * many leading bits as their pseudonyms do (the construction of Crypto-PAn: Xu, Fan,
 * Ammar and Moon, 2002). */
void pseudonym_endpoint(struct pseudonym *p, struct endpoint *e);

/* All of these replace bytes where they stand. Letters come back as lower-case ones,
 * numbers as numbers, %XX as %XX, bytes above 0x7f as such; other bytes stay. */
void pseudonym_text(struct pseudonym *p, uint8_t *text, size_t len);
/* A name or an address as text, with or without a port, which stays; what two names
 * share at their right end stays shared. */
void pseudonym_host(struct pseudonym *p, uint8_t *text, size_t len);
/* A request target or a URL (RFC 9112, section 3.2): scheme and port stay. */
void pseudonym_target(struct pseudonym *p, uint8_t *text, size_t len);
/* The words of `known` (lower case, NULL ends them) stay, the others are replaced. */
void pseudonym_words(struct pseudonym *p, const char *const *known, uint8_t *text,
                     size_t len);

#endif
