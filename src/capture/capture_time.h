/* Capture times: nanoseconds since the Unix epoch, within the range that
 * hopscope/capture.h promises. */
#ifndef CAPTURE_CAPTURE_TIME_H
#define CAPTURE_CAPTURE_TIME_H

#include "hopscope/capture.h"

enum { CAPTURE_TIME_SECOND_NS = 1000000000 };

/* The time `fraction_ns` after `seconds`, or CAPTURE_NUMBER_UNKNOWN beyond the range.
 */
static inline int64_t capture_time_of(uint64_t seconds, uint64_t fraction_ns)
{
    const uint64_t second_ns = CAPTURE_TIME_SECOND_NS;
    /* Two seconds of room, as the fraction may be one and more. */
    if (seconds >= (uint64_t)CAPTURE_TIME_NS_MAX / second_ns - 2)
        return CAPTURE_NUMBER_UNKNOWN;
    return (int64_t)(seconds * second_ns + fraction_ns);
}

/* The fraction of a second to believe in; `*odd_times` is counted up when that is not
 * the one found. One of 1 s to 2 s was rounded up and stays, to be carried; a larger
 * one says nothing but that the second is this one, and becomes its end. */
uint64_t capture_time_fraction(uint64_t fraction_ns, uint64_t *odd_times);

/* Moves a time by whole seconds of either sign. CAPTURE_NUMBER_UNKNOWN: out of the
 * range, or `time_ns` is that already. */
int64_t capture_time_shift(int64_t time_ns, int64_t seconds);

#endif
