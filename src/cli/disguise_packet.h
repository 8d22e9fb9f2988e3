/* A packet made anew: an IP header, the TCP header it had, a payload. */
#ifndef CLI_DISGUISE_PACKET_H
#define CLI_DISGUISE_PACKET_H

#include "hopscope/net.h"

/* Writes the packet into `out`, which is emptied, and tells of it in `*frame`: time and
 * reference as before, addresses `from` and `to`, as much payload as was captured.
 * Options that may carry a name become padding. A checksum that was good is good, one
 * that was bad is bad. */
void disguise_packet_write(const struct packet *packet, const struct endpoint *from,
                           const struct endpoint *to, struct bytes payload,
                           struct buffer *out, struct frame *frame);

#endif
