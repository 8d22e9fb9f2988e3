#include "hopscope/base.h"

#include <string.h>

/* ASCII only: what a locale calls a letter must not change what a header field is. */
static uint8_t bytes_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* The same of the eight bytes at `at`: of each, the high bit of a sum says on which
 * side of a letter it stands. */
static uint64_t bytes_lower_word(const uint8_t *at)
{
    static const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word;
    memcpy(&word, at, sizeof word);
    uint64_t low = word & ones * 0x7f;
    uint64_t is_upper = (low + ones * (0x80 - 'A')) & ~(low + ones * (0x7f - 'Z'));
    return word | (is_upper & ~word & ones * 0x80) >> 2;
}

bool bytes_equal_caseless(struct bytes a, struct bytes b)
{
    if (a.len != b.len) return false;
    size_t i = 0;
    for (; i + 8 <= a.len; i += 8) {
        if (bytes_lower_word(a.ptr + i) != bytes_lower_word(b.ptr + i)) return false;
        /* The last step overlaps the one before. */
        if (i + 8 < a.len && i + 16 > a.len) i = a.len - 16;
    }
    for (; i < a.len; i++) {
        if (bytes_lower(a.ptr[i]) != bytes_lower(b.ptr[i])) return false;
    }
    return true;
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

/* It stands for itself. */
static bool bytes_is_plain(uint8_t c)
{
    return c >= 0x20 && c <= 0x7e && c != '\\';
}

/* The escape of any other byte, without a final NUL; its length. */
static size_t bytes_escape_one(uint8_t c, char out[4])
{
    static const char digits[] = "0123456789abcdef";
    static const char names[] = "\r\n\t\0\\";
    static const char letters[] = "rnt0\\";
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
        if (bytes_is_plain(in.ptr[i])) { /* most are */
            if (used == size - 1) break;
            out[used++] = (char)in.ptr[i];
            continue;
        }
        size_t length = bytes_escape_one(in.ptr[i], escape);
        if (length > size - 1 - used) break;
        memcpy(out + used, escape, length);
        used += length;
    }
    out[used] = '\0';
    return used;
}
