/* The eight rules of RFC 9112, section 6.3, in their order and with their numbers; the
 * first that applies wins. */
#include "http/framing.h"

enum { STATUS_NO_CONTENT = 204, STATUS_NOT_MODIFIED = 304 };

/* `line`: the one that shows the fault. */
static void framing_note_line(const struct notes *n, enum finding_code code,
                              const struct header *h, enum header_line line)
{
    notes_add(n, code, SEVERITY_UNKNOWN, evidence_bytes(&h->lines[line]));
}

/* Fields that may not stand in a 1xx, a 204 or a 2xx to CONNECT (RFC 9110, section 8.6;
 * RFC 9112, section 6.1); a HEAD's or a 304's tell of the body that was not sent. */
static void framing_note_forbidden(const struct message *m, const struct header *h,
                                   bool is_tunnel, const struct notes *n)
{
    bool has_length = header_has(h, FIELD_CONTENT_LENGTH);
    bool has_coding = header_has(h, FIELD_TRANSFER_ENCODING);
    if (!is_tunnel && m->status / 100 != 1 && m->status != STATUS_NO_CONTENT) return;
    if (has_length)
        framing_note_line(n, FINDING_LENGTH_FORBIDDEN, h, HEADER_LINE_LENGTH);
    if (has_coding)
        framing_note_line(n, FINDING_CODING_FORBIDDEN, h, HEADER_LINE_CODING);
    if (is_tunnel && (has_length || has_coding))
        framing_note_line(n, FINDING_CONNECT_WITH_BODY, h,
                          has_length ? HEADER_LINE_LENGTH : HEADER_LINE_CODING);
}

/* Rules 1 and 2, of responses: whatever the fields say, nothing follows the header
 * section. 204 is one of the 2xx that open a tunnel (RFC 9110, section 9.3.6): for it
 * both rules say the same of the body, and the second says more. */
static enum framing framing_without_body(int status, enum method asked)
{
    bool is_success = status >= 200 && status < 300;
    if (asked == METHOD_CONNECT && is_success) return FRAMING_TUNNEL; /* 2 */
    bool is_bodiless = asked == METHOD_HEAD || (status >= 100 && status < 200) ||
                       status == STATUS_NO_CONTENT || status == STATUS_NOT_MODIFIED;
    return is_bodiless ? FRAMING_NONE : FRAMING_UNKNOWN; /* 1 */
}

static void framing_note_coding(const struct message *m, const struct header *h,
                                const struct notes *n)
{
    if (header_has(h, FIELD_CONTENT_LENGTH))
        framing_note_line(n, FINDING_LENGTH_WITH_CODING, h, HEADER_LINE_LENGTH);
    if (m->version == VERSION_10)
        framing_note_line(n, FINDING_CODING_HTTP10, h, HEADER_LINE_CODING);
    if (!h->is_chunked)
        framing_note_line(n, FINDING_CODING_NOT_FINAL, h, HEADER_LINE_CODING);
}

/* What is odd about the fields, once it is decided; not merged with the rules, which
 * most messages pass without. */
__attribute__((noinline)) static void framing_note(const struct message *m,
                                                   const struct header *h,
                                                   bool is_without_body,
                                                   const struct notes *n)
{
    if (is_without_body)
        framing_note_forbidden(m, h, m->framing == FRAMING_TUNNEL, n);
    else
        framing_note_coding(m, h, n);
}

/* Rules 3 to 8. */
static enum framing framing_by_fields(const struct header *h, bool is_response)
{
    if (header_has(h, FIELD_TRANSFER_ENCODING)) { /* 3, 4: chunked wins */
        if (h->is_chunked) return FRAMING_CHUNKED;
        return is_response ? FRAMING_CLOSE : FRAMING_INVALID;
    }
    if (h->is_length_bad) return FRAMING_INVALID;      /* 5 */
    if (h->length >= 0) return FRAMING_LENGTH;         /* 6 */
    return is_response ? FRAMING_CLOSE : FRAMING_NONE; /* 7, 8 */
}

void framing_decide(struct message *m, const struct header *h, enum method asked,
                    const struct notes *n)
{
    bool is_response = m->from == SIDE_SERVER;
    enum framing by_rule = FRAMING_UNKNOWN;
    m->declared = h->is_length_bad ? -1 : h->length;
    if (is_response) by_rule = framing_without_body(m->status, asked);
    bool is_without_body = by_rule != FRAMING_UNKNOWN;
    m->framing = is_without_body ? by_rule : framing_by_fields(h, is_response);
    if (is_without_body || header_has(h, FIELD_TRANSFER_ENCODING))
        framing_note(m, h, is_without_body, n);
}
