/* Two looks: a small cache found by a text's ends, which the same host and user agent
 * hit again and again; behind it a table with a keyed hash, because the network chooses
 * the texts and must not choose the collisions.
 *
 *   text --its ends--> recent[] --equal?--> id
 *          '--keyed hash--> slots[] --probe--> entries[] --> id */
#include "store/intern.h"

#include <string.h>

struct intern *intern_new(void)
{
    struct intern *n = mem_alloc(sizeof *n);
    n->key = hash_key_random();
    buffer_append_text(&n->texts, " "); /* an empty text has an address, too */
    buffer_clear(&n->texts);
    return n;
}

void intern_free(struct intern *n)
{
    if (n == NULL) return;
    buffer_done(&n->texts);
    mem_free(n);
}

/* The slot that holds the text's entry, or the free one where it belongs. */
static uint32_t *slot_of(struct intern *n, struct text_ends ends, struct bytes text,
                         uint64_t hash)
{
    for (uint64_t at = hash;; at++) {
        uint32_t *slot = &n->slots[at % INTERN_SLOTS];
        if (*slot == 0) return slot;
        const struct intern_entry *e = &n->entries[*slot - 1];
        if (e->hash == hash && e->length == text.len &&
            text_ends_match(ends, text, e->ends, n->texts.ptr + e->start))
            return slot;
    }
}

void intern_keep(struct intern *n, uint32_t count)
{
    n->kept = count < n->count ? count : n->count;
}

void intern_forget(struct intern *n)
{
    n->count = n->kept;
    n->texts.len = 0;
    memset(n->slots, 0, sizeof n->slots);
    memset(n->recent, 0, sizeof n->recent);
    for (uint32_t i = 0; i < n->kept; i++) {
        const struct intern_entry *e = &n->entries[i];
        struct bytes text = bytes_of(n->texts.ptr + e->start, e->length);
        *slot_of(n, e->ends, text, e->hash) = i + 1;
        n->texts.len = e->start + e->length;
    }
}

static const struct intern_entry **recent_of(struct intern *n, struct text_ends ends,
                                             size_t length)
{
    return &n->recent[text_ends_slot(ends, length, INTERN_RECENT_BITS)];
}

int64_t intern_search(struct intern *n, struct bytes text)
{
    struct text_ends ends = text_ends_of(text);
    if (text.len > INTERN_TEXT_BYTES_MAX) return 0;
    uint32_t slot = *slot_of(n, ends, text, hash_keyed(n->key, text));
    if (slot == 0) return 0;
    const struct intern_entry *e = &n->entries[slot - 1];
    *recent_of(n, ends, text.len) = e;
    return e->id;
}

void intern_add(struct intern *n, struct bytes text, int64_t id)
{
    if (text.len > INTERN_TEXT_BYTES_MAX) return;
    if (n->count == INTERN_COUNT_MAX || n->texts.len + text.len > INTERN_BYTES_MAX)
        intern_forget(n);
    struct text_ends ends = text_ends_of(text);
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
    *recent_of(n, ends, text.len) = &n->entries[*slot - 1];
}
