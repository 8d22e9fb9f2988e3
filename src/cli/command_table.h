/* The subcommands, in the order in which they are listed. */
#ifndef CLI_COMMAND_TABLE_H
#define CLI_COMMAND_TABLE_H

#include "cli/options.h"

extern const struct command *const command_rows[];
extern const size_t command_row_count;

/* NULL: no command has that name. */
const struct command *command_table_find(const char *name);
/* The command whose name `word` was meant to be; NULL: it is like none. */
const struct command *command_table_guess(const char *word);

#endif
