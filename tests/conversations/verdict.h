/* verdict: whether an account is what a script expects, and if not, where. */
#ifndef VERDICT_H
#define VERDICT_H

#include "account.h"

/* Appends a line or more to `out` for everything that is not as expected in that family
 * of variations. Returns whether all is. */
bool verdict_find(const struct account *a, const struct script *script,
                  enum variation_family family, struct buffer *out);

#endif
