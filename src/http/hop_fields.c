/* Connection lists the fields of this hop; a recipient removes what is listed before it
 * forwards. So a hop-by-hop field without its option travels too far, and an end-to-end
 * field with one is taken from whoever should have got it: access control by a proxy's
 * field is undone like that.
 *
 *   Connection: close, X  --option--> bit | end-to-end name? --> finding
 *   Keep-Alive, TE, ...   --no bit at the end of the section-----> finding */
#include "http/hop_fields.h"

#include "http/chars.h"

/* clang-format off */
static const struct hop_fields_option_row {
    uint8_t text[18];
    uint8_t length, hyphen; /* where it stands; 0: there is none */
    enum header_option option;
} option_rows[] = {
    { "keep-alive",       10, 4, OPTION_KEEP_ALIVE       },
    { "close",             5, 0, OPTION_CLOSE            },
    { "upgrade",           7, 0, OPTION_UPGRADE          },
    { "te",                2, 0, OPTION_TE               },
    { "proxy-connection", 16, 5, OPTION_PROXY_CONNECTION },
};

/* Proxy-Connection was never more than a mistake that well-behaved clients still make:
 * it is only told. */
static const struct hop_fields_row {
    enum field_name field;
    enum header_option option;
    enum severity severity;
} hop_rows[] = {
    { FIELD_KEEP_ALIVE,       OPTION_KEEP_ALIVE,       SEVERITY_UNKNOWN },
    { FIELD_TE,               OPTION_TE,               SEVERITY_UNKNOWN },
    { FIELD_UPGRADE,          OPTION_UPGRADE,          SEVERITY_UNKNOWN },
    { FIELD_PROXY_CONNECTION, OPTION_PROXY_CONNECTION, SEVERITY_INFO },
};

/* Meant for every recipient of the message, so never an option; the last ones are what
 * proxies tell servers about the client. */
static const char *const end_to_end_names[] = {
    "accept", "accept-encoding", "accept-language", "age", "allow", "authorization",
    "cache-control", "content-encoding", "content-language", "content-length",
    "content-location", "content-range", "content-type", "cookie", "date", "etag",
    "expires", "from", "host", "if-match", "if-modified-since", "if-none-match",
    "if-range", "if-unmodified-since", "last-modified", "location", "origin", "pragma",
    "range", "referer", "retry-after", "server", "set-cookie", "user-agent", "vary", "via",
    "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port",
    "x-forwarded-proto", "x-forwarded-server", "x-original-url", "x-real-ip",
    "x-rewrite-url",
};
/* clang-format on */

static bool hop_fields_is_end_to_end(struct bytes option)
{
    for (size_t i = 0; i < ARRAY_LENGTH(end_to_end_names); i++) {
        if (bytes_are_caseless(option, end_to_end_names[i])) return true;
    }
    return false;
}

/* An option, unlike a field's name, may hold a CR, which looks like a hyphen there. */
static uint32_t hop_fields_find_option(struct bytes element)
{
    for (size_t i = 0; i < ARRAY_LENGTH(option_rows); i++) {
        const struct hop_fields_option_row *row = &option_rows[i];
        if (element.len != row->length || !names_are_row(element, row->text)) continue;
        if (row->hyphen > 0 && element.ptr[row->hyphen] != '-') continue;
        return row->option;
    }
    return 0;
}

bool hop_fields_read_option(struct header *h, struct bytes list)
{
    uint32_t only = hop_fields_find_option(list);
    h->options |= only;
    return only != 0;
}

void hop_fields_read_options(struct header *h, struct bytes list, const struct notes *n)
{
    struct bytes element;
    bool is_stripping = false;
    while (chars_next_element(&list, &element)) {
        uint32_t option = hop_fields_find_option(element);
        h->options |= option;
        if (option == 0 && hop_fields_is_end_to_end(element)) is_stripping = true;
    }
    if (is_stripping)
        notes_add(n, FINDING_END_TO_END_LISTED, SEVERITY_UNKNOWN, n->line);
}

/* RFC 2068, section 19.7.1.1. */
void hop_fields_read_keep_alive(struct header *h, struct bytes list)
{
    struct bytes element;
    while (chars_next_element(&list, &element)) {
        size_t name = 0;
        while (name < element.len && element.ptr[name] != '=') name++;
        struct bytes value = chars_trim(bytes_from(element, name + 1));
        struct bytes parameter = chars_trim(bytes_first(element, name));
        if (bytes_are_caseless(parameter, "timeout"))
            chars_read_decimal(value, &h->keepalive_timeout_s);
        else if (bytes_are_caseless(parameter, "max"))
            chars_read_decimal(value, &h->keepalive_max);
    }
}

void hop_fields_judge_seen(const struct header *h, const struct notes *n)
{
    for (size_t i = 0; i < ARRAY_LENGTH(hop_rows); i++) {
        if (header_has(h, hop_rows[i].field) && !(h->options & hop_rows[i].option))
            notes_add(n, FINDING_HOP_FIELD_UNLISTED, hop_rows[i].severity,
                      evidence_bytes(header_kept_line(h, hop_rows[i].field)));
    }
}
