/* A short list, in the order they were sent. A pong may answer the latest of several,
 * and those before it are then never answered. */
#include "websocket/pings.h"

#include <string.h>

/* FNV-1a: told apart are the few pings of one connection, nothing hangs on it. */
uint64_t pings_digest(uint64_t digest, uint8_t byte)
{
    const uint64_t start = UINT64_C(0xcbf29ce484222325);
    const uint64_t prime = UINT64_C(0x100000001b3);
    if (digest == PINGS_DIGEST_START) digest = start;
    return (digest ^ byte) * prime;
}

static void pings_drop(struct pings *p, uint32_t index)
{
    p->count--;
    memmove(&p->waiting[index], &p->waiting[index + 1],
            (p->count - index) * sizeof p->waiting[0]);
}

void pings_add(struct pings *p, const struct ping *ping)
{
    if (p->count == WEBSOCKET_PINGS_MAX) pings_drop(p, 0);
    p->waiting[p->count++] = *ping;
}

int64_t pings_answer(struct pings *p, const struct ping *pong)
{
    uint32_t found = 0;
    while (found < p->count && (p->waiting[found].from == pong->from ||
                                p->waiting[found].digest != pong->digest))
        found++;
    if (found == p->count) return TIME_UNKNOWN;
    int64_t sent_ns = p->waiting[found].sent_ns;
    for (uint32_t i = found + 1; i-- > 0;) {
        if (p->waiting[i].from != pong->from) pings_drop(p, i);
    }
    return sent_ns;
}
