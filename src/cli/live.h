/* hopscope live: an interface into lines, a database, a file of packets. */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "cli/options.h"

extern const struct command live_command;

#endif
