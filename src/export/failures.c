#include "export/failures.h"

#include <string.h>

static int64_t failures_time_us(const struct record_exchange *e)
{
    return e->request_start_us != RECORD_UNKNOWN ? e->request_start_us
                                                 : e->response_start_us;
}

static uint64_t failures_ref(const struct failure *row)
{
    return row->request_ref != 0 ? row->request_ref : row->response_ref;
}

static bool failures_is_before(const struct failure *a, const struct failure *b)
{
    if (a->time_us != b->time_us) return a->time_us < b->time_us;
    return failures_ref(a) < failures_ref(b);
}

void failures_add(struct failures *f, const struct record_exchange *e)
{
    f->total++;
    struct failure row = {.connection_id = e->connection_id,
                          .time_us = failures_time_us(e),
                          .status = e->status,
                          .request_ref = e->request_ref,
                          .response_ref = e->response_ref,
                          .state = e->state};
    size_t at = f->count;
    while (at > 0 && failures_is_before(&row, &f->rows[at - 1])) at--;
    if (at == FAILURES_ROWS_MAX) return;
    if (f->count == FAILURES_ROWS_MAX) asked_done(&f->rows[--f->count].asked);
    memmove(&f->rows[at + 1], &f->rows[at], (f->count - at) * sizeof f->rows[0]);
    f->count++;
    row.asked = asked_of(e);
    f->rows[at] = row;
}

void failures_end(struct failures *f, const struct record_connection *c)
{
    for (size_t i = 0; i < f->count; i++) {
        if (f->rows[i].connection_id != c->id) continue;
        f->rows[i].close_cause = c->close_cause;
        f->rows[i].closed_by = c->closed_by;
    }
}

void failures_done(struct failures *f)
{
    for (size_t i = 0; i < f->count; i++) asked_done(&f->rows[i].asked);
}
