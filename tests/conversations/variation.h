/* variation: other captures of the same conversation. Whatever the network does to the
 * segments that two stacks have sent, the account must be the same.
 *
 *   script --stack--> segments as sent --variation--> segments as captured --wire--> */
#ifndef VARIATION_H
#define VARIATION_H

#include "hopscope/base.h"
#include "hopscope/stream.h"

struct segments;

enum variation_family {
    VARIATION_WHOLE,      /* one segment for each line */
    VARIATION_CUT,        /* one border more, at each byte in turn */
    VARIATION_BYTES,      /* segments of one byte */
    VARIATION_SHUFFLED,   /* cut, and each flight in another order */
    VARIATION_DUPLICATED, /* 1: each segment twice; 2: once more after the answer */
    VARIATION_LOSSY,      /* each segment in turn captured late, at its flight's end */
    VARIATION_IPV6,
    VARIATION_WRAP, /* sequence numbers pass 2^32 inside the conversation */
    VARIATION_FAMILY_COUNT,
};

enum { VARIATION_NAME_MAX = 32, VARIATION_ALL = (1 << VARIATION_FAMILY_COUNT) - 1 };

struct variation {
    enum variation_family family;
    enum side side;  /* VARIATION_CUT */
    uint64_t number; /* cut: stream offset; lossy: segment; else which one, from 1 */
};

struct variation_list {
    struct variation *at;
    size_t count, capacity;
};

/* Every variation of the families whose bits are set, VARIATION_WHOLE first. */
void variation_list_all(const struct segments *sent, unsigned families,
                        struct variation_list *out);
void variation_list_done(struct variation_list *list);

const char *variation_family_name(enum variation_family family);
/* "cut:C12", "shuffled:3", "whole". */
void variation_format(const struct variation *v, char out[VARIATION_NAME_MAX]);
bool variation_parse(const char *text, struct variation *out);

/* The segments as that capture has them; payloads borrow from `sent`. */
void variation_apply(const struct variation *v, const struct segments *sent,
                     struct segments *out);

#endif
