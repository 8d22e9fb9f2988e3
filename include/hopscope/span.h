/* span: sums of times (part of layer base). Each is within what a capture may tell, but
 * a capture that goes back and forth can make more of them than an integer holds. */
#ifndef HOPSCOPE_SPAN_H
#define HOPSCOPE_SPAN_H

#include <stdint.h>

/* Adds `more`, in any unit, to `*sum`; what would go beyond INT64_MAX stays there.
 * Neither is negative. */
static inline void span_add(int64_t *sum, int64_t more)
{
    if (__builtin_add_overflow(*sum, more, sum)) *sum = INT64_MAX;
}

#endif
