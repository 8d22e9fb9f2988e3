/* Records for the tests of the screens. */
#ifndef UI_ROWS_H
#define UI_ROWS_H

#include "hopscope/record.h"

enum { UI_ROWS_START_US = 1000000000 };

/* Connection `n` (from 1) from 10.0.0.n:40000+n to 10.1.0.1:80, begun n ms after the
 * start. */
struct record_connection ui_rows_connection(int n, bool is_open);
/* Exchange `ordinal` of connection `n`: GET /n/ordinal of `host`. */
struct record_exchange ui_rows_exchange(int n, int ordinal, int status,
                                        const char *host);
struct record_finding ui_rows_finding(int n, int ordinal, enum finding_code code);

#endif
