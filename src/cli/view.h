/* hopscope view: the screens over a database or a capture. */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H

#include "cli/options.h"

extern const struct command view_command;

/* The file that keeps what was chosen on the screens; NULL: there is no place for it.
 */
const char *view_settings_path(struct buffer *scratch);

#endif
