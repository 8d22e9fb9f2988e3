/* hopscope slice: the packets of some connections, out of the captures they are in. */
#ifndef CLI_SLICE_H
#define CLI_SLICE_H

#include "cli/options.h"

extern const struct command slice_command;

#endif
