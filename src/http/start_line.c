/* Request and status lines as a tolerant recipient reads them: split at the first and
 * the last white space, so that a space inside the target costs a finding and not the
 * request (RFC 9112, section 3). A line that no recipient would take is refused; the
 * parser then looks for the next. */
#include "http/start_line.h"

#include <string.h>

#include "http/chars.h"
#include "http/names.h"

enum start_line_oddity {
    ODDITY_SPACING = 1 << 0,
    ODDITY_METHOD = 1 << 1,
    ODDITY_TARGET = 1 << 2,
    ODDITY_FORM = 1 << 3,
    ODDITY_NO_VERSION = 1 << 4,
    ODDITY_VERSION = 1 << 5,
    ODDITY_STATUS = 1 << 6,
};

/* clang-format off */
static const struct notes_row oddity_rows[] = {
    { ODDITY_SPACING,    FINDING_REQUEST_LINE_SPACING   },
    { ODDITY_METHOD,     FINDING_REQUEST_METHOD_INVALID },
    { ODDITY_TARGET,     FINDING_REQUEST_TARGET_INVALID },
    { ODDITY_FORM,       FINDING_REQUEST_TARGET_FORM    },
    { ODDITY_NO_VERSION, FINDING_VERSION_MISSING        },
    { ODDITY_VERSION,    FINDING_VERSION_INVALID        },
    { ODDITY_STATUS,     FINDING_STATUS_INVALID         },
};
/* clang-format on */

enum {
    VERSION_LENGTH = 8,      /* "HTTP/1.1" */
    VERSION_NAME_LENGTH = 5, /* "HTTP/" */
    STATUS_MIN = 100,
    STATUS_MAX = 599,
    PROBE_METHOD_MAX = 32, /* longer than any method that is registered */
    /* Looked at of a line whose end has not come: each segment asks about it. */
    MAY_BEGIN_BYTES_MAX = 4096,
};

static bool start_line_has_version_name(struct bytes word)
{
    return bytes_start_with(word, "HTTP/") ||
           bytes_are_caseless(bytes_first(word, VERSION_NAME_LENGTH), "HTTP/");
}

/* "HTTP/" DIGIT "." DIGIT at the beginning of `text`; case as it must be. */
static bool start_line_has_exact_version(struct bytes text)
{
    return text.len >= VERSION_LENGTH && bytes_start_with(text, "HTTP/") &&
           chars_is_digit(text.ptr[5]) && text.ptr[6] == '.' &&
           chars_is_digit(text.ptr[7]);
}

/* RFC 9112, section 2.3. A higher minor version is read as 1.1 (RFC 9110, 2.5). */
static void start_line_read_version(struct bytes word, struct start_line *out)
{
    out->is_exact = word.len == VERSION_LENGTH && start_line_has_exact_version(word);
    out->version = VERSION_OTHER;
    bool has_digits = word.len == VERSION_LENGTH && chars_is_digit(word.ptr[5]) &&
                      word.ptr[6] == '.' && chars_is_digit(word.ptr[7]);
    if (has_digits && word.ptr[5] == '1')
        out->version = word.ptr[7] == '0' ? VERSION_10 : VERSION_11;
    if (!out->is_exact || out->version == VERSION_OTHER)
        out->oddities |= ODDITY_VERSION;
}

static size_t start_line_find_blank(struct bytes text)
{
    size_t i = 0;
    while (i < text.len && !chars_is_blank(text.ptr[i])) i++;
    return i;
}

/* Where the last word begins; 0 when there is only one. Mostly it is a version. */
static size_t start_line_find_last_word(struct bytes text)
{
    size_t i = text.len;
    if (i > VERSION_LENGTH &&
        start_line_has_exact_version(bytes_from(text, i - VERSION_LENGTH)))
        i -= VERSION_LENGTH;
    while (i > 0 && !chars_is_blank(text.ptr[i - 1])) i--;
    return i;
}

static bool start_line_is_authority(struct bytes target)
{
    size_t i = target.len;
    while (i > 0 && chars_is_digit(target.ptr[i - 1])) i--;
    return i > 1 && i < target.len && target.ptr[i - 1] == ':';
}

static bool start_line_has_scheme(struct bytes target)
{
    return bytes_are_caseless(bytes_first(target, 7), "http://") ||
           bytes_are_caseless(bytes_first(target, 8), "https://");
}

