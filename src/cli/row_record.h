/* Rows of a view back into records. */
#ifndef CLI_ROW_RECORD_H
#define CLI_ROW_RECORD_H

#include "hopscope/record.h"
#include "hopscope/rows.h"

/* Fills the struct of `kind` (of record_layout(kind)->size bytes) from a row whose
 * columns have the names of the field table; others are passed over. Texts borrow from
 * the cells. */
void row_record_fill(enum record_kind kind, const struct rows *rows,
                     const struct cell *cells, void *record);

#endif
