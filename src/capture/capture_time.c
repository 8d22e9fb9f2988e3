#include "capture/capture_time.h"

uint64_t capture_time_fraction(uint64_t fraction_ns, uint64_t *odd_times)
{
    if (fraction_ns < CAPTURE_TIME_SECOND_NS) return fraction_ns;
    ++*odd_times;
    bool is_carried = fraction_ns < 2 * (uint64_t)CAPTURE_TIME_SECOND_NS;
    return is_carried ? fraction_ns : CAPTURE_TIME_SECOND_NS - 1;
}

int64_t capture_time_shift(int64_t time_ns, int64_t seconds)
{
    if (seconds == 0 || time_ns < 0) return time_ns;
    int64_t shift = 0, moved = 0;
    if (__builtin_mul_overflow(seconds, (int64_t)CAPTURE_TIME_SECOND_NS, &shift) ||
        __builtin_add_overflow(time_ns, shift, &moved))
        return CAPTURE_NUMBER_UNKNOWN;
    bool is_inside = moved >= 0 && moved <= CAPTURE_TIME_NS_MAX;
    return is_inside ? moved : CAPTURE_NUMBER_UNKNOWN;
}
