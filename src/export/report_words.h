/* Words, each kept once and numbered in the order in which they came. */
#ifndef EXPORT_REPORT_WORDS_H
#define EXPORT_REPORT_WORDS_H

#include "hopscope/base.h"

struct report_words {
    struct hash_key key;
    struct buffer text; /* of all words, one behind the other */
    size_t *ends;       /* of each word in `text` */
    size_t count, ends_max;
    uint32_t *slots; /* number of a word plus one; 0: free */
    size_t slot_count;
};

void report_words_init(struct report_words *w);
void report_words_done(struct report_words *w);
size_t report_words_number(struct report_words *w, struct bytes word);
struct bytes report_words_get(const struct report_words *w, size_t number);

#endif
