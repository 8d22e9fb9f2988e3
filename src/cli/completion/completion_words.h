/* What may stand after an option, or in an operand's place. */
#ifndef CLI_COMPLETION_WORDS_H
#define CLI_COMPLETION_WORDS_H

#include "cli/option_table.h"

enum completion_kind {
    COMPLETION_NOTHING, /* nothing that could be guessed */
    COMPLETION_FILES,
    COMPLETION_INTERFACES, /* of the network, and `words` */
    COMPLETION_WORDS,
    COMPLETION_WORD_LIST, /* some of them, separated by commas */
};

struct completion {
    enum completion_kind kind;
    struct buffer words; /* space-separated, NUL-ended unless empty; owned */
};

void completion_words_done(struct completion *c);
const char *completion_words_text(const struct completion *c);
/* Of the argument that an option takes. */
void completion_words_of_option(const struct option_row *row, struct completion *out);

/* An operand of a command, as its usage names it. */
struct completion_operand {
    char name[32];
    bool is_repeated; /* all further operands are the like */
    struct completion what;
};
/* The one at that place, 0 the first; false: there are no more. To be ended with
 * completion_words_done(&out->what) when it is true. */
bool completion_words_operand(const struct command *command, size_t place,
                              struct completion_operand *out);

/* ---- the scripts, each made of the tables of commands and options ---- */

void completion_bash_write(struct buffer *out);
void completion_zsh_write(struct buffer *out);
void completion_fish_write(struct buffer *out);

#endif
