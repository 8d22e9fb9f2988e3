/* Names that mean something here: methods and header fields. */
#ifndef HOPSCOPE_SRC_HTTP_NAMES_H
#define HOPSCOPE_SRC_HTTP_NAMES_H

#include "hopscope/http.h"

/* Fields somebody asks for, and those that may not stand in a trailer. */
enum field_name {
    FIELD_OTHER,
    FIELD_CONNECTION,
    FIELD_CONTENT_LENGTH,
    FIELD_CONTENT_TYPE,
    FIELD_EXPECT,
    FIELD_HOST,
    FIELD_KEEP_ALIVE,
    FIELD_PROXY_CONNECTION,
    FIELD_SERVER,
    FIELD_TE,
    FIELD_TRANSFER_ENCODING,
    FIELD_UPGRADE,
    FIELD_USER_AGENT,
    FIELD_WEBSOCKET_ACCEPT,
    FIELD_WEBSOCKET_EXTENSIONS,
    FIELD_WEBSOCKET_KEY,
    FIELD_ROUTING_OR_AUTH, /* several names, asked for in trailers only */
};

enum { NAMES_SLOTS = 64 };

extern const uint8_t names_lengths[NAMES_SLOTS]; /* of the row in each slot; 0: none */

/* Where the only row stands that a name, which is not empty, may have. Five bits of a
 * letter are the same whatever its case. */
static inline size_t names_slot_of(struct bytes name)
{
    size_t first = name.ptr[0] & 31u, last = name.ptr[name.len - 1] & 31u;
    return (7 * name.len + 6 * first + last) % NAMES_SLOTS;
}

/* That of a name with its slot, where a row of its length stands. */
enum field_name names_read_row(struct bytes name, size_t slot);

/* FIELD_OTHER for a name without a row. ASCII case does not matter. */
static inline enum field_name names_find_field(struct bytes name)
{
    if (name.len == 0) return FIELD_OTHER;
    size_t slot = names_slot_of(name);
    return names_lengths[slot] == name.len ? names_read_row(name, slot) : FIELD_OTHER;
}

/* Whether `name` is `row`, lower-case letters and hyphens only, ASCII case apart. */
bool names_equal(struct bytes name, struct bytes row);
/* Framing, routing, authentication: RFC 9110, section 6.5.1. */
bool names_is_forbidden_in_trailer(enum field_name name);
/* A spelling that some recipient may take for Transfer-Encoding, though it is not. */
bool names_resembles_coding(struct bytes name);
/* The same with more letters before or behind it (X-Transfer-Encoding). */
bool names_extends_coding(struct bytes name);

struct method_name {
    const char *text;
    enum method method;
};

/* The row of a registered method (case matters), or NULL. */
const struct method_name *names_find_method(struct bytes text);
/* Whether `text` begins a registered method, or with one and the space behind it. */
bool names_may_begin_method(struct bytes text);

#endif
