/* What the fields of few bits say: methods, and a connection's protocol and state.
 * Numbers are given as texts come, and once more where memory has forgotten them; these
 * come first and stay, so that they fit their bits however many others there are.
 *
 *   text.id  1 .......... 6 | 7 ....... 19 | 20 ..... 54 | 55 ...
 *            protocols      | Zeek's states | methods    | as they come */
#include "store/common_text.h"

#include <assert.h>

static_assert((int)COMMON_TEXT_COUNT <= (int)COMMON_TEXT_MAX, "they fit their bits");

/* clang-format off */
const char *const common_texts[] = {
    "http/1.1", "http/1.0", "http/0.9", "h2", "tls", "other",
    "SF", "S0", "S1", "S2", "S3", "REJ", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH",
    "GET", "POST", "HEAD", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY", /* HTTP */
    "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "SEARCH", "ACL", /* WebDAV */
    "REPORT", "VERSION-CONTROL", "CHECKOUT", "CHECKIN", "MERGE", "MKACTIVITY", "BIND", "MKCALENDAR",
    "NOTIFY", "M-SEARCH", "SUBSCRIBE", "UNSUBSCRIBE", /* UPnP */
    "PURGE", "BAN", "LINK", "UNLINK",
};
/* clang-format on */
