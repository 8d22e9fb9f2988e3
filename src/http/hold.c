/* A list of copies in stream order, each with its own place, time and packet. */
#include "http/hold.h"

#include <string.h>

struct chunk hold_rest(const struct chunk *chunk, size_t skip)
{
    struct chunk rest = *chunk;
    if (skip == 0) return rest;
    rest.offset += skip;
    rest.data = bytes_from(chunk->data, skip);
    rest.starts_segment = false;
    rest.stalled_ns = 0; /* told with the bytes that were used */
    return rest;
}

static size_t hold_size(const struct hold_chunk *kept)
{
    return sizeof *kept + kept->chunk.data.len;
}

bool hold_add(struct hold *h, const struct chunk *chunk, size_t skip)
{
    const struct chunk rest = hold_rest(chunk, skip);
    size_t size = sizeof(struct hold_chunk) + rest.data.len;
    if (size > HTTP_HELD_BYTES_MAX - h->size) return false;
    struct hold_chunk *kept = mem_alloc(size);
    kept->chunk = rest;
    if (rest.data.len > 0) memcpy(kept->bytes, rest.data.ptr, rest.data.len);
    kept->chunk.data = bytes_of(kept->bytes, rest.data.len);
    if (h->last)
        h->last->next = kept;
    else
        h->first = kept;
    h->last = kept;
    h->size += size;
    return true;
}

struct hold_chunk *hold_take(struct hold *h)
{
    struct hold_chunk *first = h->first;
    if (first == NULL) return NULL;
    h->first = first->next;
    if (h->first == NULL) h->last = NULL;
    h->size -= hold_size(first);
    return first;
}

void hold_put_back(struct hold *h, struct hold_chunk *kept, size_t used)
{
    if (used == kept->chunk.data.len) {
        mem_free(kept);
        return;
    }
    kept->chunk = hold_rest(&kept->chunk, used);
    kept->next = h->first;
    h->first = kept;
    if (h->last == NULL) h->last = kept;
    h->size += hold_size(kept);
}

bool hold_is_http(const struct hold *h)
{
    struct buffer first = {.ptr = NULL};
    const struct hold_chunk *kept = h->first;
    for (; kept && kept->chunk.kind == CHUNK_DATA; kept = kept->next) {
        buffer_append(&first, kept->chunk.data);
        if (first.len >= STREAM_PROBE_BYTES_MAX) break;
    }
    enum probe verdict = http_probe(buffer_bytes(&first), true);
    buffer_done(&first);
    return verdict == PROBE_CLIENT;
}

void hold_done(struct hold *h)
{
    struct hold_chunk *kept;
    while ((kept = hold_take(h)) != NULL) mem_free(kept);
}
