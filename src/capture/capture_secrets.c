#include "capture/capture_secrets.h"

#include <string.h>

void capture_secrets_done(struct capture_secrets *s)
{
    capture_secrets_forget(s, 0);
    mem_free(s->rows);
    *s = (struct capture_secrets){.rows = NULL};
}

/* What a secret costs, so that a flood of empty ones meets the cap as well. */
static size_t capture_secrets_cost(size_t len)
{
    return sizeof(struct capture_secret) + len;
}

void capture_secrets_keep(struct capture_secrets *s, uint32_t capture_id, uint32_t type,
                          struct bytes data)
{
    size_t cost = capture_secrets_cost(data.len);
    if (cost > CAPTURE_SECRETS_BYTES_MAX - s->bytes) return;
    if (s->count == s->capacity) {
        s->capacity = s->capacity == 0 ? 4 : 2 * s->capacity;
        s->rows = mem_resize(s->rows, s->capacity * sizeof *s->rows);
    }
    uint8_t *copy = mem_alloc(data.len);
    if (data.len > 0) memcpy(copy, data.ptr, data.len);
    s->rows[s->count++] = (struct capture_secret){
        .capture_id = capture_id, .type = type, .data = bytes_of(copy, data.len)};
    s->bytes += cost;
}

void capture_secrets_forget(struct capture_secrets *s, size_t count)
{
    while (s->count > count) {
        struct bytes data = s->rows[--s->count].data;
        s->bytes -= capture_secrets_cost(data.len);
        mem_free((void *)(uintptr_t)data.ptr); /* our own copy: const by view only */
    }
}
