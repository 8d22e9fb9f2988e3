/* A bounded memory of which text has which number. It may forget: the text is then
 * written once more under another number, and every row stays right. */
#ifndef STORE_INTERN_H
#define STORE_INTERN_H

#include "hopscope/base.h"
#include "hopscope/text_ends.h"

enum {
    INTERN_COUNT_MAX = 16384,            /* texts remembered */
    INTERN_BYTES_MAX = 4 << 20,          /* of them in all */
    INTERN_TEXT_BYTES_MAX = 2048,        /* a longer one is not remembered */
    INTERN_SLOTS = 2 * INTERN_COUNT_MAX, /* a power of two */
    INTERN_RECENT_BITS = 10,
};

struct intern_entry {
    struct text_ends ends;
    uint64_t hash;
    int64_t id;
    uint32_t start, length; /* in `texts` */
};

/* For the functions here alone. */
struct intern {
    struct hash_key key;
    struct buffer texts;
    uint32_t count, kept; /* the first ones stay */
    struct intern_entry entries[INTERN_COUNT_MAX];
    uint32_t slots[INTERN_SLOTS]; /* index of an entry + 1; 0: free */
    const struct intern_entry *recent[1 << INTERN_RECENT_BITS]; /* NULL: none */
};

struct intern *intern_new(void);
void intern_free(struct intern *n); /* NULL is allowed */
/* What intern_find does where the text is not among the recent ones. */
int64_t intern_search(struct intern *n, struct bytes text);
/* Remembers `text` under `id` (> 0); forgets first when it is full. */
void intern_add(struct intern *n, struct bytes text, int64_t id);
/* The first `count` of those it remembers are never forgotten. */
void intern_keep(struct intern *n, uint32_t count);
void intern_forget(struct intern *n); /* all others */

/* The entry of a text that has been asked for lately; NULL: perhaps it has one yet. */
static inline const struct intern_entry *intern_find_recent(const struct intern *n,
                                                            struct bytes text)
{
    struct text_ends ends = text_ends_of(text);
    const struct intern_entry *e =
        n->recent[text_ends_slot(ends, text.len, INTERN_RECENT_BITS)];
    if (e == NULL || e->length != text.len) return NULL;
    return text_ends_match(ends, text, e->ends, n->texts.ptr + e->start) ? e : NULL;
}

/* The number of the text; 0: not remembered. */
static inline int64_t intern_find(struct intern *n, struct bytes text)
{
    const struct intern_entry *e = intern_find_recent(n, text);
    return e != NULL ? e->id : intern_search(n, text);
}

#endif
