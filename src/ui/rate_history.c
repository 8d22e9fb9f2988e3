/* Sums come, differences stay. */
#include "ui/rate_history.h"

#include <string.h>

void rate_history_init(struct rate_history *h)
{
    memset(h, 0, sizeof *h);
    h->first_s = h->now_s = RECORD_UNKNOWN;
}

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

void rate_history_add(struct rate_history *h, const struct model *m,
                      const struct ui_statistics *now)
{
    int64_t sums[HISTORY_ROWS];
    if (now->now_us == RECORD_UNKNOWN || now->now_us < 0) return;
    begin_second(h, now->now_us / 1000000);
    read_sums(m, now, sums);
    for (int row = 0; row < HISTORY_ROWS; row++)
        h->rows[row][h->now_s % HISTORY_SECONDS] += sums[row] - h->sums[row];
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
