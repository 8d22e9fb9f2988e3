/* Cells to text, a run of plain bytes at a time: this is where an export's time goes.
 *
 *   text --UTF-8?--> run of plain bytes | one escape | run ... */
#include "hopscope/cell_text.h"

#include "hopscope/field.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Whole numbers that every reader of JSON keeps exactly. */
#define CELL_TEXT_SAFE_INTEGER_MAX (INT64_C(1) << 53)

enum {
    CELL_TEXT_DIGITS_MAX = 20, /* of 64 bits */
    CELL_TEXT_REAL_DIGITS = 15,
    CELL_TEXT_REAL_DIGITS_MAX = 17,
    CELL_TEXT_MICRO_DIGITS = 6,
};

/* ---- numbers ---- */

static uint64_t magnitude_of(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

/* Writes digits backwards before `end`, at least `least` of them; returns the first. */
static char *digits_before(char *end, uint64_t value, unsigned least)
{
    char *at = end;
    while (value > 0 || (unsigned)(end - at) < least) {
        *--at = (char)('0' + value % 10);
        value /= 10;
    }
    return at;
}

void cell_text_integer(int64_t value, struct buffer *out)
{
    char text[CELL_TEXT_DIGITS_MAX + 1], *end = text + sizeof text;
    char *at = digits_before(end, magnitude_of(value), 1);
    if (value < 0) *--at = '-';
    buffer_append(out, bytes_of(at, (size_t)(end - at)));
}

void cell_text_fixed(int64_t value, unsigned digits, struct buffer *out)
{
    char text[CELL_TEXT_DIGITS_MAX + 4], *end = text + sizeof text;
    uint64_t unit = 1;
    for (unsigned i = 0; i < digits; i++) unit *= 10;
    char *at = digits_before(end, magnitude_of(value) % unit, digits);
    *--at = '.';
    at = digits_before(at, magnitude_of(value) / unit, 1);
    if (value < 0) *--at = '-';
    buffer_append(out, bytes_of(at, (size_t)(end - at)));
}

/* Times and durations are whole microseconds: the decimals of those name the very same
 * number, because a division is rounded as a decimal is when it is read. */
static bool write_micros(double value, struct buffer *out)
{
    double micros = value * 1e6;
    if (!(fabs(micros) < 9e15)) return false;
    int64_t whole = (int64_t)(micros + (micros < 0 ? -0.5 : 0.5));
    if ((double)whole / 1e6 != value) return false;
    cell_text_fixed(whole, CELL_TEXT_MICRO_DIGITS, out);
    while (out->ptr[out->len - 1] == '0') out->len--;
    if (out->ptr[out->len - 1] == '.') buffer_append_text(out, "0");
    return true;
}

void cell_text_real(double value, struct buffer *out)
{
    char text[40];
    if (write_micros(value, out)) return;
    for (int digits = CELL_TEXT_REAL_DIGITS; digits <= CELL_TEXT_REAL_DIGITS_MAX;
         digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    buffer_append_text(out, text);
}

void cell_text_utc(int64_t us, const char *suffix, struct buffer *out)
{
    static const int64_t first = INT64_C(-62135596800), last = INT64_C(253402300799);
    struct tm day;
    char text[32];
    int64_t fraction = (us % 1000000 + 1000000) % 1000000;
    time_t seconds = (time_t)((us - fraction) / 1000000);
    if (seconds < first) seconds = first;
    if (seconds > last) seconds = last;
    gmtime_r(&seconds, &day);
    size_t len = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.", &day);
    buffer_append(out, bytes_of(text, len));
    char *end = text + sizeof text;
    char *at = digits_before(end, (uint64_t)fraction, CELL_TEXT_MICRO_DIGITS);
    buffer_append(out, bytes_of(at, (size_t)(end - at)));
    buffer_append_text(out, suffix);
}

/* ---- texts ---- */

static void write_hex(struct bytes blob, struct buffer *out)
{
    for (size_t i = 0; i < blob.len; i++) buffer_print(out, "%02x", blob.ptr[i]);
}

static void json_byte(uint8_t byte, struct buffer *out)
{
    if (byte == '"' || byte == '\\')
        buffer_print(out, "\\%c", byte);
    else
        buffer_print(out, "\\u%04x", byte);
}

static void tab_byte(uint8_t byte, struct buffer *out)
{
    buffer_print(out, "\\x%02x", byte);
}

static void csv_byte(uint8_t byte, struct buffer *out)
{
    buffer_print(out, "%c%c", byte, byte);
}

static bool is_control(uint8_t byte)
{
    return byte < 0x20 || byte == 0x7f;
}

static bool json_escapes(uint8_t byte)
{
    return is_control(byte) || byte == '"' || byte == '\\';
}

static bool csv_escapes(uint8_t byte)
{
    return byte == '"';
}

/* Copies `raw`, and has `write` replace the bytes that `escapes` names. */
static inline void write_escaped(struct bytes raw, bool (*escapes)(uint8_t),
                                 void (*write)(uint8_t, struct buffer *),
                                 struct buffer *out)
{
    struct buffer scratch = {.ptr = NULL};
    struct bytes text = record_utf8(raw, &scratch);
    size_t plain = 0; /* bytes from here on need no escape */
    for (size_t i = 0; i < text.len; i++) {
        if (!escapes(text.ptr[i])) continue;
        buffer_append(out, bytes_of(text.ptr + plain, i - plain));
        write(text.ptr[i], out);
        plain = i + 1;
    }
    buffer_append(out, bytes_from(text, plain));
    buffer_done(&scratch);
}

void cell_text_json_string(struct bytes text, struct buffer *out)
{
    buffer_append_text(out, "\"");
    write_escaped(text, json_escapes, json_byte, out);
    buffer_append_text(out, "\"");
}

void cell_text_tab(struct bytes text, struct buffer *out)
{
    write_escaped(text, is_control, tab_byte, out);
}

static void csv_text(struct bytes text, struct buffer *out)
{
    bool is_plain = text.len > 0;
    for (size_t i = 0; is_plain && i < text.len; i++)
        is_plain = strchr("\",\r\n", text.ptr[i]) == NULL; /* finds NUL too */
    if (!is_plain) buffer_append_text(out, "\"");
    write_escaped(text, csv_escapes, csv_byte, out);
    if (!is_plain) buffer_append_text(out, "\"");
}

/* ---- cells ---- */

void cell_text_json(const struct cell *cell, struct buffer *out)
{
    bool is_safe = magnitude_of(cell->integer) <= CELL_TEXT_SAFE_INTEGER_MAX;
    const char *quote = cell->kind == CELL_BLOB || !is_safe ? "\"" : "";
    switch (cell->kind) {
    case CELL_NULL: buffer_append_text(out, "null"); return;
    case CELL_TEXT: cell_text_json_string(cell->text, out); return;
    case CELL_REAL:
        if (isfinite(cell->real))
            cell_text_real(cell->real, out);
        else
            buffer_append_text(out, "null");
        return;
    case CELL_INTEGER:
    case CELL_BLOB:
        buffer_append_text(out, quote);
        cell_text_plain(cell, out);
        buffer_append_text(out, quote);
        return;
    }
}

void cell_text_csv(const struct cell *cell, struct buffer *out)
{
    if (cell->kind == CELL_TEXT)
        csv_text(cell->text, out);
    else
        cell_text_plain(cell, out);
}

void cell_text_plain(const struct cell *cell, struct buffer *out)
{
    switch (cell->kind) {
    case CELL_NULL: return;
    case CELL_INTEGER: cell_text_integer(cell->integer, out); return;
    case CELL_REAL: cell_text_real(cell->real, out); return;
    case CELL_TEXT: buffer_append(out, cell->text); return;
    case CELL_BLOB: write_hex(cell->text, out); return;
    }
}
