#include "hopscope/engine.h"

#include <stdio.h>
#include <string.h>

enum { PROGRESS_BAR = 20 };

void progress_init(struct progress *p, int64_t now_ns)
{
    *p = (struct progress){.started_ns = now_ns};
}

bool progress_is_due(struct progress *p, int64_t now_ns)
{
    int64_t since_ns = p->shown_ns == 0 ? p->started_ns : p->shown_ns;
    if (now_ns - since_ns < PROGRESS_INTERVAL_MS * (int64_t)1000000) return false;
    p->shown_ns = now_ns;
    return true;
}

/* "0:07", "12:34", "3:02:01" */
static void progress_clock(double seconds, char out[24])
{
    unsigned long long s = seconds < 1e9 ? (unsigned long long)(seconds + 0.5) : 0;
    if (s < 3600)
        snprintf(out, 24, "%llu:%02llu", s / 60, s % 60);
    else
        snprintf(out, 24, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
}

/* Three digits at least, in the unit that gives four at most. */
static void progress_amount(double value, char out[24])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    size_t unit = 0;
    while (value >= 9999.5 && unit + 1 < ARRAY_LENGTH(units)) {
        value /= 1000;
        unit++;
    }
    snprintf(out, 24, "%.0f %s", value, units[unit]);
}

size_t progress_format(const struct progress *p, const struct engine_progress *at,
                       int64_t now_ns, char out[PROGRESS_LINE_MAX])
{
    double seconds = (double)(now_ns - p->started_ns) / 1e9;
    double rate = seconds > 0 ? (double)at->done_bytes / seconds : 0;
    char amount[24], per_second[24], clock[24], bar[PROGRESS_BAR + 1];
    progress_amount((double)at->done_bytes, amount);
    progress_amount(rate, per_second);
    int length;
    if (at->total_bytes == 0) {
        progress_clock(seconds, clock);
        length = snprintf(out, PROGRESS_LINE_MAX, "%llu packets  %s  %s/s  %s",
                          (unsigned long long)at->packets, amount, per_second, clock);
    } else {
        double share = (double)at->done_bytes / (double)at->total_bytes;
        if (share > 1) share = 1; /* the file has grown meanwhile */
        size_t filled = (size_t)(share * PROGRESS_BAR);
        memset(bar, '#', filled);
        memset(bar + filled, '.', PROGRESS_BAR - filled);
        bar[PROGRESS_BAR] = '\0';
        double left = (double)at->total_bytes * (1 - share);
        progress_clock(rate > 0 ? left / rate : 0, clock);
        length =
            snprintf(out, PROGRESS_LINE_MAX, "%3d %% [%s]  %llu packets  %s/s  %s left",
                     (int)(share * 100), bar, (unsigned long long)at->packets,
                     per_second, rate > 0 ? clock : "?");
    }
    return length < 0 ? 0 : (size_t)length;
}
