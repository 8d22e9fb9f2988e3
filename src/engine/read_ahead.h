/* Blocks of a capture read, and unpacked, by a thread of their own while those before
 * are analysed. */
#ifndef ENGINE_READ_AHEAD_H
#define ENGINE_READ_AHEAD_H

#include "hopscope/capture.h"

struct read_ahead;

/* Starts the thread; from here on the set takes blocks from it. NULL: the set is not
 * worth a thread, or none could be started, and the set reads by itself. */
struct read_ahead *read_ahead_start(struct capture_set *set);
/* Before capture_set_close; the set is not to be read any more. NULL is allowed. */
void read_ahead_end(struct read_ahead *a);

#endif
