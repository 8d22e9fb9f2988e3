/* The options behind a pcapng block's fixed part (draft-ietf-opsawg-pcapng, 3.5). */
#ifndef CAPTURE_PCAPNG_OPTIONS_H
#define CAPTURE_PCAPNG_OPTIONS_H

#include "hopscope/base.h"

struct pcapng_option {
    uint16_t code;
    struct bytes value;
};

/* The next option; the cursor stands at the first or behind the one before. False: no
 * more, or `in->is_short`: the list is cut inside an option. */
bool pcapng_options_next(struct cursor *in, struct pcapng_option *option);

/* Bytes from a multiple of `len` up to the next 32-bit boundary. */
static inline size_t pcapng_options_padding(size_t len)
{
    return (4 - len % 4) % 4;
}

#endif
