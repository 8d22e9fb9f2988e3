/* Nagle's algorithm against a delayed ACK (RFC 1122, section 4.2.3.2): the sender's
 * next small write waits for the ACK of the last one, and the receiver holds that ACK
 * back in the hope of data to send it with.
 *
 *   small segment .... 35-60 or 180-220 ms of silence .... pure ACK, small segment */
#include "tcp/small_write.h"

#define MS_NS 1000000LL

static bool is_delayed_ack(int64_t silence_ns)
{
    return (silence_ns >= 35 * MS_NS && silence_ns <= 60 * MS_NS) ||
           (silence_ns >= 180 * MS_NS && silence_ns <= 220 * MS_NS);
}

void small_write_follow_payload(struct flow *f, const struct segment *s)
{
    struct direction *d = s->own, *peer = s->peer;
    uint32_t length = s->packet->payload_length;
    bool is_awaited = length < SMALL_WRITE_BYTES && d->small_acked_ns != TIME_UNKNOWN &&
                      s->now_ns - d->small_acked_ns <= 5 * MS_NS &&
                      s->offset == d->next_offset;
    if (is_awaited) oddities_note(f, s, FINDING_TCP_STALLED_SMALL_WRITE);
    small_write_sent(d, peer, length, s->now_ns);
}

void small_write_acked(struct direction *writer, uint64_t acked, int64_t now_ns)
{
    if (writer->small_sent_ns == TIME_UNKNOWN) return;
    bool is_whole = acked == writer->next_offset;
    bool is_delayed = is_delayed_ack(now_ns - writer->small_sent_ns);
    writer->small_acked_ns = is_whole && is_delayed ? now_ns : TIME_UNKNOWN;
    writer->small_sent_ns = TIME_UNKNOWN;
}
