/* Closed connections that were handed over before their two minutes were over: what is
 * needed to know their late packets, and a new life of their four-tuple. */
#ifndef TCP_PAST_RING_H
#define TCP_PAST_RING_H

#include "hopscope/tcp.h"

struct past_life {         /* half a line of memory, as there are many of them */
    uint64_t hash;         /* flow_table_hash of its packets */
    int64_t since_ns;      /* closed, by the clock of the capture */
    uint32_t first_seq[2]; /* of offset 0, in each direction */
    uint32_t quiet_us;     /* so long before that its last packet came; or longer */
    uint32_t next;         /* the ring's */
};

struct past_ring;

struct past_ring *past_ring_new(void);
void past_ring_free(struct past_ring *r); /* NULL is allowed */
/* Keeps one, and forgets those at its old end that were closed before that time, and
 * the oldest where there are TCP_PAST_MAX. */
void past_ring_add(struct past_ring *r, const struct past_life *life,
                   int64_t closed_before_ns);
/* Fetch what that hash needs of the index, to be added or found: and once that is
 * there, what is found. */
void past_ring_prefetch_bucket(const struct past_ring *r, uint64_t hash);
void past_ring_prefetch_life(const struct past_ring *r, uint64_t hash);
/* The latest of that hash, until the next one is added; NULL: none. */
struct past_life *past_ring_find(const struct past_ring *r, uint64_t hash);
/* Forgets all. Returns whether that has given memory back. */
bool past_ring_clear(struct past_ring *r);
void past_ring_remove(struct past_ring *r, struct past_life *life);

#endif
