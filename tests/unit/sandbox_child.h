/* What a child makes of something, for tests of what cannot be undone. */
#ifndef SANDBOX_CHILD_H
#define SANDBOX_CHILD_H

#include "hopscope/sandbox.h"

#include <sys/types.h>

/* Runs `work` in a child; its result is the exit code, 1000 + N when signal N ended it.
 */
int sandbox_child_run(int (*work)(const void *context), const void *context);
/* The calling thread's line of /proc/thread-self/status, such as "CapEff". */
bool sandbox_child_status(const char *name, char out[64]);
/* Options of a work that writes made.db into the folder where the test runs. */
extern const struct sandbox_options sandbox_child_gate;
/* Whether the calling process is behind the gate now. */
bool sandbox_child_enter(const struct sandbox_options *options);
/* Setup and teardown: the working folder is a new one, removed at the end. */
int sandbox_child_enter_folder(void **state);
int sandbox_child_leave_folder(void **state);

#endif
