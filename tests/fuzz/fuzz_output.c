/* Fuzzes what is written for others: texts of strangers in every output's own escaping.
 * The input is a row of cells, each a byte of kind (bits 0 to 2) and of length, and its
 * bytes. What is written must be what its reader takes it for, and say the same:
 *
 *   cell --> JSON (a value, its text)      CSV (a record, read back)   tab (no control)
 *        --> table (printable ASCII)       screen (UTF-8, no control)  HTML (no markup)
 *        --> summary of records: text (no control byte but LF), JSON */
#include "cli/table_cell.h"
#include "export/report_text.h"
#include "hopscope/cell_text.h"
#include "hopscope/export.h"
#include "ui/canvas.h"
#include "ui/wire_text.h"

#include "fuzz_common.h"
#include "json_check.h"

enum { CELLS_MAX = 16, CANVAS_COLUMNS = 40 };

struct row {
    struct cell cells[CELLS_MAX];
    size_t count;
    bool has_summary;
};

static void read_cell(struct cursor *in, struct cell *cell)
{
    static const enum cell_kind kinds[] = {CELL_TEXT, CELL_TEXT, CELL_TEXT,
                                           CELL_TEXT, CELL_BLOB, CELL_INTEGER,
                                           CELL_REAL, CELL_NULL};
    uint8_t kind = cursor_8(in);
    size_t length = cursor_8(in);
    *cell = (struct cell){.kind = kinds[kind & 7]};
    if (length > cursor_left(in)) length = cursor_left(in);
    struct bytes text = cursor_take(in, length);
    if (cell->kind == CELL_TEXT || cell->kind == CELL_BLOB) cell->text = text;
    struct bytes figure = bytes_first(text, sizeof cell->integer);
    if (figure.len == 0) return;
    if (cell->kind == CELL_INTEGER) memcpy(&cell->integer, figure.ptr, figure.len);
    if (cell->kind == CELL_REAL) memcpy(&cell->real, figure.ptr, figure.len);
}

/* ---- JSON ---- */

static void check_json(const struct cell *cell, struct buffer *out)
{
    struct buffer scratch = {.ptr = NULL}, meant = {.ptr = NULL};
    size_t values = 0;
    buffer_clear(out);
    cell_text_json(cell, out);
    must(json_check_all(buffer_bytes(out), &values) && values == 1, "a JSON value");
    if (cell->kind == CELL_TEXT) {
        struct cursor in = cursor_of(buffer_bytes(out));
        json_check_string(&in, &meant);
        must(bytes_equal(buffer_bytes(&meant), record_utf8(cell->text, &scratch)),
             "its text");
    }
    buffer_clear(out);
    report_text_put_json_cell(out, cell);
    must(json_check_all(buffer_bytes(out), &values) && values == 1, "JSON in a page");
    for (size_t i = 0; i < out->len; i++)
        must(out->ptr[i] != '<' && out->ptr[i] != '>', "ends no script");
    buffer_done(&meant);
    buffer_done(&scratch);
}

/* ---- CSV ---- */

/* Takes a cell off a record (RFC 4180). */
static bool csv_take(struct cursor *in, struct buffer *out)
{
    bool is_quoted = cursor_left(in) > 0 && *in->at == '"';
    if (is_quoted) cursor_skip(in, 1);
    while (cursor_left(in) > 0) {
        uint8_t byte = *in->at;
        if (!is_quoted && (byte == '"' || byte == '\n')) return byte == '\n';
        if (!is_quoted && byte == ',') return true;
        cursor_skip(in, 1);
        if (is_quoted && byte == '"') {
            if (cursor_left(in) == 0 || *in->at != '"') return true;
            cursor_skip(in, 1);
        }
        buffer_append(out, bytes_of(&byte, 1));
    }
    return !is_quoted;
}

static void check_csv(const struct row *row, struct buffer *out)
{
    struct buffer got = {.ptr = NULL}, expected = {.ptr = NULL},
                  scratch = {.ptr = NULL};
    buffer_clear(out);
    for (size_t i = 0; i < row->count; i++) {
        if (i > 0) buffer_append_text(out, ",");
        cell_text_csv(&row->cells[i], out);
    }
    buffer_append_text(out, "\n");
    struct cursor in = cursor_of(buffer_bytes(out));
    for (size_t i = 0; i < row->count; i++) {
        const struct cell *cell = &row->cells[i];
        buffer_clear(&got);
        buffer_clear(&expected);
        must(csv_take(&in, &got), "a cell of CSV");
        if (cell->kind == CELL_TEXT)
            buffer_append(&expected, record_utf8(cell->text, &scratch));
        else
            cell_text_plain(cell, &expected);
        must(bytes_equal(buffer_bytes(&got), buffer_bytes(&expected)), "read back");
        must(cursor_8(&in) == (i + 1 < row->count ? ',' : '\n'), "its end");
    }
    must(cursor_left(&in) == 0, "one record");
    buffer_done(&scratch);
    buffer_done(&expected);
    buffer_done(&got);
}

/* ---- terminals ---- */

static void check_screen_text(struct bytes text, bool is_ascii)
{
    while (text.len > 0) {
        struct wire_char c = wire_text_next(text);
        must(c.width > 0, "shown as it is");
        must(!is_ascii || c.code < 0x80, "ASCII");
        text = bytes_from(text, c.length);
    }
}

static void check_plain(struct bytes text, const char *allowed)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        bool is_control = byte < 0x20 || byte == 0x7f;
        must(!is_control || (byte != 0 && strchr(allowed, byte)), "no control byte");
    }
}

