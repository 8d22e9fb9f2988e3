/* One value for a person. What programs read is cell_text's. */
#ifndef CLI_TABLE_CELL_H
#define CLI_TABLE_CELL_H

#include "hopscope/rows.h"

/* Printable ASCII only, so that no text of a database can steer the terminal; NULL is
 * empty; a REAL in a column named time is UTC (ISO 8601). */
void table_cell_write_plain(const char *column, const struct cell *cell,
                            struct buffer *out);

#endif
