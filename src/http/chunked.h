/* Lines of the chunked transfer coding (RFC 9112, section 7.1). */
#ifndef HOPSCOPE_SRC_HTTP_CHUNKED_H
#define HOPSCOPE_SRC_HTTP_CHUNKED_H

#include "http/line.h"
#include "http/notes.h"

enum { CHUNKED_EXTENSION_BYTES_MAX = 4096 }; /* before it is more than unusual */

/* Reads the line before a chunk's data. True: `*size` is set, 0 for the last chunk.
 * False: no size, or one over 2^63 - 1; the body cannot be followed any further.
 * `*told`: how grave an extension was told of before; one that is no graver is not told
 * again. */
bool chunked_read_line(const struct line *line, const struct notes *n, uint64_t *size,
                       enum severity *told);

#endif
