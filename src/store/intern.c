/* Two looks: a small cache found by a few cheap bytes, which the same host and user
 * agent hit again and again; behind it a table with a keyed hash, because the network
 * chooses the texts and must not choose the collisions.
 *
 *   text --cheap hash--> recent[] --equal?--> id
 *          '--keyed hash--> slots[] --probe--> entries[] --> id */
#include "store/intern.h"

#include <string.h>

enum {
    INTERN_SLOTS = 2 * INTERN_COUNT_MAX, /* powers of two */
    INTERN_RECENT = 1024,
};

struct intern_entry {
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

static void forget_all(struct intern *n)
{
    buffer_clear(&n->texts);
    n->count = 0;
    memset(n->slots, 0, sizeof n->slots);
    memset(n->recent, 0, sizeof n->recent);
}

/* Length, beginning and end tell most texts apart; what they do not, the comparison
 * does. */
static uint32_t *recent_of(struct intern *n, struct bytes text)
{
    uint64_t first = 0, last = 0;
    size_t part = text.len < sizeof first ? text.len : sizeof first;
    if (part > 0) {
        memcpy(&first, text.ptr, part);
        memcpy(&last, text.ptr + text.len - part, part);
    }
    uint64_t mixed =
        (first ^ (last << 17 | last >> 47) ^ text.len * 0x9e3779b97f4a7c15u) *
        0xff51afd7ed558ccdu;
    return &n->recent[mixed >> 54];
}

static bool entry_is(const struct intern *n, const struct intern_entry *e,
                     struct bytes text)
{
    return e->length == text.len &&
           (text.len == 0 || memcmp(n->texts.ptr + e->start, text.ptr, text.len) == 0);
}

/* The slot that holds the text's entry, or the free one where it belongs. */
static uint32_t *slot_of(struct intern *n, struct bytes text, uint64_t hash)
{
    for (uint64_t at = hash;; at++) {
        uint32_t *slot = &n->slots[at % INTERN_SLOTS];
        if (*slot == 0) return slot;
        const struct intern_entry *e = &n->entries[*slot - 1];
        if (e->hash == hash && entry_is(n, e, text)) return slot;
    }
}

int64_t intern_find(struct intern *n, struct bytes text)
{
    uint32_t *recent = recent_of(n, text);
    if (*recent != 0 && entry_is(n, &n->entries[*recent - 1], text))
        return n->entries[*recent - 1].id;
    if (text.len > INTERN_TEXT_BYTES_MAX) return 0;
    uint32_t slot = *slot_of(n, text, hash_keyed(n->key, text));
    if (slot == 0) return 0;
    *recent = slot;
    return n->entries[slot - 1].id;
}

void intern_add(struct intern *n, struct bytes text, int64_t id)
{
    if (text.len > INTERN_TEXT_BYTES_MAX) return;
    if (n->count == INTERN_COUNT_MAX || n->texts.len + text.len > INTERN_BYTES_MAX)
        forget_all(n);
    uint64_t hash = hash_keyed(n->key, text);
    uint32_t *slot = slot_of(n, text, hash);
    if (*slot == 0) *slot = ++n->count;
    n->entries[*slot - 1] = (struct intern_entry){
        .hash = hash,
        .id = id,
        .start = (uint32_t)n->texts.len,
        .length = (uint32_t)text.len,
    };
    buffer_append(&n->texts, text);
    *recent_of(n, text) = *slot;
}
