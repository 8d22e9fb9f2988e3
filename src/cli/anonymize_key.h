/* The key of --anonymize: random for one run, or a file's. */
#ifndef CLI_ANONYMIZE_KEY_H
#define CLI_ANONYMIZE_KEY_H

#include "cli/options.h"

static inline bool anonymize_is_wanted(const struct options *o)
{
    return o->is_anonymous || o->anonymize_key != NULL;
}

/* Takes the key from the file of --anonymize-key, which is made when it is not there,
 * or from the system. STATUS_USAGE: --secrets beside it; STATUS_FAILED: no such file
 * can be made, or it is none. To be called before the sandbox closes. */
enum status anonymize_key_get(const struct options *o, struct hash_key *out,
                              struct problem *why);

#endif
