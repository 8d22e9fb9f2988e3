/* Completion for zsh: specifications for _arguments, which counts the operands. */
#include "cli/command_table.h"
#include "cli/completion/completion_words.h"

#include <string.h>

static const char zsh_head[] = "#compdef hopscope\n"
                               "\n"
                               "_hopscope_commands() {\n"
                               "    local -a commands\n"
                               "    commands=(\n";

static const char zsh_middle[] =
    "        'help:say more of a command'\n"
    "    )\n"
    "    _describe command commands\n"
    "}\n"
    "\n"
    "_hopscope() {\n"
    "    local curcontext=$curcontext state line\n"
    "    typeset -A opt_args\n"
    "    _arguments -C '(- *)'{-h,--help}'[list the commands]' \\\n"
    "        '(- *)'{-V,--version}'[print the version]' \\\n"
    "        '1:command:_hopscope_commands' '*::argument:->argument'\n"
    "    [[ $state == argument ]] || return\n"
    "    curcontext=${curcontext%:*:*}:hopscope-$words[1]:\n"
    "    case $words[1] in\n"
    "    help) _arguments '1:command:_hopscope_commands' ;;\n";

static const char zsh_tail[] = "    esac\n"
                               "}\n"
                               "\n"
                               "_hopscope \"$@\"\n";

/* Text in single quotes and between colons or brackets; a line end is a space. */
static void zsh_write_text(const char *text, struct buffer *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            buffer_append_text(out, "'\\''");
        else if (strchr("[]:\\", *text) != NULL)
            buffer_print(out, "\\%c", *text);
        else
            buffer_print(out, "%c", *text == '\n' ? ' ' : *text);
    }
}

static void zsh_write_action(const struct completion *c, struct buffer *out)
{
    switch (c->kind) {
    case COMPLETION_NOTHING: buffer_append_text(out, " "); return;
    case COMPLETION_FILES: buffer_append_text(out, "_files"); return;
    case COMPLETION_INTERFACES:
        buffer_print(out, "{compadd %s; _net_interfaces}", completion_words_text(c));
        return;
    case COMPLETION_WORDS: buffer_print(out, "(%s)", completion_words_text(c)); return;
    case COMPLETION_WORD_LIST:
        buffer_print(out, "{_values -s , question %s}", completion_words_text(c));
        return;
    }
}

/* (-o --output)'{-o,--output}'[help]:DB:_files */
static void zsh_write_option(const struct option_row *row, struct buffer *out)
{
    struct completion what = {.kind = COMPLETION_NOTHING};
    buffer_append_text(out, " \\\n        ");
    if (row->letter && row->name && row->kind != OPTION_PATH)
        buffer_print(out, "'(-%c --%s)'", row->letter, row->name);
    if (row->kind == OPTION_PATH || row->kind == OPTION_SETTING)
        buffer_append_text(out, "'*'");
    if (row->letter && row->name)
        buffer_print(out, "{-%c%s,--%s%s}", row->letter, row->argument ? "+" : "",
                     row->name, row->argument ? "=" : "");
    else if (row->letter)
        buffer_print(out, "-%c", row->letter);
    else
        buffer_print(out, "--%s%s", row->name, row->argument ? "=" : "");
    buffer_append_text(out, "'[");
    zsh_write_text(row->help, out);
    buffer_append_text(out, "]");
    if (row->argument) {
        completion_words_of_option(row, &what);
        buffer_print(out, ":%s:", row->argument);
        zsh_write_action(&what, out);
    }
    buffer_append_text(out, "'");
    completion_words_done(&what);
}

static void zsh_write_operands(const struct command *command, struct buffer *out)
{
    struct completion_operand operand = {.is_repeated = false};
    for (size_t i = 0;
         !operand.is_repeated && completion_words_operand(command, i, &operand); i++) {
        buffer_append_text(out, " \\\n        '");
        if (operand.is_repeated)
            buffer_append_text(out, "*:");
        else
            buffer_print(out, "%zu:", i + 1);
        buffer_print(out, "%s:", operand.name);
        zsh_write_action(&operand.what, out);
        buffer_append_text(out, "'");
        completion_words_done(&operand.what);
    }
}

void completion_zsh_write(struct buffer *out)
{
    buffer_append_text(out, zsh_head);
    for (size_t i = 0; i < command_row_count; i++) {
        buffer_print(out, "        '%s:", command_rows[i]->name);
        zsh_write_text(command_rows[i]->purpose, out);
        buffer_append_text(out, "'\n");
    }
    buffer_append_text(out, zsh_middle);
    for (size_t i = 0; i < command_row_count; i++) {
        buffer_print(out, "    %s)\n        _arguments -s", command_rows[i]->name);
        for (size_t k = 0; k < option_row_count; k++) {
            if (option_rows[k].commands & command_rows[i]->bit)
                zsh_write_option(&option_rows[k], out);
        }
        zsh_write_operands(command_rows[i], out);
        buffer_append_text(out, "\n        ;;\n");
    }
    buffer_append_text(out, zsh_tail);
}
