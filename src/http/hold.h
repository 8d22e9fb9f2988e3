/* Chunks of the client kept until it is known whether they are HTTP: after a CONNECT or
 * an offer to upgrade, until the final response. */
#ifndef HOPSCOPE_SRC_HTTP_HOLD_H
#define HOPSCOPE_SRC_HTTP_HOLD_H

#include "hopscope/http.h"

struct hold_chunk {
    struct hold_chunk *next;
    struct chunk chunk; /* its data stand behind it */
    uint8_t bytes[];
};

struct hold {
    struct hold_chunk *first, *last;
    size_t size; /* bytes, with what keeping them costs */
};

/* Copies a chunk; `skip` bytes of its data were used already. False: over
 * HTTP_HELD_BYTES_MAX, nothing was kept. */
bool hold_add(struct hold *h, const struct chunk *chunk, size_t skip);
/* Takes the oldest off; NULL: none left. Release it with mem_free. */
struct hold_chunk *hold_take(struct hold *h);
/* Puts what was taken off back in front, without the `used` bytes of its data; frees it
 * when nothing is left of it. */
void hold_put_back(struct hold *h, struct hold_chunk *kept, size_t used);
/* Whether what is held, for an answer that never came, begins like HTTP. */
bool hold_is_http(const struct hold *h);
void hold_done(struct hold *h);

/* A chunk without its first `skip` bytes. */
struct chunk hold_rest(const struct chunk *chunk, size_t skip);

#endif
