/* Names by length, then by both their ends, up to eight bytes of each: a name that is
 * none of ours is told from those of its length by one comparison each. */
#include "http/names.h"

#include <string.h>

#include "http/chars.h"

enum { NAMES_LENGTH_MAX = 24 };

struct field_row {
    char text[NAMES_LENGTH_MAX + 1]; /* lower case */
    enum field_name name;
    bool is_forbidden_in_trailer;
};

/* Ordered by length; field_starts says where each length begins. */
/* clang-format off */
static const struct field_row field_rows[] = {
    { "te",                  FIELD_TE,                true  },
    { "host",                FIELD_HOST,              true  },
    { "cookie",              FIELD_ROUTING_OR_AUTH,   true  },
    { "expect",              FIELD_EXPECT,            true  },
    { "server",              FIELD_SERVER,            false },
    { "trailer",             FIELD_ROUTING_OR_AUTH,   true  },
    { "upgrade",             FIELD_UPGRADE,           true  },
    { "location",            FIELD_ROUTING_OR_AUTH,   true  },
    { "connection",          FIELD_CONNECTION,        true  },
    { "keep-alive",          FIELD_KEEP_ALIVE,        true  },
    { "set-cookie",          FIELD_ROUTING_OR_AUTH,   true  },
    { "user-agent",          FIELD_USER_AGENT,        false },
    { "content-type",        FIELD_CONTENT_TYPE,      true  },
    { "max-forwards",        FIELD_ROUTING_OR_AUTH,   true  },
    { "authorization",       FIELD_ROUTING_OR_AUTH,   true  },
    { "cache-control",       FIELD_ROUTING_OR_AUTH,   true  },
    { "content-range",       FIELD_ROUTING_OR_AUTH,   true  },
    { "content-length",      FIELD_CONTENT_LENGTH,    true  },
    { "content-encoding",    FIELD_ROUTING_OR_AUTH,   true  },
    { "proxy-connection",    FIELD_PROXY_CONNECTION,  true  },
    { "www-authenticate",    FIELD_ROUTING_OR_AUTH,   true  },
    { "transfer-encoding",   FIELD_TRANSFER_ENCODING, true  },
    { "sec-websocket-key",   FIELD_WEBSOCKET_KEY,     false },
    { "proxy-authenticate",  FIELD_ROUTING_OR_AUTH,   true  },
    { "proxy-authorization", FIELD_ROUTING_OR_AUTH,   true  },
    { "sec-websocket-accept",     FIELD_WEBSOCKET_ACCEPT,     false },
    { "sec-websocket-extensions", FIELD_WEBSOCKET_EXTENSIONS, false },
};
static const uint8_t field_starts[NAMES_LENGTH_MAX + 2] = {
/*  0  1  2  3  4  5  6  7  8  9 10  11  12  13  14  15  16  17  18  19  20 */
    0, 0, 0, 1, 1, 2, 2, 5, 7, 8, 8, 12, 12, 14, 17, 18, 18, 21, 23, 24, 25,
/* 21  22  23  24 end */
    26, 26, 26, 26, 27,
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
__attribute__((always_inline)) static inline enum field_name
names_search(struct bytes name, size_t width)
{
    const uint8_t *tail = name.ptr + name.len - width;
    uint64_t first = 0, last = 0, row_first = 0, row_last = 0;
    memcpy(&first, name.ptr, width);
    memcpy(&last, tail, width);
    for (size_t i = field_starts[name.len]; i < field_starts[name.len + 1]; i++) {
        const char *row = field_rows[i].text;
        memcpy(&row_first, row, width);
        if (!names_are_same(first, row_first)) continue;
        memcpy(&row_last, row + name.len - width, width);
        if (!names_are_same(last, row_last)) continue;
        if (name.len <= 2 * width || bytes_are_caseless(name, row))
            return field_rows[i].name;
    }
    return FIELD_OTHER;
}

enum field_name names_find_field(struct bytes name)
{
    if (name.len > NAMES_LENGTH_MAX) return FIELD_OTHER;
    if (name.len >= 8) return names_search(name, 8);
    if (name.len >= 4) return names_search(name, 4);
    return name.len == 2 ? names_search(name, 2) : FIELD_OTHER;
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
