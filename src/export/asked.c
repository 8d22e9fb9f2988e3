#include "export/asked.h"

#include <stdio.h>
#include <string.h>

enum { ASKED_METHOD_MAX = 24, ASKED_HOST_MAX = 80, ASKED_TARGET_MAX = 256 };

static struct bytes asked_copy(struct bytes text, size_t max)
{
    if (text.ptr == NULL) return text;
    text = bytes_first(text, max);
    uint8_t *copy = mem_alloc(text.len);
    if (text.len > 0) memcpy(copy, text.ptr, text.len);
    return bytes_of(copy, text.len);
}

struct asked asked_of(const struct record_exchange *e)
{
    return (struct asked){.method = asked_copy(e->method, ASKED_METHOD_MAX),
                          .host = asked_copy(e->host, ASKED_HOST_MAX),
                          .target = asked_copy(e->target, ASKED_TARGET_MAX)};
}

void asked_done(struct asked *a)
{
    mem_free((void *)a->method.ptr);
    mem_free((void *)a->host.ptr);
    mem_free((void *)a->target.ptr);
}

void asked_format(const struct asked *a, char out[ASKED_TEXT_MAX])
{
    char method[32], host[128] = "", target[ASKED_TEXT_MAX / 2];
    bytes_escape(a->method, method, sizeof method);
    if (bytes_start_with(a->target, "/")) bytes_escape(a->host, host, sizeof host);
    bytes_escape(a->target, target, sizeof target);
    snprintf(out, ASKED_TEXT_MAX, "%s %s%s", method, host, target);
}
