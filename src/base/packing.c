/* An object is packed line by line, a line being eight words:
 *
 *   line --> mask (bits of the words that are not 0) | word | word | ...
 *   word --> tag | its low bytes, the lowest first, as many as are not 0
 *
 *   tag      high half: what the word was combined with (exclusive or)   low half:
 * bytes 0 nothing, 1 the reference, 2 "unknown" of times, 3 all ones             */
#include "hopscope/packing.h"

#include <endian.h>

enum {
    WORD_BYTES = 8,
    LINE_WORDS = 8,
    LINE_BYTES = LINE_WORDS * WORD_BYTES,
    LINE_PACKED_MAX = 1 + LINE_WORDS * (1 + WORD_BYTES),
};

enum partner { PARTNER_NONE, PARTNER_REFERENCE, PARTNER_UNKNOWN, PARTNER_ONES };

struct partners {
    uint64_t word[4]; /* by enum partner */
};

static struct partners partners_of(uint64_t reference)
{
    return (struct partners){{0, reference, UINT64_C(1) << 63, UINT64_MAX}};
}

static unsigned count_bytes(uint64_t word)
{
    return word == 0 ? 0 : (71u - (unsigned)__builtin_clzll(word)) / 8;
}

static void word_write(uint8_t *at, uint64_t word)
{
    uint64_t lowest_first = htole64(word);
    memcpy(at, &lowest_first, sizeof lowest_first);
}

static uint64_t word_read(const uint8_t *at)
{
    uint64_t lowest_first;
    memcpy(&lowest_first, at, sizeof lowest_first);
    return le64toh(lowest_first);
}

/* Of a word that has all of its bytes. */
static enum partner find_partner(uint64_t word, const struct partners *with)
{
    if (word == with->word[PARTNER_UNKNOWN]) return PARTNER_UNKNOWN;
    if (word == with->word[PARTNER_ONES]) return PARTNER_ONES;
    bool is_near = (word ^ with->word[PARTNER_REFERENCE]) >> 56 == 0;
    return is_near ? PARTNER_REFERENCE : PARTNER_NONE;
}

/* Returns where the next one goes. All eight bytes are written, for speed: what is
 * beyond those that count is overwritten, or is room that was asked for. */
static uint8_t *word_put(uint8_t *at, uint64_t word, const struct partners *with)
{
    enum partner partner = PARTNER_NONE;
    if (word >> 56 != 0) {
        partner = find_partner(word, with);
        word ^= with->word[partner];
    }
    unsigned bytes = count_bytes(word);
    *at++ = (uint8_t)((unsigned)partner << 4 | bytes);
    word_write(at, word);
    return at + bytes;
}

/* clang-format off */
static const uint64_t low_bytes[WORD_BYTES + 1] = {
    0, 0xff, 0xffff, 0xffffff, 0xffffffff,
    0xffffffffff, 0xffffffffffff, 0xffffffffffffff, UINT64_MAX,
};
/* clang-format on */

static const uint8_t *word_take(const uint8_t *at, const struct partners *with,
                                uint64_t *word)
{
    uint8_t tag = *at++;
    *word = (word_read(at) & low_bytes[tag & 15]) ^ with->word[tag >> 4];
    return at + (tag & 15);
}

static uint8_t *line_put(uint8_t *at, const uint8_t *line, const struct partners *with)
{
    uint8_t *mask = at++;
    unsigned there = 0;
    for (unsigned i = 0; i < LINE_WORDS; i++) {
        uint64_t word;
        memcpy(&word, line + (size_t)i * WORD_BYTES, sizeof word);
        if (word == 0) continue;
        there |= 1u << i;
        at = word_put(at, word, with);
    }
    *mask = (uint8_t)there;
    return at;
}

static const uint8_t *line_take(const uint8_t *at, const struct partners *with,
                                uint64_t words[LINE_WORDS])
{
    unsigned there = *at++;
    memset(words, 0, LINE_BYTES);
    for (; there != 0; there &= there - 1)
        at = word_take(at, with, &words[__builtin_ctz(there)]);
    return at;
}

void packing_put(struct packing *p, const void *object, size_t bytes)
{
    const struct partners with = partners_of(p->reference);
    const uint8_t *from = object;
    size_t most = (bytes / LINE_BYTES + 1) * LINE_PACKED_MAX + WORD_BYTES;
    if (most > p->out.capacity - p->out.len) buffer_reserve(&p->out, most);
    uint8_t *at = p->out.ptr + p->out.len;
    for (; bytes >= LINE_BYTES; bytes -= LINE_BYTES, from += LINE_BYTES)
        at = line_put(at, from, &with);
    if (bytes > 0) {
        uint8_t last[LINE_BYTES] = {0};
        memcpy(last, from, bytes);
        at = line_put(at, last, &with);
    }
    p->out.len = (size_t)(at - p->out.ptr);
}

void packing_take(struct unpacking *u, void *object, size_t bytes)
{
    const struct partners with = partners_of(u->reference);
    uint8_t *to = object;
    uint64_t words[LINE_WORDS];
    for (; bytes >= LINE_BYTES; bytes -= LINE_BYTES, to += LINE_BYTES) {
        u->at = line_take(u->at, &with, words);
        memcpy(to, words, LINE_BYTES);
    }
    if (bytes == 0) return;
    u->at = line_take(u->at, &with, words);
    memcpy(to, words, bytes);
}
