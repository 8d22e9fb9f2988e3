/* A value is secret from its field's name to the end of the line, obs-folds included:
 *
 *   GET / HTTP/1.1 \r\n Cookie : a=b; c=d \r\n x: y
 *                       ~~~~~~~^(12 bytes)^            */
#include "exchange/secrets.h"

enum { SECRETS_ROOM = 32 /* for "(18446744073709551615 bytes)" */ };

static const char *const secret_names[] = {
    "authorization",
    "cookie",
    "set-cookie",
    "proxy-authorization",
};

static bool is_name_byte(uint8_t c)
{
    uint8_t low = c | 0x20;
    return c == '-' || c == '_' || (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9');
}

bool secrets_is_field(struct bytes name)
{
    while (name.len > 0 && !is_name_byte(name.ptr[0])) name = bytes_from(name, 1);
    while (name.len > 0 && !is_name_byte(name.ptr[name.len - 1])) name.len--;
    for (size_t i = 0; i < ARRAY_LENGTH(secret_names); i++)
        if (bytes_are_caseless(name, secret_names[i])) return true;
    return false;
}

static void print_length(struct buffer *out, size_t len)
{
    buffer_print(out, "(%zu bytes)", len);
}

static bool has_byte(struct bytes text, uint8_t c)
{
    return text.len > 0 && memchr(text.ptr, c, text.len) != NULL;
}

void secrets_room(struct buffer *scratch, size_t len)
{
    buffer_clear(scratch);
    size_t wanted = 2 * len + SECRETS_ROOM;
    if (scratch->capacity >= wanted) return;
    scratch->ptr = mem_resize(scratch->ptr, wanted);
    scratch->capacity = wanted;
}

/* ---- userinfo ---- */

/* Where the authority begins: behind "://", or at once where no path does. */
static size_t find_authority(struct bytes text)
{
    for (size_t i = 0; i + 2 < text.len; i++)
        if (memcmp(text.ptr + i, "://", 3) == 0) return i + 3;
    bool is_path = text.len > 0 && (text.ptr[0] == '/' || text.ptr[0] == '*');
    return is_path ? text.len : 0;
}

struct bytes secrets_hide_userinfo(struct bytes text, struct buffer *scratch)
{
    size_t start = find_authority(text), end = start, at = 0;
    for (; end < text.len && memchr("/?# \t\r\n", text.ptr[end], 7) == NULL; end++)
        if (text.ptr[end] == '@') at = end;
    if (at <= start) return text;
    size_t before = scratch->len;
    buffer_append(scratch, bytes_first(text, start));
    print_length(scratch, at - start);
    buffer_append(scratch, bytes_from(text, at));
    return bytes_of(scratch->ptr + before, scratch->len - before);
}

/* ---- evidence ---- */

/* The end of the line that a value stands in; what is folded belongs to it. */
static size_t find_line_end(struct bytes text, size_t at)
{
    for (; at < text.len; at++) {
        if (text.ptr[at] != '\n') continue;
        bool is_folded =
            at + 1 < text.len && (text.ptr[at + 1] == ' ' || text.ptr[at + 1] == '\t');
        if (is_folded) continue;
        return at > 0 && text.ptr[at - 1] == '\r' ? at - 1 : at;
    }
    return text.len;
}

/* Most bytes are no first letter of those names. */
static bool may_begin_secret(uint8_t c)
{
    uint8_t letter = c | 0x20;
    return letter == 'a' || letter == 'c' || letter == 's' || letter == 'p';
}

/* A secret field's name at `at`, however its case: its length; 0: none. */
static size_t name_at(struct bytes text, size_t at)
{
    if (at > 0 && is_name_byte(text.ptr[at - 1])) return 0;
    for (size_t i = 0; i < ARRAY_LENGTH(secret_names); i++) {
        if ((text.ptr[at] | 0x20) != secret_names[i][0]) continue;
        size_t len = strlen(secret_names[i]);
        struct bytes word = bytes_first(bytes_from(text, at), len);
        if (!bytes_are_caseless(word, secret_names[i])) continue;
        if (at + len == text.len || !is_name_byte(text.ptr[at + len])) return len;
    }
    return 0;
}

/* Whether only blanks stand between a line's beginning and `at`. */
static bool begins_line(struct bytes text, size_t at)
{
    while (at > 0 && (text.ptr[at - 1] == ' ' || text.ptr[at - 1] == '\t')) at--;
    return at == 0 || text.ptr[at - 1] == '\n' || text.ptr[at - 1] == '\r';
}

/* Behind the colon and blanks; without a colon, behind the name of a line that begins
 * with it. `at`: this is no field. */
static size_t find_value(struct bytes text, size_t at, size_t name)
{
    size_t value = at + name;
    while (value < text.len && text.ptr[value] != ':' && text.ptr[value] != '\n' &&
           !is_name_byte(text.ptr[value]))
        value++;
    bool has_colon = value < text.len && text.ptr[value] == ':';
    if (!has_colon && !begins_line(text, at)) return at;
    if (has_colon) value++;
    while (value < text.len && (text.ptr[value] == ' ' || text.ptr[value] == '\t'))
        value++;
    return value;
}

/* Bytes that stood anywhere in a stream: what they belong to cannot be seen. */
static bool is_out_of_place(enum finding_code code)
{
    return code == FINDING_TCP_OVERLAP_CONFLICT || code == FINDING_TCP_TTL_CONFLICT;
}

static struct bytes hide_fields(struct bytes evidence, struct buffer *scratch)
{
    size_t before = scratch->len, done = 0;
    for (size_t at = 0; at < evidence.len; at++) {
        if (!may_begin_secret(evidence.ptr[at])) continue;
        size_t name = name_at(evidence, at);
        size_t value = name == 0 ? at : find_value(evidence, at, name);
        if (value == at) continue;
        size_t end = find_line_end(evidence, value);
        if (end <= value) continue;
        buffer_append(scratch, bytes_of(evidence.ptr + done, value - done));
        print_length(scratch, end - value);
        at = done = end;
    }
    if (done == 0) return evidence;
    buffer_append(scratch, bytes_from(evidence, done));
    return bytes_of(scratch->ptr + before, scratch->len - before);
}

struct bytes secrets_hide_value(struct bytes name, struct bytes value,
                                struct buffer *scratch)
{
    if (secrets_is_field(name)) {
        secrets_room(scratch, 0);
        print_length(scratch, value.len);
        return buffer_bytes(scratch);
    }
    /* Another field can stand in one only behind a bare CR or in a fold. */
    if (has_byte(value, '\r') || has_byte(value, '\n')) {
        secrets_room(scratch, 4 * value.len);
        value = hide_fields(value, scratch);
    }
    /* Of URLs and Host; a mail address in From is no credential. */
    bool is_place =
        bytes_are_caseless(name, "host") || bytes_contain_caseless(value, "//");
    if (!has_byte(value, '@') || !is_place) return value;
    if (scratch->len == 0) secrets_room(scratch, value.len);
    return secrets_hide_userinfo(value, scratch);
}

struct bytes secrets_hide_evidence(enum finding_code code, struct bytes evidence,
                                   struct buffer *scratch)
{
    secrets_room(scratch, 4 * evidence.len);
    if (is_out_of_place(code) && evidence.len > 0) {
        print_length(scratch, evidence.len);
        return buffer_bytes(scratch);
    }
    struct bytes shown = hide_fields(evidence, scratch);
    if (!has_byte(shown, '@')) return shown; /* most: there is no userinfo */
    /* A request line's target is its second word. */
    size_t word = 0;
    while (word < shown.len && shown.ptr[word] != ' ') word++;
    struct bytes target = bytes_from(shown, word + 1), hidden;
    hidden = secrets_hide_userinfo(word < shown.len ? target : shown, scratch);
    if (hidden.ptr == target.ptr || hidden.ptr == shown.ptr) return shown;
    size_t start = scratch->len;
    if (word < shown.len) buffer_append(scratch, bytes_first(shown, word + 1));
    buffer_append(scratch, hidden);
    return bytes_of(scratch->ptr + start, scratch->len - start);
}
