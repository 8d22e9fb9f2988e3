/* Three digits that matter and a unit. */
#include "ui/figure.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

struct unit {
    int64_t size;
    const char *name;
};

/* Largest first. The value keeps one digit behind the point below 100. */
static void scale(int64_t value, const struct unit *units, size_t count,
                  char out[FIGURE_MAX])
{
    for (size_t i = 0; i < count; i++) {
        const struct unit *u = &units[i];
        if (value < u->size || u->size == 1) continue;
        bool is_whole = value / u->size >= 100;
        double scaled = (double)value / (double)u->size;
        snprintf(out, FIGURE_MAX, is_whole ? "%.0f%s" : "%.1f%s", scaled, u->name);
        return;
    }
    snprintf(out, FIGURE_MAX, "%" PRId64, value);
}

void figure_duration(int64_t us, char out[FIGURE_MAX])
{
    int64_t s = us / 1000000;
    if (us == RECORD_UNKNOWN || us < 0)
        snprintf(out, FIGURE_MAX, "-");
    else if (us < 1000)
        snprintf(out, FIGURE_MAX, "%d µs", (int)us);
    else if (us < 100000)
        snprintf(out, FIGURE_MAX, "%d.%d ms", (int)(us / 1000), (int)(us / 100 % 10));
    else if (us < 1000000)
        snprintf(out, FIGURE_MAX, "%d ms", (int)(us / 1000));
    else if (s < 60)
        snprintf(out, FIGURE_MAX, "%d.%d s", (int)s, (int)(us / 100000 % 10));
    else if (s < 3600)
        snprintf(out, FIGURE_MAX, "%dm%02ds", (int)(s / 60), (int)(s % 60));
    else if (s < 100LL * 3600)
        snprintf(out, FIGURE_MAX, "%dh%02dm", (int)(s / 3600), (int)(s / 60 % 60));
    else
        snprintf(out, FIGURE_MAX, "%" PRId64 "d", s / 86400);
}

void figure_count(int64_t count, char out[FIGURE_MAX])
{
    static const struct unit units[] = {
        {1000000000, "G"}, {1000000, "M"}, {10000, "k"}, {1, ""}};
    if (count == RECORD_UNKNOWN)
        snprintf(out, FIGURE_MAX, "-");
    else if (count >= 10000 && count < 1000000) /* 12.3k, and 1234 as it is */
        snprintf(out, FIGURE_MAX, count >= 100000 ? "%.0fk" : "%.1fk",
                 (double)count / 1000);
    else
        scale(count, units, ARRAY_LENGTH(units), out);
}

void figure_bytes(int64_t bytes, char out[FIGURE_MAX])
{
    static const struct unit units[] = {{(int64_t)1 << 40, "T"},
                                        {(int64_t)1 << 30, "G"},
                                        {1 << 20, "M"},
                                        {1 << 10, "K"},
                                        {1, ""}};
    if (bytes == RECORD_UNKNOWN)
        snprintf(out, FIGURE_MAX, "-");
    else
        scale(bytes, units, ARRAY_LENGTH(units), out);
}

static bool local_time(int64_t us, struct tm *out)
{
    time_t seconds = (time_t)(us / 1000000);
    return us != RECORD_UNKNOWN && us >= 0 && localtime_r(&seconds, out) != NULL;
}

void figure_clock(int64_t us, char out[FIGURE_MAX])
{
    struct tm at;
    out[0] = '\0';
    if (!local_time(us, &at)) return;
    snprintf(out, FIGURE_MAX, "%02d:%02d:%02d.%03d", at.tm_hour % 100, at.tm_min % 100,
             at.tm_sec % 100, (int)(us / 1000 % 1000));
}

void figure_date(int64_t us, char out[FIGURE_MAX + 16])
{
    struct tm at;
    out[0] = '\0';
    if (!local_time(us, &at)) return;
    char day[FIGURE_MAX];
    strftime(day, sizeof day, "%Y-%m-%d %H:%M:%S", &at);
    snprintf(out, FIGURE_MAX + 16, "%s.%06d", day, (int)(us % 1000000));
}
