/* Records as text, sorted so that they can be set beside a script's lines. */
#include "account.h"

#include <stdlib.h>
#include <string.h>

enum { ACCOUNT_VALUE_MAX = 70000 /* the longest text of a record, and more */ };

static uint64_t connection_of(enum record_kind kind, const void *record)
{
    const struct field *id =
        record_field(kind, kind == RECORD_CONNECTION ? "id" : "connection_id");
    return (uint64_t)record_integer(id, record);
}

static enum status on_put(void *context, enum record_kind kind, const void *record)
{
    struct account *a = context;
    if (script_kind_name(kind) == NULL) return STATUS_OK;
    if (a->row_count == a->row_capacity) {
        a->row_capacity = a->row_capacity == 0 ? 32 : a->row_capacity * 2;
        a->rows = mem_resize(a->rows, a->row_capacity * sizeof *a->rows);
    }
    const struct record_layout *layout = record_layout(kind);
    struct account_row *row = &a->rows[a->row_count++];
    *row = (struct account_row){
        .kind = kind,
        .connection_id = connection_of(kind, record),
        .order = a->row_count,
        .value_start = mem_alloc_array(layout->field_count, sizeof(size_t)),
    };
    for (size_t i = 0; i < layout->field_count; i++) {
        size_t length =
            record_format(&layout->fields[i], record, a->value, ACCOUNT_VALUE_MAX);
        row->value_start[i] = a->text.len;
        buffer_append(&a->text, bytes_of(a->value, length + 1));
    }
    return STATUS_OK;
}

void account_init(struct account *a)
{
    *a = (struct account){.value = mem_alloc(ACCOUNT_VALUE_MAX)};
}

void account_clear(struct account *a)
{
    for (size_t i = 0; i < a->row_count; i++) mem_free(a->rows[i].value_start);
    a->row_count = a->connection_count = 0;
    buffer_clear(&a->text);
}

void account_done(struct account *a)
{
    account_clear(a);
    mem_free(a->rows);
    mem_free(a->value);
    buffer_done(&a->text);
}

struct record_sink account_sink(struct account *a)
{
    return (struct record_sink){.context = a, .put = on_put};
}

/* By connection (their ids grow), its own row first, then by kind, as they came. */
static int compare_rows(const void *left, const void *right)
{
    const struct account_row *a = left, *b = right;
    if (a->connection_id != b->connection_id)
        return a->connection_id < b->connection_id ? -1 : 1;
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

void account_sort(struct account *a)
{
    if (a->row_count == 0) return;
    qsort(a->rows, a->row_count, sizeof *a->rows, compare_rows);
    for (size_t i = 0; i < a->row_count; i++) {
        if (i > 0 && a->rows[i].connection_id != a->rows[i - 1].connection_id)
            a->connection_count++;
        a->rows[i].connection = a->connection_count;
    }
    a->connection_count++;
}

const char *account_value(const struct account *a, const struct account_row *row,
                          const char *column)
{
    const struct field *field = record_field(row->kind, column);
    if (field == NULL) return NULL;
    size_t at = (size_t)(field - record_layout(row->kind)->fields);
    return (const char *)a->text.ptr + row->value_start[at];
}

/* ---- for people ---- */

static void print_row(const struct account *a, const struct account_row *row,
                      struct buffer *out)
{
    enum { WIDTH = 88 };
    const struct record_layout *layout = record_layout(row->kind);
    size_t line = out->len;
    buffer_print(out, "  %s", script_kind_name(row->kind));
    for (size_t i = 0; i < layout->field_count; i++) {
        const char *name = layout->fields[i].name;
        const char *value = (const char *)a->text.ptr + row->value_start[i];
        if (value[0] == '\0' || strcmp(value, "0") == 0) continue;
        if (strstr(name, "capture_id") != NULL || strcmp(name, "connection_id") == 0)
            continue;
        if (out->len - line + strlen(name) + strlen(value) > WIDTH) {
            buffer_append_text(out, "\n     ");
            line = out->len;
        }
        bool has_blank = strchr(value, ' ') != NULL;
        const char *quote = has_blank ? "\"" : "";
        bool is_long = strlen(value) > WIDTH;
        buffer_print(out, " %s=%s%.88s%s%s", name, quote, value, quote,
                     is_long ? "..." : "");
    }
    buffer_append_text(out, "\n");
}

void account_print(const struct account *a, struct buffer *out)
{
    for (size_t i = 0; i < a->row_count; i++) print_row(a, &a->rows[i], out);
}
