/* Parts in which something goes on get their share of the width by their length; idle
 * stretches longer than what fits beside them get a little each.
 *
 *   busy ====      ===                 =====        to scale
 *   busy ==========  ========  ==============       folded                         */
#include "ui/time_axis.h"

#define FOLDED_SHARE 0.25 /* of the width, for all idle stretches together, at most */

void time_axis_add(struct time_axis *t, int64_t start_us, int64_t end_us)
{
    struct time_part *last = t->count == 0 ? NULL : &t->parts[t->count - 1];
    if (end_us < start_us) end_us = start_us;
    if (last != NULL && (start_us <= last->end_us || t->count == TIME_AXIS_PARTS_MAX)) {
        if (end_us > last->end_us) last->end_us = end_us;
        return;
    }
    t->parts[t->count++] = (struct time_part){.start_us = start_us, .end_us = end_us};
}

/* A moment has a length, too, or it would have no place. */
static double length_of(const struct time_part *p)
{
    return (double)(p->end_us - p->start_us) + 1;
}

void time_axis_finish(struct time_axis *t, bool is_to_scale)
{
    double busy = 0, total = 0;
    for (size_t i = 0; i < t->count; i++) busy += length_of(&t->parts[i]);
    double most = t->count < 2 ? 0 : busy * FOLDED_SHARE / (double)(t->count - 1);
    for (size_t i = 0; i < t->count; i++) {
        struct time_part *p = &t->parts[i];
        p->from = total;
        total += length_of(p);
        p->to = total;
        if (i + 1 == t->count) break;
        double idle = (double)(p[1].start_us - p->end_us);
        total += is_to_scale || idle < most ? idle : most;
    }
    for (size_t i = 0; i < t->count && total > 0; i++) {
        t->parts[i].from /= total;
        t->parts[i].to /= total;
    }
}

static int column_of(double place, int width)
{
    int column = (int)(place * width);
    return column >= width ? width - 1 : column < 0 ? 0 : column;
}

static double between(double from, double to, int64_t at, int64_t start, int64_t end)
{
    double share = end > start ? (double)(at - start) / (double)(end - start) : 0;
    return from + (to - from) * share;
}

int time_axis_column(const struct time_axis *t, int64_t us, int width)
{
    if (t->count == 0 || us <= t->parts[0].start_us) return 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct time_part *p = &t->parts[i];
        if (us <= p->end_us)
            return column_of(between(p->from, p->to, us, p->start_us, p->end_us),
                             width);
        if (i + 1 < t->count && us < p[1].start_us)
            return column_of(between(p->to, p[1].from, us, p->end_us, p[1].start_us),
                             width);
    }
    return width - 1;
}

bool time_axis_fold(const struct time_axis *t, size_t i, int width, int *column)
{
    if (i + 1 >= t->count) return false;
    const struct time_part *p = &t->parts[i];
    double idle = (double)(p[1].start_us - p->end_us);
    double scale = (p->to - p->from) / length_of(p);
    if (idle * scale <= (p[1].from - p->to) * 1.01) return false;
    *column = column_of((p->to + p[1].from) / 2, width);
    return true;
}
