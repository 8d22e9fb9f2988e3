/* A request line inside a request's body: what a server that frames the body otherwise
 * takes for a request of its own (RFC 9112, section 11.2). Nothing is wrong with such
 * bytes by themselves; they matter once somebody answers them. */
#ifndef HOPSCOPE_SRC_HTTP_HIDDEN_H
#define HOPSCOPE_SRC_HTTP_HIDDEN_H

#include "http/source.h"

enum {
    HIDDEN_LINE_MAX = 255, /* with its end; longer ones are not taken for requests */
};

struct hidden {
    uint64_t looked;       /* bytes of the body so far, up to the cap */
    uint64_t found_offset; /* of the first such line; OFFSET_UNKNOWN: none */
    uint64_t line_offset;  /* of the begun line */
    uint8_t length;        /* of the line in `text` */
    bool is_passed_over;   /* the begun line is none */
    uint8_t text[HIDDEN_LINE_MAX];
};

void hidden_init(struct hidden *h);
/* A line begins with the next byte: where a chunk's data begins. */
void hidden_begin_line(struct hidden *h);
/* Looks at bytes of the body, the first of which has this stream offset. Of one body at
 * most HTTP_HIDDEN_BYTES_MAX bytes are looked at, up to the first such line. */
void hidden_look(struct hidden *h, uint64_t offset, struct bytes data);
/* The line that was found, without its end; ptr NULL: none. Borrows from `h`. */
static inline struct bytes hidden_line(const struct hidden *h)
{
    bool is_found = h->found_offset != OFFSET_UNKNOWN;
    return is_found ? bytes_of(h->text, h->length) : bytes_of(NULL, 0);
}

#endif
