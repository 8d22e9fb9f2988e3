/* The segment that almost every packet is: the next one of a connection that nothing
 * disturbs. */
#ifndef TCP_PREDICTION_H
#define TCP_PREDICTION_H

#include "tcp/flow.h"

/* Whether nothing of the flow waits for anything, so that its next plain segment in
 * order needs no more than prediction_take does. What only some packets can change is
 * asked for here, once behind each of those. */
bool prediction_is_calm(const struct flow *f);
/* Takes the packet of a flow that is calm, all alone, if it is what such a one expects:
 * counted, its bytes delivered. False: it is another; nothing was changed. `from` as
 * flow_table_find says; `is_late`: of the clock, see struct conn. */
bool prediction_take(struct reassembly *r, struct flow *f, const struct packet *p,
                     int from, enum checksum checksum, bool is_late);

#endif
