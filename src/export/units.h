/* Figures as a person reads them: three digits and a unit that fits. */
#ifndef EXPORT_UNITS_H
#define EXPORT_UNITS_H

#include "hopscope/base.h"

enum { UNITS_TEXT_MAX = 48 }; /* room for any text made here */

/* "850 µs", "12.3 ms", "1.23 s", "2m 03s", "5h 12m", "3d 04h"; "-" when it is
 * INT64_MIN: not observed. */
void units_format_duration(int64_t us, char out[UNITS_TEXT_MAX]);
void units_format_bytes(uint64_t bytes, char out[UNITS_TEXT_MAX]); /* 1 kB = 1000 B */
/* Of `whole`: "52 %", "0.3 %"; all and none are said only when they are true; "-" of
 * nothing. */
void units_format_share(uint64_t part, uint64_t whole, char out[UNITS_TEXT_MAX]);
/* A moment in UTC to the second, "2025-11-22 03:41:02"; "-" when not observed. */
void units_format_moment(int64_t us, char out[UNITS_TEXT_MAX]);

#endif
