/* From a record's member to a number or a text, by its row in the field table. */
#include "hopscope/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Records are plain structs and the offsets are theirs; memcpy because the compiler
 * cannot know the member's type. */
static int64_t read_integer(const uint8_t *at)
{
    int64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static const struct endpoint *read_endpoint(const struct field *f, const void *record)
{
    return (const void *)((const uint8_t *)record + f->offset);
}

static int64_t known_unless_zero(uint64_t value)
{
    return value == 0 ? RECORD_UNKNOWN : (int64_t)value;
}

uint64_t record_ref(const struct field *field, const void *record)
{
    int64_t value = read_integer((const uint8_t *)record + field->offset);
    return value == RECORD_UNKNOWN ? 0 : (uint64_t)value;
}

int64_t record_integer(const struct field *field, const void *record)
{
    const uint8_t *at = (const uint8_t *)record + field->offset;
    switch (field->type) {
    case FIELD_INTEGER:
    case FIELD_TIME:
    case FIELD_DURATION: return read_integer(at);
    case FIELD_ENUM: return known_unless_zero(*at);
    case FIELD_TRI: return *at == TRI_UNKNOWN ? RECORD_UNKNOWN : *at == TRI_YES;
    case FIELD_PORT: {
        const struct endpoint *e = read_endpoint(field, record);
        return e->version == 0 ? RECORD_UNKNOWN : e->port;
    }
    case FIELD_PACKET: {
        uint64_t ref = record_ref(field, record);
        return ref == 0 ? RECORD_UNKNOWN : (int64_t)(ref & UINT32_MAX);
    }
    case FIELD_CAPTURE_ID: {
        uint64_t ref = record_ref(field, record);
        return ref == 0 ? RECORD_UNKNOWN : (int64_t)(ref >> 32);
    }
    case FIELD_TEXT:
    case FIELD_ADDRESS: return RECORD_UNKNOWN;
    }
    return RECORD_UNKNOWN;
}

/* Walks the list, so that a value beyond it is no name instead of a wild read. */
static const char *enum_name(const char *const *names, uint8_t value)
{
    if (value == 0) return NULL;
    for (size_t i = 1; names[i] != NULL; i++) {
        if (i == value) return names[i];
    }
    return NULL;
}

struct bytes record_text(const struct field *field, const void *record)
{
    const uint8_t *at = (const uint8_t *)record + field->offset;
    struct bytes text = bytes_of(NULL, 0);
    if (field->type == FIELD_ENUM)
        text = bytes_of_text(enum_name(field->names, *at));
    else if (field->type == FIELD_TEXT)
        memcpy(&text, at, sizeof text);
    return text;
}

/* Copies text that is valid UTF-8, ending before a character that does not fit. */
static size_t copy_text(struct bytes text, char *out, size_t size)
{
    size_t len = text.len < size ? text.len : size - 1;
    if (len < text.len)
        while (len > 0 && (text.ptr[len] & 0xc0) == 0x80) len--;
    if (len > 0) memcpy(out, text.ptr, len);
    out[len] = '\0';
    return len;
}

static size_t format_text(const struct field *field, const void *record, char *out,
                          size_t size)
{
    struct buffer scratch = {.ptr = NULL};
    struct bytes text = record_utf8(record_text(field, record), &scratch);
    size_t len = copy_text(text, out, size);
    buffer_done(&scratch);
    return len;
}

static size_t format_integer(int64_t value, char *out, size_t size)
{
    char text[24];
    if (value == RECORD_UNKNOWN) return copy_text(bytes_of(NULL, 0), out, size);
    snprintf(text, sizeof text, "%" PRId64, value);
    return copy_text(bytes_of_text(text), out, size);
}

size_t record_format(const struct field *field, const void *record, char *out,
                     size_t size)
{
    if (size == 0) return 0;
    if (field->type == FIELD_TEXT || field->type == FIELD_ENUM)
        return format_text(field, record, out, size);
    if (field->type != FIELD_ADDRESS)
        return format_integer(record_integer(field, record), out, size);
    const struct endpoint *e = read_endpoint(field, record);
    char address[ADDRESS_TEXT_MAX] = "";
    if (e->version != 0) endpoint_format_address(e, address);
    return copy_text(bytes_of_text(address), out, size);
}
