/* Names by length and by the letters at both ends, which together say where in a table
 * the only row stands that it may be; most names that are none of ours differ from that
 * row in their length already, so that the lengths stand in a line of memory apart:
 *
 *   "Host" --4, h, t--> slot --> length 4? --> { "host", ... } --the same?--> its name
 */
#include "http/names.h"

#include <string.h>

#include "http/chars.h"

enum { NAMES_LENGTH_MAX = 24 };

struct field_row {
    uint8_t text[NAMES_LENGTH_MAX + 1]; /* lower case */
    enum field_name name;
    bool is_forbidden_in_trailer;
};

/* Each in the slot of names_slot_of, whose factors were chosen so that no two share
 * one.
 */
/* clang-format off */
static const struct field_row field_rows[NAMES_SLOTS] = {
    [11] = { "te",                       FIELD_TE,                   true  },
    [32] = { "host",                     FIELD_HOST,                 true  },
    [ 1] = { "cookie",                   FIELD_ROUTING_OR_AUTH,      true  },
    [28] = { "expect",                   FIELD_EXPECT,               true  },
    [46] = { "server",                   FIELD_SERVER,               false },
    [59] = { "trailer",                  FIELD_ROUTING_OR_AUTH,      true  },
    [52] = { "upgrade",                  FIELD_UPGRADE,              true  },
    [14] = { "location",                 FIELD_ROUTING_OR_AUTH,      true  },
    [38] = { "connection",               FIELD_CONNECTION,           true  },
    [13] = { "keep-alive",               FIELD_KEEP_ALIVE,           true  },
    [61] = { "set-cookie",               FIELD_ROUTING_OR_AUTH,      true  },
    [24] = { "user-agent",               FIELD_USER_AGENT,           false },
    [43] = { "content-type",             FIELD_CONTENT_TYPE,         true  },
    [53] = { "max-forwards",             FIELD_ROUTING_OR_AUTH,      true  },
    [47] = { "authorization",            FIELD_ROUTING_OR_AUTH,      true  },
    [57] = { "cache-control",            FIELD_ROUTING_OR_AUTH,      true  },
    [50] = { "content-range",            FIELD_ROUTING_OR_AUTH,      true  },
    [60] = { "content-length",           FIELD_CONTENT_LENGTH,       true  },
    [ 9] = { "content-encoding",         FIELD_ROUTING_OR_AUTH,      true  },
    [30] = { "proxy-connection",         FIELD_PROXY_CONNECTION,     true  },
    [63] = { "www-authenticate",         FIELD_ROUTING_OR_AUTH,      true  },
    [54] = { "transfer-encoding",        FIELD_TRANSFER_ENCODING,    true  },
    [ 2] = { "sec-websocket-key",        FIELD_WEBSOCKET_KEY,        false },
    [35] = { "proxy-authenticate",       FIELD_ROUTING_OR_AUTH,      true  },
    [51] = { "proxy-authorization",      FIELD_ROUTING_OR_AUTH,      true  },
    [18] = { "sec-websocket-accept",     FIELD_WEBSOCKET_ACCEPT,     false },
    [45] = { "sec-websocket-extensions", FIELD_WEBSOCKET_EXTENSIONS, false },
};
const uint8_t names_lengths[NAMES_SLOTS] = {
/*  0 */  0,  6, 17,  0,  0,  0,  0,  0,  0, 16,  0,  2,  0, 10,  8,  0,
/* 16 */  0,  0, 20,  0,  0,  0,  0,  0, 10,  0,  0,  0,  6,  0, 16,  0,
/* 32 */  4,  0,  0, 18,  0,  0, 10,  0,  0,  0,  0, 12,  0, 24,  6, 13,
/* 48 */  0,  0, 13, 19,  7, 12, 17,  0,  0, 13,  0,  7, 14, 10,  0, 16,
};

/* RFC 9110, section 9.3, RFC 5789, and what WebDAV and its kin registered. */
static const struct method_name method_rows[] = {
    { "GET",              METHOD_GET     },
    { "POST",             METHOD_POST    },
    { "HEAD",             METHOD_HEAD    },
    { "PUT",              METHOD_PUT     },
    { "DELETE",           METHOD_DELETE  },
    { "CONNECT",          METHOD_CONNECT },
    { "OPTIONS",          METHOD_OPTIONS },
    { "TRACE",            METHOD_TRACE   },
    { "PATCH",            METHOD_PATCH   },
    { "PRI",              METHOD_PRI     },
    { "QUERY",            METHOD_OTHER   },
    { "ACL",              METHOD_OTHER   },
    { "BASELINE-CONTROL", METHOD_OTHER   },
    { "BIND",             METHOD_OTHER   },
    { "CHECKIN",          METHOD_OTHER   },
    { "CHECKOUT",         METHOD_OTHER   },
    { "COPY",             METHOD_OTHER   },
    { "LABEL",            METHOD_OTHER   },
    { "LINK",             METHOD_OTHER   },
    { "LOCK",             METHOD_OTHER   },
    { "MERGE",            METHOD_OTHER   },
    { "MKACTIVITY",       METHOD_OTHER   },
    { "MKCALENDAR",       METHOD_OTHER   },
    { "MKCOL",            METHOD_OTHER   },
    { "MKREDIRECTREF",    METHOD_OTHER   },
    { "MKWORKSPACE",      METHOD_OTHER   },
    { "MOVE",             METHOD_OTHER   },
    { "ORDERPATCH",       METHOD_OTHER   },
    { "PROPFIND",         METHOD_OTHER   },
    { "PROPPATCH",        METHOD_OTHER   },
    { "REBIND",           METHOD_OTHER   },
    { "REPORT",           METHOD_OTHER   },
    { "SEARCH",           METHOD_OTHER   },
    { "UNBIND",           METHOD_OTHER   },
    { "UNCHECKOUT",       METHOD_OTHER   },
    { "UNLINK",           METHOD_OTHER   },
    { "UNLOCK",           METHOD_OTHER   },
    { "UPDATE",           METHOD_OTHER   },
    { "UPDATEREDIRECTREF", METHOD_OTHER  },
    { "VERSION-CONTROL",  METHOD_OTHER   },
};
/* clang-format on */

