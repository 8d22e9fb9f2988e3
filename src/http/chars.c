/* What a byte may be in HTTP/1 (RFC 9110, sections 5.5 and 5.6; RFC 3986, section 3.2).
 * Runs are checked sixteen bytes at a time, or eight. */
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

static inline chars_vector chars_vector_at(const uint8_t *at)
{
    chars_vector v;
    memcpy(&v, at, sizeof v);
    return v;
}

/* A text of fewer bytes, filled up with a harmless letter. */
static inline chars_vector chars_vector_short(struct bytes text)
{
    chars_vector v = (chars_vector){0} + 'x';
    if (text.len > 0) memcpy(&v, text.ptr, text.len);
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

static const uint64_t chars_ones = UINT64_C(0x0101010101010101);
static const uint64_t chars_highs = UINT64_C(0x8080808080808080);

/* The high bits of the bytes from `first` to `last`; every byte is below 0x80. */
static uint64_t chars_word_between(uint64_t word, uint8_t first, uint8_t last)
{
    return (word + chars_ones * (uint8_t)(0x80 - first)) &
           ~(word + chars_ones * (uint8_t)(0x7f - last));
}

/* Whether a word is letters, digits, hyphens and dots, as most names are. */
static bool chars_word_is_name(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    if (word & chars_highs) return false;
    uint64_t fits = chars_word_between(word | chars_ones * 0x20, 'a', 'z') |
                    chars_word_between(word, '0', '9') |
                    chars_word_between(word, '-', '.');
    return (fits & chars_highs) == chars_highs;
}

static bool chars_are_name(struct bytes text) /* of eight bytes and more */
{
    size_t i = 0;
    for (; i + 8 < text.len; i += 8) {
        if (!chars_word_is_name(text.ptr + i)) return false;
    }
    return chars_word_is_name(text.ptr + text.len - 8); /* overlaps */
}

bool chars_are_token(struct bytes text)
{
    if (text.len >= 8 && chars_are_name(text)) return true;
    return chars_are(text, CHARS_TOKEN);
}

bool chars_are_host(struct bytes text)
{
    if (text.len >= 8 && chars_are_name(text)) return true;
    return text.len == 0 || chars_are(text, CHARS_HOST);
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
    if (text.len == 0) return CHARS_NUMBER_BAD;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') return CHARS_NUMBER_BAD;
        int digit = text.ptr[i] - '0';
        if (i >= SAFE_DIGITS && sum > (INT64_MAX - digit) / 10)
            return CHARS_NUMBER_OVERFLOW;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return CHARS_NUMBER_OK;
}
