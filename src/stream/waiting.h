/* What is held of a connection until a protocol takes it. */
#ifndef HOPSCOPE_SRC_STREAM_WAITING_H
#define HOPSCOPE_SRC_STREAM_WAITING_H

#include "stream/stream_state.h"

/* Copies a chunk; data beyond STREAM_PROBE_BYTES_MAX of a side are not. */
void waiting_keep(struct stream *s, const struct chunk *chunk);
void waiting_drop(struct stream *s); /* all of it, and the first bytes, too */
/* Drops what waits of a side; of a connection seen from its beginning, one gap stands
 * for all of it. */
void waiting_drop_of(struct stream *s, enum side from);

#endif
