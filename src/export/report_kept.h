/* The first rows of a source, copied: a table needs to know its columns before it is
 * written. The others are counted. */
#ifndef EXPORT_REPORT_KEPT_H
#define EXPORT_REPORT_KEPT_H

#include "hopscope/rows.h"

struct report_kept {
    char **names;
    bool *has_values; /* of each column, in any row */
    size_t column_count, row_count;
    uint64_t total; /* rows of the source */
    struct cell *cells;
    struct buffer text; /* what the cells' texts borrow from */
};

/* Takes all rows and keeps `rows_max` of them. To be ended with report_kept_done in any
 * case. */
enum status report_kept_take(struct report_kept *k, const struct rows *rows,
                             size_t rows_max, struct problem *why);
void report_kept_done(struct report_kept *k);
/* NULL: no such column, or row. */
const struct cell *report_kept_cell(const struct report_kept *k, size_t row,
                                    const char *name);

#endif
