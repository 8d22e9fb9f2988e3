#include "capture/pcapng_options.h"

enum { PCAPNG_OPTION_END = 0, PCAPNG_OPTION_HEADER_BYTES = 4 };

bool pcapng_options_next(struct cursor *in, struct pcapng_option *option)
{
    if (cursor_left(in) == 0) return false; /* the end may be left out */
    option->code = cursor_16(in);
    uint16_t length = cursor_16(in);
    if (in->is_short || option->code == PCAPNG_OPTION_END) return false;
    option->value = cursor_take(in, length);
    if (in->is_short) return false;
    size_t padding = pcapng_options_padding(length);
    /* Some writers leave the last option's padding out. */
    cursor_skip(in, padding < cursor_left(in) ? padding : cursor_left(in));
    return true;
}
