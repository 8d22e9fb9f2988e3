/* In a file of its own, because <term.h> makes macros of plain words. */
#include "ui/terminal_kind.h"

#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
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

static int put_byte(int byte)
{
    char c = (char)byte;
    return write(STDOUT_FILENO, &c, 1) == 1 ? byte : EOF;
}

/* No endwin: it would share curses' buffers with a thread that is drawing. */
void terminal_kind_give_back(void)
{
    /* Mouse reports; capabilities do not name their end by itself. */
    static const char mouse_off[] = "\033[?1006;1000l";
    static const char told[] = "hopscope: out of memory; the program has ended\n";
    if (cur_term == NULL || isendwin()) return;
    if (key_mouse != NULL)
        for (const char *at = mouse_off; *at != '\0'; at++) put_byte(*at);
    if (exit_attribute_mode != NULL) tputs(exit_attribute_mode, 1, put_byte);
    if (cursor_normal != NULL) tputs(cursor_normal, 1, put_byte);
    if (keypad_local != NULL) tputs(keypad_local, 1, put_byte);
    if (exit_ca_mode != NULL) tputs(exit_ca_mode, 1, put_byte);
    reset_shell_mode();
    /* What was said before went down with the screen. */
    ssize_t written = write(STDERR_FILENO, told, strlen(told));
    (void)written;
}
