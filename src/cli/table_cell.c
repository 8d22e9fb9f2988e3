/* Cells for a person: cell_text has the decimals; nothing here steers a terminal. */
#include "cli/table_cell.h"

#include "hopscope/cell_text.h"

#include <string.h>

/* Seconds since the epoch between the years 1 and 9999. */
static bool table_cell_is_moment(double seconds)
{
    return seconds > -62e9 && seconds < 253402300799.0;
}

static bool table_cell_is_time(const char *column)
{
    static const char suffix[] = "_time";
    size_t len = strlen(column), tail = sizeof suffix - 1;
    return strcmp(column, "time") == 0 ||
           (len > tail && strcmp(column + len - tail, suffix) == 0);
}

static void table_cell_write_utc(double seconds, struct buffer *out)
{
    cell_text_utc((int64_t)(seconds * 1e6 + (seconds < 0 ? -0.5 : 0.5)), "Z", out);
}

/* A whole number is read more easily without the ".0" that tells programs its type. */
static void table_cell_write_real(double value, struct buffer *out)
{
    size_t begin = out->len;
    cell_text_real(value, out);
    size_t len = out->len - begin;
    if (len > 2 && memcmp(out->ptr + out->len - 2, ".0", 2) == 0) out->len -= 2;
}

static void table_cell_write_printable(struct bytes text, struct buffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        bool is_printable = text.ptr[i] >= 0x20 && text.ptr[i] < 0x7f;
        if (is_printable)
            buffer_append(out, bytes_of(&text.ptr[i], 1));
        else
            buffer_print(out, "\\x%02x", text.ptr[i]);
    }
}

void table_cell_write_plain(const char *column, const struct cell *cell,
                            struct buffer *out)
{
    switch (cell->kind) {
    case CELL_REAL:
        if (table_cell_is_time(column) && table_cell_is_moment(cell->real))
            table_cell_write_utc(cell->real, out);
        else
            table_cell_write_real(cell->real, out);
        return;
    case CELL_TEXT: table_cell_write_printable(cell->text, out); return;
    case CELL_NULL:
    case CELL_INTEGER:
    case CELL_BLOB: cell_text_plain(cell, out); return;
    }
}
