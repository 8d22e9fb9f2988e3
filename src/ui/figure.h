/* Numbers as a person reads them in a narrow column. Unknown ones are "-". */
#ifndef UI_FIGURE_H
#define UI_FIGURE_H

#include "hopscope/record.h"

enum { FIGURE_MAX = 24 };

void figure_duration(int64_t us, char out[FIGURE_MAX]); /* "12.3 ms", "4m05s" */
void figure_count(int64_t count, char out[FIGURE_MAX]); /* "1234", "56.7k", "1.2M" */
void figure_bytes(int64_t bytes, char out[FIGURE_MAX]); /* powers of 1024: "3.4K" */
/* Time of day in the local time zone, to the ms; "" when unknown. */
void figure_clock(int64_t us, char out[FIGURE_MAX]);
void figure_date(int64_t us, char out[FIGURE_MAX + 16]); /* with the date and µs */

#endif
