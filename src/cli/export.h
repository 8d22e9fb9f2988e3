/* hopscope export: a database in the formats of other programs. */
#ifndef CLI_EXPORT_H
#define CLI_EXPORT_H

#include "cli/options.h"

extern const struct command export_command;

#endif
