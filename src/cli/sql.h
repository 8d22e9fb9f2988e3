/* hopscope sql: any query, read-only. */
#ifndef CLI_SQL_H
#define CLI_SQL_H

#include "cli/options.h"

extern const struct command sql_command;

#endif
