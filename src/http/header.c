/* One field at a time. Only what stands exactly where it should is used for framing;
 * whatever some recipient might take for the same is a finding (RFC 9112,
 * section 11.2).
 */
#include "http/header.h"

#include <string.h>

#include "http/chars.h"
#include "http/coding.h"
#include "http/expectation.h"
#include "http/hop_fields.h"

void header_init(struct header *h)
{
    /* The rest: `lines` are set with their bit in `seen`. */
    memset(h, 0, offsetof(struct header, unfolded));
    h->length = h->keepalive_timeout_s = h->keepalive_max = -1;
    buffer_clear(&h->unfolded);
}

void header_done(struct header *h)
{
    buffer_done(&h->unfolded);
}

static bool header_frames(enum field_name name)
{
    return name == FIELD_CONTENT_LENGTH || name == FIELD_TRANSFER_ENCODING;
}

/* RFC 9112, section 5.2: an obs-fold is read as spaces. */
static void header_unfold(struct header *h, struct field *f)
{
    buffer_clear(&h->unfolded);
    buffer_append(&h->unfolded, f->raw);
    uint8_t *text = h->unfolded.ptr;
    for (size_t i = 0; i < f->raw.len; i++) {
        if (text[i] != '\n') continue;
        text[i] = ' ';
        if (i > 0 && text[i - 1] == '\r') text[i - 1] = ' ';
    }
    f->value = chars_trim(buffer_bytes(&h->unfolded));
    f->is_folded = true;
}

/* Control bytes; LF stands in a line only where it is folded. */
static void header_note_controls(const struct field *f, const struct notes *n,
                                 struct bytes text)
{
    if (f->is_folded) {
        bool is_grave = header_frames(f->known) || f->known == FIELD_HOST;
        notes_add(n, FINDING_FIELD_FOLDED,
                  is_grave ? SEVERITY_ATTACK : SEVERITY_UNKNOWN, text);
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\r' && (i + 1 == text.len || text.ptr[i + 1] != '\n')) {
            notes_add(n, FINDING_LINE_CR, SEVERITY_UNKNOWN, text);
            break;
        }
    }
    if (chars_has_control(f->value))
        notes_add(n, FINDING_FIELD_VALUE_INVALID,
                  header_frames(f->known) ? SEVERITY_ATTACK : SEVERITY_UNKNOWN, text);
}

/* A name that is no token. False: there is none at all. */
static bool header_note_name(struct field *f, const struct notes *n, struct bytes text)
{
    size_t length = f->name.len;
    while (f->name.len > 0 && chars_is_blank(f->name.ptr[f->name.len - 1]))
        f->name.len--;
    bool is_spaced = f->name.len < length;
    if (is_spaced)
        notes_add(n, FINDING_FIELD_SPACE_BEFORE_COLON, SEVERITY_UNKNOWN, text);
    if (f->name.len == 0)
        notes_add(n, FINDING_FIELD_NAME_EMPTY, SEVERITY_UNKNOWN, text);
    else if (!chars_are_token(f->name))
        notes_add(n, FINDING_FIELD_NAME_INVALID, SEVERITY_UNKNOWN, text);
    if (is_spaced && bytes_are_caseless(f->name, "transfer-encoding"))
        notes_add(n, FINDING_CODING_OBFUSCATED, SEVERITY_UNKNOWN, text);
    else
        coding_note_look_alike(f, n);
    return f->name.len > 0;
}

bool header_split(struct header *h, const struct line *line, const struct notes *n,
                  struct field *out)
{
    struct bytes text = line->text;
    const uint8_t *colon = memchr(text.ptr, ':', text.len);
    if (colon == NULL) {
        notes_add(n, FINDING_FIELD_NO_COLON, SEVERITY_UNKNOWN, text);
        return false;
    }
    size_t length = (size_t)(colon - text.ptr);
    *out = (struct field){.line = text, .name = bytes_first(text, length)};
    out->raw = out->value = chars_trim(bytes_from(text, length + 1));
    bool is_token = chars_are_token(out->name);
    if (is_token) out->known = names_find_field(out->name);
    if (is_token && out->known == FIELD_OTHER) coding_note_look_alike(out, n);
    if (!is_token && !header_note_name(out, n, text)) return false;
    if (!chars_has_control(text)) return true;
    if (memchr(text.ptr, '\n', text.len)) header_unfold(h, out);
    header_note_controls(out, n, text);
    return true;
}

