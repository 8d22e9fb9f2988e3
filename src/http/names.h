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

enum {
    NAMES_SLOTS = 128,
    NAMES_SLOT_BITS = 7,
    NAMES_LENGTH_MAX = 24,
};

struct names_row {
    /* Lower case and hyphens, and a colon; a row has 32 bytes, and begins where they
     * divide. */
    _Alignas(32) uint8_t text[NAMES_LENGTH_MAX + 5];
    uint8_t length; /* 0: no row */
    uint8_t name;   /* enum field_name */
    bool is_forbidden_in_trailer;
};

extern const struct names_row names_rows[NAMES_SLOTS];

/* Where the only row stands that a name may have, told by its length, its first letter
 * and the middle one. Five bits of a letter are the same whatever its case. */
static inline size_t names_slot_of(struct bytes name)
{
    uint32_t letters = name.ptr[0] | (uint32_t)name.ptr[name.len / 2] << 8;
    uint32_t told = (uint32_t)name.len << 16 | (letters & 0x1f1f);
    return told * 0x214881u >> (32 - NAMES_SLOT_BITS);
}

/* Whether one word of a name is a row's, case apart: every byte of a row has the bit
 * that tells a small letter. So has CR a hyphen with it, but no name has a CR. */
static inline bool names_are_eight(const uint8_t *name, const uint8_t *row)
{
    uint64_t a, b;
    memcpy(&a, name, sizeof a);
    memcpy(&b, row, sizeof b);
    return (a | UINT64_C(0x2020202020202020)) == b;
}

static inline bool names_are_four(const uint8_t *name, const uint8_t *row)
{
    uint32_t a, b;
    memcpy(&a, name, sizeof a);
    memcpy(&b, row, sizeof b);
    return (a | 0x20202020u) == b;
}

/* By the words at both ends, which may overlap. The length is the row's. */
static inline bool names_are_row(struct bytes name, const uint8_t *row)
{
    if (name.len >= 8)
        return names_are_eight(name.ptr, row) &&
               names_are_eight(name.ptr + name.len - 8, row + name.len - 8) &&
               (name.len <= 16 || names_are_eight(name.ptr + 8, row + 8));
    if (name.len >= 4)
        return names_are_four(name.ptr, row) &&
               names_are_four(name.ptr + name.len - 4, row + name.len - 4);
    return (name.ptr[0] | 0x20) == row[0] && (name.ptr[1] | 0x20) == row[1] &&
           (name.ptr[name.len - 1] | 0x20) == row[name.len - 1];
}

static inline const struct names_row *names_row_of(struct bytes name)
{
    return &names_rows[names_slot_of(name)];
}

/* FIELD_OTHER for a name without a row. ASCII case does not matter; the name is a
 * token.
 */
static inline enum field_name names_find_field(struct bytes name)
{
    if (name.len < 2) return FIELD_OTHER;
    const struct names_row *row = names_row_of(name);
    if (row->length != name.len || !names_are_row(name, row->text)) return FIELD_OTHER;
    return (enum field_name)row->name;
}

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
