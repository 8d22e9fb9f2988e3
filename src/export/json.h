/* Writes JSON (RFC 8259) piece by piece into a buffer; commas, line ends and indents
 * are its own business. `key` is NULL inside arrays and at the top. Text that is no
 * UTF-8 gets U+FFFD for each byte that fits nowhere. */
#ifndef EXPORT_JSON_H
#define EXPORT_JSON_H

#include "hopscope/base.h"

enum { JSON_DEPTH_MAX = 16 };

struct json {
    struct buffer *out;
    unsigned indent; /* blanks a level; 0: all on one line */
    unsigned depth;
    struct buffer scratch;
    bool has_items[JSON_DEPTH_MAX];
};

/* Releases what it holds; the text in `out` stays. */
void json_done(struct json *j);
void json_begin_object(struct json *j, const char *key);
void json_end_object(struct json *j);
void json_begin_array(struct json *j, const char *key);
void json_end_array(struct json *j);
void json_put_integer(struct json *j, const char *key, int64_t value);
/* INT64_MIN, not observed, becomes null. */
void json_put_known(struct json *j, const char *key, int64_t value);
/* A 64-bit id, as a string: numbers over 2^53 do not survive JavaScript. */
void json_put_id(struct json *j, const char *key, uint64_t value);
void json_put_real(struct json *j, const char *key, double value); /* 4 decimals */
void json_put_bool(struct json *j, const char *key, bool value);
void json_put_null(struct json *j, const char *key);
void json_put_text(struct json *j, const char *key, struct bytes text); /* NULL: null */

#endif
