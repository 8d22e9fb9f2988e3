/* Rows on standard output: as a table for a person, as CSV or as JSON for a program. */
#ifndef CLI_TABLE_OUTPUT_H
#define CLI_TABLE_OUTPUT_H

#include "cli/options.h"
#include "hopscope/rows.h"

enum table_format {
    TABLE_ALIGNED, /* columns; one figure a line where the terminal is too narrow */
    TABLE_CSV,     /* RFC 4180 with a header; LF */
    TABLE_JSON,    /* an array of objects; integers beyond 2^53 as strings */
};

struct table_output {
    enum table_format format;
    uint64_t limit; /* rows; 0: all */
    unsigned width; /* of the terminal in columns; 0: no terminal */
};

/* As --csv, --json, --limit and standard output want it. */
void table_output_choose(const struct options *options, struct table_output *how);
/* Writes all rows (up to the limit); `*written` counts them. Memory does not grow with
 * the rows. */
enum status table_output_write(const struct table_output *how, const struct rows *rows,
                               uint64_t *written, struct problem *why);

#endif
