/* Classes of bytes, lists and numbers as RFC 9110, section 5.6 spells them. */
#ifndef HOPSCOPE_SRC_HTTP_CHARS_H
#define HOPSCOPE_SRC_HTTP_CHARS_H

#include "hopscope/base.h"

enum { CHARS_TOKEN = 1, CHARS_HOST = 2 };

extern const uint8_t chars_classes[256];

static inline bool chars_is_token(uint8_t c)
{
    return (chars_classes[c] & CHARS_TOKEN) != 0;
}
static inline bool chars_is_blank(uint8_t c) /* SP or HTAB: the white space of fields */
{
    return c == ' ' || c == '\t';
}
static inline bool chars_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}
static inline bool chars_is_control(uint8_t c) /* HTAB is none here */
{
    return (c < 0x20 && c != '\t') || c == 0x7f;
}
static inline uint8_t chars_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static inline struct bytes chars_trim(struct bytes text)
{
    size_t start = 0;
    while (start < text.len && chars_is_blank(text.ptr[start])) start++;
    text = bytes_from(text, start);
    while (text.len > 0 && chars_is_blank(text.ptr[text.len - 1])) text.len--;
    return text;
}

bool chars_has_control(struct bytes text);
bool chars_are_visible(struct bytes text); /* every byte from 0x21 to 0x7e */
bool chars_are_name(struct bytes text);    /* letters, digits, '-', '.'; at least one */
bool chars_are_token(struct bytes text);   /* at least one */
bool chars_are_host(struct bytes text);    /* bytes a uri-host and port may have */

/* Takes the next element, trimmed and possibly empty, off a comma-separated list that
 * has one. */
void chars_take_element(struct bytes *list, struct bytes *element);
/* The same. False: none left. A list with ptr NULL has none; an empty one has one empty
 * element. */
static inline bool chars_next_element(struct bytes *list, struct bytes *element)
{
    if (list->ptr == NULL) return false;
    chars_take_element(list, element);
    return true;
}

/* Digits and nothing else. OVERFLOW: over 2^63 - 1. `*value` is set only on OK. */
enum chars_number { CHARS_NUMBER_OK, CHARS_NUMBER_BAD, CHARS_NUMBER_OVERFLOW };
enum chars_number chars_read_decimal(struct bytes text, int64_t *value);

#endif
