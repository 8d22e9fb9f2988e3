#include "export/json.h"

#include "hopscope/field.h"

#include <assert.h>
#include <inttypes.h>

/* ---- text ---- */

static void json_print_text(struct json *j, struct bytes text)
{
    text = record_utf8(text, &j->scratch);
    buffer_append_text(j->out, "\"");
    size_t plain = 0; /* bytes from here on need no escape */
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        if (c >= 0x20 && c != 0x7f && c != '"' && c != '\\') continue;
        buffer_append(j->out, bytes_of(text.ptr + plain, i - plain));
        buffer_print(j->out, c == '"' || c == '\\' ? "\\%c" : "\\u%04x", c);
        plain = i + 1;
    }
    buffer_append(j->out, bytes_from(text, plain));
    buffer_append_text(j->out, "\"");
}

void json_done(struct json *j)
{
    buffer_done(&j->scratch);
}

/* ---- structure ---- */

static void json_new_line(struct json *j)
{
    if (j->indent == 0) return;
    buffer_append_text(j->out, "\n");
    for (unsigned i = 0; i < j->indent * j->depth; i++) buffer_append_text(j->out, " ");
}

/* What stands before a value: the comma after its neighbour, and its key. */
static void json_lead_in(struct json *j, const char *key)
{
    if (j->depth == 0) return;
    if (j->has_items[j->depth - 1]) buffer_append_text(j->out, ",");
    j->has_items[j->depth - 1] = true;
    json_new_line(j);
    if (!key) return;
    json_print_text(j, bytes_of_text(key));
    buffer_append_text(j->out, j->indent == 0 ? ":" : ": ");
}

static void json_begin(struct json *j, const char *key, const char *bracket)
{
    assert(j->depth < JSON_DEPTH_MAX);
    json_lead_in(j, key);
    buffer_append_text(j->out, bracket);
    j->has_items[j->depth++] = false;
}

static void json_end(struct json *j, const char *bracket)
{
    assert(j->depth > 0);
    j->depth--;
    if (j->has_items[j->depth]) json_new_line(j);
    buffer_append_text(j->out, bracket);
}

void json_begin_object(struct json *j, const char *key)
{
    json_begin(j, key, "{");
}

void json_end_object(struct json *j)
{
    json_end(j, "}");
}

void json_begin_array(struct json *j, const char *key)
{
    json_begin(j, key, "[");
}

void json_end_array(struct json *j)
{
    json_end(j, "]");
}

/* ---- values ---- */

void json_put_integer(struct json *j, const char *key, int64_t value)
{
    json_lead_in(j, key);
    buffer_print(j->out, "%" PRId64, value);
}

void json_put_known(struct json *j, const char *key, int64_t value)
{
    if (value == INT64_MIN)
        json_put_null(j, key);
    else
        json_put_integer(j, key, value);
}

void json_put_id(struct json *j, const char *key, uint64_t value)
{
    json_lead_in(j, key);
    buffer_print(j->out, "\"%" PRIu64 "\"", value);
}

void json_put_real(struct json *j, const char *key, double value)
{
    json_lead_in(j, key);
    buffer_print(j->out, "%.4f", value);
}

void json_put_bool(struct json *j, const char *key, bool value)
{
    json_lead_in(j, key);
    buffer_append_text(j->out, value ? "true" : "false");
}

void json_put_null(struct json *j, const char *key)
{
    json_lead_in(j, key);
    buffer_append_text(j->out, "null");
}

void json_put_text(struct json *j, const char *key, struct bytes text)
{
    if (text.ptr == NULL) {
        json_put_null(j, key);
        return;
    }
    json_lead_in(j, key);
    json_print_text(j, text);
}
