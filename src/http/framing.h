/* How a message's body is delimited: RFC 9112, section 6.3. */
#ifndef HOPSCOPE_SRC_HTTP_FRAMING_H
#define HOPSCOPE_SRC_HTTP_FRAMING_H

#include "http/header.h"

/* Sets framing and declared length of `m`, whose status, version and method are known.
 * `asked`: the method of the request that a response answers. Notes what does not fit.
 */
void framing_decide(struct message *m, const struct header *h, enum method asked,
                    const struct notes *n);

#endif
