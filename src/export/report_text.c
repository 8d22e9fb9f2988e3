/* Cells as HTML and as JSON.
 *
 *   cell --cut, UTF-8--> text --escaped--> HTML | JSON in a script element */
#include "export/report_text.h"

#include "hopscope/field.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

enum { REPORT_TIME_MAX_S = 2147483647 }; /* later seconds are no time of a capture */

static const int64_t text_exact_max = (int64_t)1 << 53;

/* ---- bytes ---- */

/* Cut between characters. */
static struct bytes text_cut(struct bytes text)
{
    if (text.len <= REPORT_TEXT_BYTES_MAX) return text;
    size_t len = REPORT_TEXT_BYTES_MAX;
    while (len > REPORT_TEXT_BYTES_MAX - 4 && (text.ptr[len] & 0xc0) == 0x80) len--;
    return bytes_first(text, len);
}

static const char *text_html_escape(uint8_t byte)
{
    switch (byte) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    }
    return NULL;
}

void report_text_put_html(struct buffer *out, struct bytes text)
{
    struct buffer scratch = {.ptr = NULL};
    text = record_utf8(text, &scratch);
    size_t plain = 0; /* bytes from here on need no escape */
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        const char *escape = text_html_escape(byte);
        bool is_control = (byte < 0x20 && byte != '\n') || byte == 0x7f;
        if (escape == NULL && !is_control) continue;
        buffer_append(out, bytes_of(text.ptr + plain, i - plain));
        if (escape != NULL)
            buffer_append_text(out, escape);
        else
            buffer_print(out, "\\x%02x", byte);
        plain = i + 1;
    }
    buffer_append(out, bytes_from(text, plain));
    buffer_done(&scratch);
}

void report_text_put_json(struct buffer *out, struct bytes text)
{
    struct buffer scratch = {.ptr = NULL};
    text = record_utf8(text, &scratch);
    size_t plain = 0;
    buffer_append_text(out, "\"");
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        if (byte >= 0x20 && byte != 0x7f && strchr("\"\\<>&", byte) == NULL) continue;
        buffer_append(out, bytes_of(text.ptr + plain, i - plain));
        buffer_print(out, "\\u%04x", byte);
        plain = i + 1;
    }
    buffer_append(out, bytes_from(text, plain));
    buffer_append_text(out, "\"");
    buffer_done(&scratch);
}

/* ---- cells ---- */

/* Three decimals, without zeros at their end. */
static void text_print_real(struct buffer *out, double value)
{
    if (!isfinite(value)) return;
    if (fabs(value) >= 1e15) {
        buffer_print(out, "%.6g", value);
        return;
    }
    buffer_print(out, "%.3f", value);
    while (out->ptr[out->len - 1] == '0') out->len--;
    if (out->ptr[out->len - 1] == '.') out->len--;
}

struct bytes report_text_of(const struct cell *cell, struct buffer *scratch)
{
    buffer_clear(scratch);
    switch (cell->kind) {
    case CELL_NULL: break;
    case CELL_INTEGER: buffer_print(scratch, "%" PRId64, cell->integer); break;
    case CELL_REAL: text_print_real(scratch, cell->real); break;
    case CELL_TEXT:
    case CELL_BLOB: return text_cut(cell->text);
    }
    return buffer_bytes(scratch);
}

void report_text_put_json_cell(struct buffer *out, const struct cell *cell)
{
    bool is_exact = cell->kind == CELL_INTEGER && cell->integer <= text_exact_max &&
                    cell->integer >= -text_exact_max;
    if (cell->kind == CELL_NULL || (cell->kind == CELL_REAL && !isfinite(cell->real))) {
        buffer_append_text(out, "null");
        return;
    }
    if (is_exact || cell->kind == CELL_REAL) {
        if (is_exact)
            buffer_print(out, "%" PRId64, cell->integer);
        else
            text_print_real(out, cell->real);
        return;
    }
    struct buffer scratch = {.ptr = NULL};
    report_text_put_json(out, report_text_of(cell, &scratch));
    buffer_done(&scratch);
}

static bool text_is_time(const char *name, const struct cell *cell)
{
    size_t len = strlen(name);
    bool is_named = len >= 4 && strcmp(name + len - 4, "time") == 0 &&
                    (len == 4 || name[len - 5] == '_');
    return is_named && cell->kind == CELL_REAL && cell->real >= 0 &&
           cell->real <= (double)REPORT_TIME_MAX_S;
}

static void text_print_time(struct buffer *out, double seconds)
{
    char text[32];
    struct tm parts;
    int64_t ms = (int64_t)(seconds * 1000 + 0.5);
    time_t whole = (time_t)(ms / 1000);
    if (gmtime_r(&whole, &parts) == NULL) return;
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    buffer_print(out, "%s.%03d", text, (int)(ms % 1000));
}

void report_text_put_html_cell(struct buffer *out, const char *name,
                               const struct cell *cell)
{
    if (text_is_time(name, cell)) {
        text_print_time(out, cell->real);
        return;
    }
    bool is_text = cell->kind == CELL_TEXT || cell->kind == CELL_BLOB;
    struct buffer scratch = {.ptr = NULL};
    report_text_put_html(out, report_text_of(cell, &scratch));
    if (is_text && cell->text.len > REPORT_TEXT_BYTES_MAX) buffer_append_text(out, "…");
    buffer_done(&scratch);
}
