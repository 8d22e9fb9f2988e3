/* Chunks in the order they came, of both sides:
 *
 *   chunk | copy of its data --> chunk | copy ... --> the last
 *
 * Of a side that nobody wants, a gap is left in their place. */
#include "stream/waiting.h"

void waiting_drop(struct stream *s)
{
    while (s->waiting != NULL) {
        struct waiting *next = s->waiting->next;
        mem_free(s->waiting);
        s->waiting = next;
    }
    s->waiting_last = NULL;
    for (int i = 0; i < 2; i++) {
        s->waiting_bytes[i] = 0;
        if (s->first[i].ptr != NULL) buffer_done(&s->first[i]);
    }
}

/* Bytes that nobody can use are as good as lost. */
static void waiting_make_gap(struct chunk *c)
{
    c->kind = CHUNK_GAP;
    c->missing += c->data.len;
    c->data = bytes_of(NULL, 0);
}

void waiting_drop_of(struct stream *s, enum side from)
{
    struct waiting **link = &s->waiting, *last = NULL, *gap = NULL;
    bool keeps_gap = s->conn->open_kind == OPEN_HANDSHAKE;
    while (*link != NULL) {
        struct waiting *w = *link;
        bool is_bytes = w->chunk.from == from && w->chunk.kind != CHUNK_END;
        if (is_bytes) waiting_make_gap(&w->chunk);
        if (!is_bytes || (keeps_gap && gap == NULL)) {
            if (is_bytes) gap = w;
            last = w;
            link = &w->next;
            continue;
        }
        if (gap != NULL) gap->chunk.missing += w->chunk.missing;
        *link = w->next;
        mem_free(w);
    }
    s->waiting_last = last;
    s->waiting_bytes[from] = 0;
}

void waiting_keep(struct stream *s, const struct chunk *chunk)
{
    uint32_t *held = &s->waiting_bytes[chunk->from];
    if (chunk->kind == CHUNK_DATA) {
        if (*held >= STREAM_PROBE_BYTES_MAX) return; /* nobody's beginning */
        *held += (uint32_t)chunk->data.len;
    }
    struct waiting *w = mem_alloc(sizeof *w + chunk->data.len);
    w->chunk = *chunk;
    if (chunk->data.len > 0) memcpy(w->data, chunk->data.ptr, chunk->data.len);
    w->chunk.data = bytes_of(w->data, chunk->data.len);
    if (s->waiting_last == NULL)
        s->waiting = w;
    else
        s->waiting_last->next = w;
    s->waiting_last = w;
}
