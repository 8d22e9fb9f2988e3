/* A response whose request was lost may have answered a HEAD. It had no body then, and
 * the segment behind its head begins with the next status line. */
#ifndef HOPSCOPE_SRC_HTTP_BODILESS_H
#define HOPSCOPE_SRC_HTTP_BODILESS_H

#include "http/hold.h"
#include "http/parser.h"

/* Looks at a chunk of the server's side before it is parsed, and ends the response that
 * has no body. True: the chunk is held in `*kept`, because it is too short to tell; the
 * first byte that tells brings it to the parser. */
bool bodiless_hold(struct hold **kept, struct parser *server,
                   const struct chunk *chunk);

/* No byte that could tell will come: what was held is body. */
void bodiless_release(struct hold **kept, struct parser *server);

#endif
