/* Who root becomes. */
#ifndef SANDBOX_IDENTITY_H
#define SANDBOX_IDENTITY_H

#include "hopscope/sandbox.h"

/* Becomes somebody who is not root and can reach every place, if the caller is root and
 * there is such a user, and keeps the permitted capabilities (PR_SET_KEEPCAPS).
 * `*needs_files`: even root could not reach them without CAP_DAC_OVERRIDE.
 * STATUS_FAILED: neither the new user nor the old one; `why` says it. */
enum status identity_change(const struct sandbox_place *places, size_t place_count,
                            bool *needs_files, struct problem *why);

#endif
