/* rows: a table that arrives row by row, with typed values and named columns (part of
 * layer record). What answers a query hands these out; tables, CSV, JSON, reports and
 * screens take them, and none of them knows which database is behind. */
#ifndef HOPSCOPE_ROWS_H
#define HOPSCOPE_ROWS_H

#include "hopscope/base.h"

enum cell_kind { CELL_NULL, CELL_INTEGER, CELL_REAL, CELL_TEXT, CELL_BLOB };

struct cell {
    enum cell_kind kind;
    int64_t integer;   /* CELL_INTEGER */
    double real;       /* CELL_REAL; finite or not */
    struct bytes text; /* CELL_TEXT: UTF-8 unless the source is hostile; CELL_BLOB */
};

struct rows {
    void *context;
    const char *const *names; /* column_count of them, valid until rows_close */
    size_t column_count;
    /* Gives the next row: column_count cells, valid until the next call; NULL: there
     * are no more. STATUS_FAILED: `why` says it; nothing more comes. */
    enum status (*next)(void *context, const struct cell **cells, struct problem *why);
    void (*close)(void *context); /* NULL: nothing to release */
};

static inline enum status rows_next(const struct rows *rows, const struct cell **cells,
                                    struct problem *why)
{
    return rows->next(rows->context, cells, why);
}

/* Whoever got the rows releases them; zeroed rows are allowed. */
static inline void rows_close(struct rows *rows)
{
    if (rows->close != NULL) rows->close(rows->context);
    *rows = (struct rows){.context = NULL};
}

#endif
