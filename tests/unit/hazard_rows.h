/* The records of one run, as text by column, to be set beside what a case expects. */
#ifndef HAZARD_ROWS_H
#define HAZARD_ROWS_H

#include "hopscope/engine.h"
#include "hopscope/record.h"

struct hazard_row {
    enum record_kind kind;
    size_t *value_start; /* by field, in the rows' text */
};

struct hazard_rows {
    struct hazard_row *at;
    size_t count, capacity;
    struct buffer text;
    char *value; /* of one field */
    struct pipeline_counters counters;
};

void hazard_rows_init(struct hazard_rows *r);
void hazard_rows_clear(struct hazard_rows *r);
void hazard_rows_done(struct hazard_rows *r);
struct record_sink hazard_rows_sink(struct hazard_rows *r);

size_t hazard_rows_count(const struct hazard_rows *r, enum record_kind kind);
/* The value as the views show it, "" for NULL; `index` counts the rows of that kind.
 * The test fails where there is no such row or column. */
const char *hazard_rows_value(const struct hazard_rows *r, enum record_kind kind,
                              size_t index, const char *column);
int64_t hazard_rows_number(const struct hazard_rows *r, enum record_kind kind,
                           size_t index, const char *column);
/* "exchanges=2 client_bytes=40 close_kind=": fails the test where a column differs. */
void hazard_rows_expect(const struct hazard_rows *r, enum record_kind kind,
                        size_t index, const char *columns);
/* How many findings of that code there are. */
size_t hazard_rows_findings(const struct hazard_rows *r, const char *code);
/* Findings of severity attack, whatever they are. */
size_t hazard_rows_attacks(const struct hazard_rows *r);

/* Every row of the kinds given (bits by enum record_kind), one line each, all columns
 * but those whose names stand in `without`, between blanks. */
void hazard_rows_print(const struct hazard_rows *r, unsigned kinds, const char *without,
                       struct buffer *out);
/* One line `a b c` per row of the kind: the values of these columns, "-" for NULL. */
void hazard_rows_project(const struct hazard_rows *r, enum record_kind kind,
                         const char *columns, struct buffer *out);
/* The same against what is expected, which fails the test where they differ. */
void hazard_rows_expect_lines(const struct hazard_rows *r, enum record_kind kind,
                              const char *columns, const char *lines);

#endif
