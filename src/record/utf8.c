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

/* Sixteen bytes at once, on whatever machine the compiler knows vectors of. */
typedef int8_t utf8_vector __attribute__((vector_size(16)));
typedef uint64_t utf8_words __attribute__((vector_size(16)));

static inline uint64_t word_at(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* ASCII other than NUL: above zero, as signed numbers. */
static inline bool is_plain(const uint8_t *first, const uint8_t *last)
{
    utf8_words words = {word_at(first), word_at(last)};
    words = (utf8_words)((utf8_vector)words > 0);
    return (words[0] & words[1]) == UINT64_MAX;
}

/* Whether the whole text is such: mostly it is. */
static inline bool is_all_plain(struct bytes text)
{
    const size_t step = sizeof(utf8_vector);
    size_t at = 0;
    if (text.len < 8) {
        while (at < text.len && text.ptr[at] > 0 && text.ptr[at] < 0x80) at++;
        return at == text.len;
    }
    const uint8_t *end = text.ptr + text.len;
    if (text.len < step) return is_plain(text.ptr, end - 8);
    for (; at + step < text.len; at += step)
        if (!is_plain(text.ptr + at, text.ptr + at + 8)) return false;
    return is_plain(end - 16, end - 8); /* overlaps */
}

/* How many bytes at the beginning need no escape. */
static size_t valid_length(struct bytes text)
{
    size_t at = 0;
    while (at < text.len) {
        size_t length = character_length(bytes_from(text, at));
        if (length == 0) break;
        at += length;
    }
    return at;
}

/* `text`, of which only so many bytes at the beginning need no escape. */
static struct bytes escaped(struct bytes text, size_t valid, struct buffer *scratch)
{
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

/* Apart, so that a plain text, as nearly all are, costs no register saved. */
__attribute__((noinline)) static struct bytes not_plain(struct bytes text,
                                                        struct buffer *scratch)
{
    size_t valid = valid_length(text);
    return valid == text.len ? text : escaped(text, valid, scratch);
}

struct bytes record_utf8(struct bytes text, struct buffer *scratch)
{
    return is_all_plain(text) ? text : not_plain(text, scratch);
}
