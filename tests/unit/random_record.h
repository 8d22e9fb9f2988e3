/* Records of any kind filled by the field tables: nothing, everything, or a mixture. */
#ifndef UNIT_RANDOM_RECORD_H
#define UNIT_RANDOM_RECORD_H

#include "hopscope/record.h"

enum random_fill {
    RANDOM_NOTHING,
    RANDOM_MIXTURE,
    RANDOM_EVERYTHING,
    RANDOM_FILL_COUNT
};

struct random_source {
    uint64_t state; /* not 0 */
};

/* Room for a record of any kind. */
union any_record {
    struct record_capture capture;
    struct record_connection connection;
    struct record_exchange exchange;
    struct record_tunnel tunnel;
    struct record_finding finding;
    struct record_header header;
};

uint64_t random_next(struct random_source *r);
/* Texts borrow from static memory. The key (if any) is `id`. What hangs together by
 * definition does: a connection's id is its first packet, a finding's begins with its
 * connection's. */
void random_record(struct random_source *r, enum record_kind kind,
                   enum random_fill fill, int64_t id, union any_record *out);

/* Fails the test unless record_format gives exactly that. */
void random_record_formats(enum record_kind kind, const char *name, const void *record,
                           const char *expected);

#endif
