/* Chunks of the client kept until it is known whether they are HTTP: after a CONNECT or
 * an offer to upgrade, until the final response. */
#ifndef HOPSCOPE_SRC_HTTP_HELD_H
#define HOPSCOPE_SRC_HTTP_HELD_H

#include "hopscope/http.h"

struct held_chunk {
    struct held_chunk *next;
    struct chunk chunk; /* its data stand behind it */
    uint8_t bytes[];
};

struct held {
    struct held_chunk *first, *last;
    size_t size; /* bytes, with what keeping them costs */
};

/* Copies a chunk; `skip` bytes of its data were used already. False: over
 * HTTP_HELD_BYTES_MAX, nothing was kept. */
bool held_add(struct held *h, const struct chunk *chunk, size_t skip);
/* Takes the oldest off; NULL: none left. Release it with mem_free. */
struct held_chunk *held_take(struct held *h);
/* Puts what was taken off back in front, without the `used` bytes of its data; frees it
 * when nothing is left of it. */
void held_put_back(struct held *h, struct held_chunk *kept, size_t used);
void held_done(struct held *h);

/* A chunk without its first `skip` bytes. */
struct chunk held_rest(const struct chunk *chunk, size_t skip);

#endif
