/* The table of columns of our own, and those that fields make. */
#include "ui/columns.h"

#include "ui/column_values.h"
#include "ui/figure.h"
#include "ui/wire_text.h"

#include <string.h>

/* ---- the table ---- */

#define OWN(name_)                                        \
    .name = #name_, .write = column_values_write_##name_, \
    .key = column_values_key_##name_

/* clang-format off */
static const struct column own[] = {
    { OWN(state),     .title = "State",   .width =  7, .priority = 90 },
    { OWN(client),    .title = "Client",  .width = 26, .priority = 70 },
    { OWN(server),    .title = "Server",  .width = 26, .priority = 40 },
    { OWN(host),      .title = "Host",    .width = 32, .priority = 75 },
    { OWN(protocol),  .title = "HTTP",    .width =  9, .priority = 20 },
    { OWN(exchanges), .title = "Exch",    .width =  5, .priority = 80, .is_right = true },
    { OWN(depth),     .title = "Depth",   .width =  9, .priority = 30, .is_right = true },
    { OWN(status),    .title = "Code",    .width =  4, .priority = 85, .is_right = true },
    { OWN(last),      .title = "Last request", .width = 16, .priority = 88, .is_wide = true },
    { OWN(wait),      .title = "Wait",    .width =  7, .priority = 60, .is_right = true },
    { OWN(idle),      .title = "Idle",    .width =  7, .priority = 35, .is_right = true },
    { OWN(bytes),     .title = "Bytes",   .width =  6, .priority = 45, .is_right = true },
    { OWN(findings),  .title = "Find",    .width = 12, .priority = 65 },
    { OWN(age),       .title = "Age",     .width =  7, .priority = 50, .is_right = true },
    { OWN(start),     .title = "Start",   .width = 12, .priority = 25 },
};
/* clang-format on */

size_t columns_count(void)
{
    return ARRAY_LENGTH(own) + record_layout(RECORD_CONNECTION)->field_count;
}

static int field_width(const struct field *f)
{
    if (f->type == FIELD_TEXT || f->type == FIELD_ADDRESS) return 16;
    if (f->type == FIELD_TIME) return 12;
    if (f->type == FIELD_ENUM) return 11;
    return 8;
}

struct column columns_get(size_t index)
{
    if (index < ARRAY_LENGTH(own)) return own[index];
    const struct field *f =
        &record_layout(RECORD_CONNECTION)->fields[index - ARRAY_LENGTH(own)];
    int width = field_width(f);
    int least = (int)strlen(f->title);
    bool is_text =
        f->type == FIELD_TEXT || f->type == FIELD_ADDRESS || f->type == FIELD_ENUM;
    return (struct column){.name = f->name,
                           .title = f->title,
                           .width = width > least ? width : least,
                           .priority = 10,
                           .is_right = !is_text && f->type != FIELD_TIME,
                           .field = f};
}

size_t columns_find(struct bytes name)
{
    for (size_t i = 0; i < columns_count(); i++) {
        struct column column = columns_get(i);
        if (bytes_are(name, column.name)) return i;
    }
    return columns_count();
}

static void write_field(const struct field *f, const void *record, struct buffer *out,
                        bool is_ascii)
{
    char text[COLUMN_TEXT_MAX];
    int64_t number = record_integer(f, record);
    if (f->type == FIELD_TEXT) {
        wire_text_add(out, bytes_first(record_text(f, record), COLUMN_TEXT_MAX / 4),
                      is_ascii);
        return;
    }
    if (f->type == FIELD_DURATION) {
        column_values_write_duration(out, number);
        return;
    }
    if (f->type == FIELD_TIME)
        figure_clock(number, text);
    else
        record_format(f, record, text, sizeof text);
    buffer_append_text(out, text);
}

void columns_write(const struct column *column, const struct model *m,
                   const struct model_connection *c, struct buffer *out, bool is_ascii)
{
    if (column->write != NULL)
        column->write(m, c, out, is_ascii);
    else
        write_field(column->field, c->record, out, is_ascii);
}

struct column_key columns_key(const struct column *column, const struct model *m,
                              const struct model_connection *c)
{
    if (column->key != NULL) return column->key(m, c);
    if (column->field->type == FIELD_TEXT || column->field->type == FIELD_ENUM)
        return text_key(record_text(column->field, c->record));
    if (column->field->type == FIELD_ADDRESS)
        return strcmp(column->name, "client_ip") == 0 ? column_values_key_client(m, c)
                                                      : column_values_key_server(m, c);
    return number_key(record_integer(column->field, c->record));
}
