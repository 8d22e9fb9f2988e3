/* Cells as text: for a person, as CSV (RFC 4180), as JSON (RFC 8259). */
#include "cli/table_cell.h"

#include "hopscope/field.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Whole numbers that every reader of JSON keeps exactly. */
#define TABLE_CELL_SAFE_INTEGER_MAX (INT64_C(1) << 53)

enum { TABLE_CELL_REAL_DIGITS = 15, TABLE_CELL_REAL_DIGITS_MAX = 17 };

/* ---- numbers ---- */

/* The shortest text that is read back as the very same number. */
static void table_cell_write_real(double value, struct buffer *out)
{
    char text[40];
    for (int digits = TABLE_CELL_REAL_DIGITS; digits <= TABLE_CELL_REAL_DIGITS_MAX;
         digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    buffer_append_text(out, text);
}

static bool table_cell_is_time(const char *column)
{
    static const char suffix[] = "_time";
    size_t len = strlen(column), tail = sizeof suffix - 1;
    return strcmp(column, "time") == 0 ||
           (len > tail && strcmp(column + len - tail, suffix) == 0);
}

/* Seconds since the epoch, between the years 1 and 9999; false: no such time. */
static bool table_cell_write_utc(double seconds, struct buffer *out)
{
    struct tm day;
    char text[40];
    if (!(seconds > -62e9 && seconds < 253402300799.0)) return false;
    int64_t us = (int64_t)(seconds * 1e6 + (seconds < 0 ? -0.5 : 0.5));
    int64_t fraction = (us % 1000000 + 1000000) % 1000000;
    time_t whole = (time_t)((us - fraction) / 1000000);
    if (gmtime_r(&whole, &day) == NULL) return false;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &day);
    buffer_print(out, "%s.%06" PRId64 "Z", text, fraction);
    return true;
}

static void table_cell_write_hex(struct bytes blob, struct buffer *out)
{
    for (size_t i = 0; i < blob.len; i++) buffer_print(out, "%02x", blob.ptr[i]);
}

/* ---- for a person ---- */

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
    case CELL_NULL: return;
    case CELL_INTEGER: buffer_print(out, "%" PRId64, cell->integer); return;
    case CELL_REAL:
        if (table_cell_is_time(column) && table_cell_write_utc(cell->real, out)) return;
        table_cell_write_real(cell->real, out);
        return;
    case CELL_TEXT: table_cell_write_printable(cell->text, out); return;
    case CELL_BLOB: table_cell_write_hex(cell->text, out); return;
    }
}

/* ---- CSV ---- */

/* A database of a stranger may hold text that is no UTF-8; a program's input may not.
 */
static void table_cell_write_csv_text(struct bytes raw, struct buffer *out)
{
    struct buffer scratch = {.ptr = NULL};
    struct bytes text = record_utf8(raw, &scratch);
    bool is_plain = text.len > 0;
    for (size_t i = 0; is_plain && i < text.len; i++)
        is_plain = strchr("\",\r\n", text.ptr[i]) == NULL; /* finds NUL too */
    if (!is_plain) buffer_append_text(out, "\"");
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"') buffer_append_text(out, "\"");
        buffer_append(out, bytes_of(&text.ptr[i], 1));
    }
    if (!is_plain) buffer_append_text(out, "\"");
    buffer_done(&scratch);
}

void table_cell_write_csv(const struct cell *cell, struct buffer *out)
{
    switch (cell->kind) {
    case CELL_NULL: return; /* nothing; an empty text is "" */
    case CELL_INTEGER: buffer_print(out, "%" PRId64, cell->integer); return;
    case CELL_REAL: table_cell_write_real(cell->real, out); return;
    case CELL_TEXT: table_cell_write_csv_text(cell->text, out); return;
    case CELL_BLOB: table_cell_write_hex(cell->text, out); return;
    }
}

/* ---- JSON ---- */

static void table_cell_write_json_byte(uint8_t byte, struct buffer *out)
{
    switch (byte) {
    case '"': buffer_append_text(out, "\\\""); return;
    case '\\': buffer_append_text(out, "\\\\"); return;
    case '\n': buffer_append_text(out, "\\n"); return;
    case '\r': buffer_append_text(out, "\\r"); return;
    case '\t': buffer_append_text(out, "\\t"); return;
    }
    if (byte < 0x20 || byte == 0x7f)
        buffer_print(out, "\\u%04x", byte);
    else
        buffer_append(out, bytes_of(&byte, 1));
}

void table_cell_write_json_text(struct bytes text, struct buffer *out)
{
    struct buffer scratch = {.ptr = NULL};
    struct bytes clean = record_utf8(text, &scratch);
    buffer_append_text(out, "\"");
    for (size_t i = 0; i < clean.len; i++)
        table_cell_write_json_byte(clean.ptr[i], out);
    buffer_append_text(out, "\"");
    buffer_done(&scratch);
}

void table_cell_write_json(const struct cell *cell, struct buffer *out)
{
    bool is_safe = cell->integer <= TABLE_CELL_SAFE_INTEGER_MAX &&
                   cell->integer >= -TABLE_CELL_SAFE_INTEGER_MAX;
    const char *quote = is_safe ? "" : "\"";
    switch (cell->kind) {
    case CELL_NULL: buffer_append_text(out, "null"); return;
    case CELL_INTEGER:
        buffer_print(out, "%s%" PRId64 "%s", quote, cell->integer, quote);
        return;
    case CELL_REAL:
        if (isfinite(cell->real))
            table_cell_write_real(cell->real, out);
        else
            buffer_append_text(out, "null");
        return;
    case CELL_TEXT: table_cell_write_json_text(cell->text, out); return;
    case CELL_BLOB:
        buffer_append_text(out, "\"");
        table_cell_write_hex(cell->text, out);
        buffer_append_text(out, "\"");
        return;
    }
}
