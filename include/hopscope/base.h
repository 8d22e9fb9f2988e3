/* base: what every layer stands on. Status and problems, memory that never returns
 * NULL, borrowed bytes and the cursor that reads them, a growing buffer, endpoints,
 * keyed hashing. Knows nothing of packets, TCP or HTTP. */
#ifndef HOPSCOPE_BASE_H
#define HOPSCOPE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* ---- status: our own failures (I/O, disk, options), never the network's oddities ----
 */

/* The values are the program's exit codes. */
enum status {
    STATUS_OK = 0,
    STATUS_FAILED = 1,  /* could not do it */
    STATUS_USAGE = 2,   /* asked for in a way that has no meaning */
    STATUS_DAMAGED = 3, /* done, but the input was damaged; all before it is kept */
    STATUS_MATCHED = 4, /* done, and a --fail-on question has rows */
};

/* One sentence for a person: what, where, what to do. Empty while nothing went wrong.
 */
struct problem {
    char text[512];
};

/* Writes the sentence into `p` (NULL is allowed) and returns `status`, so that a guard
 * reads `return problem_set(why, STATUS_FAILED, "...")`. Control bytes that came with
 * file names are replaced by '?'. */
enum status problem_set(struct problem *p, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- memory: ends the program in order (a sentence, exit 1) instead of NULL ---- */

void *mem_alloc(size_t size); /* zeroed; release with mem_free */
void *mem_alloc_array(size_t count,
                      size_t size);         /* zeroed; overflow ends the program */
void *mem_resize(void *block, size_t size); /* new bytes are not zeroed */
char *mem_copy_text(const char *text);
/* Bytes that this process has allocated and not freed, as far as its allocator tells.
 */
size_t mem_in_use(void);
/* Whether mem_in_use can have come to that many bytes, other than bytes that were never
 * written: false while the process has not been as large as that. A system call's cost,
 * where mem_in_use walks the free lists. */
bool mem_may_reach(size_t bytes);
void mem_free(void *block); /* NULL is allowed */

/* ---- bytes: a borrowed run of memory ---- */

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

/* ---- cursor: the only way captured bytes are read ---- */

/* A read past the end returns 0 and sets `is_short`, once and for all: fields are read
 * straight down and checked once. */
struct cursor {
    const uint8_t *at, *end;
    bool is_short;
    bool
        is_little; /* byte order of cursor_16 and cursor_32; network order by default */
};

struct cursor cursor_of(struct bytes b);
uint8_t cursor_8(struct cursor *c);
uint16_t cursor_be16(struct cursor *c);
uint32_t cursor_be32(struct cursor *c);
uint16_t cursor_16(struct cursor *c); /* in the cursor's own byte order */
uint32_t cursor_32(struct cursor *c);
uint64_t cursor_64(struct cursor *c);
void cursor_skip(struct cursor *c, size_t len);
struct bytes cursor_take(struct cursor *c, size_t len); /* empty when short */
struct bytes cursor_rest(const struct cursor *c);
static inline size_t cursor_left(const struct cursor *c)
{
    return (size_t)(c->end - c->at);
}

/* ---- buffer: bytes we own; grows up to what the caller lets it ---- */

struct buffer {
    uint8_t *ptr;
    size_t len, capacity;
};

void buffer_done(struct buffer *b);
void buffer_clear(struct buffer *b); /* keeps the memory */
void buffer_append(struct buffer *b, struct bytes part);
void buffer_append_text(struct buffer *b, const char *text);
void buffer_print(struct buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline struct bytes buffer_bytes(const struct buffer *b)
{
    return bytes_of(b->ptr, b->len);
}

/* ---- endpoint: an address and a port ---- */

struct endpoint {
    uint8_t address[16]; /* IPv4 in the first four, the rest zero */
    uint16_t port;
    uint8_t version; /* 4, 6, or 0: none */
};

enum { ADDRESS_TEXT_MAX = 46, ENDPOINT_TEXT_MAX = 56 };

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
int endpoint_compare(const struct endpoint *a, const struct endpoint *b);
/* Canonical text (RFC 5952), without and with port ("[2001:db8::1]:80"). */
void endpoint_format_address(const struct endpoint *e, char out[ADDRESS_TEXT_MAX]);
void endpoint_format(const struct endpoint *e, char out[ENDPOINT_TEXT_MAX]);

/* ---- hashing of what the network chooses ---- */

struct hash_key {
    uint64_t k0, k1;
};

struct hash_key hash_key_random(void);
/* SipHash-1-3: keyed, so that nobody can aim at one bucket. */
uint64_t hash_keyed(struct hash_key key, struct bytes data);

/* SHA-1 (FIPS 180-4) for names that are defined by it (Community ID), never for safety.
 */
void sha1(struct bytes data, uint8_t digest[20]);
/* Base64 with padding (RFC 4648, section 4); `out` has room for 4 * ((len + 2) / 3)
 * + 1. */
void base64_encode(struct bytes data, char *out);

#endif
