/* Nagle's algorithm against a delayed ACK (RFC 1122, section 4.2.3.2). */
#ifndef TCP_SMALL_WRITE_H
#define TCP_SMALL_WRITE_H

#include "tcp/flow.h"

enum { SMALL_WRITE_BYTES = 1000 /* less than any usual segment size */ };

/* A segment with payload: */
void small_write_follow_payload(struct flow *f, const struct segment *s);
/* A pure ACK of what `writer` has sent: */
void small_write_acked(struct direction *writer, uint64_t acked, int64_t now_ns);
/* Any segment without payload. */
static inline void small_write_follow_ack(const struct segment *s)
{
    enum { DECISIVE = TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK };
    if ((s->packet->flags & DECISIVE) == TCP_ACK)
        small_write_acked(s->peer, s->acked, s->now_ns);
}
/* `d` has sent payload that nothing was waiting for. Bytes of the other side end this
 * side's message. */
static inline void small_write_sent(struct direction *d, struct direction *peer,
                                    uint32_t length, int64_t now_ns)
{
    peer->small_sent_ns = peer->small_acked_ns = TIME_UNKNOWN;
    d->small_acked_ns = TIME_UNKNOWN;
    d->small_sent_ns = length < SMALL_WRITE_BYTES ? now_ns : TIME_UNKNOWN;
}

#endif
