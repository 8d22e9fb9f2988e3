/* A page of cells: what views write on, and what screen.c shows. Without curses, so
 * that tests can read it. */
#ifndef UI_CANVAS_H
#define UI_CANVAS_H

#include "hopscope/base.h"

enum canvas_style {
    STYLE_PLAIN,
    STYLE_DIM,
    STYLE_BOLD,
    STYLE_BAR,     /* title, column heads, bottom line */
    STYLE_BAR_KEY, /* a key's name on the bottom line */
    STYLE_GOOD,
    STYLE_WARNING,
    STYLE_BAD,
    STYLE_ACCENT,
    STYLE_REQUEST, /* parts of a bar of time */
    STYLE_WAIT,
    STYLE_RESPONSE,
    STYLE_BLOCKED,
    STYLE_COUNT,
    STYLE_CHOSEN = 0x80, /* added to any: the cursor stands there */
};

enum { CANVAS_ROWS_MAX = 400, CANVAS_COLUMNS_MAX = 1000 };

struct canvas_cell {
    uint32_t code; /* 0: the right half of the character before */
    uint8_t style;
};

struct canvas {
    struct canvas_cell *cells;
    int rows, columns;
    bool is_ascii;
};

/* A place on it; what is written never leaves it. */
struct canvas_area {
    struct canvas *canvas;
    int row, column, rows, columns;
};

void canvas_resize(struct canvas *c, int rows, int columns); /* and blank */
void canvas_done(struct canvas *c);
struct canvas_area canvas_all(struct canvas *c);
struct canvas_area canvas_part(struct canvas_area a, int row, int column, int rows,
                               int columns); /* clipped to `a` */
/* Fills the row, from `column` on, with one character. */
void canvas_fill(struct canvas_area a, int row, int column, int columns, uint32_t code,
                 unsigned style);
/* Writes text (UTF-8; see wire_text.h) up to `columns` wide and returns the columns
 * used. In ASCII, known signs get a likeness, others are '?'. */
int canvas_write(struct canvas_area a, int row, int column, int columns,
                 struct bytes text, unsigned style);
int canvas_text(struct canvas_area a, int row, int column, const char *text,
                unsigned style); /* up to the area's edge */
/* Ends at `column` + `columns`. What is too long loses its end. */
void canvas_right(struct canvas_area a, int row, int column, int columns,
                  struct bytes text, unsigned style);
/* Columns that a text takes. */
int canvas_width(struct bytes text);
/* The page as text, blanks at line ends cut: for tests and for saving. */
void canvas_dump(const struct canvas *c, struct buffer *out);

#endif
