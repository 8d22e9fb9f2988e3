/* What a status code is called. */
#ifndef EXPORT_REASON_H
#define EXPORT_REASON_H

#include <stdint.h>

/* The phrase of the registry (RFC 9110, section 16.2.1), which is not what a server
 * wrote beside it: that nobody may rely on, and it is not kept. "" when there is none.
 */
const char *reason_of(int64_t status);

#endif