/* RFC 9110, section 8.6: digits; a list of the same value counts as that value. */
__attribute__((noinline)) static void
header_read_lengths(struct header *h, struct bytes list, const struct notes *n)
{
    struct bytes all = list, element;
    while (chars_next_element(&list, &element)) {
        int64_t value = 0;
        if (chars_read_decimal(element, &value) != CHARS_NUMBER_OK) {
            notes_add(n, FINDING_LENGTH_INVALID, SEVERITY_UNKNOWN, all);
            h->is_length_bad = true;
            continue;
        }
        if (element.len > 1 && element.ptr[0] == '0')
            notes_add(n, FINDING_LENGTH_LEADING_ZEROS, SEVERITY_UNKNOWN, all);
        if (h->length == -1) {
            h->length = value;
        } else if (h->length == value) {
            notes_add(n, FINDING_LENGTH_REPEATED, SEVERITY_UNKNOWN, all);
        } else {
            notes_add(n, FINDING_LENGTH_CONFLICT, SEVERITY_UNKNOWN, all);
            h->is_length_bad = true;
        }
    }
}

/* Mostly digits alone, which are a list of one number. False: there is more to it. */
static bool header_read_length(struct header *h, struct bytes list)
{
    if (h->length != -1 || (list.len > 1 && list.ptr[0] == '0')) return false;
    return chars_read_decimal(list, &h->length) == CHARS_NUMBER_OK;
}

/* RFC 3986, section 3.2: what follows a colon outside of brackets is a port. */
__attribute__((noinline)) static bool header_has_odd_port(struct bytes host)
{
    enum { PORT_MAX = 65535 };
    if (host.len > 0 && host.ptr[0] == '[') {
        const uint8_t *end = memchr(host.ptr, ']', host.len);
        host = bytes_from(host, end ? (size_t)(end - host.ptr) : host.len);
    }
    const uint8_t *colon = host.len > 0 ? memchr(host.ptr, ':', host.len) : NULL;
    if (colon == NULL) return false;
    struct bytes port = bytes_from(host, (size_t)(colon - host.ptr) + 1);
    int64_t number = 0;
    if (port.len == 0) return false;
    return chars_read_decimal(port, &number) != CHARS_NUMBER_OK || number > PORT_MAX;
}

static void header_read_host(const struct header *h, struct bytes value,
                             const struct notes *n)
{
    if (header_has(h, FIELD_HOST))
        notes_add(n, FINDING_HOST_REPEATED, SEVERITY_UNKNOWN, value);
    if (!chars_are_host(value) || header_has_odd_port(value))
        notes_add(n, FINDING_HOST_INVALID, SEVERITY_UNKNOWN, value);
}

/* clang-format off */
static const uint8_t kept_lines[FIELD_ROUTING_OR_AUTH + 1] = { /* + 1; 0: none */
    [FIELD_CONTENT_LENGTH]    = HEADER_LINE_LENGTH + 1,
    [FIELD_TRANSFER_ENCODING] = HEADER_LINE_CODING + 1,
    [FIELD_EXPECT]            = HEADER_LINE_EXPECT + 1,
    [FIELD_KEEP_ALIVE]        = HEADER_LINE_KEEP_ALIVE + 1,
    [FIELD_TE]                = HEADER_LINE_TE + 1,
    [FIELD_UPGRADE]           = HEADER_LINE_UPGRADE + 1,
    [FIELD_PROXY_CONNECTION]  = HEADER_LINE_PROXY_CONNECTION + 1,
};
/* clang-format on */

const struct evidence *header_kept_line(const struct header *h, enum field_name name)
{
    return &h->lines[kept_lines[name] - 1];
}

static void header_keep_line(struct header *h, enum field_name known, struct bytes line)
{
    uint8_t place = kept_lines[known];
    if (place == 0) return;
    h->lines[place - 1].length = 0;
    evidence_add(&h->lines[place - 1], line);
}

bool header_read_usual(struct header *h, enum field_name known, enum side from,
                       struct bytes line, struct bytes value)
{
    switch (known) {
    case FIELD_CONNECTION:
        if (!hop_fields_read_option(h, value)) return false;
        break;
    case FIELD_CONTENT_LENGTH:
        if (!header_read_length(h, value)) return false;
        header_keep_line(h, known, line);
        break;
    case FIELD_HOST: /* a name has no port */
        if (from == SIDE_CLIENT &&
            (header_has(h, FIELD_HOST) || !chars_are_name(value)))
            return false;
        break;
    case FIELD_CONTENT_TYPE:
    case FIELD_EXPECT:
    case FIELD_KEEP_ALIVE:
    case FIELD_OTHER:
    case FIELD_PROXY_CONNECTION:
    case FIELD_ROUTING_OR_AUTH:
    case FIELD_SERVER:
    case FIELD_TE:
    case FIELD_TRANSFER_ENCODING:
    case FIELD_UPGRADE:
    case FIELD_WEBSOCKET_ACCEPT:
    case FIELD_WEBSOCKET_EXTENSIONS:
    case FIELD_WEBSOCKET_KEY:
    case FIELD_USER_AGENT: return false;
    }
    h->seen |= 1u << known;
    return true;
}

