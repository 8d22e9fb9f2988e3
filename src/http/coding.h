/* The Transfer-Encoding field (RFC 9112, sections 6.1 and 7). */
#ifndef HOPSCOPE_SRC_HTTP_CODING_H
#define HOPSCOPE_SRC_HTTP_CODING_H

#include "http/header.h"

/* One line of it: sets h->is_chunked as the lines read so far have it, and notes
 * whatever is not exactly a list of codings. */
void coding_read(struct header *h, const struct field *f, const struct notes *n);
/* Told by the length alone: what the next one would not note. */
static inline bool coding_cannot_look_alike(size_t name_length)
{
    enum { CUT_LENGTH = 8, LENGTH_MIN = 16 }; /* "transfer", "transferencoding" */
    return name_length < LENGTH_MIN && name_length != CUT_LENGTH;
}
/* Notes a field that is not Transfer-Encoding, but looks like it: its name alone, or
 * its name with more letters about it and a value that speaks of chunks. */
void coding_note_look_alike(const struct field *f, const struct notes *n);

#endif