static void check_canvas(struct bytes text, bool is_ascii, struct buffer *out)
{
    struct canvas canvas = {.is_ascii = is_ascii};
    canvas_resize(&canvas, 1, CANVAS_COLUMNS);
    int used = canvas_write(canvas_all(&canvas), 0, 3, CANVAS_COLUMNS, text, 0);
    must(used <= CANVAS_COLUMNS - 3, "not beyond the edge");
    buffer_clear(out);
    canvas_dump(&canvas, out);
    check_plain(buffer_bytes(out), "\n");
    canvas_done(&canvas);
}

static void check_terminal(const struct cell *cell, struct buffer *out)
{
    buffer_clear(out);
    table_cell_write_plain("time", cell, out);
    for (size_t i = 0; i < out->len; i++)
        must(out->ptr[i] >= 0x20 && out->ptr[i] < 0x7f, "printable");
    if (cell->kind != CELL_TEXT) return;
    for (int is_ascii = 0; is_ascii < 2; is_ascii++) {
        buffer_clear(out);
        wire_text_add(out, cell->text, is_ascii != 0);
        check_screen_text(buffer_bytes(out), is_ascii != 0);
        check_canvas(cell->text, is_ascii != 0, out);
    }
    buffer_clear(out);
    cell_text_tab(cell->text, out);
    check_plain(buffer_bytes(out), "");
    struct problem why;
    problem_set(&why, STATUS_FAILED, "%.*s", (int)cell->text.len,
                cell->text.len == 0 ? "" : (const char *)cell->text.ptr);
    check_plain(bytes_of_text(why.text), "");
    char escaped[64];
    size_t length = bytes_escape(cell->text, escaped, sizeof escaped);
    must(length < sizeof escaped && escaped[length] == '\0', "it fits");
    check_plain(bytes_of(escaped, length), "");
}

/* ---- HTML ---- */

static void check_html(const struct cell *cell, struct buffer *out)
{
    static const char *const references[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#"};
    buffer_clear(out);
    report_text_put_html_cell(out, "time", cell);
    if (cell->kind != CELL_TEXT) return;
    buffer_clear(out);
    report_text_put_html(out, cell->text);
    check_plain(buffer_bytes(out), "\t\r\n");
    for (size_t i = 0; i < out->len; i++) {
        must(strchr("<>\"", out->ptr[i]) == NULL, "no markup");
        if (out->ptr[i] != '&') continue;
        bool is_reference = false;
        struct bytes rest = bytes_from(buffer_bytes(out), i);
        for (size_t k = 0; k < ARRAY_LENGTH(references); k++)
            is_reference |= bytes_start_with(rest, references[k]);
        must(is_reference, "a character reference");
    }
}

/* ---- the summary ---- */

static struct bytes text_of(const struct row *row, size_t index)
{
    const struct cell *cell = &row->cells[index % row->count];
    return cell->kind == CELL_TEXT ? cell->text : bytes_of(NULL, 0);
}

static void put_records(const struct row *row, const struct record_sink *sink)
{
    struct record_exchange e;
    struct record_connection c;
    struct record_finding f;
    struct record_capture capture;
    record_clear(RECORD_EXCHANGE, &e);
    record_clear(RECORD_CONNECTION, &c);
    record_clear(RECORD_FINDING, &f);
    record_clear(RECORD_CAPTURE, &capture);
    e.id = c.id = e.connection_id = f.connection_id = INT64_C(1) << 32;
    c.capture_id = capture.id = 1;
    e.method = text_of(row, 0);
    e.target = text_of(row, 1);
    e.host = text_of(row, 2);
    e.server = text_of(row, 3);
    e.upgrade_offered = text_of(row, 4);
    e.upgrade_protocol = text_of(row, 5);
    e.status = 500;
    e.state = EXCHANGE_COMPLETE;
    c.protocol = text_of(row, 6);
    c.tls_sni = text_of(row, 7);
    f.code = 1;
    f.severity = 1;
    f.evidence = text_of(row, 8);
    capture.source = text_of(row, 9);
    capture.damage = text_of(row, 10);
    capture.link_types = text_of(row, 11);
    sink->put(sink->context, RECORD_EXCHANGE, &e);
    sink->put(sink->context, RECORD_CONNECTION, &c);
    sink->put(sink->context, RECORD_FINDING, &f);
    sink->put(sink->context, RECORD_CAPTURE, &capture);
}

static void check_summary(const struct row *row, struct buffer *out)
{
    const struct summary_style style = {.width = 80};
    struct summary *s = summary_new();
    struct record_sink sink = summary_sink(s);
    size_t values = 0;
    put_records(row, &sink);
    buffer_clear(out);
    summary_text_write(s, &style, out);
    check_plain(buffer_bytes(out), "\n");
    buffer_clear(out);
    summary_json_write(s, out);
    must(json_check_all(buffer_bytes(out), &values) && values == 1, "JSON");
    summary_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_of(bytes_of(data, size));
    struct row row = {.has_summary = (cursor_8(&in) & 15) == 1};
    struct buffer out = {.ptr = NULL};
    while (cursor_left(&in) >= 2 && row.count < CELLS_MAX)
        read_cell(&in, &row.cells[row.count++]);
    if (row.count == 0) return 0;
    for (size_t i = 0; i < row.count; i++) {
        check_json(&row.cells[i], &out);
        check_terminal(&row.cells[i], &out);
        check_html(&row.cells[i], &out);
    }
    check_csv(&row, &out);
    if (row.has_summary) check_summary(&row, &out);
    buffer_done(&out);
    return 0;
}
