/* One value as text. */
#ifndef CLI_TABLE_CELL_H
#define CLI_TABLE_CELL_H

#include "hopscope/rows.h"

/* For a person: printable ASCII only, so that no text of a database can steer the
 * terminal; NULL is empty; a REAL in a column named time is UTC (ISO 8601). */
void table_cell_write_plain(const char *column, const struct cell *cell,
                            struct buffer *out);
void table_cell_write_csv(const struct cell *cell, struct buffer *out);
void table_cell_write_json(const struct cell *cell, struct buffer *out);
void table_cell_write_json_text(struct bytes text, struct buffer *out);

#endif
