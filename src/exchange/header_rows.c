#include "exchange/header_rows.h"

#include <stdio.h>
#include <string.h>

enum { HEADER_ROWS_BYTES_MAX = 256 << 10 /* of one message; the rest is not kept */ };

struct entry {
    uint32_t name_length, value_length, position;
};

static bool is_secret(struct bytes name)
{
    static const char *const secrets[] = {
        "authorization",
        "cookie",
        "set-cookie",
        "proxy-authorization",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(secrets); i++)
        if (bytes_are_caseless(name, secrets[i])) return true;
    return false;
}

void header_rows_add(struct header_rows *rows, const struct header_field *field,
                     bool wants_secrets)
{
    struct buffer *kept = &rows->kept[field->message->from];
    struct bytes value = field->value;
    char replaced[40];
    if (!wants_secrets && is_secret(field->name)) {
        snprintf(replaced, sizeof replaced, "(%zu bytes)", value.len);
        value = bytes_of_text(replaced);
    }
    struct entry entry = {
        .name_length = (uint32_t)field->name.len,
        .value_length = (uint32_t)value.len,
        .position = field->position,
    };
    if (kept->len + sizeof entry + field->name.len + value.len > HEADER_ROWS_BYTES_MAX)
        return;
    buffer_append(kept, bytes_of(&entry, sizeof entry));
    buffer_append(kept, field->name);
    buffer_append(kept, value);
}

enum status header_rows_put(struct header_rows *rows, enum side side,
                            int64_t exchange_id, const struct record_sink *sink)
{
    struct cursor in = cursor_of(buffer_bytes(&rows->kept[side]));
    enum status status = STATUS_OK;
    while (status == STATUS_OK && cursor_left(&in) > 0) {
        struct entry entry;
        struct bytes head = cursor_take(&in, sizeof entry);
        memcpy(&entry, head.ptr, sizeof entry);
        struct record_header row = {
            .exchange_id = exchange_id,
            .side = (uint8_t)(side + 1),
            .position = entry.position,
        };
        row.name = cursor_take(&in, entry.name_length);
        row.value = cursor_take(&in, entry.value_length);
        status = sink->put(sink->context, RECORD_HEADER, &row);
    }
    header_rows_drop(rows, side);
    return status;
}

void header_rows_drop(struct header_rows *rows, enum side side)
{
    buffer_clear(&rows->kept[side]);
}

void header_rows_done(struct header_rows *rows)
{
    for (int i = 0; i < 2; i++) buffer_done(&rows->kept[i]);
}
