/* UTF-8 (RFC 3629), one character at a time, and which of them a screen may show.
 * Widths are those of the C library's locale, which is UTF-8 whenever it matters. */
#include "ui/wire_text.h"

#include <wchar.h>

/* clang-format off */
static const struct form {
    uint8_t mask, lead, length;
    uint32_t smallest;
} forms[] = {
    { 0x80, 0x00, 1, 0 },
    { 0xe0, 0xc0, 2, 0x80 },
    { 0xf0, 0xe0, 3, 0x800 },
    { 0xf8, 0xf0, 4, 0x10000 },
};

/* Have a width, or none, and change how what stands around them is read. */
static const struct range {
    uint32_t first, last;
} unseen[] = {
    { 0x00, 0x1f }, { 0x7f, 0xa0 }, { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c },
    { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x2000, 0x200f },
    { 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x2800, 0x2800 }, { 0x3000, 0x3000 },
    { 0x3164, 0x3164 }, { 0xd800, 0xf8ff }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
    { 0xffa0, 0xffa0 }, { 0xfff0, 0xffff }, { 0xe0000, 0x10ffff },
};
/* clang-format on */

static uint32_t decode(struct bytes text, const struct form *form)
{
    uint32_t code = text.ptr[0] & (uint8_t)~form->mask;
    if (text.len < form->length) return UINT32_MAX;
    for (size_t i = 1; i < form->length; i++) {
        if ((text.ptr[i] & 0xc0) != 0x80) return UINT32_MAX;
        code = code << 6 | (text.ptr[i] & 0x3fu);
    }
    bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < form->smallest || code > 0x10ffff || is_surrogate ? UINT32_MAX : code;
}

static uint8_t width_of(uint32_t code)
{
    for (size_t i = 0; i < ARRAY_LENGTH(unseen); i++) {
        if (code >= unseen[i].first && code <= unseen[i].last) return 0;
    }
    if (code < 0x80) return 1;
    int width = wcwidth((wchar_t)code);
    return width < 1 ? 0 : (uint8_t)width;
}

struct wire_char wire_text_next(struct bytes text)
{
    if (text.len == 0) return (struct wire_char){.length = 0};
    for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
        if ((text.ptr[0] & forms[i].mask) != forms[i].lead) continue;
        uint32_t code = decode(text, &forms[i]);
        if (code == UINT32_MAX) break;
        return (struct wire_char){
            .code = code, .length = forms[i].length, .width = width_of(code)};
    }
    return (struct wire_char){.length = 1};
}

void wire_text_add(struct buffer *out, struct bytes text, bool is_ascii)
{
    while (text.len > 0) {
        struct wire_char c = wire_text_next(text);
        bool is_shown = c.width > 0 && !(is_ascii && c.code >= 0x80);
        if (is_shown)
            buffer_append(out, bytes_first(text, c.length));
        else if (c.length == 1 || is_ascii)
            for (size_t i = 0; i < c.length; i++)
                buffer_print(out, "\\x%02x", (unsigned)text.ptr[i]);
        else
            buffer_print(out, "\\u{%04x}", (unsigned)c.code);
        text = bytes_from(text, c.length);
    }
}

void wire_text_encode(uint32_t code, struct buffer *out)
{
    static const struct {
        uint32_t below;
        uint8_t lead, count;
    } rows[] = {
        {0x80, 0, 0}, {0x800, 0xc0, 1}, {0x10000, 0xe0, 2}, {0x110000, 0xf0, 3}};
    size_t i = 0;
    uint8_t text[4];
    if (code >= 0x110000) return;
    while (code >= rows[i].below) i++;
    for (size_t k = rows[i].count; k > 0; k--, code >>= 6)
        text[k] = (uint8_t)(0x80 | (code & 0x3f));
    text[0] = (uint8_t)(rows[i].lead | code);
    buffer_append(out, bytes_of(text, rows[i].count + 1u));
}
