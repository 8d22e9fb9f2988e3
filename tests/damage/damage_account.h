/* What hopscope makes of a capture in memory, in a form that can be compared. */
#ifndef DAMAGE_ACCOUNT_H
#define DAMAGE_ACCOUNT_H

#include "hopscope/capture.h"

struct damage_exchange {
    uint64_t what;         /* digest of request packet, method, target and status */
    uint64_t response_ref; /* 0: none */
    bool is_complete;      /* the response came to its end */
};

struct damage_account {
    enum status opened;
    struct problem why;    /* it could not be opened, and why */
    struct problem damage; /* empty: none */
    uint64_t frames;
    uint64_t rows; /* digest of all rows, in order */
    uint64_t row_count;
    struct damage_exchange *exchanges;
    size_t exchange_count;
    int64_t took_ns; /* of this thread's time */
};

/* `with_summary`: it is written too, and nobody looks at it. */
void damage_account_read(struct bytes image, bool with_summary,
                         struct damage_account *out);
void damage_account_done(struct damage_account *a);
/* Whether the exchanges that are complete in `less` are in `more` too. */
bool damage_account_includes(const struct damage_account *more,
                             const struct damage_account *less);

#endif
