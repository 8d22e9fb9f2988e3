/* In a file of its own, because <term.h> makes macros of plain words. */
#include "ui/terminal_kind.h"

#include <ncurses.h>
#include <stdlib.h>
#include <term.h>
#include <unistd.h>

bool terminal_kind_is_usable(void)
{
    int error = 0;
    const char *name = getenv("TERM");
    if (name == NULL || *name == '\0') return false;
    if (setupterm(name, STDOUT_FILENO, &error) != OK) return false;
    bool is_usable = cursor_address != NULL;
    del_curterm(cur_term);
    return is_usable;
}
