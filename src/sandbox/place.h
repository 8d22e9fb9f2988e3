/* What a place is on the disk at this moment. */
#ifndef SANDBOX_PLACE_H
#define SANDBOX_PLACE_H

#include "hopscope/sandbox.h"

bool place_is_skipped(const struct sandbox_place *place);
/* Whether files are made there. */
bool place_is_made(const struct sandbox_place *place);
/* The folder that stands for it, to be released with mem_free; NULL: the path itself
 * does, being read only, or something that is no file (a pipe, a terminal). */
char *place_folder(const struct sandbox_place *place);
/* Whether the effective user may do there what it is for; what is not there is no
 * hindrance: the work will say so. */
bool place_is_reachable(const struct sandbox_place *place);
/* Whether a database is in WAL mode: then even a reader writes beside it. */
bool place_has_log(const char *path);

#endif