/* What a target of this method looks like, whole or cut. */
static bool start_line_is_likely_target(enum method method, struct bytes target)
{
    if (target.len == 0) return false;
    if (method == METHOD_CONNECT) return start_line_is_authority(target);
    if (method == METHOD_OPTIONS && bytes_are(target, "*")) return true;
    return target.ptr[0] == '/' || start_line_has_scheme(target);
}

/* RFC 9112, section 3.2: which of the four forms fits which method. */
static bool start_line_fits_form(enum method method, struct bytes target)
{
    if (method == METHOD_CONNECT) return start_line_is_authority(target);
    if (bytes_are(target, "*")) return method == METHOD_OPTIONS || method == METHOD_PRI;
    if (target.len > 0 && target.ptr[0] == '/') return true;
    for (size_t i = 0; i + 2 < target.len; i++) { /* absolute-form: scheme "://" */
        if (target.ptr[i] == ':')
            return i > 0 && target.ptr[i + 1] == '/' && target.ptr[i + 2] == '/';
    }
    return false;
}

static void start_line_judge_target(struct start_line *l)
{
    if (l->target.len == 0 || !chars_are_visible(l->target))
        l->oddities |= ODDITY_TARGET;
    else if (!start_line_fits_form(l->known, l->target))
        l->oddities |= ODDITY_FORM;
}

static void start_line_read_method(struct bytes method, struct start_line *out)
{
    const struct method_name *row = names_find_method(method);
    out->method = method;
    out->is_registered = row != NULL;
    out->known = row ? row->method : METHOD_OTHER;
    if (!row && !chars_are_token(method)) out->oddities |= ODDITY_METHOD;
}

/* A request without a version, as HTTP/0.9 had it: only what nobody takes for another
 * protocol's line. */
static bool start_line_read_simple(struct bytes rest, struct start_line *out)
{
    if (start_line_find_blank(rest) < rest.len) return false;
    if (!out->is_registered) return false;
    if (!start_line_is_likely_target(out->known, rest)) return false;
    out->target = rest;
    out->version = VERSION_09;
    out->is_simple = true;
    out->oddities |= ODDITY_NO_VERSION;
    return true;
}

static bool start_line_read_request(struct bytes text, struct start_line *out)
{
    struct bytes words = chars_trim(text);
    size_t method_end = start_line_find_blank(words);
    if (words.len == 0 || method_end == words.len) return false;
    if (words.len < text.len) out->oddities |= ODDITY_SPACING;
    start_line_read_method(bytes_first(words, method_end), out);
    size_t last = start_line_find_last_word(words);
    struct bytes version = bytes_from(words, last);
    if (!start_line_has_version_name(version))
        return start_line_read_simple(chars_trim(bytes_from(words, method_end)), out);
    start_line_read_version(version, out);
    if (out->oddities & ODDITY_METHOD) { /* "G@T" is a method, binary data are none */
        if (!out->is_exact || !chars_are_visible(out->method)) return false;
        out->is_exact = false;
    }
    struct bytes between =
        bytes_first(bytes_from(words, method_end), last - method_end);
    out->target = chars_trim(between);
    bool is_spaced = between.len == out->target.len + 2 && between.ptr[0] == ' ' &&
                     between.ptr[between.len - 1] == ' ';
    if (!is_spaced) out->oddities |= ODDITY_SPACING;
    start_line_judge_target(out);
    return true;
}

/* RFC 9112, section 4: three digits, then SP and a reason that nobody needs. */
static bool start_line_read_response(struct bytes text, struct start_line *out)
{
    enum { DIGITS = 3 };
    bool is_exact = start_line_has_exact_version(text);
    if (!is_exact && !start_line_has_version_name(text)) return false;
    size_t blank = is_exact ? VERSION_LENGTH : 0;
    blank += start_line_find_blank(bytes_from(text, blank));
    start_line_read_version(bytes_first(text, blank), out);
    struct bytes rest = bytes_from(text, blank);
    struct bytes words = chars_trim(rest);
    size_t end = start_line_find_blank(words);
    bool is_spaced = words.len > 0 && rest.ptr[0] == ' ' && words.ptr == rest.ptr + 1;
    int64_t status = 0;
    if (end != DIGITS ||
        chars_read_decimal(bytes_first(words, DIGITS), &status) != CHARS_NUMBER_OK)
        is_spaced = false;
    out->status = (int)status;
    if (!is_spaced || status < STATUS_MIN || status > STATUS_MAX)
        out->oddities |= ODDITY_STATUS;
    if (out->status == 0) out->is_exact = false;
    return true;
}

