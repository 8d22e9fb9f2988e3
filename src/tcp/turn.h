/* Whose bytes leave tcp next. Each direction alone keeps its order by sequence numbers;
 * between the two, what a packet acknowledges came before what it carries.
 *
 *   first of 0: held bytes, or a hole given up --.    the one that claims nothing
 *                                                +--> of the other that is still
 *   first of 1: held bytes, or a hole given up --'    to come */
#ifndef TCP_TURN_H
#define TCP_TURN_H

#include "tcp/flow.h"

struct turn {
    int direction; /* -1: nothing may go */
    bool is_gap;   /* its first bytes are a hole that was given up */
    uint64_t limit;
};

/* The bytes that may be delivered next: those of a direction up to an offset. */
struct turn turn_find(const struct flow *f);
/* turn_must_wait where the other side has something held, or had a hole. */
bool turn_must_wait_for(const struct flow *f, int direction, uint64_t acked);
/* Whether bytes that acknowledge up to `acked` must wait: what they acknowledge was not
 * delivered yet, and still may be. */
static inline bool turn_must_wait(const struct flow *f, int direction, uint64_t acked)
{
    const struct direction *other = &f->direction[1 - direction];
    bool is_smooth = other->held == NULL && other->hole == NULL;
    return !is_smooth && turn_must_wait_for(f, direction, acked);
}
/* The direction's first bytes, if nothing is missing before them; else NULL. */
static inline const struct held *turn_front(const struct flow *f, int direction)
{
    const struct direction *d = &f->direction[direction];
    return d->held != NULL && d->held->offset == d->next_offset ? d->held : NULL;
}

#endif
