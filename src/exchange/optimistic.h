/* Optimistic data (SEMANTICS 8; RFC 9931): what a client sends in the next protocol
 * before it can know of the 101 or the 2xx, and what comes of it. */
#ifndef EXCHANGE_OPTIMISTIC_H
#define EXCHANGE_OPTIMISTIC_H

#include "hopscope/record.h"

struct story;
struct exchange;
struct optimistic; /* of one story, from the first offer on */

/* The head of a request that offers to switch is there: from now on the client's chunks
 * are looked at. One exchange at a time is. */
void optimistic_begin(struct story *s, struct exchange *e);
/* What follows is for a story that has one: s->optimistic is not NULL. To be called
 * with every chunk, after the stream has had it. */
void optimistic_chunk(struct story *s, const struct chunk *chunk);
/* Whether a finished exchange stays: the client has not yet shown that it knows of the
 * response, and bytes sent before may still come. */
bool optimistic_holds_back(const struct story *s, const struct exchange *e);
void optimistic_fill(const struct story *s, const struct exchange *e,
                     struct record_exchange *row);
/* The exchange leaves the queue: findings of its own, and of what it shows about an
 * earlier one that was refused. */
void optimistic_account(struct story *s, const struct exchange *e);
void optimistic_free(struct optimistic *o); /* NULL is allowed */

#endif
