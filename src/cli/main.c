/* hopscope: what the first word asks for. */
#include "cli/command_table.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/usage.h"
#include "hopscope/fault_guard.h"

#include <stdio.h>
#include <string.h>

static enum status main_run(const struct command *command, int argc, char **argv,
                            struct buffer *text, struct problem *why)
{
    struct options options;
    enum status rc = options_parse(command, argc, argv, &options, why);
    if (rc != STATUS_OK)
        usage_add_hint(command, why);
    else if (options.wants_help)
        usage_write_help(command, text);
    else if (options.wants_version)
        usage_write_version(text);
    else
        rc = command->run(&options, why);
    options_done(&options);
    return rc;
}

int main(int argc, char **argv)
{
    struct buffer text = {.ptr = NULL};
    struct problem why = {.text = ""};
    enum status rc = STATUS_OK;
    const char *first = argc > 1 ? argv[1] : "";
    bool is_help = strcmp(first, "help") == 0;
    const struct command *command =
        command_table_find(is_help && argc > 2 ? argv[2] : first);
    output_prepare();
    fault_guard_fill_lost_pages(); /* of captures that are cut while they are read */
    if (command && is_help)
        usage_write_help(command, &text);
    else if (command)
        rc = main_run(command, argc - 1, argv + 1, &text, &why);
    else
        rc = usage_answer(argc, argv, &text, &why);
    if (rc == STATUS_OK)
        rc = output_write(buffer_bytes(&text), &why);
    else if (text.len > 0)
        fwrite(text.ptr, 1, text.len, stderr);
    if (why.text[0] != '\0') output_complain(why.text);
    buffer_done(&text);
    return (int)rc;
}
