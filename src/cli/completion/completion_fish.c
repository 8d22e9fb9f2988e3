/* Completion for fish: a line for each option and operand, with the condition that its
 * command is the first word and, for operands, how many stand before. */
#include "cli/command_table.h"
#include "cli/completion/completion_words.h"

#include <string.h>

static const char fish_head[] =
    "# fish completion for hopscope\n"
    "complete -c hopscope -f\n"
    "\n"
    "function __hopscope_first\n"
    "    test (count (commandline -opc)) -eq 1\n"
    "end\n"
    "\n"
    "# command [place]: that command, and that many operands before the cursor\n"
    "function __hopscope_at\n"
    "    set -l words (commandline -opc)\n"
    "    test (count $words) -ge 2; and test $words[2] = $argv[1]; or return 1\n"
    "    test (count $argv) -ge 2; or return 0\n"
    "    set -l place 0\n"
    "    set -l is_argument 0\n"
    "    for word in $words[3..-1]\n"
    "        if test $is_argument = 1\n"
    "            set is_argument 0\n"
    "        else if string match -q -- '-?*' $word\n"
    "            if contains -- $argv[1]:$word $__hopscope_with_argument\n"
    "                set is_argument 1\n"
    "            end\n"
    "        else\n"
    "            set place (math $place + 1)\n"
    "        end\n"
    "    end\n"
    "    test $place -eq $argv[2]\n"
    "end\n"
    "\n"
    "function __hopscope_interfaces\n"
    "    command ls /sys/class/net 2>/dev/null\n"
    "end\n"
    "\n";

/* In single quotes; a line end is a space. */
static void fish_write_text(const char *text, struct buffer *out)
{
    buffer_append_text(out, "'");
    for (; *text != '\0'; text++) {
        if (strchr("'\\", *text) != NULL) buffer_append_text(out, "\\");
        buffer_print(out, "%c", *text == '\n' ? ' ' : *text);
    }
    buffer_append_text(out, "'");
}

static void fish_write_what(const struct completion *c, struct buffer *out)
{
    const char *words = completion_words_text(c);
    switch (c->kind) {
    case COMPLETION_NOTHING: return;
    case COMPLETION_FILES: buffer_append_text(out, " -F"); return;
    case COMPLETION_INTERFACES:
        buffer_print(out, " -a '%s (__hopscope_interfaces)'", words);
        return;
    case COMPLETION_WORDS: buffer_print(out, " -a '%s'", words); return;
    case COMPLETION_WORD_LIST:
        buffer_print(out, " -a '(__fish_append , %s)'", words);
        return;
    }
}

static void fish_write_option(const struct command *command,
                              const struct option_row *row, struct buffer *out)
{
    struct completion what = {.kind = COMPLETION_NOTHING};
    buffer_print(out, "complete -c hopscope -n '__hopscope_at %s'", command->name);
    if (row->letter) buffer_print(out, " -s %c", row->letter);
    if (row->name) buffer_print(out, " -l %s", row->name);
    if (row->argument) {
        completion_words_of_option(row, &what);
        buffer_append_text(out, what.kind == COMPLETION_FILES ? " -r" : " -x");
        fish_write_what(&what, out);
    }
    buffer_append_text(out, " -d ");
    fish_write_text(row->help, out);
    buffer_append_text(out, "\n");
    completion_words_done(&what);
}

static void fish_write_operands(const struct command *command, struct buffer *out)
{
    struct completion_operand operand = {.is_repeated = false};
    for (size_t i = 0;
         !operand.is_repeated && completion_words_operand(command, i, &operand); i++) {
        if (operand.what.kind != COMPLETION_NOTHING) {
            buffer_print(out, "complete -c hopscope -n '__hopscope_at %s",
                         command->name);
            if (!operand.is_repeated) buffer_print(out, " %zu", i);
            buffer_append_text(out, "'");
            fish_write_what(&operand.what, out);
            buffer_append_text(out, "\n");
        }
        completion_words_done(&operand.what);
    }
}

/* read:-o read:--output ... */
static void fish_write_with_argument(struct buffer *out)
{
    buffer_append_text(out, "set -g __hopscope_with_argument");
    for (size_t i = 0; i < command_row_count; i++) {
        const struct command *command = command_rows[i];
        for (size_t k = 0; k < option_row_count; k++) {
            const struct option_row *row = &option_rows[k];
            if (!(row->commands & command->bit) || !row->argument) continue;
            if (row->letter) buffer_print(out, " %s:-%c", command->name, row->letter);
            if (row->name) buffer_print(out, " %s:--%s", command->name, row->name);
        }
    }
    buffer_append_text(out, "\n\n");
}

void completion_fish_write(struct buffer *out)
{
    buffer_append_text(out, fish_head);
    fish_write_with_argument(out);
    for (size_t i = 0; i < command_row_count; i++) {
        buffer_print(out, "complete -c hopscope -n __hopscope_first -a %s -d ",
                     command_rows[i]->name);
        fish_write_text(command_rows[i]->purpose, out);
        buffer_append_text(out, "\n");
    }
    buffer_append_text(
        out,
        "complete -c hopscope -n __hopscope_first -a help -d 'say more of a command'\n"
        "complete -c hopscope -n __hopscope_first -s h -l help -d 'list the commands'\n"
        "complete -c hopscope -n __hopscope_first -s V -l version -d 'print the "
        "version'\n");
    for (size_t i = 0; i < command_row_count; i++) {
        buffer_print(out, "\ncomplete -c hopscope -n '__hopscope_at help 0' -a %s\n",
                     command_rows[i]->name);
        for (size_t k = 0; k < option_row_count; k++) {
            if (option_rows[k].commands & command_rows[i]->bit)
                fish_write_option(command_rows[i], &option_rows[k], out);
        }
        fish_write_operands(command_rows[i], out);
    }
}
