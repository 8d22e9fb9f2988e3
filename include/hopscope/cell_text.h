/* cell_text: cells as programs read them, for tables and exports alike (part of layer
 * record). None of it stops at a byte that a stranger's database may hold: text that is
 * no UTF-8 is escaped as record_utf8 does it. */
#ifndef HOPSCOPE_CELL_TEXT_H
#define HOPSCOPE_CELL_TEXT_H

#include "hopscope/rows.h"

void cell_text_integer(int64_t value, struct buffer *out);
/* The shortest decimals that are read back as the very same number. */
void cell_text_real(double value, struct buffer *out);
/* `value` / 10^digits with all its digits: 1500, 3 is "1.500". */
void cell_text_fixed(int64_t value, unsigned digits, struct buffer *out);
/* µs since the epoch as UTC, `suffix` behind it: "2026-01-31T12:00:00.000000Z". Years
 * 1 to 9999; what lies beyond is the nearest of these. */
void cell_text_utc(int64_t us, const char *suffix, struct buffer *out);
/* A JSON string (RFC 8259), its quotes included. */
void cell_text_json_string(struct bytes text, struct buffer *out);
/* Any cell as a JSON value; integers beyond 2^53 are strings, blobs hexadecimal. */
void cell_text_json(const struct cell *cell, struct buffer *out);
/* RFC 4180; NULL is nothing, an empty text "". */
void cell_text_csv(const struct cell *cell, struct buffer *out);
/* Between tabs: control bytes become \xHH. */
void cell_text_tab(struct bytes text, struct buffer *out);
/* Bare: numbers in decimal, texts as they are, blobs hexadecimal. */
void cell_text_plain(const struct cell *cell, struct buffer *out);

#endif
