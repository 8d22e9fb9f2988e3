/* Rows through a mapping, a block of bytes at a time. */
#include "export/mapping.h"

#include "hopscope/cell_text.h"

#include <string.h>

enum {
    MAPPING_BLOCK_BYTES = 1 << 16,
    MAPPING_UID_DIGITS = 11, /* of base 62 hold 64 bits */
};

/* ---- asking ---- */

static void write_select(const struct mapping *m, struct buffer *out)
{
    buffer_print(out, "SELECT %s", m->fields == NULL ? m->columns : "");
    for (size_t i = 0; m->fields != NULL && i < m->field_count; i++)
        buffer_print(out, "%s%s", i == 0 ? "" : ", ", m->fields[i].source);
    buffer_print(out, " FROM %s", m->from);
    buffer_append(out, bytes_of("", 1));
}

enum status mapping_flush(const struct export_order *order, struct buffer *out,
                          struct problem *why)
{
    enum status rc = STATUS_OK;
    if (out->len > 0)
        rc = order->target.write(order->target.context, buffer_bytes(out), why);
    buffer_clear(out);
    return rc;
}

/* The fields of a mapping that takes the columns as they come. */
static struct mapping_field *fields_of(const struct mapping *m, const struct rows *rows)
{
    struct mapping_field *fields = mem_alloc_array(rows->column_count, sizeof *fields);
    for (size_t i = 0; i < rows->column_count; i++) {
        const char *name = rows->names[i];
        fields[i].name = name;
        fields[i].shape = m->shape_of == NULL ? SHAPE_PLAIN : m->shape_of(m, name);
    }
    return fields;
}

static enum status put_rows(const struct mapping_job *job, const struct mapping *m,
                            const struct rows *rows, struct buffer *out,
                            struct problem *why)
{
    enum status rc = STATUS_OK;
    if (job->head != NULL) job->head(m, out);
    while (rc == STATUS_OK) {
        const struct cell *cells = NULL;
        rc = rows_next(rows, &cells, why);
        if (rc != STATUS_OK || cells == NULL) break;
        rc = job->put(job->context, m, cells, out, why);
        if (rc == STATUS_OK && out->len >= MAPPING_BLOCK_BYTES)
            rc = mapping_flush(job->order, out, why);
    }
    if (rc == STATUS_OK) rc = mapping_flush(job->order, out, why);
    return rc;
}

enum status mapping_run(const struct mapping_job *job, struct buffer *out,
                        struct problem *why)
{
    struct buffer sql = {.ptr = NULL};
    struct rows rows = {.context = NULL};
    struct mapping m = *job->mapping;
    struct mapping_field *own = NULL;
    const struct export_source *source = &job->order->source;
    write_select(&m, &sql);
    enum status rc = source->ask(source->context, (const char *)sql.ptr, &rows, why);
    if (rc == STATUS_OK && m.fields == NULL) {
        m.fields = own = fields_of(&m, &rows);
        m.field_count = rows.column_count;
    }
    if (rc == STATUS_OK) rc = put_rows(job, &m, &rows, out, why);
    rows_close(&rows);
    mem_free(own);
    buffer_done(&sql);
    return rc;
}

bool mapping_is_wanted(const struct export_order *order, const char *part)
{
    return order->part == NULL || strcmp(order->part, part) == 0;
}

/* ---- shapes ---- */

