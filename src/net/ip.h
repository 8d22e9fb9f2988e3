/* What the headers of both IPs have in common. */
#ifndef NET_IP_H
#define NET_IP_H

#include "hopscope/net.h"

/* Reads an address. `version` is a constant at each call, so that the copy is a load
 * and a store. */
static inline void ip_read_address(struct cursor *in, uint8_t version,
                                   struct endpoint *e)
{
    size_t len = version == 4 ? 4 : 16;
    e->version = version;
    if (version == 4) memset(e->address + 4, 0, sizeof(e->address) - 4);
    memcpy(e->address, cursor_take(in, len).ptr, len);
}

#endif
