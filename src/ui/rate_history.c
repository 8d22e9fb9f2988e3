/* Sums come, differences stay. */
#include "ui/rate_history.h"

#include <string.h>

#define SECOND_US 1000000LL

void rate_history_init(struct rate_history *h)
{
    memset(h, 0, sizeof *h);
    h->first_s = h->now_s = RECORD_UNKNOWN;
}

static const bool comes_by_second[HISTORY_ROWS] = {
    [HISTORY_PACKETS] = true, [HISTORY_BYTES] = true, [HISTORY_DROPS] = true};

static int64_t known(int64_t value)
{
    return value == RECORD_UNKNOWN ? 0 : value;
}

static void read_sums(const struct model *m, const struct ui_statistics *now,
                      int64_t out[HISTORY_ROWS])
{
    out[HISTORY_PACKETS] = known(now->packets);
    out[HISTORY_BYTES] = known(now->bytes);
    out[HISTORY_OPENED] = (int64_t)m->counts.opened;
    out[HISTORY_EXCHANGES] = (int64_t)m->counts.exchanges;
    out[HISTORY_FAILED] = (int64_t)m->counts.failed;
    out[HISTORY_FINDINGS] = 0;
    for (int s = 0; s <= SEVERITY_ATTACK; s++)
        out[HISTORY_FINDINGS] += (int64_t)m->counts.findings[s];
    out[HISTORY_DROPS] = known(now->kernel_dropped) + known(now->interface_dropped);
}

static void begin_second(struct rate_history *h, int64_t second)
{
    if (h->now_s == RECORD_UNKNOWN) {
        h->first_s = h->now_s = second;
        return;
    }
    if (second - h->now_s >= HISTORY_SECONDS) {
        memset(h->rows, 0, sizeof h->rows);
        h->now_s = second;
    }
    while (h->now_s < second) {
        h->now_s++;
        for (int row = 0; row < HISTORY_ROWS; row++)
            h->rows[row][h->now_s % HISTORY_SECONDS] = 0;
    }
}

/* The part of `grown` that belongs to the seconds before `now_us`; at most two of them:
 * whoever is silent for longer does not spread. */
static int64_t give_seconds_before(struct rate_history *h, int row, int64_t grown,
                                   int64_t now_us)
{
    int64_t since_us = h->changed_us[row], second_us = now_us - now_us % SECOND_US;
    int64_t given = 0;
    if (since_us <= 0 || since_us >= second_us || now_us - since_us > 2 * SECOND_US)
        return 0;
    for (int64_t at_us = since_us; at_us < second_us;) {
        int64_t end_us = at_us - at_us % SECOND_US + SECOND_US;
        int64_t part = (int64_t)((double)grown * (double)(end_us - at_us) /
                                 (double)(now_us - since_us));
        if (at_us / SECOND_US < h->first_s) part = 0;
        h->rows[row][at_us / SECOND_US % HISTORY_SECONDS] += part;
        given += part;
        at_us = end_us;
    }
    return given;
}

void rate_history_add(struct rate_history *h, const struct model *m,
                      const struct ui_statistics *now, bool is_live)
{
    int64_t sums[HISTORY_ROWS];
    if (now->now_us == RECORD_UNKNOWN || now->now_us < 0) return;
    begin_second(h, now->now_us / SECOND_US);
    read_sums(m, now, sums);
    for (int row = 0; row < HISTORY_ROWS; row++) {
        int64_t grown = sums[row] - h->sums[row];
        if (grown == 0) continue;
        if (is_live && comes_by_second[row])
            grown -= give_seconds_before(h, row, grown, now->now_us);
        h->rows[row][h->now_s % HISTORY_SECONDS] += grown;
        h->changed_us[row] = now->now_us;
    }
    memcpy(h->sums, sums, sizeof sums);
}

bool rate_history_get(const struct rate_history *h, enum history_row row, int ago,
                      int64_t *out)
{
    if (h->now_s == RECORD_UNKNOWN || ago >= HISTORY_SECONDS) return false;
    int64_t second = h->now_s - ago;
    if (second < h->first_s || second < 0) return false;
    *out = h->rows[row][second % HISTORY_SECONDS];
    return true;
}

bool rate_history_now(const struct rate_history *h, enum history_row row, bool is_over,
                      int64_t *out)
{
    int ago = is_over ? 0 : comes_by_second[row] ? 2 : 1;
    for (; ago >= 0; ago--)
        if (rate_history_get(h, row, ago, out)) return true;
    return false;
}
