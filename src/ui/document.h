/* A page of lines that is scrolled: text with a style for each run. */
#ifndef UI_DOCUMENT_H
#define UI_DOCUMENT_H

#include "ui/canvas.h"

struct document_run {
    size_t start, end; /* in the text */
    unsigned style;
    bool ends_line;
};

/* Zeroed: empty. */
struct document {
    struct buffer text;
    struct document_run *runs;
    size_t run_count, capacity, line_count;
};

void document_done(struct document *d);
void document_clear(struct document *d);
/* Adds to the line; the text is fit for a terminal (wire_text.h). */
void document_add(struct document *d, unsigned style, struct bytes text);
void document_print(struct document *d, unsigned style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void document_end_line(struct document *d);
/* Shows the lines from `top` on. */
void document_draw(const struct document *d, struct canvas_area a, size_t top);

#endif
