/* Lines of a head that hold nothing odd, which are most lines of most heads: where each
 * begins and ends, and its name. */
#ifndef HOPSCOPE_SRC_HTTP_PLAIN_LINES_H
#define HOPSCOPE_SRC_HTTP_PLAIN_LINES_H

#include "http/names.h"

enum {
    PLAIN_LINES_MAX = 32, /* looked at at once: more than most heads have */
    PLAIN_LINE_END = 2,   /* CRLF */
};

struct plain_line {
    uint32_t at, length;  /* in the bytes looked at, without its CRLF */
    uint32_t name_length; /* the colon stands there */
    uint32_t number;      /* of the field, from 1 */
    enum field_name name;
};

struct plain_lines {
    size_t taken;        /* bytes, of all the lines found, and */
    uint32_t fields;     /* how many of them are fields */
    uint32_t count;      /* of the fields that were asked for */
    size_t start_length; /* of the start line, without its CRLF; 0: none */
    bool is_full;        /* there may be more */
    struct plain_line lines[PLAIN_LINES_MAX];
};

struct plain_lines_request {
    bool has_start;      /* the first line is a start line */
    uint32_t fields_max; /* of the lines behind it */
    /* Bits 1 << enum field_name of fields that somebody asks for. FIELD_OTHER: all of
     * them; otherwise those of a length that coding_cannot_look_alike denies. */
    uint32_t wanted;
};

/* Finds the lines with which `head`, fewer than 4 GiB, begins. Each is whole: a name of
 * letters, digits and hyphens, a colon, no control byte but HTAB, CRLF, and behind that
 * a byte that does not continue it. Of a start line only the bytes' classes and its end
 * are sure. The first line that is another one, as the empty line is, ends the search.
 */
void plain_lines_find(struct plain_lines *out, struct bytes head,
                      const struct plain_lines_request *asked);

#endif
