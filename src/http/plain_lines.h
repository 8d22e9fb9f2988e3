/* Lines of a head that hold nothing odd, which are most lines of most heads: where each
 * begins and ends, and its name. */
#ifndef HOPSCOPE_SRC_HTTP_PLAIN_LINES_H
#define HOPSCOPE_SRC_HTTP_PLAIN_LINES_H

#include "http/names.h"

enum {
    PLAIN_LINES_MAX = 32,   /* looked at at once: more than most heads have */
    PLAIN_LINE_END = 2,     /* CRLF */
    PLAIN_LINES_LOOK = 16,  /* bytes that are looked at at once, of a name */
    PLAIN_LINES_BLOCK = 64, /* of a line */
    PLAIN_LINES_LEAST = PLAIN_LINES_BLOCK + PLAIN_LINE_END,
};

struct plain_line {
    const uint8_t *text;  /* in the bytes looked at, */
    uint32_t length;      /* without its CRLF */
    uint16_t name_length; /* the colon stands there */
    uint8_t name;         /* enum field_name */
};

struct plain_lines {
    size_t taken;        /* bytes, of all the lines found */
    size_t start_length; /* of the start line, without its CRLF; 0: none */
    uint32_t fields;     /* lines behind it; PLAIN_LINES_MAX: there may be more */
    uint32_t count;      /* of those that were asked for, in their order */
    struct plain_line lines[PLAIN_LINES_MAX];
};

struct plain_lines_request {
    bool has_start;      /* the first line is a start line */
    uint32_t fields_max; /* of the lines behind it */
    /* Bits 1 << enum field_name of fields that somebody asks for. FIELD_OTHER: all of
     * them; otherwise those of a length that coding_cannot_look_alike denies. */
    uint32_t wanted;
};

/* Finds the lines with which `head` begins, which has HTTP_HEADER_BYTES_MAX at most;
 * of fewer bytes than PLAIN_LINES_LEAST none. Each is whole: a name of letters, digits
 * and hyphens, a colon, no control byte but HTAB, CRLF, and behind that a byte that
 * does not continue it. Of a start line only the bytes' classes and its end are sure.
 * The first line that is another one, as the empty line is, ends the search. */
void plain_lines_find(struct plain_lines *out, struct bytes head,
                      const struct plain_lines_request *asked);

#endif
