/* Counts by name, for names the network chooses: a few are kept, the rest counted as
 * `others`. */
#ifndef EXPORT_TALLY_H
#define EXPORT_TALLY_H

#include "hopscope/base.h"
#include "hopscope/text_ends.h"

enum { TALLY_ROWS_MAX = 24, TALLY_NAME_MAX = 32 };

struct tally_row {
    char name[TALLY_NAME_MAX]; /* escaped, cut */
    size_t plain_length;       /* of a name that needs no escape; 0: it does */
    struct text_ends ends;     /* of such a name */
    uint64_t count;
    uint64_t bytes; /* whatever the owner adds to it */
};

/* All zero is an empty one. */
struct tally {
    struct tally_row rows[TALLY_ROWS_MAX];
    size_t count;
    uint64_t others;
};

/* Counts one; returns its row, to add bytes to, or NULL when it fell to the others. */
struct tally_row *tally_add(struct tally *t, struct bytes name);
/* The rows by falling count, then by name: `out` has room for TALLY_ROWS_MAX. */
void tally_sort(const struct tally *t, const struct tally_row *out[TALLY_ROWS_MAX]);

#endif
