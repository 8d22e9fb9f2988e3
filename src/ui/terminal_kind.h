#ifndef UI_TERMINAL_KIND_H
#define UI_TERMINAL_KIND_H

#include <stdbool.h>

/* Whether standard output is a terminal whose TERM is known here and that can place a
 * cursor. Curses would end the program where it is not. */
bool terminal_kind_is_usable(void);

/* For at_quick_exit, on any thread: while curses has the terminal, gives it back as it
 * was, by nothing but writes and one ioctl. Does nothing before and after. */
void terminal_kind_give_back(void);

#endif
