/* Kept rows as an HTML table. */
#ifndef EXPORT_REPORT_TABLE_H
#define EXPORT_REPORT_TABLE_H

#include "export/report_kept.h"

struct report_table {
    struct bytes caption;
    const char *chart; /* how chart.js draws it; NULL: not at all, and then columns
                          without a value are left out */
};

/* An address and its port become one column, a connection's id leads to its line. */
void report_table_write(const struct report_table *t, const struct report_kept *k,
                        struct buffer *out);

#endif
