/* Start lines (RFC 9112, sections 3 and 4; RFC 1945, section 5.1 for HTTP/0.9). */
#ifndef HOPSCOPE_SRC_HTTP_START_LINE_H
#define HOPSCOPE_SRC_HTTP_START_LINE_H

#include "http/notes.h"

struct start_line {
    struct bytes method, target; /* a request's; borrow from the line */
    enum method known;
    enum http_version version;
    int status;         /* a response's; 0: unreadable */
    uint32_t oddities;  /* for start_line_note */
    bool is_registered; /* its method is */
    bool is_simple;     /* HTTP/0.9: no version, no fields follow */
    bool is_flawless;   /* and so does the rest, with a method that is known */
    bool is_exact;      /* the version stands there as it should: surely a start line */
};

/* True: `text`, a line without its end, is taken as a start line, odd or not. */
bool start_line_read(struct bytes text, enum side from, struct start_line *out);
/* The same of a line that was cut: it must show method and SP, or a whole status. */
bool start_line_read_cut(struct bytes text, enum side from, struct start_line *out);
/* False: however `text` goes on, it will be no start line. */
bool start_line_may_begin(struct bytes text, enum side from);
/* Of a request line that was taken, whole or cut: its method is registered, or written
 * in capitals, and it has a target. Otherwise it may be the end of something whose
 * beginning was not seen. */
bool start_line_is_likely(const struct start_line *l);
/* Findings of a line that was taken. */
void start_line_note(const struct start_line *l, const struct notes *n,
                     struct bytes text);

#endif
