/* Whether asking the protocols again is worth it. Who sends a start line byte by byte
 * would have it looked at from its beginning as often as it has bytes. */
#ifndef HOPSCOPE_SRC_STREAM_FIRST_BYTES_H
#define HOPSCOPE_SRC_STREAM_FIRST_BYTES_H

#include "hopscope/base.h"

/* `first` are a side's first bytes, of which a probe wanted more, and `more` is what
 * came. False: the same probe would say the same of both together. */
bool first_bytes_have_news(struct bytes first, struct bytes more);

#endif
