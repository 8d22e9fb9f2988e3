/* Header fields by name: what of their value may be shown. What is not in the table may
 * hold anything. */
#include "hopscope/anonymizer.h"

/* clang-format off */
static const struct field_row {
    const char *name;
    enum anonymizer_field what;
} field_rows[] = {
    { "host",                     ANONYMIZER_FIELD_HOST },
    { "location",                 ANONYMIZER_FIELD_URL },
    { "content-location",         ANONYMIZER_FIELD_URL },
    { "referer",                  ANONYMIZER_FIELD_URL },
    { "origin",                   ANONYMIZER_FIELD_URL },
    { "access-control-allow-origin", ANONYMIZER_FIELD_URL },
    { "content-length",           ANONYMIZER_FIELD_STAYS },
    { "transfer-encoding",        ANONYMIZER_FIELD_STAYS },
    { "connection",               ANONYMIZER_FIELD_NAMES },
    { "proxy-connection",         ANONYMIZER_FIELD_NAMES },
    { "keep-alive",               ANONYMIZER_FIELD_STAYS },
    { "trailer",                  ANONYMIZER_FIELD_NAMES },
    { "te",                       ANONYMIZER_FIELD_STAYS },
    { "expect",                   ANONYMIZER_FIELD_STAYS },
    { "date",                     ANONYMIZER_FIELD_STAYS },
    { "age",                      ANONYMIZER_FIELD_STAYS },
    { "expires",                  ANONYMIZER_FIELD_STAYS },
    { "last-modified",            ANONYMIZER_FIELD_STAYS },
    { "if-modified-since",        ANONYMIZER_FIELD_STAYS },
    { "retry-after",              ANONYMIZER_FIELD_STAYS },
    { "max-forwards",             ANONYMIZER_FIELD_STAYS },
    { "accept-ranges",            ANONYMIZER_FIELD_STAYS },
    { "range",                    ANONYMIZER_FIELD_STAYS },
    { "content-range",            ANONYMIZER_FIELD_STAYS },
    { "vary",                     ANONYMIZER_FIELD_NAMES },
    { "http2-settings",           ANONYMIZER_FIELD_STAYS },
    { "sec-websocket-version",    ANONYMIZER_FIELD_STAYS },
    { "sec-websocket-key",        ANONYMIZER_FIELD_STAYS }, /* random; the accept is */
    { "sec-websocket-accept",     ANONYMIZER_FIELD_STAYS }, /* made of it */
    { "sec-websocket-extensions", ANONYMIZER_FIELD_STAYS },
    { "upgrade",                  ANONYMIZER_FIELD_WORDS },
    { "content-encoding",         ANONYMIZER_FIELD_WORDS },
    { "accept-encoding",          ANONYMIZER_FIELD_WORDS },
    { "content-type",             ANONYMIZER_FIELD_WORDS },
    { "accept",                   ANONYMIZER_FIELD_WORDS },
    { "cache-control",            ANONYMIZER_FIELD_WORDS },
    { "pragma",                   ANONYMIZER_FIELD_WORDS },
    { "x-content-type-options",   ANONYMIZER_FIELD_WORDS },
    { "allow",                    ANONYMIZER_FIELD_WORDS },
    /* Their names say nothing; their values may. */
    { "accept-language",          ANONYMIZER_FIELD_TEXT },
    { "authorization",            ANONYMIZER_FIELD_SECRET },
    { "content-disposition",      ANONYMIZER_FIELD_TEXT },
    { "content-language",         ANONYMIZER_FIELD_TEXT },
    { "content-security-policy",  ANONYMIZER_FIELD_TEXT },
    { "cookie",                   ANONYMIZER_FIELD_SECRET },
    { "etag",                     ANONYMIZER_FIELD_TEXT },
    { "forwarded",                ANONYMIZER_FIELD_TEXT },
    { "from",                     ANONYMIZER_FIELD_TEXT },
    { "if-match",                 ANONYMIZER_FIELD_TEXT },
    { "if-none-match",            ANONYMIZER_FIELD_TEXT },
    { "link",                     ANONYMIZER_FIELD_TEXT },
    { "proxy-authenticate",       ANONYMIZER_FIELD_TEXT },
    { "proxy-authorization",      ANONYMIZER_FIELD_SECRET },
    { "sec-websocket-protocol",   ANONYMIZER_FIELD_TEXT },
    { "server",                   ANONYMIZER_FIELD_TEXT },
    { "set-cookie",               ANONYMIZER_FIELD_SECRET },
    { "strict-transport-security", ANONYMIZER_FIELD_TEXT },
    { "user-agent",               ANONYMIZER_FIELD_TEXT },
    { "via",                      ANONYMIZER_FIELD_TEXT },
    { "www-authenticate",         ANONYMIZER_FIELD_TEXT },
    { "x-forwarded-for",          ANONYMIZER_FIELD_TEXT },
    { "x-request-id",             ANONYMIZER_FIELD_TEXT },
};

