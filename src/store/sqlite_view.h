/* The text of the views: what people use. */
#ifndef STORE_SQLITE_VIEW_H
#define STORE_SQLITE_VIEW_H

#include "store/table_plan.h"

/* Appends the CREATE VIEW of that kind: the fields in the order of their table, then
 * `time`, each duration in ms, and what the connection lends. */
void sqlite_view_write(const struct table_plan plans[RECORD_KIND_COUNT],
                       enum record_kind kind, struct buffer *out);

#endif
