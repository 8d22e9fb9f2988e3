#ifndef UI_TERMINAL_KIND_H
#define UI_TERMINAL_KIND_H

#include <stdbool.h>

/* Whether standard output is a terminal whose TERM is known here and that can place a
 * cursor. Curses would end the program where it is not. */
bool terminal_kind_is_usable(void);

#endif
