/* Rows as text. What a run gives is small, so every value is formatted at once. */
#include "hazard_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { VALUE_MAX = 70000, NAME_MAX_BYTES = 64 };

static enum status on_put(void *context, enum record_kind kind, const void *record)
{
    struct hazard_rows *r = context;
    if (r->count == r->capacity) {
        r->capacity = r->capacity == 0 ? 32 : r->capacity * 2;
        r->at = mem_resize(r->at, r->capacity * sizeof *r->at);
    }
    const struct record_layout *layout = record_layout(kind);
    struct hazard_row *row = &r->at[r->count++];
    row->kind = kind;
    row->value_start = mem_alloc_array(layout->field_count, sizeof(size_t));
    for (size_t i = 0; i < layout->field_count; i++) {
        size_t length = record_format(&layout->fields[i], record, r->value, VALUE_MAX);
        row->value_start[i] = r->text.len;
        buffer_append(&r->text, bytes_of(r->value, length + 1));
    }
    return STATUS_OK;
}

void hazard_rows_init(struct hazard_rows *r)
{
    *r = (struct hazard_rows){.value = mem_alloc(VALUE_MAX)};
}

void hazard_rows_clear(struct hazard_rows *r)
{
    for (size_t i = 0; i < r->count; i++) mem_free(r->at[i].value_start);
    r->count = 0;
    buffer_clear(&r->text);
}

void hazard_rows_done(struct hazard_rows *r)
{
    hazard_rows_clear(r);
    mem_free(r->at);
    mem_free(r->value);
    buffer_done(&r->text);
}

struct record_sink hazard_rows_sink(struct hazard_rows *r)
{
    return (struct record_sink){.context = r, .put = on_put};
}

static const struct hazard_row *find_row(const struct hazard_rows *r,
                                         enum record_kind kind, size_t index)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->at[i].kind == kind && index-- == 0) return &r->at[i];
    fail_msg("no such row of %s", record_layout(kind)->view);
    return NULL;
}

static const char *value_of(const struct hazard_rows *r, const struct hazard_row *row,
                            const char *column)
{
    const struct field *field = record_field(row->kind, column);
    if (field == NULL) fail_msg("no column %s", column);
    size_t at = (size_t)(field - record_layout(row->kind)->fields);
    return (const char *)r->text.ptr + row->value_start[at];
}

size_t hazard_rows_count(const struct hazard_rows *r, enum record_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++) count += r->at[i].kind == kind ? 1 : 0;
    return count;
}

const char *hazard_rows_value(const struct hazard_rows *r, enum record_kind kind,
                              size_t index, const char *column)
{
    return value_of(r, find_row(r, kind, index), column);
}

int64_t hazard_rows_number(const struct hazard_rows *r, enum record_kind kind,
                           size_t index, const char *column)
{
    return strtoll(hazard_rows_value(r, kind, index, column), NULL, 10);
}

/* Takes the next word off `text`; false: there is none. */
static bool take_word(const char **text, const char *ends, char *out, size_t size)
{
    *text += strspn(*text, " ");
    size_t length = strcspn(*text, ends);
    if (length == 0 && (**text == '\0' || **text == '\n')) return false;
    assert_true(length < size);
    memcpy(out, *text, length);
    out[length] = '\0';
    *text += length;
    return true;
}

void hazard_rows_expect(const struct hazard_rows *r, enum record_kind kind,
                        size_t index, const char *columns)
{
    char name[NAME_MAX_BYTES], expected[256];
    while (take_word(&columns, "= ", name, sizeof name)) {
        assert_int_equal(*columns, '=');
        columns++;
        if (*columns == ' ' || *columns == '\0')
            expected[0] = '\0';
        else
            (void)take_word(&columns, " ", expected, sizeof expected);
        const char *value = hazard_rows_value(r, kind, index, name);
        if (strcmp(value, expected) != 0)
            fail_msg("row %zu of %s: %s is \"%s\", expected \"%s\"", index + 1,
                     record_layout(kind)->view, name, value, expected);
    }
}

size_t hazard_rows_findings(const struct hazard_rows *r, const char *code)
{
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (r->at[i].kind != RECORD_FINDING) continue;
        count += strcmp(value_of(r, &r->at[i], "code"), code) == 0 ? 1 : 0;
    }
    return count;
}

size_t hazard_rows_attacks(const struct hazard_rows *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (r->at[i].kind != RECORD_FINDING) continue;
        count += strcmp(value_of(r, &r->at[i], "severity"), "attack") == 0 ? 1 : 0;
    }
    return count;
}

static bool is_listed(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; (at = strstr(at, name)) != NULL; at += length) {
        bool begins = at == list || at[-1] == ' ';
        if (begins && (at[length] == ' ' || at[length] == '\0')) return true;
    }
    return false;
}

void hazard_rows_print(const struct hazard_rows *r, unsigned kinds, const char *without,
                       struct buffer *out)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct record_layout *layout = record_layout(r->at[i].kind);
        if ((kinds & 1u << r->at[i].kind) == 0) continue;
        buffer_append_text(out, layout->view);
        for (size_t k = 0; k < layout->field_count; k++) {
            const char *name = layout->fields[k].name;
            const char *value = (const char *)r->text.ptr + r->at[i].value_start[k];
            if (*value == '\0' || is_listed(without, name)) continue;
            buffer_print(out, " %s=%s", name, value);
        }
        buffer_append_text(out, "\n");
    }
}

static void project(const struct hazard_rows *r, const struct hazard_row *row,
                    const char *columns, struct buffer *out)
{
    char name[NAME_MAX_BYTES];
    for (int i = 0; take_word(&columns, " ", name, sizeof name); i++) {
        const char *value = value_of(r, row, name);
        buffer_print(out, "%s%s", i > 0 ? " " : "", *value == '\0' ? "-" : value);
    }
    buffer_append_text(out, "\n");
}

void hazard_rows_project(const struct hazard_rows *r, enum record_kind kind,
                         const char *columns, struct buffer *out)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->at[i].kind == kind) project(r, &r->at[i], columns, out);
}

void hazard_rows_expect_lines(const struct hazard_rows *r, enum record_kind kind,
                              const char *columns, const char *lines)
{
    struct buffer text = {0};
    hazard_rows_project(r, kind, columns, &text);
    buffer_append(&text, bytes_of("", 1));
    bool is_same = strcmp((const char *)text.ptr, lines) == 0;
    if (!is_same) print_message("is:\n%sexpected:\n%s", (const char *)text.ptr, lines);
    buffer_done(&text);
    assert_true(is_same);
}
