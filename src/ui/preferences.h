/* What is kept from one run to the next: one line of text (columns.h). */
#ifndef UI_PREFERENCES_H
#define UI_PREFERENCES_H

#include "ui/columns.h"

/* `path` NULL, or no such file: `choice` stays as it is. */
void preferences_read(const char *path, struct column_choice *choice);
/* Makes the folder if need be. False: it could not be kept. */
bool preferences_write(const char *path, const struct column_choice *choice);

#endif
