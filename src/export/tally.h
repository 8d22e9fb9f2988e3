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
    size_t last; /* the row that was counted last: mostly it is that one again */
    uint64_t others;
};

/* Whether it is the row of a name that stands there as it was sent. */
static inline bool tally_is_plain(const struct tally_row *row, struct bytes name,
                                  struct text_ends ends)
{
    return row->plain_length == name.len && name.len > 0 &&
           text_ends_match(ends, name, row->ends, (const uint8_t *)row->name);
}

/* Of a name that is not the last one's. */
struct tally_row *tally_add_other(struct tally *t, struct bytes name);

/* Counts one; returns its row, to add bytes to, or NULL when it fell to the others. */
static inline struct tally_row *tally_add(struct tally *t, struct bytes name)
{
    struct tally_row *row = &t->rows[t->last];
    if (!tally_is_plain(row, name, text_ends_of(name))) return tally_add_other(t, name);
    row->count++;
    return row;
}

/* The rows by falling count, then by name: `out` has room for TALLY_ROWS_MAX. */
void tally_sort(const struct tally *t, const struct tally_row *out[TALLY_ROWS_MAX]);

#endif
