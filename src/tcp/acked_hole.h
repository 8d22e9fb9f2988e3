/* Holes that the peer's ACKs have shown: bytes that it received and that were not
 * captured, or not yet. They are waited for, and then given up. */
#ifndef TCP_ACKED_HOLE_H
#define TCP_ACKED_HOLE_H

#include "tcp/flow.h"

/* How far the peer's ACK reaches into what was never captured. */
uint64_t acked_hole_missing_up_to(const struct flow *f, int direction);
/* `s` acknowledges bytes that are not there: from now on they are waited for. */
void acked_hole_await(struct flow *f, int direction, const struct segment *s);
/* The last of the missing bytes may have come: to be called before what follows them is
 * delivered, so that both directions keep their order. */
void acked_hole_look(struct flow *f, int direction);
/* Time has run out for what was acknowledged when the wait began; what was acknowledged
 * since may still come. */
void acked_hole_expire(struct flow *f, int direction);
/* The wait is over without any of them. */
void acked_hole_settle(struct flow *f, int direction);
/* The holes before `up_to` will not be filled any more, for what packet `ref` says. */
void acked_hole_give_up(struct flow *f, int direction, uint64_t up_to, int64_t now_ns,
                        uint64_t ref);

#endif
