/* A connection that was not heard of for a while takes a fraction of its memory. */
#ifndef TCP_FLOW_REST_H
#define TCP_FLOW_REST_H

#include "tcp/flow_life.h"

/* Puts to rest the open flows that have been silent for longer than the others, if
 * there are too many. One amid a message stays as it is. */
void flow_rest_silent(struct tcp *t);
/* Likewise `f` alone; it must not be used any more. */
void flow_rest_again(struct tcp *t, struct flow *f);
/* The flow of an entry, awake; `e` itself, if it rests, is gone then. */
struct flow *flow_rest_wake(struct tcp *t, struct flow_entry *e);
/* Time of its last packet. */
int64_t flow_rest_end_ns(const struct flow_entry *e);

#endif
