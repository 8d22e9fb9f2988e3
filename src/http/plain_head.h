/* The usual head: lines that hold nothing odd, whole in one chunk. */
#ifndef HOPSCOPE_SRC_HTTP_PLAIN_HEAD_H
#define HOPSCOPE_SRC_HTTP_PLAIN_HEAD_H

#include "http/parser.h"

/* Takes what is plain of the head that goes on, or begins, with the next byte of `s`,
 * which is the first of a line: a start line without a flaw, fields. The first line
 * that is not plain, or goes over a cap, is left to head_step, as the empty line is: at
 * least one byte. The state is START_LINE or FIELDS. */
void plain_head_read(struct parser *p, struct source *s);

#endif
