/* The Expect field (RFC 9110, section 10.1.1). */
#ifndef HOPSCOPE_SRC_HTTP_EXPECTATION_H
#define HOPSCOPE_SRC_HTTP_EXPECTATION_H

#include "http/header.h"

/* A request's Expect line: sets h->expects_continue for the one expectation there is,
 * h->is_expect_disguised for what some recipient may take for it, and notes whatever is
 * not exactly it. */
void expectation_read(struct header *h, const struct field *f, const struct notes *n);
/* When the framing is known: an expectation without a body to wait with. */
void expectation_judge(const struct header *h, const struct message *m,
                       const struct notes *n);

#endif
