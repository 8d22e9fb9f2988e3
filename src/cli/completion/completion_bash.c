/* Completion for bash: one function over the words before the cursor; only the `case`
 * lines come from the tables.
 *
 *   first word:       a command
 *   after an option:  what it takes        case command:option
 *   a dash:           the options          case command
 *   otherwise:        the operands         case command:place, options not counted */
#include "cli/command_table.h"
#include "cli/completion/completion_words.h"

static const char bash_head[] =
    "# bash completion for hopscope\n"
    "\n"
    "_hopscope_files() {\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen -f -- \"$1\")\n"
    "}\n"
    "\n"
    "_hopscope_words() { # current, words\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$2\" -- \"$1\")\n"
    "}\n"
    "\n"
    "_hopscope_word_list() { # current, words: the one after the last comma\n"
    "    local before=${1%\"${1##*,}\"}\n"
    "    compopt -o nospace 2>/dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen -P \"$before\" -W \"$2\" -- \"${1##*,}\")\n"
    "}\n"
    "\n"
    "_hopscope_interfaces() { # current, further words\n"
    "    local names\n"
    "    names=$(ls /sys/class/net 2>/dev/null)\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$names $2\" -- \"$1\")\n"
    "}\n"
    "\n"
    "_hopscope_takes_argument() { # command:option\n"
    "    case $1 in\n";

static const char bash_middle[] =
    "    *) return 1 ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "_hopscope() {\n"
    "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local command=${COMP_WORDS[1]} place=0 i\n"
    "    COMPREPLY=()\n"
    "    # --option=value arrives as three words\n"
    "    if [[ $current == = ]]; then\n"
    "        current=\n"
    "    elif [[ $before == = ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    for ((i = 2; i < COMP_CWORD; i++)); do\n"
    "        case ${COMP_WORDS[i]} in\n"
    "        =) ((i++)) ;;\n"
    "        -?*)\n"
    "            if _hopscope_takes_argument \"$command:${COMP_WORDS[i]}\" &&\n"
    "                [[ ${COMP_WORDS[i + 1]} != = ]]; then\n"
    "                ((i++))\n"
    "            fi\n"
    "            ;;\n"
    "        *) ((place++)) ;;\n"
    "        esac\n"
    "    done\n"
    "    if ((COMP_CWORD == 1)); then\n"
    "        before=\n"
    "        command=first\n"
    "    elif [[ $command == help && $COMP_CWORD -gt 2 ]]; then\n"
    "        return\n"
    "    fi\n"
    "    case $command:$before in\n";

static const char bash_tail[] = "    esac\n"
                                "}\n"
                                "\n"
                                "complete -F _hopscope hopscope\n";

static const char bash_indent[] = "        ";

/* The call that completes; `current` is the word so far. */
static void bash_write_call(const struct completion *c, struct buffer *out)
{
    switch (c->kind) {
    case COMPLETION_NOTHING: buffer_append_text(out, "return"); return;
    case COMPLETION_FILES:
        buffer_append_text(out, "_hopscope_files \"$current\"");
        return;
    case COMPLETION_INTERFACES: buffer_append_text(out, "_hopscope_interfaces"); break;
    case COMPLETION_WORDS: buffer_append_text(out, "_hopscope_words"); break;
    case COMPLETION_WORD_LIST: buffer_append_text(out, "_hopscope_word_list"); break;
    }
    buffer_print(out, " \"$current\" '%s'", completion_words_text(c));
}

/* read:-o|read:--output */
static void bash_write_pattern(const struct command *command,
                               const struct option_row *row, struct buffer *out)
{
    buffer_append_text(out, "    ");
    if (row->letter) buffer_print(out, "%s:-%c", command->name, row->letter);
    if (row->letter && row->name) buffer_append_text(out, " | ");
    if (row->name) buffer_print(out, "%s:--%s", command->name, row->name);
    buffer_append_text(out, ") ");
}

static void bash_write_arguments(const struct command *command, bool has_call,
                                 struct buffer *out)
{
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        struct completion what;
        if (!(row->commands & command->bit) || row->argument == NULL) continue;
        bash_write_pattern(command, row, out);
        completion_words_of_option(row, &what);
        if (has_call)
            bash_write_call(&what, out);
        else
            buffer_append_text(out, "return 0");
        buffer_append_text(out, " ;;\n");
        completion_words_done(&what);
    }
}

static void bash_write_options(const struct command *command, struct buffer *out)
{
    buffer_print(out, "%s%s:-*:*) _hopscope_words \"$current\" '", bash_indent,
                 command->name);
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (!(row->commands & command->bit)) continue;
        if (row->name)
            buffer_print(out, "--%s ", row->name);
        else
            buffer_print(out, "-%c ", row->letter);
    }
    buffer_append_text(out, "' ;;\n");
}

static void bash_write_operands(const struct command *command, struct buffer *out)
{
    struct completion_operand operand = {.is_repeated = false};
    for (size_t i = 0;
         !operand.is_repeated && completion_words_operand(command, i, &operand); i++) {
        buffer_print(out, "%s%s:*:", bash_indent, command->name);
        if (operand.is_repeated)
            buffer_append_text(out, "*) ");
        else
            buffer_print(out, "%zu) ", i);
        bash_write_call(&operand.what, out);
        buffer_append_text(out, " ;;\n");
        completion_words_done(&operand.what);
    }
}

static void bash_write_commands(const char *first, struct buffer *out)
{
    buffer_print(out, "%s%s:*) _hopscope_words \"$current\" '", bash_indent, first);
    for (size_t i = 0; i < command_row_count; i++)
        buffer_print(out, "%s ", command_rows[i]->name);
}

void completion_bash_write(struct buffer *out)
{
    buffer_append_text(out, bash_head);
    for (size_t i = 0; i < command_row_count; i++)
        bash_write_arguments(command_rows[i], false, out);
    buffer_append_text(out, bash_middle);
    for (size_t i = 0; i < command_row_count; i++)
        bash_write_arguments(command_rows[i], true, out);
    buffer_append_text(out, "    *)\n        case $command:$current:$place in\n");
    bash_write_commands("first", out);
    buffer_append_text(out, "help --help --version' ;;\n");
    bash_write_commands("help", out);
    buffer_append_text(out, "' ;;\n");
    for (size_t i = 0; i < command_row_count; i++) {
        bash_write_options(command_rows[i], out);
        bash_write_operands(command_rows[i], out);
    }
    buffer_append_text(out, "        esac\n        ;;\n");
    buffer_append_text(out, bash_tail);
}