void header_read(struct header *h, const struct field *f, const struct notes *n)
{
    if (header_read_usual(h, f->known, n->from, f->line, f->value)) return;
    header_keep_line(h, f->known, f->line);
    switch (f->known) {
    case FIELD_CONTENT_LENGTH: header_read_lengths(h, f->value, n); break;
    case FIELD_TRANSFER_ENCODING: coding_read(h, f, n); break;
    case FIELD_CONNECTION: hop_fields_read_options(h, f->value, n); break;
    case FIELD_KEEP_ALIVE: hop_fields_read_keep_alive(h, f->value); break;
    case FIELD_EXPECT:
        if (n->from == SIDE_CLIENT) expectation_read(h, f, n);
        break;
    case FIELD_HOST: header_read_host(h, f->value, n); break;
    case FIELD_OTHER:
    case FIELD_CONTENT_TYPE:
    case FIELD_PROXY_CONNECTION:
    case FIELD_ROUTING_OR_AUTH:
    case FIELD_SERVER:
    case FIELD_TE:
    case FIELD_UPGRADE:
    case FIELD_WEBSOCKET_ACCEPT:
    case FIELD_WEBSOCKET_EXTENSIONS:
    case FIELD_WEBSOCKET_KEY:
    case FIELD_USER_AGENT: break;
    }
    h->seen |= 1u << f->known;
}

/* Host and port of an absolute-form target; ptr NULL: it has another form. */
static struct bytes header_target_authority(struct bytes target)
{
    size_t i = 0;
    while (i < target.len && chars_is_token(target.ptr[i])) i++;
    if (i == 0 || !bytes_start_with(bytes_from(target, i), "://"))
        return bytes_of(NULL, 0);
    struct bytes rest = bytes_from(target, i + 3);
    size_t end = 0, start = 0;
    for (; end < rest.len && !memchr("/?#", rest.ptr[end], 3); end++) {
        if (rest.ptr[end] == '@') start = end + 1;
    }
    return bytes_from(bytes_first(rest, end), start);
}

static struct bytes header_without_default_port(struct bytes host)
{
    static const char *const defaults[] = {":80", ":443", ":"};
    for (size_t i = 0; i < ARRAY_LENGTH(defaults); i++) {
        struct bytes port = bytes_of_text(defaults[i]);
        if (host.len < port.len) continue;
        if (bytes_equal(bytes_from(host, host.len - port.len), port))
            return bytes_first(host, host.len - port.len);
    }
    return host;
}

static bool header_is_same_host(struct bytes a, struct bytes b)
{
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++) {
        if (chars_lower(a.ptr[i]) != chars_lower(b.ptr[i])) return false;
    }
    return true;
}

/* RFC 9112, section 3.2. */
__attribute__((noinline)) static void header_judge_host(const struct header *h,
                                                        const struct message *m,
                                                        const struct notes *n)
{
    if (!header_has(h, FIELD_HOST)) {
        if (m->version == VERSION_11)
            notes_add(n, FINDING_HOST_MISSING, SEVERITY_UNKNOWN, m->target);
        return;
    }
    struct bytes authority = header_target_authority(m->target);
    if (authority.ptr == NULL || m->method == METHOD_CONNECT) return;
    if (!header_is_same_host(header_without_default_port(authority),
                             header_without_default_port(m->host)))
        notes_add(n, FINDING_HOST_MISMATCH, SEVERITY_UNKNOWN, m->host);
}

void header_judge(const struct header *h, struct message *m, const struct notes *n)
{
    m->flags |= h->options & OPTIONS_OF_MESSAGE;
    if (h->expects_continue) m->flags |= MESSAGE_EXPECTS_CONTINUE;
    if (header_has(h, FIELD_CONTENT_LENGTH)) m->flags |= MESSAGE_HAS_LENGTH;
    if (header_has(h, FIELD_TRANSFER_ENCODING)) m->flags |= MESSAGE_HAS_CODING;
    if (header_has(h, FIELD_KEEP_ALIVE)) m->flags |= MESSAGE_HAS_KEEP_ALIVE;
    hop_fields_judge(h, n);
    if (h->options & OPTION_KEEP_ALIVE) {
        m->keepalive_timeout_s = h->keepalive_timeout_s;
        m->keepalive_max = h->keepalive_max;
    }
    bool is_path = m->target.len > 0 && m->target.ptr[0] == '/'; /* names no host */
    if (m->from == SIDE_CLIENT && !(is_path && header_has(h, FIELD_HOST)))
        header_judge_host(h, m, n);
}

void header_note_trailer(const struct field *f, const struct notes *n)
{
    if (names_is_forbidden_in_trailer(f->known))
        notes_add(n, FINDING_TRAILER_FORBIDDEN, SEVERITY_UNKNOWN, f->name);
}
