/* What a balancer puts in front of a connection it passes on: the header of the PROXY
 * protocol, with the addresses of whom it speaks for. It is no part of the protocol
 * that follows. */
#ifndef HOPSCOPE_SRC_STREAM_PREAMBLE_H
#define HOPSCOPE_SRC_STREAM_PREAMBLE_H

#include "stream/stream_state.h"

enum preamble {
    PREAMBLE_NONE,
    PREAMBLE_MORE, /* these bytes may be the beginning of one */
    PREAMBLE_WHOLE,
};

/* Whether it is worth asking preamble_find. */
static inline bool preamble_may_be(struct bytes first)
{
    return first.len == 0 || first.ptr[0] == 'P' || first.ptr[0] == '\r';
}
/* Whether a client's first bytes are such a header, of version 1 or 2; `*length` is set
 * when it is whole. One that is longer than STREAM_PROBE_BYTES_MAX is none. */
enum preamble preamble_find(struct bytes first, size_t *length);
/* Takes it off a side's first bytes, which end with `chunk`. False: it may be one, and
 * is not whole yet. */
bool preamble_skip(struct stream *s, const struct chunk *chunk, struct bytes *first);
/* Takes off a chunk that has waited what preamble_skip passed over. That is nobody's,
 * and where HTTP follows it is worth a note. */
void preamble_cut(const struct stream *s, struct chunk *chunk);

#endif
