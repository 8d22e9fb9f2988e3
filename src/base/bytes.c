#include "hopscope/base.h"

#include <string.h>

struct bytes bytes_of_text(const char *text)
{
    return bytes_of(text, text ? strlen(text) : 0);
}

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool bytes_are(struct bytes a, const char *text)
{
    return bytes_equal(a, bytes_of_text(text));
}

/* ASCII only: what a locale calls a letter must not change what a header field is. */
static uint8_t bytes_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool bytes_equal_caseless(struct bytes a, struct bytes b)
{
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++) {
        if (bytes_lower(a.ptr[i]) != bytes_lower(b.ptr[i])) return false;
    }
    return true;
}

bool bytes_are_caseless(struct bytes a, const char *text)
{
    return bytes_equal_caseless(a, bytes_of_text(text));
}

bool bytes_start_with(struct bytes a, const char *text)
{
    struct bytes start = bytes_of_text(text);
    return a.len >= start.len && bytes_equal(bytes_first(a, start.len), start);
}

bool bytes_contain_caseless(struct bytes a, const char *text)
{
    struct bytes part = bytes_of_text(text);
    for (size_t at = 0; at + part.len <= a.len; at++) {
        if (bytes_equal_caseless(bytes_first(bytes_from(a, at), part.len), part))
            return true;
    }
    return false;
}

/* The escape of one byte, without a final NUL; its length. */
static size_t bytes_escape_one(uint8_t c, char out[4])
{
    static const char digits[] = "0123456789abcdef";
    static const char names[] = "\r\n\t\0\\";
    static const char letters[] = "rnt0\\";
    if (c >= 0x20 && c <= 0x7e && c != '\\') {
        out[0] = (char)c;
        return 1;
    }
    for (size_t i = 0; i < sizeof letters - 1; i++) {
        if (c != (uint8_t)names[i]) continue;
        out[0] = '\\';
        out[1] = letters[i];
        return 2;
    }
    memcpy(out, (char[]){'\\', 'x', digits[c >> 4], digits[c & 15]}, 4);
    return 4;
}

size_t bytes_escape(struct bytes in, char *out, size_t size)
{
    if (size == 0) return 0;
    size_t used = 0;
    for (size_t i = 0; i < in.len; i++) {
        char escape[4];
        size_t length = bytes_escape_one(in.ptr[i], escape);
        if (length > size - 1 - used) break;
        memcpy(out + used, escape, length);
        used += length;
    }
    out[used] = '\0';
    return used;
}
