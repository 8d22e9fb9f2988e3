/* A list of copies in stream order, each with its own place, time and packet. */
#include "http/held.h"

#include <string.h>

struct chunk held_rest(const struct chunk *chunk, size_t skip)
{
    struct chunk rest = *chunk;
    if (skip == 0) return rest;
    rest.offset += skip;
    rest.data = bytes_from(chunk->data, skip);
    rest.starts_segment = false;
    rest.stalled_ns = 0; /* told with the bytes that were used */
    return rest;
}

static size_t held_size(const struct held_chunk *kept)
{
    return sizeof *kept + kept->chunk.data.len;
}

bool held_add(struct held *h, const struct chunk *chunk, size_t skip)
{
    const struct chunk rest = held_rest(chunk, skip);
    size_t size = sizeof(struct held_chunk) + rest.data.len;
    if (size > HTTP_HELD_BYTES_MAX - h->size) return false;
    struct held_chunk *kept = mem_alloc(size);
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

struct held_chunk *held_take(struct held *h)
{
    struct held_chunk *first = h->first;
    if (first == NULL) return NULL;
    h->first = first->next;
    if (h->first == NULL) h->last = NULL;
    h->size -= held_size(first);
    return first;
}

void held_put_back(struct held *h, struct held_chunk *kept, size_t used)
{
    if (used == kept->chunk.data.len) {
        mem_free(kept);
        return;
    }
    kept->chunk = held_rest(&kept->chunk, used);
    kept->next = h->first;
    h->first = kept;
    if (h->last == NULL) h->last = kept;
    h->size += held_size(kept);
}

void held_done(struct held *h)
{
    struct held_chunk *kept;
    while ((kept = held_take(h)) != NULL) mem_free(kept);
}
