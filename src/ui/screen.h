/* The terminal, by curses: shows a canvas, gives keys. */
#ifndef UI_SCREEN_H
#define UI_SCREEN_H

#include "ui/canvas.h"
#include "ui/keys.h"

struct screen;

/* STATUS_FAILED: no terminal, or one that cannot place a cursor; `why` says it. */
enum status screen_open(bool has_colour, struct screen **out, struct problem *why);
/* The terminal is as before, unless it has gone or is held. NULL is allowed. */
void screen_close(struct screen *s);
int screen_fd(const struct screen *s);
bool screen_is_ascii(const struct screen *s);
void screen_size(const struct screen *s, int *rows, int *columns);
/* The next key; false: none waits. */
bool screen_key(struct screen *s, struct key_press *out);
bool screen_is_gone(struct screen *s);
/* Shows what has changed; false: the terminal is held, and nothing was shown. */
bool screen_show(struct screen *s, const struct canvas *c);
void screen_redraw(struct screen *s); /* the next showing draws all of it */

#endif
