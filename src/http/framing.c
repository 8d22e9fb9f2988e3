/* The eight rules of RFC 9112, section 6.3, in their order and with their numbers; the
 * first that applies wins. */
#include "http/framing.h"

enum { STATUS_NO_CONTENT = 204, STATUS_NOT_MODIFIED = 304 };

/* `line`: the one that shows the fault. */
static void framing_note(const struct notes *n, enum finding_code code,
                         const struct header *h, enum header_line line)
{
    notes_add(n, code, SEVERITY_UNKNOWN, evidence_bytes(&h->lines[line]));
}

/* Rule 1: whatever the fields say, nothing follows the header section. */
static bool framing_is_bodiless(int status, enum method asked)
{
    return asked == METHOD_HEAD || (status >= 100 && status < 200) ||
           status == STATUS_NO_CONTENT || status == STATUS_NOT_MODIFIED;
}

/* Fields that may not stand in a 1xx, a 204 or a 2xx to CONNECT (RFC 9110, section 8.6;
 * RFC 9112, section 6.1); a HEAD's or a 304's tell of the body that was not sent. */
static void framing_note_forbidden(const struct message *m, const struct header *h,
                                   bool is_tunnel, const struct notes *n)
{
    bool has_length = header_has(h, FIELD_CONTENT_LENGTH);
    bool has_coding = header_has(h, FIELD_TRANSFER_ENCODING);
    if (!is_tunnel && m->status / 100 != 1 && m->status != STATUS_NO_CONTENT) return;
    if (has_length) framing_note(n, FINDING_LENGTH_FORBIDDEN, h, HEADER_LINE_LENGTH);
    if (has_coding) framing_note(n, FINDING_CODING_FORBIDDEN, h, HEADER_LINE_CODING);
    if (is_tunnel && (has_length || has_coding))
        framing_note(n, FINDING_CONNECT_WITH_BODY, h,
                     has_length ? HEADER_LINE_LENGTH : HEADER_LINE_CODING);
}

static void framing_note_coding(const struct message *m, const struct header *h,
                                const struct notes *n)
{
    if (header_has(h, FIELD_CONTENT_LENGTH))
        framing_note(n, FINDING_LENGTH_WITH_CODING, h, HEADER_LINE_LENGTH);
    if (m->version == VERSION_10)
        framing_note(n, FINDING_CODING_HTTP10, h, HEADER_LINE_CODING);
    if (!h->is_chunked)
        framing_note(n, FINDING_CODING_NOT_FINAL, h, HEADER_LINE_CODING);
}

void framing_decide(struct message *m, const struct header *h, enum method asked,
                    const struct notes *n)
{
    bool is_response = m->from == SIDE_SERVER;
    /* 204 is one of the 2xx that open a tunnel (RFC 9110, section 9.3.6): for it rules
     * 1 and 2 say the same of the body, and the second says more. */
    bool is_tunnel = is_response && asked == METHOD_CONNECT && m->status / 100 == 2;
    m->declared = h->is_length_bad ? -1 : h->length;
    if (is_response && !is_tunnel && framing_is_bodiless(m->status, asked)) { /* 1 */
        framing_note_forbidden(m, h, false, n);
        m->framing = FRAMING_NONE;
    } else if (is_tunnel) { /* 2 */
        framing_note_forbidden(m, h, true, n);
        m->framing = FRAMING_TUNNEL;
    } else if (header_has(h, FIELD_TRANSFER_ENCODING)) { /* 3, 4: chunked wins */
        framing_note_coding(m, h, n);
        m->framing = is_response ? FRAMING_CLOSE : FRAMING_INVALID;
        if (h->is_chunked) m->framing = FRAMING_CHUNKED;
    } else if (h->is_length_bad) { /* 5 */
        m->framing = FRAMING_INVALID;
    } else if (h->length >= 0) { /* 6 */
        m->framing = FRAMING_LENGTH;
    } else { /* 7, 8 */
        m->framing = is_response ? FRAMING_CLOSE : FRAMING_NONE;
    }
}
