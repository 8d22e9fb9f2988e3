/* What is UTF-8 (RFC 3629, section 4) and what has to be escaped to become it. */
#include "hopscope/field.h"

#include <string.h>

/* The well-formed sequences by first byte: how many bytes, and the range of the second,
 * which shuts out overlong forms, surrogates and what lies beyond U+10FFFF. */
/* clang-format off */
static const struct utf8_row {
    uint8_t first_low, first_high, length, second_low, second_high;
} rows[] = {
    { 0x01, 0x7f, 1, 0x00, 0x00 }, /* NUL is valid, but ends texts early for many readers */
    { 0xc2, 0xdf, 2, 0x80, 0xbf },
    { 0xe0, 0xe0, 3, 0xa0, 0xbf },
    { 0xe1, 0xec, 3, 0x80, 0xbf },
    { 0xed, 0xed, 3, 0x80, 0x9f },
    { 0xee, 0xef, 3, 0x80, 0xbf },
    { 0xf0, 0xf0, 4, 0x90, 0xbf },
    { 0xf1, 0xf3, 4, 0x80, 0xbf },
    { 0xf4, 0xf4, 4, 0x80, 0x8f },
};
/* clang-format on */

/* Length of the character that `text` begins with; 0: none. */
static size_t character_length(struct bytes text)
{
    uint8_t first = text.ptr[0];
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct utf8_row *row = &rows[i];
        if (first < row->first_low || first > row->first_high) continue;
        if (row->length == 1) return 1;
        if (text.len < row->length) return 0;
        if (text.ptr[1] < row->second_low || text.ptr[1] > row->second_high) return 0;
        for (size_t k = 2; k < row->length; k++) {
            if ((text.ptr[k] & 0xc0) != 0x80) return 0;
        }
        return row->length;
    }
    return 0;
}

/* How many bytes at the beginning are ASCII other than NUL: mostly all of them. */
static size_t plain_length(struct bytes text)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    size_t at = 0;
    while (at + 8 <= text.len) {
        uint64_t word;
        memcpy(&word, text.ptr + at, sizeof word);
        if (((word | (word - ones)) & highs) != 0) break;
        at += 8;
        /* The last step overlaps the one before. */
        if (at < text.len && at + 8 > text.len) at = text.len - 8;
    }
    while (at < text.len && text.ptr[at] != 0 && text.ptr[at] < 0x80) at++;
    return at;
}

/* How many bytes at the beginning need no escape. */
static size_t valid_length(struct bytes text)
{
    size_t at = plain_length(text);
    while (at < text.len) {
        size_t length = character_length(bytes_from(text, at));
        if (length == 0) break;
        at += length;
    }
    return at;
}

struct bytes record_utf8(struct bytes text, struct buffer *scratch)
{
    if (text.ptr == NULL) return text;
    size_t valid = valid_length(text);
    if (valid == text.len) return text;
    buffer_clear(scratch);
    while (text.len > 0) {
        buffer_append(scratch, bytes_first(text, valid));
        text = bytes_from(text, valid);
        if (text.len == 0) break;
        buffer_print(scratch, "\\x%02x", (unsigned)text.ptr[0]);
        text = bytes_from(text, 1);
        valid = valid_length(text);
    }
    return buffer_bytes(scratch);
}
