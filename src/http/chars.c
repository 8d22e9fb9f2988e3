/* What a byte may be in HTTP/1 (RFC 9110, sections 5.5 and 5.6; RFC 3986, section 3.2).
 * Runs are checked sixteen bytes at a time. */
#include "http/chars.h"

#include <string.h>

/* clang-format off */
const uint8_t chars_classes[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0x00 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0x10 */
    0, 3, 0, 1, 3, 3, 3, 3, 2, 2, 3, 3, 2, 3, 3, 0, /* 0x20 */
    3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 0, 2, 0, 0, /* 0x30 */
    0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, /* 0x40 */
    3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 0, 2, 1, 3, /* 0x50 */
    1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, /* 0x60 */
    3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 0, 1, 0, 3, 0, /* 0x70 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0x80 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0x90 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0xa0 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0xb0 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0xc0 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0xd0 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0xe0 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0xf0 */
};
/* clang-format on */

/* Sixteen bytes at once, on whatever machine the compiler knows vectors of. */
typedef uint8_t chars_vector __attribute__((vector_size(16)));

static inline chars_vector chars_vector_controls(chars_vector v)
{
    chars_vector is_low = (chars_vector)(v < 0x20) & (chars_vector)(v != '\t');
    return is_low | (chars_vector)(v == 0x7f);
}

static inline chars_vector chars_vector_invisible(chars_vector v)
{
    return (chars_vector)(v < 0x21) | (chars_vector)(v > 0x7e);
}

/* Neither a letter, a digit, a hyphen nor a dot. */
static inline chars_vector chars_vector_unnamed(chars_vector v)
{
    chars_vector named = (chars_vector)((v | 0x20) - 'a' < 26) |
                         (chars_vector)(v - '0' < 10) | (chars_vector)(v - '-' < 2);
    return ~named;
}

static inline chars_vector chars_vector_at(const uint8_t *at)
{
    chars_vector v;
    memcpy(&v, at, sizeof v);
    return v;
}

/* A text of fewer bytes, by both its ends, which may overlap; what is left of the room
 * is filled up with a harmless letter. */
static inline chars_vector chars_vector_short(struct bytes text)
{
    chars_vector v = (chars_vector){0} + 'x';
    size_t width = text.len >= 8 ? 8 : 4;
    if (text.len < width) {
        if (text.len > 0) memcpy(&v, text.ptr, text.len);
    } else if (width == 8) {
        memcpy(&v, text.ptr, 8);
        memcpy((uint8_t *)&v + 8, text.ptr + text.len - 8, 8);
    } else {
        memcpy(&v, text.ptr, 4);
        memcpy((uint8_t *)&v + 4, text.ptr + text.len - 4, 4);
    }
    return v;
}

/* Whether a text has any byte that `odd_of` marks. Inline, so that what it calls is
 * known. */
__attribute__((always_inline)) static inline bool
chars_have_any(struct bytes text, chars_vector (*odd_of)(chars_vector v))
{
    chars_vector odd = {0};
    if (text.len < sizeof odd) {
        odd = odd_of(chars_vector_short(text));
    } else {
        for (size_t i = 0; i + sizeof odd < text.len; i += sizeof odd)
            odd |= odd_of(chars_vector_at(text.ptr + i));
        odd |= odd_of(chars_vector_at(text.ptr + text.len - sizeof odd)); /* overlaps */
    }
    uint64_t words[2];
    memcpy(words, &odd, sizeof words);
    return (words[0] | words[1]) != 0;
}

bool chars_has_control(struct bytes text)
{
    return chars_have_any(text, chars_vector_controls);
}

bool chars_are_visible(struct bytes text)
{
    return !chars_have_any(text, chars_vector_invisible);
}

static bool chars_are(struct bytes text, uint8_t class)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!(chars_classes[text.ptr[i]] & class)) return false;
    }
    return text.len > 0;
}

bool chars_are_name(struct bytes text)
{
    return text.len > 0 && !chars_have_any(text, chars_vector_unnamed);
}

bool chars_are_token(struct bytes text)
{
    return chars_are_name(text) || chars_are(text, CHARS_TOKEN);
}

bool chars_are_host(struct bytes text)
{
    return text.len == 0 || chars_are_name(text) || chars_are(text, CHARS_HOST);
}

void chars_take_element(struct bytes *list, struct bytes *element)
{
    const uint8_t *comma = list->len > 0 ? memchr(list->ptr, ',', list->len) : NULL;
    size_t length = comma ? (size_t)(comma - list->ptr) : list->len;
    *element = chars_trim(bytes_first(*list, length));
    *list = comma ? bytes_from(*list, length + 1) : bytes_of(NULL, 0);
}

enum chars_number chars_read_decimal(struct bytes text, int64_t *value)
{
    enum { SAFE_DIGITS = 18 }; /* that many cannot overflow */
    int64_t sum = 0;
    size_t i = 0, safe = text.len < SAFE_DIGITS ? text.len : SAFE_DIGITS;
    if (text.len == 0) return CHARS_NUMBER_BAD;
    for (; i < safe; i++) {
        if (!chars_is_digit(text.ptr[i])) return CHARS_NUMBER_BAD;
        sum = sum * 10 + (text.ptr[i] - '0');
    }
    for (; i < text.len; i++) {
        if (!chars_is_digit(text.ptr[i])) return CHARS_NUMBER_BAD;
        int digit = text.ptr[i] - '0';
        if (sum > (INT64_MAX - digit) / 10) return CHARS_NUMBER_OVERFLOW;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return CHARS_NUMBER_OK;
}
