#include "exchange/header_rows.h"

#include "exchange/secrets.h"

#include <string.h>

enum { HEADER_ROWS_BYTES_MAX = 256 << 10 /* of one message; the rest is not kept */ };

struct entry {
    uint32_t name_length, value_length, position;
};

void header_rows_add(struct header_rows *rows, const struct header_field *field,
                     bool wants_secrets)
{
    struct buffer *kept = &rows->kept[field->message->from];
    struct bytes value = field->value;
    struct buffer hidden = {.ptr = NULL};
    if (!wants_secrets) value = secrets_hide_value(field->name, value, &hidden);
    struct entry entry = {
        .name_length = (uint32_t)field->name.len,
        .value_length = (uint32_t)value.len,
        .position = field->position,
    };
    size_t size = sizeof entry + field->name.len + value.len;
    if (kept->len + size <= HEADER_ROWS_BYTES_MAX) {
        buffer_append(kept, bytes_of(&entry, sizeof entry));
        buffer_append(kept, field->name);
        buffer_append(kept, value);
    }
    buffer_done(&hidden);
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
