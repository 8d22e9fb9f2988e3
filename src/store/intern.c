/* Two looks: a small cache found by a text's ends, which the same host and user agent
 * hit again and again; behind it a table with a keyed hash, because the network chooses
 * the texts and must not choose the collisions.
 *
 *   text --its ends--> recent[] --equal?--> id
 *          '--keyed hash--> slots[] --probe--> entries[] --> id */
#include "store/intern.h"

#include <string.h>

enum {
    INTERN_SLOTS = 2 * INTERN_COUNT_MAX, /* powers of two */
    INTERN_RECENT_BITS = 10,
    INTERN_RECENT = 1 << INTERN_RECENT_BITS,
    ENDS_BYTES = 2 * sizeof(uint64_t),
};

/* The first and the last eight bytes, which overlap in a shorter text. Up to
 * ENDS_BYTES they and the length are the whole text. */
struct text_ends {
    uint64_t first, last;
};

struct intern_entry {
    struct text_ends ends;
    uint64_t hash;
    int64_t id;
    uint32_t start, length; /* in `texts` */
};

struct intern {
    struct hash_key key;
    struct buffer texts;
    uint32_t count;
    struct intern_entry entries[INTERN_COUNT_MAX];
    uint32_t slots[INTERN_SLOTS];   /* index of an entry + 1; 0: free */
    uint32_t recent[INTERN_RECENT]; /* likewise */
};

struct intern *intern_new(void)
{
    struct intern *n = mem_alloc(sizeof *n);
    n->key = hash_key_random();
    return n;
}

void intern_free(struct intern *n)
{
    if (n == NULL) return;
    buffer_done(&n->texts);
    mem_free(n);
}

void intern_forget_all(struct intern *n)
{
    buffer_clear(&n->texts);
    n->count = 0;
    memset(n->slots, 0, sizeof n->slots);
    memset(n->recent, 0, sizeof n->recent);
}

/* Pieces of a fixed size, because copying a few bytes of any number is a call. */
static struct text_ends ends_of(struct bytes text)
{
    struct text_ends ends = {.first = 0};
    const uint8_t *p = text.ptr;
    uint32_t piece[2];
    if (text.len >= sizeof ends.first) {
        memcpy(&ends.first, p, sizeof ends.first);
        memcpy(&ends.last, p + text.len - sizeof ends.last, sizeof ends.last);
    } else if (text.len >= sizeof piece[0]) {
        memcpy(&piece[0], p, sizeof piece[0]);
        memcpy(&piece[1], p + text.len - sizeof piece[1], sizeof piece[1]);
        ends.first = piece[0];
        ends.last = piece[1];
    } else if (text.len > 0) {
        ends.first = (uint64_t)p[0] | (uint64_t)p[text.len / 2] << 8;
        ends.last = p[text.len - 1];
    }
    return ends;
}

static uint32_t *recent_of(struct intern *n, struct text_ends ends, size_t length)
{
    uint64_t mixed = (ends.first ^ (ends.last << 17 | ends.last >> 47) ^
                      length * 0x9e3779b97f4a7c15u) *
                     0xff51afd7ed558ccdu;
    return &n->recent[mixed >> (64 - INTERN_RECENT_BITS)];
}

static bool entry_is(const struct intern *n, const struct intern_entry *e,
                     struct text_ends ends, struct bytes text)
{
    if (e->length != text.len || e->ends.first != ends.first ||
        e->ends.last != ends.last)
        return false;
    return text.len <= ENDS_BYTES ||
           memcmp(n->texts.ptr + e->start, text.ptr, text.len) == 0;
}

/* The slot that holds the text's entry, or the free one where it belongs. */
static uint32_t *slot_of(struct intern *n, struct text_ends ends, struct bytes text,
                         uint64_t hash)
{
    for (uint64_t at = hash;; at++) {
        uint32_t *slot = &n->slots[at % INTERN_SLOTS];
        if (*slot == 0) return slot;
        const struct intern_entry *e = &n->entries[*slot - 1];
        if (e->hash == hash && entry_is(n, e, ends, text)) return slot;
    }
}

int64_t intern_find(struct intern *n, struct bytes text)
{
    struct text_ends ends = ends_of(text);
    uint32_t *recent = recent_of(n, ends, text.len);
    if (*recent != 0 && entry_is(n, &n->entries[*recent - 1], ends, text))
        return n->entries[*recent - 1].id;
    if (text.len > INTERN_TEXT_BYTES_MAX) return 0;
    uint32_t slot = *slot_of(n, ends, text, hash_keyed(n->key, text));
    if (slot == 0) return 0;
    *recent = slot;
    return n->entries[slot - 1].id;
}

void intern_add(struct intern *n, struct bytes text, int64_t id)
{
    if (text.len > INTERN_TEXT_BYTES_MAX) return;
    if (n->count == INTERN_COUNT_MAX || n->texts.len + text.len > INTERN_BYTES_MAX)
        intern_forget_all(n);
    struct text_ends ends = ends_of(text);
    uint64_t hash = hash_keyed(n->key, text);
    uint32_t *slot = slot_of(n, ends, text, hash);
    if (*slot == 0) *slot = ++n->count;
    n->entries[*slot - 1] = (struct intern_entry){
        .ends = ends,
        .hash = hash,
        .id = id,
        .start = (uint32_t)n->texts.len,
        .length = (uint32_t)text.len,
    };
    buffer_append(&n->texts, text);
    *recent_of(n, ends, text.len) = *slot;
}
