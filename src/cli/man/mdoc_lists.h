/* The lists of a page, each made of the table that the program itself works with. */
#ifndef CLI_MAN_MDOC_LISTS_H
#define CLI_MAN_MDOC_LISTS_H

#include "cli/options.h"
#include "hopscope/record.h"

void mdoc_lists_commands(struct buffer *out);
void mdoc_lists_synopsis(const struct command *command, struct buffer *out);
void mdoc_lists_options(const struct command *command, struct buffer *out);
/* What a subcommand's --help says of its exit status, as a list. */
void mdoc_lists_exits(const struct command *command, struct buffer *out);
void mdoc_lists_questions(struct buffer *out);
void mdoc_lists_findings(struct buffer *out);
/* What the sandbox leaves of the kernel's calls. */
void mdoc_lists_calls(struct buffer *out);
void mdoc_lists_columns(enum record_kind kind, struct buffer *out);

#endif