/* Whether `bytes` are those of a row, ASCII case apart: that is one bit, and not of the
 * hyphen, which is the only other byte a row has. */
static bool names_are_same(uint64_t bytes, uint64_t row)
{
    static const uint64_t letters = UINT64_C(0x4040404040404040); /* a letter's bit */
    return ((bytes ^ row) & ~((row & letters) >> 1)) == 0;
}

/* By both ends of `width` bytes, which overlap or leave a gap between them. Inline, so
 * that each width is known where it is copied. */
__attribute__((always_inline)) static inline bool
names_have_ends(struct bytes name, const uint8_t *row, size_t width)
{
    size_t tail = name.len - width;
    uint64_t first = 0, last = 0, row_first = 0, row_last = 0;
    memcpy(&first, name.ptr, width);
    memcpy(&last, name.ptr + tail, width);
    memcpy(&row_first, row, width);
    memcpy(&row_last, row + tail, width);
    return names_are_same(first, row_first) && names_are_same(last, row_last);
}

/* Of a name whose length is the row's. */
__attribute__((always_inline)) static inline bool names_are(struct bytes name,
                                                            const uint8_t *row)
{
    if (name.len < 2) return bytes_equal_caseless(name, bytes_of(row, name.len));
    if (name.len < 4) return names_have_ends(name, row, 2);
    if (name.len < 8) return names_have_ends(name, row, 4);
    if (!names_have_ends(name, row, 8)) return false;
    return name.len <= 16 || bytes_equal_caseless(name, bytes_of(row, name.len));
}

bool names_equal(struct bytes name, struct bytes row)
{
    return name.len == row.len && names_are(name, row.ptr);
}

enum field_name names_read_row(struct bytes name, size_t slot)
{
    const struct field_row *row = &field_rows[slot];
    return names_are(name, row->text) ? row->name : FIELD_OTHER;
}

bool names_is_forbidden_in_trailer(enum field_name name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(field_rows); i++) {
        if (field_rows[i].name == name) return field_rows[i].is_forbidden_in_trailer;
    }
    return false;
}

static const char coding_letters[] = "transferencoding";
enum { CODING_LETTERS = sizeof coding_letters - 1 };

bool names_resembles_coding(struct bytes name)
{
    enum { EXACT_LENGTH = 17, EXTRA_BYTES_MAX = 4 };
    if (name.len < CODING_LETTERS || name.len > EXACT_LENGTH + EXTRA_BYTES_MAX)
        return false;
    size_t matched = 0;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = chars_lower(name.ptr[i]);
        if (c < 'a' || c > 'z') continue;
        if (c != (uint8_t)coding_letters[matched]) return false;
        matched++;
    }
    return matched == CODING_LETTERS && !bytes_are_caseless(name, "transfer-encoding");
}

/* Its letters from the front, or from the back; other bytes between them do not count.
 * A name that is something else differs in the first letters. */
bool names_extends_coding(struct bytes name)
{
    if (name.len < CODING_LETTERS) return false;
    size_t front = 0, back = 0;
    for (size_t i = 0; i < name.len && front < CODING_LETTERS; i++) {
        uint8_t c = chars_lower(name.ptr[i]);
        if (c < 'a' || c > 'z') continue;
        if (c != (uint8_t)coding_letters[front]) break;
        front++;
    }
    for (size_t i = name.len; i > 0 && back < CODING_LETTERS; i--) {
        uint8_t c = chars_lower(name.ptr[i - 1]);
        if (c < 'a' || c > 'z') continue;
        if (c != (uint8_t)coding_letters[CODING_LETTERS - 1 - back]) break;
        back++;
    }
    return front == CODING_LETTERS || back == CODING_LETTERS;
}

const struct method_name *names_find_method(struct bytes text)
{
    for (size_t i = 0; i < ARRAY_LENGTH(method_rows); i++) {
        const char *row = method_rows[i].text;
        if (text.len > 0 && (uint8_t)row[0] == text.ptr[0] && bytes_are(text, row))
            return &method_rows[i];
    }
    return NULL;
}

bool names_may_begin_method(struct bytes text)
{
    for (size_t i = 0; i < ARRAY_LENGTH(method_rows); i++) {
        const char *row = method_rows[i].text;
        size_t length = strlen(row);
        size_t shared = length < text.len ? length : text.len;
        if (shared > 0 && memcmp(row, text.ptr, shared) != 0) continue;
        if (text.len <= length || text.ptr[length] == ' ') return true;
    }
    return false;
}

bool method_is_idempotent(enum method method)
{
    switch (method) {
    case METHOD_GET:
    case METHOD_HEAD:
    case METHOD_PUT:
    case METHOD_DELETE:
    case METHOD_OPTIONS:
    case METHOD_TRACE: return true;
    case METHOD_OTHER:
    case METHOD_POST:
    case METHOD_CONNECT:
    case METHOD_PATCH:
    case METHOD_PRI: return false;
    }
    return false;
}
