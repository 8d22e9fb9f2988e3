/* A Content-Length that a Transfer-Encoding overrules (RFC 9112, section 6.3-3): what
 * stands where a recipient that believes it would look for the next message? */
#ifndef HOPSCOPE_SRC_HTTP_OVERRULED_H
#define HOPSCOPE_SRC_HTTP_OVERRULED_H

#include "http/start_line.h"

struct overruled; /* NULL: there is none, or its end has been reached */

/* The message began at `start`, where its finding was noted; by its length it would end
 * at `end`. One that is still looked for is forgotten. */
void overruled_begin(struct overruled **o, uint64_t start, uint64_t end);
/* A chunk of that side has come, or was just read. Where it has the bytes in question,
 * the finding's evidence says what they are, and *o is freed. */
void overruled_look(struct overruled **o, struct conn *conn, const struct chunk *chunk);
void overruled_free(struct overruled **o); /* nothing more will come */

#endif
