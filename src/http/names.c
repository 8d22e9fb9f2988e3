/* Names by their length, first letter and middle one, which together say where in a
 * table the only row stands that it may be:
 *
 *   "Host" --4, h, s--> slot --> { "host:", 4, ... } --the same?--> its name
 */
#include "http/names.h"

#include <string.h>

#include "http/chars.h"

/* Each in the slot of names_slot_of, whose factor was chosen so that no two share one.
 */
/* clang-format off */
const struct names_row names_rows[NAMES_SLOTS] = {
    [ 29] = { "te:",                       2, FIELD_TE,                   true  },
    [ 77] = { "host:",                     4, FIELD_HOST,                 true  },
    [ 16] = { "cookie:",                   6, FIELD_ROUTING_OR_AUTH,      true  },
    [ 45] = { "expect:",                   6, FIELD_EXPECT,               true  },
    [ 72] = { "server:",                   6, FIELD_SERVER,               false },
    [ 20] = { "trailer:",                  7, FIELD_ROUTING_OR_AUTH,      true  },
    [ 42] = { "upgrade:",                  7, FIELD_UPGRADE,              true  },
    [111] = { "location:",                 8, FIELD_ROUTING_OR_AUTH,      true  },
    [ 28] = { "connection:",              10, FIELD_CONNECTION,           true  },
    [123] = { "keep-alive:",              10, FIELD_KEEP_ALIVE,           true  },
    [101] = { "set-cookie:",              10, FIELD_ROUTING_OR_AUTH,      true  },
    [124] = { "user-agent:",              10, FIELD_USER_AGENT,           false },
    [  0] = { "content-type:",            12, FIELD_CONTENT_TYPE,         true  },
    [ 95] = { "max-forwards:",            12, FIELD_ROUTING_OR_AUTH,      true  },
    [109] = { "authorization:",           13, FIELD_ROUTING_OR_AUTH,      true  },
    [  9] = { "cache-control:",           13, FIELD_ROUTING_OR_AUTH,      true  },
    [ 36] = { "content-range:",           13, FIELD_ROUTING_OR_AUTH,      true  },
    [ 84] = { "content-length:",          14, FIELD_CONTENT_LENGTH,       true  },
    [ 23] = { "content-encoding:",        16, FIELD_ROUTING_OR_AUTH,      true  },
    [ 46] = { "proxy-connection:",        16, FIELD_PROXY_CONNECTION,     true  },
    [ 24] = { "www-authenticate:",        16, FIELD_ROUTING_OR_AUTH,      true  },
    [ 99] = { "sec-websocket-key:",       17, FIELD_WEBSOCKET_KEY,        false },
    [ 65] = { "transfer-encoding:",       17, FIELD_TRANSFER_ENCODING,    true  },
    [ 18] = { "proxy-authenticate:",      18, FIELD_ROUTING_OR_AUTH,      true  },
    [ 54] = { "proxy-authorization:",     19, FIELD_ROUTING_OR_AUTH,      true  },
    [ 13] = { "sec-websocket-accept:",    20, FIELD_WEBSOCKET_ACCEPT,     false },
    [ 52] = { "sec-websocket-extensions:", 24, FIELD_WEBSOCKET_EXTENSIONS, false },
    /* Usual ones that nobody asks for: told at once that they are names. */
    [ 97] = { "age:",                      3, FIELD_OTHER,                false },
    [  3] = { "via:",                      3, FIELD_OTHER,                false },
    [ 94] = { "date:",                     4, FIELD_OTHER,                false },
    [ 33] = { "etag:",                     4, FIELD_OTHER,                false },
    [ 61] = { "vary:",                     4, FIELD_OTHER,                false },
    [ 31] = { "range:",                    5, FIELD_OTHER,                false },
    [ 44] = { "accept:",                   6, FIELD_OTHER,                false },
    [ 78] = { "origin:",                   6, FIELD_OTHER,                false },
    [ 79] = { "pragma:",                   6, FIELD_OTHER,                false },
    [ 86] = { "alt-svc:",                  7, FIELD_OTHER,                false },
    [ 19] = { "expires:",                  7, FIELD_OTHER,                false },
    [ 82] = { "referer:",                  7, FIELD_OTHER,                false },
    [ 96] = { "x-powered-by:",            12, FIELD_OTHER,                false },
    [  7] = { "x-request-id:",            12, FIELD_OTHER,                false },
    [ 47] = { "accept-ranges:",           13, FIELD_OTHER,                false },
    [ 43] = { "if-none-match:",           13, FIELD_OTHER,                false },
    [ 81] = { "last-modified:",           13, FIELD_OTHER,                false },
    [115] = { "accept-encoding:",         15, FIELD_OTHER,                false },
    [103] = { "accept-language:",         15, FIELD_OTHER,                false },
    [ 76] = { "x-forwarded-for:",         15, FIELD_OTHER,                false },
    [121] = { "x-frame-options:",         15, FIELD_OTHER,                false },
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

bool names_is_forbidden_in_trailer(enum field_name name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(names_rows); i++) {
        if (names_rows[i].name == name) return names_rows[i].is_forbidden_in_trailer;
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
