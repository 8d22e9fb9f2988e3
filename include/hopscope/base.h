/* base: what every layer stands on. Status and problems, memory that never returns
 * NULL, borrowed bytes and the cursor that reads them, a growing buffer, endpoints,
 * keyed hashing. Knows nothing of packets, TCP or HTTP. */
#ifndef HOPSCOPE_BASE_H
#define HOPSCOPE_BASE_H

#include "hopscope/bytes.h"
#include "hopscope/cursor.h"

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
    STATUS_GONE = 75,   /* damaged so: what was captured on is not there any more */
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
                      size_t size); /* zeroed; overflow ends the program */
/* Not zeroed, at a multiple of `alignment`, which is a power of two. */
void *mem_alloc_aligned(size_t alignment, size_t size);
void *mem_resize(void *block, size_t size); /* new bytes are not zeroed */
char *mem_copy_text(const char *text);
/* Bytes that this process has allocated and not freed, as far as its allocator tells.
 */
size_t mem_in_use(void);
/* Whether mem_in_use can have come to that many bytes, other than bytes that were never
 * written: false while the process has not been as large as that. A system call's cost,
 * where mem_in_use walks the free lists. */
bool mem_may_reach(size_t bytes);
void mem_free_some(void *block); /* not NULL */
/* NULL is allowed, and what most are that a connection's end looks at. */
static inline void mem_free(void *block)
{
    if (block != NULL) mem_free_some(block);
}

/* Asks for memory that will soon be looked at; NULL is allowed. */
static inline void mem_prefetch(const void *part, size_t bytes)
{
    enum { LINE_BYTES = 64 };
    const char *first = part;
    if (part == NULL) return;
    for (size_t at = 0; at < bytes; at += LINE_BYTES) __builtin_prefetch(first + at);
    if (bytes > 1) __builtin_prefetch(first + bytes - 1);
    /* gcc holds a function that only prefetches for one without effect, and leaves out
     * the calls of it that it does not inline. */
    __asm__ volatile("");
}

/* ---- clocks, in nanoseconds ---- */

int64_t clock_monotonic_ns(void); /* for spans: never set */
int64_t clock_epoch_ns(void);     /* since 1970, UTC; may be set meanwhile */
int64_t clock_thread_ns(void);    /* that the calling thread had the processor */

/* ---- output_file: what is written to ---- */

/* open(2) for writing, close-on-exec, but not through a symbolic link to a regular file
 * or to nothing: -1, errno ELOOP. */
int output_file_open(const char *path, int flags);
/* write(2) until all is written; false: errno says why not. */
bool output_file_write(int fd, struct bytes text);
/* What a person is told of that errno, or another. */
const char *output_file_error(int error);

/* ---- buffer: bytes we own; grows up to what the caller lets it ---- */

struct buffer {
    uint8_t *ptr;
    size_t len, capacity;
};

void buffer_done(struct buffer *b);
static inline void buffer_clear(struct buffer *b) /* keeps the memory */
{
    b->len = 0;
}
/* Makes room for `more` bytes beyond what is there; doubles, so appending stays cheap.
 */
void buffer_reserve(struct buffer *b, size_t more);
static inline void buffer_append(struct buffer *b, struct bytes part)
{
    if (part.len == 0) return;
    if (part.len > b->capacity - b->len) buffer_reserve(b, part.len);
    memcpy(b->ptr + b->len, part.ptr, part.len);
    b->len += part.len;
}
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

static inline bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
    uint64_t x[2], y[2];
    memcpy(x, a->address, sizeof x);
    memcpy(y, b->address, sizeof y);
    bool is_same_address = ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
    return is_same_address && a->port == b->port && a->version == b->version;
}
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
/* The same of one block: a message of up to 55 bytes, padded by the caller (section
 * 5.1.1). */
void sha1_padded(const uint8_t block[64], uint8_t digest[20]);
/* Base64 with padding (RFC 4648, section 4); `out` has room for 4 * ((len + 2) / 3)
 * + 1. */
void base64_encode(struct bytes data, char *out);

#endif
