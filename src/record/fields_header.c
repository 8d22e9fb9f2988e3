/* Header fields, one row each, when they are asked for. */
#include "record/fields.h"

#define RECORD struct record_header

/* clang-format off */
static const struct field fields[] = {
    F("exchange_id", "Exchange", INTEGER(exchange_id),          ROW),
    F("side",        "Side",     ENUM(side, fields_side_names), FLAGS),
    F("position",    "Position", INTEGER(position),             ROW),
    F("name",        "Name",     TEXT(name),                    INTERNED),
    F("value",       "Value",    TEXT(value),                   ROW),
};
/* clang-format on */

const struct record_layout fields_header = {
    .table = "header",
    .view = "headers",
    .about = "A header field as it stood on the wire; rows only with --headers.",
    .fields = fields,
    .field_count = ARRAY_LENGTH(fields),
    .size = sizeof(RECORD),
};