static const char *const known_words[] = {
    "get", "head", "post", "put", "delete", "connect", "options", "trace", "patch",
    "propfind", "proppatch", "mkcol", "copy", "move", "lock", "unlock", "report",
    "search", "pri", "*", "*/*",
    "websocket", "h2c", "h2", "h3", "tls", "tls/1.0", "tls/1.1", "tls/1.2", "tls/1.3",
    "http", "http/1.0", "http/1.1", "http/2.0", "tcp", "unknown", "other", "ssh",
    "chunked", "gzip", "x-gzip", "deflate", "compress", "br", "zstd", "identity",
    "no-cache", "no-store", "max-age", "private", "public", "must-revalidate",
    "no-transform", "nosniff",
    "text/html", "text/plain", "text/css", "text/javascript", "text/xml", "text/csv",
    "text/event-stream", "text/*", "image/*", "image/png", "image/jpeg", "image/gif",
    "image/svg+xml", "image/webp", "image/avif", "image/x-icon",
    "image/vnd.microsoft.icon", "audio/mpeg", "video/mp4", "font/woff2", "font/woff",
    "application/json", "application/xml", "application/javascript",
    "application/octet-stream", "application/x-www-form-urlencoded",
    "application/x-javascript", "application/pdf", "application/zip",
    "application/xhtml+xml", "application/grpc", "multipart/form-data",
    "multipart/byteranges", "message/http",
    "charset", "boundary", "utf-8", "iso-8859-1", "us-ascii", "q",
    NULL,
};
/* clang-format on */

enum anonymizer_field anonymizer_field_of(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(field_rows); i++)
        if (bytes_are_caseless(name, field_rows[i].name)) return field_rows[i].what;
    return ANONYMIZER_FIELD_UNKNOWN;
}

/* A list of field names and connection options. */
static void replace_names(struct pseudonym *p, uint8_t *list, size_t len)
{
    static const char *const options[] = {"close", "trailers", "*"};
    for (size_t at = 0; at < len;) {
        size_t end = at;
        while (end < len && memchr(" \t,;", list[end], 4) == NULL) end++;
        struct bytes name = bytes_of(list + at, end - at);
        bool stays = anonymizer_field_of(name) != ANONYMIZER_FIELD_UNKNOWN;
        for (size_t i = 0; i < ARRAY_LENGTH(options); i++)
            stays |= bytes_are_caseless(name, options[i]);
        if (!stays) pseudonym_text(p, list + at, name.len);
        at = end == len ? end : end + 1;
    }
}

void anonymizer_field_value(struct pseudonym *p, enum anonymizer_field what,
                            uint8_t *value, size_t len)
{
    switch (what) {
    case ANONYMIZER_FIELD_STAYS: return;
    case ANONYMIZER_FIELD_WORDS: anonymizer_word(p, value, len); return;
    case ANONYMIZER_FIELD_HOST: pseudonym_host(p, value, len); return;
    case ANONYMIZER_FIELD_URL: pseudonym_target(p, value, len); return;
    case ANONYMIZER_FIELD_NAMES: replace_names(p, value, len); return;
    case ANONYMIZER_FIELD_SECRET: memset(value, 'x', len); return;
    case ANONYMIZER_FIELD_TEXT:
    case ANONYMIZER_FIELD_UNKNOWN: pseudonym_text(p, value, len); return;
    }
}

void anonymizer_word(struct pseudonym *p, uint8_t *text, size_t len)
{
    pseudonym_words(p, known_words, text, len);
}
