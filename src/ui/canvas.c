/* Cells in rows; a wide character takes two, the second of which is 0. */
#include "ui/canvas.h"

#include "ui/wire_text.h"

#include <string.h>

/* Signs of our own and what stands for them in ASCII. */
/* clang-format off */
static const struct likeness {
    uint32_t code;
    char ascii;
} likenesses[] = {
    { 0x00b5, 'u' }, /* micro */
    { 0x00b7, '.' }, /* middle dot */
    { 0x2026, '~' }, /* ellipsis */
    { 0x2500, '-' }, { 0x2502, '|' }, { 0x250c, '+' }, { 0x2514, '+' }, { 0x251c, '+' },
    { 0x253c, '+' }, { 0x2524, '|' },
    { 0x25b6, '>' }, { 0x25c0, '<' }, { 0x25b2, '^' }, { 0x25bc, 'v' },
    { 0x2581, '_' }, { 0x2582, '.' }, { 0x2583, ':' }, { 0x2584, '-' }, { 0x2585, '=' },
    { 0x2586, '+' }, { 0x2587, '%' }, { 0x2588, '#' },
    { 0x2591, '-' }, { 0x2592, '=' }, { 0x2593, 'x' },
    { 0x254d, '/' }, { 0x2248, '~' }, { 0x2022, '*' }, { 0x2191, '^' }, { 0x2193, 'v' },
    { 0x2190, '<' }, { 0x2192, '>' },
};
/* clang-format on */

static uint32_t likeness_of(uint32_t code)
{
    if (code < 0x80) return code;
    for (size_t i = 0; i < ARRAY_LENGTH(likenesses); i++) {
        if (likenesses[i].code == code) return (uint32_t)likenesses[i].ascii;
    }
    return '?';
}

void canvas_resize(struct canvas *c, int rows, int columns)
{
    rows = rows < 1 ? 1 : rows > CANVAS_ROWS_MAX ? CANVAS_ROWS_MAX : rows;
    columns = columns < 1 ? 1 : columns;
    if (columns > CANVAS_COLUMNS_MAX) columns = CANVAS_COLUMNS_MAX;
    size_t count = (size_t)rows * (size_t)columns;
    if (rows != c->rows || columns != c->columns) {
        mem_free(c->cells);
        c->cells = mem_alloc_array(count, sizeof *c->cells);
        c->rows = rows;
        c->columns = columns;
    }
    for (size_t i = 0; i < count; i++)
        c->cells[i] = (struct canvas_cell){.code = ' ', .style = STYLE_PLAIN};
}

void canvas_done(struct canvas *c)
{
    mem_free(c->cells);
    *c = (struct canvas){.cells = NULL};
}

struct canvas_area canvas_all(struct canvas *c)
{
    return (struct canvas_area){.canvas = c, .rows = c->rows, .columns = c->columns};
}

static int clip(int value, int low, int high)
{
    if (value > high) value = high;
    return value < low ? low : value;
}

struct canvas_area canvas_part(struct canvas_area a, int row, int column, int rows,
                               int columns)
{
    row = clip(row, 0, a.rows);
    column = clip(column, 0, a.columns);
    return (struct canvas_area){.canvas = a.canvas,
                                .row = a.row + row,
                                .column = a.column + column,
                                .rows = clip(rows, 0, a.rows - row),
                                .columns = clip(columns, 0, a.columns - column)};
}

static struct canvas_cell *cell_at(struct canvas_area a, int row, int column)
{
    if (row < 0 || row >= a.rows || column < 0 || column >= a.columns) return NULL;
    return &a.canvas->cells[(a.row + row) * a.canvas->columns + a.column + column];
}

void canvas_fill(struct canvas_area a, int row, int column, int columns, uint32_t code,
                 unsigned style)
{
    if (a.canvas->is_ascii) code = likeness_of(code);
    for (int i = 0; i < columns; i++) {
        struct canvas_cell *cell = cell_at(a, row, column + i);
        if (cell) *cell = (struct canvas_cell){.code = code, .style = (uint8_t)style};
    }
}

int canvas_write(struct canvas_area a, int row, int column, int columns,
                 struct bytes text, unsigned style)
{
    int at = column;
    int end = clip(column + columns, 0, a.columns);
    if (row < 0 || row >= a.rows || column < 0) return 0;
    while (text.len > 0) {
        struct wire_char c = wire_text_next(text);
        text = bytes_from(text, c.length);
        uint32_t code = c.code;
        if (a.canvas->is_ascii) /* where the locale has no width for others */
            code = c.width > 0 || c.code >= 0x80 ? likeness_of(code) : '?';
        else if (c.width == 0)
            code = '?';
        int width = code < 0x80 || c.width == 0 ? 1 : c.width;
        if (at + width > end) break;
        *cell_at(a, row, at) = (struct canvas_cell){code, (uint8_t)style};
        if (width == 2)
            *cell_at(a, row, at + 1) = (struct canvas_cell){0, (uint8_t)style};
        at += width;
    }
    return at - column;
}

int canvas_text(struct canvas_area a, int row, int column, const char *text,
                unsigned style)
{
    return canvas_write(a, row, column, a.columns, bytes_of_text(text), style);
}

int canvas_width(struct bytes text)
{
    int width = 0;
    while (text.len > 0) {
        struct wire_char c = wire_text_next(text);
        width += c.width == 0 ? 1 : c.width;
        text = bytes_from(text, c.length);
    }
    return width;
}

void canvas_right(struct canvas_area a, int row, int column, int columns,
                  struct bytes text, unsigned style)
{
    int width = canvas_width(text);
    int blank = width < columns ? columns - width : 0;
    canvas_write(a, row, column + blank, columns - blank, text, style);
}

void canvas_dump(const struct canvas *c, struct buffer *out)
{
    for (int row = 0; row < c->rows; row++) {
        const struct canvas_cell *cells = &c->cells[(size_t)row * (size_t)c->columns];
        int end = c->columns;
        while (end > 0 && cells[end - 1].code == ' ') end--;
        for (int i = 0; i < end; i++) {
            if (cells[i].code != 0) wire_text_encode(cells[i].code, out);
        }
        buffer_append_text(out, "\n");
    }
}
