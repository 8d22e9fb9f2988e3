/* Landlock (landlock(7)): which files the calling thread and its children can reach. */
#ifndef SANDBOX_LANDLOCK_H
#define SANDBOX_LANDLOCK_H

#include "hopscope/sandbox.h"

/* What the kernel knows of it: 0, nothing; 1 to 7 and on. */
int landlock_version(void);
/* From now on: the places, what the C library and the terminal library look up, and a
 * folder for SQLite's sorting; no TCP; no signal and no socket out. What the kernel's
 * version does not know is not restricted. 0, or errno. Needs no_new_privs. */
int landlock_restrict(const struct sandbox_options *options);

#endif
