#include "cli/live_amount.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct unit {
    char letter;
    uint64_t factor;
};

/* A number and one of the units, and nothing more. */
static bool read_amount(const char *text, const struct unit *units, size_t count,
                        uint64_t *out)
{
    char *end = NULL;
    if (*text < '0' || *text > '9') return false;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || value == 0 || *end == '\0' || end[1] != '\0') return false;
    for (size_t i = 0; i < count; i++) {
        if (units[i].letter != *end) continue;
        *out = value * units[i].factor;
        return value <= INT64_MAX / units[i].factor;
    }
    return false;
}

bool live_amount_time(const char *text, int64_t *ns)
{
    static const struct unit units[] = {{'s', 1000000000},
                                        {'m', 60 * 1000000000ULL},
                                        {'h', 3600 * 1000000000ULL},
                                        {'d', 86400 * 1000000000ULL}};
    uint64_t amount;
    if (!read_amount(text, units, ARRAY_LENGTH(units), &amount)) return false;
    *ns = (int64_t)amount;
    return true;
}

bool live_amount_size(const char *text, uint64_t *bytes)
{
    static const struct unit units[] = {{'K', 1 << 10}, {'M', 1 << 20}, {'G', 1 << 30}};
    return read_amount(text, units, ARRAY_LENGTH(units), bytes);
}

/* Where the ending begins; the path's length: it has none. */
static int length_without_ending(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash == NULL ? path : slash, '.');
    bool has_ending = dot != NULL && dot != path && dot[-1] != '/';
    return has_ending ? (int)(dot - path) : (int)strlen(path);
}

void live_amount_of_thread(const char *path, size_t thread,
                           char out[LIVE_AMOUNT_PATH_MAX])
{
    int length = length_without_ending(path);
    if (thread == 0)
        snprintf(out, LIVE_AMOUNT_PATH_MAX, "%s", path);
    else
        snprintf(out, LIVE_AMOUNT_PATH_MAX, "%.*s-t%zu%s", length, path, thread + 1,
                 path + length);
}

void live_amount_name(const char *path, int64_t epoch_s, char out[LIVE_AMOUNT_PATH_MAX])
{
    time_t seconds = (time_t)epoch_s;
    struct tm at;
    char stamp[32] = "";
    if (gmtime_r(&seconds, &at) != NULL)
        strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &at);
    int length = length_without_ending(path);
    const char *ending = path + length;
    snprintf(out, LIVE_AMOUNT_PATH_MAX, "%.*s-%s%s", length, path, stamp, ending);
    for (int i = 2; access(out, F_OK) == 0 && i < 1000; i++)
        snprintf(out, LIVE_AMOUNT_PATH_MAX, "%.*s-%s-%d%s", length, path, stamp, i,
                 ending);
}

enum status live_amount_read(const struct options *o, struct live_amounts *out,
                             struct problem *why)
{
    *out = (struct live_amounts){.part_ns = 0};
    out->has_parts = o->rotate != NULL;
    if (o->rotate && !o->output && !o->packets)
        return problem_set(why, STATUS_USAGE, "--rotate goes with -o or --write");
    if (o->rotate && !live_amount_time(o->rotate, &out->part_ns) &&
        !live_amount_size(o->rotate, &out->part_bytes))
        return problem_set(why, STATUS_USAGE,
                           "--rotate takes a size (100M, 2G) or a time (30m, 12h, 1d), "
                           "not '%.100s'",
                           o->rotate);
    if (o->packets && !o->rotate && access(o->packets, F_OK) == 0)
        return problem_set(why, STATUS_FAILED,
                           "%s is there already: remove it, or choose another --write",
                           o->packets);
    if (o->keep && !o->output)
        return problem_set(why, STATUS_USAGE, "--keep goes with -o DB");
    if (o->keep && !live_amount_time(o->keep, &out->keep_ns))
        return problem_set(why, STATUS_USAGE,
                           "--keep takes a time (45m, 12h, 7d), not '%.100s'", o->keep);
    return STATUS_OK;
}
