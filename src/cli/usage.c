#include "cli/usage.h"

#include "cli/command_table.h"
#include "cli/option_table.h"

#include <string.h>
#include <unistd.h>

enum { USAGE_HELP_COLUMN = 24 };

static void usage_write_row(const struct option_row *row, struct buffer *out)
{
    size_t start = out->len;
    if (row->letter) buffer_print(out, "  -%c%s", row->letter, row->name ? ", " : "");
    if (!row->letter) buffer_append_text(out, "      ");
    if (row->name) buffer_print(out, "--%s", row->name);
    if (row->argument) buffer_print(out, " %s", row->argument);
    for (const char *line = row->help; line;) {
        do buffer_append_text(out, " ");
        while (out->len - start < USAGE_HELP_COLUMN);
        const char *end = strchr(line, '\n');
        buffer_append(out, bytes_of(line, end ? (size_t)(end - line) : strlen(line)));
        buffer_append_text(out, "\n");
        start = out->len;
        line = end ? end + 1 : NULL;
    }
}

void usage_write_help(const struct command *command, struct buffer *out)
{
    buffer_print(out, "Usage: hopscope %s [OPTION]... %s\n\n%s\n\nOptions:\n",
                 command->name, command->operands, command->about);
    for (size_t i = 0; i < option_row_count; i++) {
        if (option_rows[i].commands & command->bit)
            usage_write_row(&option_rows[i], out);
    }
    buffer_print(out, "\n%s", command->notes);
}

void usage_write_commands(struct buffer *out)
{
    buffer_append_text(out, "Usage: hopscope COMMAND [OPTION]... [ARGUMENT]...\n\n"
                            "Accounts for every HTTP connection in a packet capture.\n"
                            "\nCommands:\n");
    for (size_t i = 0; i < command_row_count; i++)
        buffer_print(out, "  %-8s %s\n", command_rows[i]->name,
                     command_rows[i]->purpose);
    buffer_append_text(out, "  help     say more of a command: hopscope help COMMAND\n"
                            "\n-h, --help prints this, -V, --version the version.\n");
}

void usage_write_version(struct buffer *out)
{
    buffer_append_text(out, "hopscope " HOPSCOPE_VERSION "\n");
}

void usage_add_hint(const struct command *command, struct problem *why)
{
    struct problem said = *why;
    problem_set(why, STATUS_USAGE, "%.440s; see hopscope %s --help", said.text,
                command->name);
}

enum usage_word { USAGE_WORD_OTHER, USAGE_WORD_HELP, USAGE_WORD_VERSION };

static enum usage_word usage_word_of(const char *word)
{
    static const struct {
        const char *text;
        enum usage_word word;
    } words[] = {
        {"-h", USAGE_WORD_HELP},           {"--help", USAGE_WORD_HELP},
        {"help", USAGE_WORD_HELP},         {"-V", USAGE_WORD_VERSION},
        {"--version", USAGE_WORD_VERSION},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        if (strcmp(words[i].text, word) == 0) return words[i].word;
    }
    return USAGE_WORD_OTHER;
}

/* A first word that is neither a command nor an option that stands alone. */
static enum status usage_refuse(const char *first, struct problem *why)
{
    const struct command *guess = command_table_guess(first);
    if (*first == '-')
        return problem_set(why, STATUS_USAGE,
                           "the command comes before its options, as in hopscope read "
                           "%.100s; try hopscope --help",
                           first);
    if (access(first, F_OK) == 0)
        return problem_set(why, STATUS_USAGE,
                           "no command '%.100s'; did you mean hopscope read %.100s?",
                           first, first);
    if (guess != NULL)
        return problem_set(why, STATUS_USAGE,
                           "no command '%.100s'; did you mean hopscope %s?", first,
                           guess->name);
    return problem_set(why, STATUS_USAGE, "no command '%.100s'; try hopscope --help",
                       first);
}

enum status usage_answer(int argc, char **argv, struct buffer *out, struct problem *why)
{
    enum usage_word word = argc < 2 ? USAGE_WORD_OTHER : usage_word_of(argv[1]);
    if (argc < 2) {
        usage_write_commands(out);
        return STATUS_USAGE;
    }
    if (word == USAGE_WORD_VERSION) {
        usage_write_version(out);
        return STATUS_OK;
    }
    if (word == USAGE_WORD_HELP && argc == 2) {
        usage_write_commands(out);
        return STATUS_OK;
    }
    return usage_refuse(argv[word == USAGE_WORD_HELP ? 2 : 1], why);
}
