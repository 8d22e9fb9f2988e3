/* Figures as a person reads them. Rounding never reaches the next unit: 999.6 ms is
 * "1.00 s", so a unit is chosen by the rounded value. */
#include "export/units.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct unit {
    double size;
    const char *name;
};

/* Three digits of value / unit: "1.23", "12.3", "123". */
static void units_print(double value, const char *name, char out[UNITS_TEXT_MAX])
{
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    snprintf(out, UNITS_TEXT_MAX, "%.*f %s", decimals, value, name);
}

/* The largest unit that leaves at least one before the point; `units` from large to
 * small. */
static void units_scale(double value, const struct unit *units, size_t count,
                        char out[UNITS_TEXT_MAX])
{
    size_t i = 0;
    while (i + 1 < count && value < units[i].size * 0.9995) i++;
    units_print(value / units[i].size, units[i].name, out);
}

static void units_format_long(int64_t seconds, char out[UNITS_TEXT_MAX])
{
    long long s = seconds;
    if (s < 3600)
        snprintf(out, UNITS_TEXT_MAX, "%lldm %02llds", s / 60, s % 60);
    else if (s < 86400)
        snprintf(out, UNITS_TEXT_MAX, "%lldh %02lldm", s / 3600, s / 60 % 60);
    else if (s < 100LL * 86400)
        snprintf(out, UNITS_TEXT_MAX, "%lldd %02lldh", s / 86400, s / 3600 % 24);
    else
        snprintf(out, UNITS_TEXT_MAX, "%lldd", s / 86400);
}

void units_format_duration(int64_t us, char out[UNITS_TEXT_MAX])
{
    static const struct unit units[] = {{1e6, "s"}, {1e3, "ms"}, {1, "µs"}};
    if (us == INT64_MIN) {
        strcpy(out, "-");
        return;
    }
    if (us < 0) us = 0;
    if (us >= 59950000)
        units_format_long(us / 1000000 + (us % 1000000 >= 500000), out);
    else if (us < 1000)
        snprintf(out, UNITS_TEXT_MAX, "%lld µs", (long long)us);
    else
        units_scale((double)us, units, ARRAY_LENGTH(units), out);
}

void units_format_bytes(uint64_t bytes, char out[UNITS_TEXT_MAX])
{
    static const struct unit units[] = {
        {1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}};
    if (bytes < 1000)
        snprintf(out, UNITS_TEXT_MAX, "%u B", (unsigned)bytes);
    else
        units_scale((double)bytes, units, ARRAY_LENGTH(units), out);
}

void units_format_share(uint64_t part, uint64_t whole, char out[UNITS_TEXT_MAX])
{
    if (whole == 0) {
        strcpy(out, "-");
        return;
    }
    double share = 100.0 * (double)part / (double)whole;
    if (part == 0 || part == whole)
        snprintf(out, UNITS_TEXT_MAX, "%.0f %%", share);
    else if (share < 0.1)
        strcpy(out, "<0.1 %");
    else if (share > 99.9)
        strcpy(out, ">99.9 %");
    else
        snprintf(out, UNITS_TEXT_MAX, "%.*f %%", share < 9.95 || share > 99 ? 1 : 0,
                 share);
}

void units_format_moment(int64_t us, char out[UNITS_TEXT_MAX])
{
    strcpy(out, "-");
    if (us == INT64_MIN) return;
    time_t seconds = (time_t)(us / 1000000 - (us % 1000000 < 0 ? 1 : 0));
    struct tm utc;
    if (!gmtime_r(&seconds, &utc)) return;
    if (strftime(out, UNITS_TEXT_MAX, "%Y-%m-%d %H:%M:%S", &utc) == 0) strcpy(out, "-");
}
