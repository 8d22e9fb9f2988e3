/* What the program says about itself. */
#ifndef CLI_USAGE_H
#define CLI_USAGE_H

#include "cli/options.h"

/* The --help of one subcommand, and of all. */
void usage_write_help(const struct command *command, struct buffer *out);
void usage_write_commands(struct buffer *out);
void usage_write_version(struct buffer *out);
/* Adds where the options of `command` are explained. */
void usage_add_hint(const struct command *command, struct problem *why);
/* Answers a first word that is no subcommand: help, version, or a mistake. What is to
 * be printed goes to `out`; STATUS_USAGE: `why` says what is wrong. */
enum status usage_answer(int argc, char **argv, struct buffer *out,
                         struct problem *why);

#endif
