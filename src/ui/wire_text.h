/* Bytes from the wire as text that no terminal obeys: control bytes (C0, C1), what is
 * no UTF-8, and characters that are invisible or change the order of writing become
 * escapes. */
#ifndef UI_WIRE_TEXT_H
#define UI_WIRE_TEXT_H

#include "hopscope/base.h"

/* One character of UTF-8. */
struct wire_char {
    uint32_t code;  /* 0: none, `length` 1: a byte that begins no character */
    uint8_t length; /* in bytes; 0: at the end */
    uint8_t width;  /* columns: 0 (not to be shown as it is), 1 or 2 */
};

struct wire_char wire_text_next(struct bytes text);
/* Appends `text`: \xHH for bytes, \u{HHHH} for characters that are not shown. In
 * ASCII, every byte from 0x80 on is \xHH. */
void wire_text_add(struct buffer *out, struct bytes text, bool is_ascii);

/* Appends a character as UTF-8. */
void wire_text_encode(uint32_t code, struct buffer *out);

#endif
