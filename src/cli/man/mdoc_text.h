/* Plain text, as the tables have it, into the source of a page (mdoc(7)). */
#ifndef CLI_MAN_MDOC_TEXT_H
#define CLI_MAN_MDOC_TEXT_H

#include "hopscope/base.h"

/* Words of a paragraph, with line ends anywhere: in lines of the right width, one
 * sentence to a line, so that no byte is taken for a request. */
void mdoc_text_fill(struct bytes text, struct buffer *out);
/* The same with a capital first letter and a full stop. */
void mdoc_text_fill_sentence(struct bytes text, struct buffer *out);
/* Paragraphs between blank lines; lines that begin with four spaces are shown as they
 * stand. Unless it `is_first`, text stood before. A paragraph that begins with `but` is
 * left out; NULL: none is. */
void mdoc_text_pages(struct bytes text, bool is_first, const char *but,
                     struct buffer *out);

/* Takes a line off; without its end. */
struct bytes mdoc_text_take_line(struct bytes *rest);
/* Takes what stands before `mark` off, and `mark` with it; all when it is not there. */
struct bytes mdoc_text_take_until(struct bytes *rest, const char *mark);

#endif
