/* The last minutes, second by second. */
#ifndef UI_RATE_HISTORY_H
#define UI_RATE_HISTORY_H

#include "hopscope/ui.h"
#include "ui/model.h"

enum { HISTORY_SECONDS = 300 };

enum history_row {
    HISTORY_PACKETS,
    HISTORY_BYTES,
    HISTORY_OPENED,
    HISTORY_EXCHANGES,
    HISTORY_FAILED,
    HISTORY_FINDINGS,
    HISTORY_DROPS,
    HISTORY_ROWS,
};

struct rate_history {
    int64_t rows[HISTORY_ROWS][HISTORY_SECONDS]; /* by second modulo */
    int64_t sums[HISTORY_ROWS];                  /* at the last call */
    int64_t changed_us[HISTORY_ROWS];            /* when they last grew; 0: never */
    int64_t first_s, now_s;                      /* RECORD_UNKNOWN: not begun */
};

void rate_history_init(struct rate_history *h);
/* Adds what has come since the last call to the second of `now->now_us`. `is_live`:
 * sums of packets come once a second, at any time of it, so what they grew by belongs
 * to the time since they last did. */
void rate_history_add(struct rate_history *h, const struct model *m,
                      const struct ui_statistics *now, bool is_live);
/* Of the second that lies `ago` before the newest; false: before the beginning. */
bool rate_history_get(const struct rate_history *h, enum history_row row, int ago,
                      int64_t *out);
/* Of the newest second that is whole; `is_over`: of the last one. */
bool rate_history_now(const struct rate_history *h, enum history_row row, bool is_over,
                      int64_t *out);

#endif