/* What nearly all start lines are. */
/* clang-format off */
static const struct start_line_usual {
    char text[5]; /* the method's first four bytes, SP included */
    uint8_t length;
    enum method method;
} usual_methods[] = {
    { "GET ", 3, METHOD_GET  },
    { "POST", 4, METHOD_POST },
    { "HEAD", 4, METHOD_HEAD },
    { "PUT ", 3, METHOD_PUT  },
};
/* clang-format on */

/* HTTP/1.1 or HTTP/1.0 at `at`, where there are as many bytes. */
static bool start_line_is_usual_version(const uint8_t *at, enum http_version *version)
{
    *version = at[VERSION_LENGTH - 1] == '0' ? VERSION_10 : VERSION_11;
    return memcmp(at, "HTTP/1.1", VERSION_LENGTH) == 0 ||
           memcmp(at, "HTTP/1.0", VERSION_LENGTH) == 0;
}

/* A method of those above, SP, a path of visible bytes, SP, a version: of such a line
 * start_line_read_request finds nothing to tell, and the same parts. */
static bool start_line_read_usual_request(struct bytes text, struct start_line *out)
{
    enum { LENGTH_MIN = sizeof "GET / HTTP/1.1" - 1 };
    if (text.len < LENGTH_MIN) return false;
    const struct start_line_usual *row = usual_methods;
    while (memcmp(text.ptr, row->text, sizeof row->text - 1) != 0) {
        if (++row == usual_methods + ARRAY_LENGTH(usual_methods)) return false;
    }
    size_t last = text.len - VERSION_LENGTH, target = row->length + (size_t)1;
    if (text.ptr[row->length] != ' ' || text.ptr[target] != '/') return false;
    if (text.ptr[last - 1] != ' ' || last - 1 <= target) return false;
    if (!start_line_is_usual_version(text.ptr + last, &out->version)) return false;
    out->method = bytes_first(text, row->length);
    out->target = bytes_of(text.ptr + target, last - 1 - target);
    out->known = row->method;
    out->is_registered = true;
    return chars_are_visible(out->target);
}

/* A version, SP, three digits, the first of which tells a class, and SP or the end. */
static bool start_line_read_usual_response(struct bytes text, struct start_line *out)
{
    enum { STATUS_AT = VERSION_LENGTH + 1, STATUS_END = STATUS_AT + 3 };
    if (text.len < STATUS_END || text.ptr[VERSION_LENGTH] != ' ') return false;
    if (text.len > STATUS_END && text.ptr[STATUS_END] != ' ') return false;
    if (!start_line_is_usual_version(text.ptr, &out->version)) return false;
    const uint8_t *digits = text.ptr + STATUS_AT;
    out->status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
    return digits[0] >= '1' && digits[0] <= '5' && chars_is_digit(digits[1]) &&
           chars_is_digit(digits[2]);
}

bool start_line_read(struct bytes text, enum side from, struct start_line *out)
{
    *out = (struct start_line){.known = METHOD_OTHER};
    bool is_usual = from == SIDE_SERVER ? start_line_read_usual_response(text, out)
                                        : start_line_read_usual_request(text, out);
    out->is_exact = out->is_flawless = is_usual;
    if (is_usual) return true;
    *out = (struct start_line){.known = METHOD_OTHER};
    if (from == SIDE_SERVER) {
        bool is_status_line = start_line_read_response(text, out);
        out->is_flawless = is_status_line && out->oddities == 0;
        return is_status_line;
    }
    if (!start_line_read_request(text, out)) return false;
    out->is_flawless = out->is_exact && out->oddities == 0 && out->is_registered;
    return true;
}

bool start_line_read_cut(struct bytes text, enum side from, struct start_line *out)
{
    *out = (struct start_line){.known = METHOD_OTHER};
    if (from == SIDE_SERVER)
        return start_line_read_response(text, out) && out->status != 0;
    size_t end = start_line_find_blank(text);
    if (end == text.len) return false;
    start_line_read_method(bytes_first(text, end), out);
    out->target = bytes_from(text, end + 1);
    out->target = bytes_first(out->target, start_line_find_blank(out->target));
    if (out->is_registered) return true;
    return chars_are_token(out->method) &&
           start_line_is_likely_target(out->known, out->target);
}

