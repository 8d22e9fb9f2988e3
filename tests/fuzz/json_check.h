/* Whether a text is JSON (RFC 8259), and what its strings mean. */
#ifndef JSON_CHECK_H
#define JSON_CHECK_H

#include "hopscope/base.h"

#include <stdlib.h>
#include <string.h>

enum { JSON_CHECK_DEPTH_MAX = 64 };

static inline bool json_check_value(struct cursor *in, unsigned depth);

static inline uint8_t json_check_peek(const struct cursor *in)
{
    return cursor_left(in) > 0 ? *in->at : 0;
}

static inline void json_check_space(struct cursor *in)
{
    while (cursor_left(in) > 0 && strchr(" \t\r\n", *in->at) && *in->at != 0)
        cursor_skip(in, 1);
}

static inline bool json_check_take(struct cursor *in, char byte)
{
    if (cursor_left(in) == 0 || *in->at != (uint8_t)byte) return false;
    cursor_skip(in, 1);
    return true;
}

static inline bool json_check_hex(struct cursor *in, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdefABCDEF";
        uint8_t byte = cursor_8(in);
        const char *at = byte == 0 ? NULL : strchr(digits, byte);
        if (at == NULL) return false;
        uint32_t value = (uint32_t)(at - digits);
        *code = *code << 4 | (value < 16 ? value : value - 6);
    }
    return true;
}

static inline void json_check_put(struct buffer *out, uint8_t byte)
{
    if (out != NULL) buffer_append(out, bytes_of(&byte, 1));
}

/* Only codes below 0x80 need an escape in what this program writes. */
static inline bool json_check_escape(struct cursor *in, struct buffer *out)
{
    static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    uint8_t name = cursor_8(in);
    uint32_t code = 0;
    if (name == 'u') {
        if (!json_check_hex(in, &code) || (code >= 0xd800 && code < 0xe000))
            return false;
        json_check_put(out, code < 0x80 ? (uint8_t)code : '?');
        return true;
    }
    const char *at = name == 0 ? NULL : strchr(names, name);
    if (at != NULL) json_check_put(out, (uint8_t)bytes[at - names]);
    return at != NULL;
}

/* A string; what it means is appended to `out` (NULL: not wanted). */
static inline bool json_check_string(struct cursor *in, struct buffer *out)
{
    if (!json_check_take(in, '"')) return false;
    while (cursor_left(in) > 0) {
        uint8_t byte = cursor_8(in);
        if (byte == '"') return true;
        if (byte < 0x20) return false;
        if (byte != '\\')
            json_check_put(out, byte);
        else if (!json_check_escape(in, out))
            return false;
    }
    return false;
}

static inline size_t json_check_digits(struct cursor *in)
{
    size_t count = 0;
    for (; json_check_peek(in) >= '0' && json_check_peek(in) <= '9'; count++)
        cursor_skip(in, 1);
    return count;
}

static inline bool json_check_number(struct cursor *in)
{
    json_check_take(in, '-');
    bool starts_with_zero = json_check_peek(in) == '0';
    size_t digits = json_check_digits(in);
    if (digits == 0 || (starts_with_zero && digits > 1)) return false;
    if (json_check_take(in, '.') && json_check_digits(in) == 0) return false;
    if (!json_check_take(in, 'e') && !json_check_take(in, 'E')) return true;
    if (!json_check_take(in, '-')) json_check_take(in, '+');
    return json_check_digits(in) > 0;
}

/* `members`: of an object, whose members have names. */
static inline bool json_check_list(struct cursor *in, bool members, unsigned depth)
{
    char end = members ? '}' : ']';
    cursor_skip(in, 1);
    json_check_space(in);
    if (json_check_take(in, end)) return true;
    do {
        json_check_space(in);
        if (members) {
            if (!json_check_string(in, NULL)) return false;
            json_check_space(in);
            if (!json_check_take(in, ':')) return false;
        }
        if (!json_check_value(in, depth + 1)) return false;
        json_check_space(in);
    } while (json_check_take(in, ','));
    return json_check_take(in, end);
}

static inline bool json_check_word(struct cursor *in)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        if (!bytes_start_with(cursor_rest(in), words[i])) continue;
        cursor_skip(in, strlen(words[i]));
        return true;
    }
    return false;
}

/* Takes one value off. */
static inline bool json_check_value(struct cursor *in, unsigned depth)
{
    json_check_space(in);
    uint8_t first = json_check_peek(in);
    if (depth > JSON_CHECK_DEPTH_MAX) return false;
    if (first == '"') return json_check_string(in, NULL);
    if (first == '{' || first == '[') return json_check_list(in, first == '{', depth);
    if (first == '-' || (first >= '0' && first <= '9')) return json_check_number(in);
    return json_check_word(in);
}

/* Nothing but values, one after the other: one, or a line each. */
static inline bool json_check_all(struct bytes text, size_t *values)
{
    struct cursor in = cursor_of(text);
    for (*values = 0;; ++*values) {
        json_check_space(&in);
        if (cursor_left(&in) == 0) return true;
        if (!json_check_value(&in, 0)) return false;
    }
}

#endif
