/* The inside of a body, where most chunks of a transfer lie: all there is to do with
 * one is to count its bytes. A response's are not even looked at.
 *
 *   head | read before | this chunk | at least four bytes more | the next head
 *
 * What parser_take_data would do besides comes to nothing there. That a response has no
 * body, or is held until that is told, shows in front of the body's first byte
 * (bodiless.c), and so does a request whose body is withheld. The texts and the start
 * line are not in this chunk. And where a line begins that asks what stood before it
 * (last_bytes, is_behind_head), the four bytes that are left, or a gap, stand between
 * it and this chunk. */
#ifndef HOPSCOPE_SRC_HTTP_BODY_RUN_H
#define HOPSCOPE_SRC_HTTP_BODY_RUN_H

#include "http/parser.h"

/* Takes a chunk of this kind; its pace, its stall and what may be hidden in a request
 * are the caller's. False: it is another, and nothing was done. */
static inline bool body_run_take(struct parser *p, const struct chunk *chunk)
{
    size_t here = chunk->data.len;
    bool is_run = p->state == PARSER_BODY_LENGTH || p->state == PARSER_CHUNK_DATA;
    if (!is_run || chunk->kind != CHUNK_DATA || here == 0) return false;
    if (p->body_left < here + sizeof p->last_bytes || p->overruled) return false;
    struct message *m = &p->draft->m;
    if (m->body_start.offset == OFFSET_UNKNOWN) return false;
    p->body_left -= here;
    p->offset = chunk->offset + here;
    m->body_bytes += here;
    m->end = (struct mark){.offset = p->offset,
                           .captured_ns = chunk->captured_ns,
                           .ref = chunk->ref,
                           .peer_acked = chunk->peer_acked};
    return true;
}

#endif
