/* Field lines that hold nothing odd: most lines of most heads. */
#ifndef HOPSCOPE_SRC_HTTP_PLAIN_LINES_H
#define HOPSCOPE_SRC_HTTP_PLAIN_LINES_H

#include "hopscope/base.h"
#include "http/byte_map.h"

struct plain_lines {
    const uint8_t *at; /* where the next line begins */
    const uint8_t
        *block; /* the bytes that `map` is of; past ones are taken out of it */
    const uint8_t *end;
    struct byte_map map;
};

struct plain_line {
    struct bytes text; /* without its CRLF */
    size_t name_length;
};

enum { PLAIN_LINE_END = 2 }; /* CRLF */

/* `rest` is not empty and begins where a line begins. */
void plain_lines_begin(struct plain_lines *p, struct bytes rest);
/* True: `*line` is the line at p->at, whole and in place, ended by CRLF, with a colon,
 * without other control bytes than HTAB, and the next line does not continue it; p->at
 * stands behind it. False: the line at p->at is another one, or its end or the byte
 * behind that is not here; it is not asked again. */
bool plain_lines_next(struct plain_lines *p, struct plain_line *line);

#endif
