/* bytes: a borrowed run of memory (part of layer base). Whoever lends it says for how
 * long. */
#ifndef HOPSCOPE_BYTES_H
#define HOPSCOPE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *ptr;
    size_t len;
};

static inline struct bytes bytes_of(const void *ptr, size_t len)
{
    return (struct bytes){.ptr = ptr, .len = len};
}

/* Without its final NUL; NULL: empty. The length of a literal is known to the compiler.
 */
static inline struct bytes bytes_of_text(const char *text)
{
    return bytes_of(text, text ? strlen(text) : 0);
}

static inline struct bytes bytes_from(struct bytes b, size_t start)
{
    if (start > b.len) start = b.len;
    return bytes_of(b.len == 0 ? b.ptr : b.ptr + start, b.len - start);
}

static inline struct bytes bytes_first(struct bytes b, size_t len)
{
    return bytes_of(b.ptr, len < b.len ? len : b.len);
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool bytes_are(struct bytes a, const char *text) /* exactly this text */
{
    return bytes_equal(a, bytes_of_text(text));
}

static inline bool bytes_start_with(struct bytes a, const char *text)
{
    struct bytes start = bytes_of_text(text);
    return a.len >= start.len && bytes_equal(bytes_first(a, start.len), start);
}

bool bytes_equal_caseless(struct bytes a, struct bytes b); /* ASCII case apart */
static inline bool bytes_are_caseless(struct bytes a, const char *text)
{
    struct bytes b = bytes_of_text(text);
    return a.len == b.len && bytes_equal_caseless(a, b);
}
bool bytes_contain_caseless(struct bytes a, const char *text);

/* Writes `in` as printable ASCII into `out` (always NUL-ended): a byte outside
 * 0x20..0x7e becomes \r \n \t \0 or \xHH, a backslash becomes \\. Stops before an
 * escape that does not fit whole. Returns the length written. */
size_t bytes_escape(struct bytes in, char *out, size_t size);

#endif
