/* From times to columns, with idle stretches folded. */
#ifndef UI_TIME_AXIS_H
#define UI_TIME_AXIS_H

#include "hopscope/base.h"

enum { TIME_AXIS_PARTS_MAX = 128 };

struct time_part {
    int64_t start_us, end_us; /* something went on */
    double from, to;          /* its place, within 0 and 1 */
};

/* Zeroed: empty. */
struct time_axis {
    struct time_part parts[TIME_AXIS_PARTS_MAX];
    size_t count;
};

/* Something goes on from `start_us` to `end_us`; in order of `start_us`. Beyond the
 * cap, what is idle between the last ones is not folded. */
void time_axis_add(struct time_axis *t, int64_t start_us, int64_t end_us);
/* All is added: gives the parts their places. */
void time_axis_finish(struct time_axis *t, bool is_to_scale);
/* Within 0 and `width` - 1; times outside count as the nearest inside. */
int time_axis_column(const struct time_axis *t, int64_t us, int width);
/* The columns of the idle stretch behind part `i`; false: it is drawn to scale. */
bool time_axis_fold(const struct time_axis *t, size_t i, int width, int *column);

#endif