bool start_line_may_begin(struct bytes text, enum side from)
{
    static const char name[] = "http/";
    if (from == SIDE_CLIENT) {
        enum probe verdict = http_probe(bytes_first(text, MAY_BEGIN_BYTES_MAX), false);
        return verdict == PROBE_CLIENT || verdict == PROBE_MORE;
    }
    for (size_t i = 0; i < text.len && i < sizeof name - 1; i++) {
        if (chars_lower(text.ptr[i]) != (uint8_t)name[i]) return false;
    }
    return true;
}

bool start_line_is_likely(const struct start_line *l)
{
    if (l->target.len == 0) return false;
    if (l->is_registered) return true;
    for (size_t i = 0; i < l->method.len; i++) {
        if (chars_lower(l->method.ptr[i]) != l->method.ptr[i]) continue;
        if (l->method.ptr[i] != '-' && l->method.ptr[i] != '_') return false;
    }
    return chars_are_token(l->method);
}

void start_line_note(const struct start_line *l, const struct notes *n,
                     struct bytes text)
{
    notes_add_bits(n, l->oddities, oddity_rows, ARRAY_LENGTH(oddity_rows), text);
}

/* ---- probing ---- */

static struct bytes probe_skip_empty_lines(struct bytes first)
{
    size_t i = 0;
    while (i < first.len) {
        if (first.ptr[i] == '\n')
            i++;
        else if (first.ptr[i] == '\r' &&
                 (i + 1 == first.len || first.ptr[i + 1] == '\n'))
            i += 1;
        else
            break;
    }
    return bytes_from(first, i);
}

/* "HTTP/" DIGIT "." DIGIT SP DIGIT, as far as `line` goes; in whatever case, which is
 * a fault that some take. */
static enum probe probe_status_line(struct bytes line, bool is_all)
{
    static const char shape[] = "http/9.9 9"; /* 9: any digit */
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        if (i == line.len) return is_all ? PROBE_NO : PROBE_MORE;
        bool fits = shape[i] == '9' ? chars_is_digit(line.ptr[i])
                                    : chars_lower(line.ptr[i]) == (uint8_t)shape[i];
        if (!fits) return PROBE_NO;
    }
    return PROBE_SERVER;
}

static enum probe probe_whole_request_line(struct bytes line)
{
    struct start_line l;
    if (!start_line_read(line, SIDE_CLIENT, &l)) return PROBE_NO;
    /* HTTP/2's preface is another protocol's beginning (RFC 9113, section 3.4). */
    if (l.known == METHOD_PRI && l.version == VERSION_OTHER) return PROBE_NO;
    if (l.target.len == 0) return PROBE_NO;
    bool is_version = l.is_exact || l.version != VERSION_OTHER; /* "http/1.1" */
    return is_version || l.is_simple ? PROBE_CLIENT : PROBE_NO;
}

static enum probe probe_request_line(struct bytes line, bool is_whole, bool is_all)
{
    size_t i = 0;
    while (i < line.len && chars_is_token(line.ptr[i])) i++;
    if (i > PROBE_METHOD_MAX) return PROBE_NO;
    if (i == line.len) return is_whole || is_all ? PROBE_NO : PROBE_MORE;
    if (i == 0 || line.ptr[i] != ' ') return PROBE_NO;
    size_t shown = line.len - (line.ptr[line.len - 1] == '\r' ? 1 : 0);
    if (chars_has_control(bytes_first(line, shown))) return PROBE_NO; /* binary data */
    if (is_whole) return probe_whole_request_line(bytes_first(line, shown));
    if (!is_all) return PROBE_MORE;
    struct start_line l;
    if (!start_line_read_cut(bytes_first(line, shown), SIDE_CLIENT, &l))
        return PROBE_NO;
    return l.is_registered && start_line_is_likely_target(l.known, l.target)
               ? PROBE_CLIENT
               : PROBE_NO;
}

enum probe http_probe(struct bytes first, bool is_all)
{
    struct bytes line = probe_skip_empty_lines(first);
    if (line.len == 0) return is_all ? PROBE_NO : PROBE_MORE;
    const uint8_t *lf = memchr(line.ptr, '\n', line.len);
    bool is_whole = lf != NULL;
    if (is_whole) line = bytes_first(line, (size_t)(lf - line.ptr));
    enum probe server = probe_status_line(line, is_all || is_whole);
    if (server == PROBE_SERVER) return server;
    enum probe client = probe_request_line(line, is_whole, is_all);
    if (client == PROBE_NO) return server; /* "HTTP/": no request begins like that */
    return client;
}