static void write_uid(uint64_t id, struct buffer *out)
{
    static const char digits[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    char text[MAPPING_UID_DIGITS + 1] = "C";
    for (int i = MAPPING_UID_DIGITS; i > 0; i--) {
        text[i] = digits[id % 62];
        id /= 62;
    }
    buffer_append(out, bytes_of(text, sizeof text));
}

/* The shapes that make something else of an integer. */
static void write_integer(enum mapping_shape shape, int64_t value, struct buffer *out)
{
    switch (shape) {
    case SHAPE_PLAIN:
    case SHAPE_ID:
    case SHAPE_LIST:
    case SHAPE_SPECIAL:
    case SHAPE_NONE: cell_text_integer(value, out); return;
    case SHAPE_FLOW_ID:
        cell_text_integer(value & ((INT64_C(1) << 51) - 1), out);
        return;
    case SHAPE_UID: write_uid((uint64_t)value, out); return;
    case SHAPE_SECONDS: cell_text_fixed(value, 6, out); return;
    case SHAPE_MS: cell_text_fixed(value, 3, out); return;
    case SHAPE_NANOSECONDS:
        cell_text_integer(value, out);
        buffer_append_text(out, value == 0 ? "" : "000");
        return;
    case SHAPE_UTC: cell_text_utc(value, "Z", out); return;
    case SHAPE_UTC_OFFSET: cell_text_utc(value, "+0000", out); return;
    case SHAPE_BOOL: buffer_append_text(out, value != 0 ? "true" : "false"); return;
    }
}

static bool is_quoted(enum mapping_shape shape)
{
    return shape == SHAPE_ID || shape == SHAPE_UID || shape == SHAPE_NANOSECONDS ||
           shape == SHAPE_UTC || shape == SHAPE_UTC_OFFSET;
}

/* A stranger's database may hold anything in any column. */
static bool is_shaped(const struct mapping_field *f, const struct cell *cell)
{
    return cell->kind == CELL_INTEGER && f->shape != SHAPE_PLAIN &&
           f->shape != SHAPE_LIST;
}

bool mapping_write_bare(const struct mapping_field *field, const struct cell *cell,
                        struct buffer *out)
{
    if (cell->kind == CELL_NULL) return false;
    if (is_shaped(field, cell))
        write_integer(field->shape, cell->integer, out);
    else
        cell_text_plain(cell, out);
    return true;
}

/* ---- JSON ---- */

/* Objects that are open: `path` names them, `len` bytes of it. */
struct nest {
    const char *path;
    size_t len;
    bool needs_comma;
    struct buffer *out;
};

static void open_object(struct nest *n, struct bytes name)
{
    if (n->needs_comma) buffer_append_text(n->out, ",");
    buffer_append_text(n->out, "\"");
    buffer_append(n->out, name);
    buffer_append_text(n->out, "\":{");
    n->needs_comma = false;
}

static void close_object(struct nest *n)
{
    buffer_append_text(n->out, "}");
    n->needs_comma = true;
    n->len--;
    while (n->len > 0 && n->path[n->len - 1] != '/') n->len--;
}

/* Closes and opens until the objects of `name` are those that are open. Returns the
 * field's own name. */
static const char *enter(struct nest *n, const char *name)
{
    const char *last = strrchr(name, '/');
    size_t len = last == NULL ? 0 : (size_t)(last - name) + 1;
    while (n->len > 0 && (n->len > len || strncmp(n->path, name, n->len) != 0))
        close_object(n);
    n->path = name;
    while (n->len < len) {
        const char *at = name + n->len;
        size_t part = (size_t)(strchr(at, '/') - at);
        open_object(n, bytes_of(at, part));
        n->len += part + 1;
    }
    return name + len;
}

/* Names are ours, or a view's columns: mostly plain, and there is one for each value.
 */
static void write_key(const char *name, struct buffer *out)
{
    char text[64] = "\"";
    size_t len = 1;
    for (; name[len - 1] != '\0' && len < sizeof text - 2; len++) {
        char c = name[len - 1];
        if (c < 0x20 || c == '"' || c == '\\') break;
        text[len] = c;
    }
    if (name[len - 1] == '\0') {
        memcpy(text + len, "\":", 2);
        buffer_append(out, bytes_of(text, len + 2));
        return;
    }
    cell_text_json_string(bytes_of_text(name), out);
    buffer_append_text(out, ":");
}

static void write_value(const struct mapping *m, const struct mapping_field *f,
                        const struct cell *cell, struct buffer *out)
{
    if (f->shape == SHAPE_SPECIAL) {
        m->special(m->context, f, cell, out);
        return;
    }
    if (!is_shaped(f, cell)) {
        buffer_append_text(out, f->shape == SHAPE_LIST ? "[" : "");
        cell_text_json(cell, out);
        buffer_append_text(out, f->shape == SHAPE_LIST ? "]" : "");
        return;
    }
    buffer_append_text(out, is_quoted(f->shape) ? "\"" : "");
    write_integer(f->shape, cell->integer, out);
    buffer_append_text(out, is_quoted(f->shape) ? "\"" : "");
}

void mapping_write_json(const struct mapping *mapping, const struct cell *cells,
                        struct buffer *out)
{
    struct nest n = {.out = out};
    buffer_append_text(out, "{");
    for (size_t i = 0; i < mapping->field_count; i++) {
        const struct mapping_field *f = &mapping->fields[i];
        if (cells[i].kind == CELL_NULL || f->shape == SHAPE_NONE) continue;
        const char *name = enter(&n, f->name);
        if (n.needs_comma) buffer_append_text(out, ",");
        write_key(name, out);
        write_value(mapping, f, &cells[i], out);
        n.needs_comma = true;
    }
    while (n.len > 0) close_object(&n);
    buffer_append_text(out, "}");
}

enum status mapping_put_json_line(void *context, const struct mapping *mapping,
                                  const struct cell *cells, struct buffer *out,
                                  struct problem *why)
{
    (void)context, (void)why;
    mapping_write_json(mapping, cells, out);
    buffer_append_text(out, "\n");
    return STATUS_OK;
}

enum status mapping_run_lines(const struct mapping *mappings, size_t count,
                              const struct export_order *order, struct problem *why)
{
    struct buffer out = {.ptr = NULL};
    enum status rc = order->target.begin(order->target.context, "all", why);
    for (size_t i = 0; rc == STATUS_OK && i < count; i++) {
        struct mapping_job job = {
            .mapping = &mappings[i], .order = order, .put = mapping_put_json_line};
        rc = mapping_run(&job, &out, why);
    }
    buffer_done(&out);
    return rc;
}
