/* Requests that were answered by 5xx, or not answered whole: all are counted, the first
 * few of the capture are kept, each with the end of its connection once that is known.
 */
#ifndef EXPORT_FAILURES_H
#define EXPORT_FAILURES_H

#include "export/asked.h"
#include "hopscope/record.h"

enum { FAILURES_ROWS_MAX = 10 };

struct failure {
    int64_t connection_id, time_us; /* time_us of the first byte, or RECORD_UNKNOWN */
    int64_t status;
    uint64_t request_ref, response_ref;
    uint8_t state;                  /* enum exchange_state */
    uint8_t close_cause, closed_by; /* of its connection; 0: not known */
    struct asked asked;
};

/* All zero is an empty list. */
struct failures {
    struct failure rows[FAILURES_ROWS_MAX]; /* in order of time */
    size_t count;
    uint64_t total;
};

/* Answered by 5xx, or not answered whole though the capture goes on. A request that was
 * left incomplete because `Expect` was refused has got its answer. */
static inline bool failures_is_one(const struct record_exchange *e)
{
    if (e->status >= 500) return true;
    switch ((enum exchange_state)e->state) {
    case EXCHANGE_NO_RESPONSE:
    case EXCHANGE_RESPONSE_INCOMPLETE: return true;
    case EXCHANGE_REQUEST_INCOMPLETE: return e->expect_outcome != EXPECT_REJECTED;
    case EXCHANGE_UNKNOWN:
    case EXCHANGE_COMPLETE:
    case EXCHANGE_NO_REQUEST:
    case EXCHANGE_OPEN: break;
    }
    return false;
}
/* Takes an exchange that is one. */
void failures_add(struct failures *f, const struct record_exchange *e);
/* The connection of exchanges that came before: its end goes to their rows. */
void failures_end(struct failures *f, const struct record_connection *c);
void failures_done(struct failures *f);

#endif
