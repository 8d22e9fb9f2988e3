/*   head of an orphan | segment "HTTP/1." : no body, the next head
 *                     |         "HTT"     : held, until the rest of it has come
 *                     |         other     : the body */
#include "http/bodiless.h"

#include <string.h>

static const char bodiless_name[] = "HTTP/1.";

static bool bodiless_is_due(const struct parser *p)
{
    if (p->draft == NULL) return false;
    const struct message *m = &p->draft->m;
    bool is_body = p->state == PARSER_BODY_LENGTH || p->state == PARSER_BODY_CLOSE ||
                   (p->state == PARSER_CHUNK_LINE && !p->draft->line.is_begun);
    return is_body && m->confidence == PAIR_ORPHAN && !m->is_proof &&
           m->body_bytes == 0 && m->missing_bytes == 0 && m->version != VERSION_09;
}

void bodiless_release(struct hold **kept, struct parser *server)
{
    struct hold *held = *kept;
    if (held == NULL) return;
    *kept = NULL;
    struct hold_chunk *next;
    while ((next = hold_take(held)) != NULL) {
        parser_feed(server, &next->chunk);
        mem_free(next);
    }
    mem_free(held);
}

static void bodiless_end(struct parser *p)
{
    const struct mark end = p->draft->m.head_end;
    p->draft->m.framing = FRAMING_NONE;
    parser_end_message(p, &end, true);
}

/* How much of the name has come is told by the places in the stream: what is held is
 * its beginning. */
bool bodiless_hold(struct hold **kept, struct parser *server, const struct chunk *chunk)
{
    if (*kept == NULL && (!bodiless_is_due(server) || !chunk->starts_segment))
        return false;
    size_t at = *kept ? (size_t)(chunk->offset - (*kept)->first->chunk.offset) : 0;
    struct bytes name = bytes_from(bytes_of_text(bodiless_name), at);
    struct bytes here = bytes_first(chunk->data, name.len);
    bool is_name =
        chunk->kind == CHUNK_DATA && bytes_equal(here, bytes_first(name, here.len));
    if (is_name && here.len < name.len) {
        if (*kept == NULL) *kept = mem_alloc(sizeof **kept);
        if (hold_add(*kept, chunk, 0)) return true;
    }
    if (is_name && here.len == name.len) bodiless_end(server);
    bodiless_release(kept, server);
    return false;
}
