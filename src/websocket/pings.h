/* Pings that wait for the pong that echoes them (RFC 6455, section 5.5.3). */
#ifndef HOPSCOPE_SRC_WEBSOCKET_PINGS_H
#define HOPSCOPE_SRC_WEBSOCKET_PINGS_H

#include "hopscope/websocket.h"

struct ping {
    uint64_t digest; /* of the payload */
    int64_t sent_ns; /* its last byte */
    enum side from;
};

struct pings {
    struct ping waiting[WEBSOCKET_PINGS_MAX]; /* the oldest first */
    uint32_t count;
};

enum { PINGS_DIGEST_START = 0 };

/* Goes on with the digest of a payload, whose bytes are unmasked. */
uint64_t pings_digest(uint64_t digest, uint8_t byte);
void pings_add(struct pings *p, const struct ping *ping);
/* The oldest ping of the other side with that payload; it and those older go. Returns
 * when it was sent, or TIME_UNKNOWN: the pong answers none. */
int64_t pings_answer(struct pings *p, const struct ping *pong);

#endif
