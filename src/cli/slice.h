/* hopscope slice: the packets of some connections, out of the captures they are in. */
#ifndef CLI_SLICE_H
#define CLI_SLICE_H

#include "cli/options.h"

extern const struct command slice_command;

/* Does what the command does, on whatever thread, until `*stop` is not 0; `options` has
 * the operands as paths. `key` is what --anonymize hides with; NULL: nothing is. */
enum status slice_cut(const struct options *options, const struct hash_key *key,
                      const volatile int *stop, uint64_t *written, struct problem *why);

#endif
