/* The field tables by kind and by name, and a record that says nothing yet. */
#include "record/fields.h"

#include <string.h>

const char *const fields_side_names[] = {NULL, "client", "server", NULL};
const char *const fields_closed_by_names[] = {NULL, "client", "server", "both", NULL};

const struct record_layout *record_layout(enum record_kind kind)
{
    static const struct record_layout *const layouts[RECORD_KIND_COUNT] = {
        [RECORD_CAPTURE] = &fields_capture,   [RECORD_CONNECTION] = &fields_connection,
        [RECORD_EXCHANGE] = &fields_exchange, [RECORD_TUNNEL] = &fields_tunnel,
        [RECORD_FINDING] = &fields_finding,   [RECORD_HEADER] = &fields_header,
    };
    return layouts[kind];
}

const struct field *record_field(enum record_kind kind, const char *name)
{
    const struct record_layout *layout = record_layout(kind);
    for (size_t i = 0; i < layout->field_count; i++) {
        if (strcmp(layout->fields[i].name, name) == 0) return &layout->fields[i];
    }
    return NULL;
}

void record_clear(enum record_kind kind, void *record)
{
    const struct record_layout *layout = record_layout(kind);
    const int64_t unknown = RECORD_UNKNOWN;
    memset(record, 0, layout->size);
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *f = &layout->fields[i];
        if (f->type > FIELD_DURATION) continue;
        memcpy((uint8_t *)record + f->offset, &unknown, sizeof unknown);
    }
}
