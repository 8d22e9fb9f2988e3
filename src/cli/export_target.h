/* Where an export goes: standard output, a file, or a folder with a file a part. A file
 * is written beside its name and renamed when whole: what stood there before stays
 * until then, whatever happens. */
#ifndef CLI_EXPORT_TARGET_H
#define CLI_EXPORT_TARGET_H

#include "hopscope/export.h"

struct export_place {
    const char *path;   /* NULL: standard output */
    const char *suffix; /* not NULL: `path` is a folder, of files <part>.<suffix> */
    const char *source; /* never to be written over */
    char *name;         /* of the open file; owned */
    char *beside;       /* what it is called until it is whole; NULL: `name`; owned */
    int fd;
    bool is_closed; /* nobody reads standard output any more */
};

/* Begins with `fd` -1. A folder is made unless it is there. */
struct export_target export_target_of(struct export_place *place);
/* Closes what is open, and gives it its name. After a failure (`status`), what was
 * being written is removed, as half a file is worse than none; parts that are whole
 * stay. That standard output's reader went away ended the run early, and is no failure.
 */
enum status export_target_end(struct export_place *place, enum status status,
                              struct problem *why);

#endif
