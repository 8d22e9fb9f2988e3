/* Rows as columns of JSON, for a page that draws many of them.
 *
 *   {"rows":3,"is_cut":false,
 *    "columns":{"host":{"words":["a","b"],"of":[0,1,null]},"status":[200,200,404]}} */
#ifndef EXPORT_REPORT_COLUMNS_H
#define EXPORT_REPORT_COLUMNS_H

#include "hopscope/rows.h"

/* Appends at most `rows_max` rows; the columns that `texts` lists (comma-separated) get
 * their words once. `*row_count` counts what was written. */
enum status report_columns_write(const struct rows *rows, struct bytes texts,
                                 size_t rows_max, struct buffer *out,
                                 uint64_t *row_count, struct problem *why);

#endif
