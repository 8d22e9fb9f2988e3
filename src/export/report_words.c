/* An open hash table over words that stand one behind the other. The words come from
 * the network, so the hash is keyed. */
#include "export/report_words.h"

enum { WORDS_SLOTS_FIRST = 256 }; /* a power of two, as every later size */

void report_words_init(struct report_words *w)
{
    *w = (struct report_words){.key = hash_key_random(),
                               .slot_count = WORDS_SLOTS_FIRST};
    w->slots = mem_alloc_array(w->slot_count, sizeof *w->slots);
}

void report_words_done(struct report_words *w)
{
    buffer_done(&w->text);
    mem_free(w->ends);
    mem_free(w->slots);
    *w = (struct report_words){.count = 0};
}

struct bytes report_words_get(const struct report_words *w, size_t number)
{
    size_t start = number == 0 ? 0 : w->ends[number - 1];
    return bytes_of(w->text.ptr + start, w->ends[number] - start);
}

/* The slot of the word, or the free one that it would take. */
static size_t words_slot(const struct report_words *w, struct bytes word)
{
    size_t mask = w->slot_count - 1;
    size_t at = (size_t)hash_keyed(w->key, word) & mask;
    while (w->slots[at] != 0 &&
           !bytes_equal(report_words_get(w, w->slots[at] - 1), word))
        at = (at + 1) & mask;
    return at;
}

static void words_grow(struct report_words *w)
{
    mem_free(w->slots);
    w->slot_count *= 2;
    w->slots = mem_alloc_array(w->slot_count, sizeof *w->slots);
    for (size_t i = 0; i < w->count; i++)
        w->slots[words_slot(w, report_words_get(w, i))] = (uint32_t)i + 1;
}

size_t report_words_number(struct report_words *w, struct bytes word)
{
    size_t slot = words_slot(w, word);
    if (w->slots[slot] != 0) return w->slots[slot] - 1;
    if (w->count == w->ends_max) {
        w->ends_max = w->ends_max == 0 ? WORDS_SLOTS_FIRST : 2 * w->ends_max;
        w->ends = mem_resize(w->ends, w->ends_max * sizeof *w->ends);
    }
    buffer_append(&w->text, word);
    w->ends[w->count++] = w->text.len;
    w->slots[slot] = (uint32_t)w->count;
    if (2 * w->count > w->slot_count) words_grow(w);
    return w->count - 1;
}
