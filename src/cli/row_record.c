/* A database is anybody's: what no capture can have is taken as not known, so that
 * differences and sums stay within an int64_t. What record_format and the store make of
 * a member, the other way round. */
#include "cli/row_record.h"

#include <arpa/inet.h>
#include <string.h>

static void set_enum(const struct field *f, const struct cell *cell, uint8_t *member)
{
    for (uint8_t i = 1; cell->kind == CELL_TEXT && f->names[i] != NULL; i++) {
        if (bytes_are(cell->text, f->names[i])) *member = i;
    }
}

static void set_address(const struct cell *cell, struct endpoint *e)
{
    char text[ADDRESS_TEXT_MAX];
    if (cell->kind != CELL_TEXT || cell->text.len >= sizeof text) return;
    memcpy(text, cell->text.ptr, cell->text.len);
    text[cell->text.len] = '\0';
    if (inet_pton(AF_INET, text, e->address) == 1)
        e->version = 4;
    else if (inet_pton(AF_INET6, text, e->address) == 1)
        e->version = 6;
}

static int64_t believable(const struct field *f, int64_t number)
{
    size_t length = strlen(f->name);
    bool is_id = length >= 2 && strcmp(f->name + length - 2, "id") == 0;
    int64_t most = f->type == FIELD_INTEGER ? INT64_C(1) << 53 : INT64_MAX / 8;
    return is_id || (number <= most && number >= -most) ? number : RECORD_UNKNOWN;
}

static void set_field(const struct field *f, const struct cell *cell, void *record)
{
    uint8_t *member = (uint8_t *)record + f->offset;
    int64_t number = cell->kind == CELL_INTEGER ? cell->integer : RECORD_UNKNOWN;
    uint64_t ref;
    switch (f->type) {
    case FIELD_INTEGER:
    case FIELD_TIME:
    case FIELD_DURATION:
        number = believable(f, number);
        memcpy(member, &number, sizeof number);
        return;
    case FIELD_ENUM: set_enum(f, cell, member); return;
    case FIELD_TRI:
        if (number != RECORD_UNKNOWN) *member = (uint8_t)tri_of(number != 0);
        return;
    case FIELD_TEXT:
        if (cell->kind == CELL_TEXT) memcpy(member, &cell->text, sizeof cell->text);
        return;
    case FIELD_ADDRESS: set_address(cell, (void *)member); return;
    case FIELD_PORT:
        if (number != RECORD_UNKNOWN)
            ((struct endpoint *)(void *)member)->port = (uint16_t)number;
        return;
    case FIELD_PACKET:
        if (number == RECORD_UNKNOWN) return;
        memcpy(&ref, member, sizeof ref);
        ref |= (uint64_t)number & UINT32_MAX;
        memcpy(member, &ref, sizeof ref);
        return;
    case FIELD_CAPTURE_ID:
        if (number == RECORD_UNKNOWN) return;
        memcpy(&ref, member, sizeof ref);
        ref = (ref & UINT32_MAX) | (uint64_t)number << 32;
        memcpy(member, &ref, sizeof ref);
        return;
    }
}

/* An exchange has its connection's addresses, which are no fields of its own. */
static void set_ends(const char *name, const struct cell *cell,
                     struct record_exchange *record)
{
    int64_t number = cell->kind == CELL_INTEGER ? cell->integer : 0;
    if (strcmp(name, "client_ip") == 0)
        set_address(cell, &record->endpoint[SIDE_CLIENT]);
    if (strcmp(name, "server_ip") == 0)
        set_address(cell, &record->endpoint[SIDE_SERVER]);
    if (strcmp(name, "client_port") == 0)
        record->endpoint[SIDE_CLIENT].port = (uint16_t)number;
    if (strcmp(name, "server_port") == 0)
        record->endpoint[SIDE_SERVER].port = (uint16_t)number;
}

void row_record_fill(enum record_kind kind, const struct rows *rows,
                     const struct cell *cells, void *record)
{
    const struct field *before = NULL;
    record_clear(kind, record);
    for (size_t i = 0; i < rows->column_count; i++) {
        const struct field *f = record_field(kind, rows->names[i]);
        if (f == NULL) {
            if (kind == RECORD_EXCHANGE) set_ends(rows->names[i], &cells[i], record);
            continue;
        }
        /* The capture of a packet stands right behind it; that of an id is in the id.
         */
        bool is_packets = before != NULL && before->type == FIELD_PACKET &&
                          before->offset == f->offset;
        if (f->type != FIELD_CAPTURE_ID || is_packets) set_field(f, &cells[i], record);
        before = f;
    }
}
