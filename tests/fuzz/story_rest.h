/* What a fuzz target keeps of a connection, one block of memory without pointers, rests
 * and comes back: for its struct stream_sink. */
#ifndef STORY_REST_H
#define STORY_REST_H

#include "hopscope/packing.h"
#include "hopscope/stream.h"

static inline bool story_can_rest(void *context, const struct conn *conn)
{
    (void)context;
    return conn->story != NULL;
}

static inline void story_rest(const struct conn *conn, struct packing *out,
                              size_t bytes)
{
    packing_put(out, conn->story, bytes);
    mem_free(conn->story);
}

static inline void story_resume(struct conn *conn, struct unpacking *in, size_t bytes)
{
    conn->story = mem_alloc(bytes);
    packing_take(in, conn->story, bytes);
}

#endif
