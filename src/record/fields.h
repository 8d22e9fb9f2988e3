/* How a row of a field table is written:
 *
 *   F("wait_us", "Wait", DURATION(wait_us), SIDE("exchange_timing"), ZERO)
 *     column     title   type and member    place                    what else
 *
 * A file that has such a table defines RECORD, the struct's type, before it. */
#ifndef RECORD_FIELDS_H
#define RECORD_FIELDS_H

#include "hopscope/record.h"

#include <stddef.h>

#define F(name_, title_, ...)                           \
    {                                                   \
        .name = (name_), .title = (title_), __VA_ARGS__ \
    }

/* ---- type and member ---- */
#define INTEGER(member)    .type = FIELD_INTEGER, .offset = offsetof(RECORD, member)
#define TIME(member)       .type = FIELD_TIME, .offset = offsetof(RECORD, member)
#define DURATION(member)   .type = FIELD_DURATION, .offset = offsetof(RECORD, member)
#define TRI(member)        .type = FIELD_TRI, .offset = offsetof(RECORD, member)
#define TEXT(member)       .type = FIELD_TEXT, .offset = offsetof(RECORD, member)
#define ADDRESS(member)    .type = FIELD_ADDRESS, .offset = offsetof(RECORD, member)
#define PORT(member)       .type = FIELD_PORT, .offset = offsetof(RECORD, member)
#define PACKET(member)     .type = FIELD_PACKET, .offset = offsetof(RECORD, member)
#define CAPTURE_OF(member) .type = FIELD_CAPTURE_ID, .offset = offsetof(RECORD, member)
#define ENUM(member, names_) \
    .type = FIELD_ENUM, .offset = offsetof(RECORD, member), .names = (names_)

/* ---- place ---- */
#define KEY           .place = PLACE_KEY
#define ROW           .place = PLACE_ROW
#define FLAGS         .place = PLACE_FLAGS
#define INTERNED      .place = PLACE_INTERNED
#define SIDE(table_)  .place = PLACE_SIDE, .side_table = (table_)
#define DERIVED(sql_) .place = PLACE_DERIVED, .expression = (sql_)
#define WITH_PACKET   .place = PLACE_DERIVED

/* ---- what else ---- */
#define BITS(count_)      .bits = (count_)
#define SINCE(field_)     .relative_to = (field_)
#define ZERO              .usual = USUALLY_ZERO
#define ZERO_OF(field_)   .usual = USUALLY_ZERO, .of = (field_)
#define ONE_OF(field_)    .usual = USUALLY_ONE, .of = (field_)
#define LESS(of_, minus_) .usual = USUALLY_DIFFERENCE, .of = (of_), .minus = (minus_)
#define OF_KEY            .usual = USUALLY_OF_KEY
#define EQUAL(of_, where_, is_) \
    .usual = USUALLY_EQUAL, .of = (of_), .where = (where_), .is = (is_)

extern const struct record_layout fields_capture, fields_connection, fields_exchange,
    fields_tunnel, fields_finding, fields_header;
extern const char *const fields_side_names[];      /* enum side + 1 */
extern const char *const fields_closed_by_names[]; /* enum closed_by */

#endif
