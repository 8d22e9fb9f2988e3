/* One row per subcommand: main, help, man pages and completions are loops over them. */
#include "cli/command_table.h"

#include "cli/ask.h"
#include "cli/export.h"
#include "cli/likeness.h"
#include "cli/live.h"
#include "cli/read.h"
#include "cli/report.h"
#include "cli/slice.h"
#include "cli/sql.h"
#include "cli/view.h"

#include <string.h>

/* clang-format off */
const struct command *const command_rows[] = {
    &read_command,
    &live_command,
    &view_command,
    &ask_command,
    &sql_command,
    &export_command,
    &slice_command,
    &report_command,
};
/* clang-format on */

const size_t command_row_count = ARRAY_LENGTH(command_rows);

const struct command *command_table_find(const char *name)
{
    for (size_t i = 0; i < command_row_count; i++) {
        if (strcmp(command_rows[i]->name, name) == 0) return command_rows[i];
    }
    return NULL;
}

const struct command *command_table_guess(const char *word)
{
    struct likeness like = likeness_of(word);
    for (size_t i = 0; i < command_row_count; i++)
        likeness_try(&like, command_rows[i]->name);
    return like.name == NULL ? NULL : command_table_find(like.name);
}
