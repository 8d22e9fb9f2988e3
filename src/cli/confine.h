/* What each command still needs once the gate of the sandbox has closed. */
#ifndef CLI_CONFINE_H
#define CLI_CONFINE_H

#include "cli/options.h"
#include "hopscope/sandbox.h"

struct confine {
    const struct options *options;
    struct sandbox_place *places; /* owned array; paths borrow */
    size_t place_count;
    size_t memory_max;    /* 0: the command knows no cap */
    const char *settings; /* a file that may be written, its folders made; borrowed */
};

void confine_init(struct confine *c, const struct options *options);
void confine_done(struct confine *c);
/* `path` may be NULL. A wish is no reason to stay somebody who can reach it. */
void confine_add(struct confine *c, const char *path, enum sandbox_use use);
void confine_wish(struct confine *c, const char *path, enum sandbox_use use);
/* All of `paths`, for reading. */
void confine_add_files(struct confine *c, const char *const *paths, size_t count);
struct sandbox_options confine_options(const struct confine *c);
/* Closes the gate (see sandbox_enter), tells on stderr what is missing unless nothing
 * shall be told, and releases `c`. STATUS_FAILED: `why` says it. */
enum status confine_enter(struct confine *c, struct problem *why);
/* The same for a command that reads one database and writes `output` (NULL: nothing).
 */
enum status confine_to_database(const struct options *options, const char *output,
                                enum sandbox_use use, struct problem *why);

#endif
