/* Where an export goes: standard output, a file, or a folder with a file a part. */
#ifndef CLI_EXPORT_TARGET_H
#define CLI_EXPORT_TARGET_H

#include "hopscope/export.h"

struct export_place {
    const char *path;   /* NULL: standard output */
    const char *suffix; /* not NULL: `path` is a folder, of files <part>.<suffix> */
    const char *source; /* never to be written over */
    char *name;         /* of the open file; owned */
    int fd;
    bool is_closed; /* nobody reads standard output any more */
};

/* Begins with `fd` -1. A folder is made unless it is there. */
struct export_target export_target_of(struct export_place *place);
/* Closes what is open. After a failure (`status`), the file that was being written is
 * removed, as half of one is worse than none. That standard output's reader went away
 * ended the run early, and is no failure. */
enum status export_target_end(struct export_place *place, enum status status,
                              struct problem *why);

#endif
