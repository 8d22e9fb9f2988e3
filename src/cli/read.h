/* hopscope read: saved captures into a summary and, if asked for, a database. */
#ifndef CLI_READ_H
#define CLI_READ_H

#include "cli/options.h"

extern const struct command read_command;

#endif
