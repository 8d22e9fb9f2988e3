/* Lines of text for a terminal: headings, columns that line up, colour when wanted.
 * Widths are display columns; every multi-byte character written here takes one. */
#ifndef EXPORT_PAGE_H
#define EXPORT_PAGE_H

#include "hopscope/base.h"

enum { PAGE_COLUMNS_MAX = 8, PAGE_CELL_MAX = 512, PAGE_LINE_MAX = 1024 };

enum page_ink { PAGE_PLAIN, PAGE_BOLD, PAGE_DIM, PAGE_RED, PAGE_YELLOW };

struct page {
    struct buffer *out;
    unsigned width;
    bool has_colour;
};

/* One column of a table. A text too long for its column is cut and ends in "…"; a
 * figure, which stands right, is never cut. */
struct page_column {
    const char *title;
    unsigned width;
    bool is_right;
};

/* Appends text in a colour. */
void page_ink_text(struct page *p, enum page_ink ink, const char *text);
/* An empty line, then "TITLE  sentence": what a section is and what it comes to. */
void page_heading(struct page *p, const char *title, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A line "  label  text" whose text is wrapped at the page's width, in line below
 * itself; `label_width` aligns neighbours. The label "!" is an alarm. */
void page_item(struct page *p, unsigned label_width, const char *label,
               const char *text);
/* The same of a buffer, which is emptied; nothing when it is empty. */
void page_item_of(struct page *p, unsigned label_width, const char *label,
                  struct buffer *text);
/* A table's line: two columns of indent, two between cells, no blanks at its end. */
void page_titles(struct page *p, const struct page_column *columns, size_t count);
void page_row(struct page *p, enum page_ink ink, const struct page_column *columns,
              size_t count, const char *const *cells);
size_t page_text_width(const char *text);
/* Appends to a list: ", " first, unless the list is empty. */
void page_list_add(struct buffer *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A path as its owner wrote it; characters that would act on a terminal, and bytes that
 * are no UTF-8, become '?'. */
void page_copy_path(struct bytes path, char *out, size_t size);

#endif
