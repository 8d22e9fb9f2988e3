/* A chunk being read, and the marks of its bytes. */
#ifndef HOPSCOPE_SRC_HTTP_SOURCE_H
#define HOPSCOPE_SRC_HTTP_SOURCE_H

#include "hopscope/http.h"

struct source {
    const struct chunk *chunk; /* CHUNK_DATA, not empty */
    struct cursor in;          /* over chunk->data */
};

static inline struct source source_of(const struct chunk *chunk)
{
    return (struct source){.chunk = chunk, .in = cursor_of(chunk->data)};
}

static inline uint64_t source_offset(const struct source *s)
{
    return s->chunk->offset + (uint64_t)(s->in.at - s->chunk->data.ptr);
}

/* Of the next byte; as an end, of the byte just read: both stand in this chunk. */
static inline struct mark source_mark(const struct source *s)
{
    return (struct mark){.offset = source_offset(s),
                         .captured_ns = s->chunk->captured_ns,
                         .ref = s->chunk->ref,
                         .peer_acked = s->chunk->peer_acked};
}

/* Passes over CRLF. False: that is not what comes next, or not whole. */
static inline bool source_skip_line_end(struct source *s)
{
    if (!bytes_start_with(cursor_rest(&s->in), "\r\n")) return false;
    cursor_skip(&s->in, 2);
    return true;
}

#endif
