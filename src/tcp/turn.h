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
/* Whether bytes that acknowledge up to `acked` must wait: what they acknowledge was not
 * delivered yet, and still may be. */
bool turn_must_wait(const struct flow *f, int direction, uint64_t acked);
/* The direction's first bytes, if nothing is missing before them; else NULL. */
const struct held *turn_front(const struct flow *f, int direction);

#endif
