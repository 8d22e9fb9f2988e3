/* account: the records of one run as text, by connection, and what of it is not as a
 * script expects. */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "script.h"

#include "hopscope/record.h"

struct account_row {
    enum record_kind kind;
    uint64_t connection_id;
    size_t connection;   /* from 0, in the order of their first packets */
    size_t order;        /* in which they came */
    size_t *value_start; /* by column, into the account's text */
};

struct account {
    struct account_row *rows;
    size_t row_count, row_capacity;
    struct buffer text; /* values, each NUL-ended */
    size_t connection_count;
    char *value; /* room to format one */
};

void account_init(struct account *a);
void account_done(struct account *a);
void account_clear(struct account *a); /* for the next run; keeps the memory */
/* What the pipeline writes to. */
struct record_sink account_sink(struct account *a);
/* Once all records have come: numbers connections, sorts rows. */
void account_sort(struct account *a);
/* The row's value as the views show it; "": NULL; NULL: no such column. */
const char *account_value(const struct account *a, const struct account_row *row,
                          const char *column);
/* All rows, readable; figures that are NULL or 0 are left out. */
void account_print(const struct account *a, struct buffer *out);

#endif
