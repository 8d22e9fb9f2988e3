/* The TCP checksum where the payload was read already. */
#ifndef NET_CHECKSUM_H
#define NET_CHECKSUM_H

#include "hopscope/net.h"

/* As net_checksum; `payload_sum` is that of the payload's bytes as 32-bit words, as
 * they lie in memory, the last one filled up with zeros. */
enum checksum checksum_with_payload(const struct packet *packet, uint64_t payload_sum);

#endif
