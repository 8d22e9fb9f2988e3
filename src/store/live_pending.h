/* Records since the last COMMIT. They are written all at once, of one id only the
 * latest, and stay here until that has worked. */
#ifndef STORE_LIVE_PENDING_H
#define STORE_LIVE_PENDING_H

#include "hopscope/record.h"
#include "store/live_rows.h"

struct live_pending {
    struct record_block *block;
    size_t count; /* of records, the replaced ones too */
    /* By id, for those with an update: which record it is, from 1 on. */
    struct live_ids latest[RECORD_KIND_COUNT];
    const struct table_plan *plans;
};

/* `plans` must outlive it. */
void live_pending_init(struct live_pending *p, const struct table_plan *plans);
void live_pending_done(struct live_pending *p);
/* Copies the record. */
void live_pending_add(struct live_pending *p, enum record_kind kind, const void *record,
                      bool is_update);
/* Writes what is the latest of its id; `is_doubtful` as live_rows_write. SQLITE_OK, or
 * SQLite's code. All records are still here afterwards. */
int live_pending_write(struct live_pending *p, struct live_rows *rows,
                       bool is_doubtful);
void live_pending_clear(struct live_pending *p);

#endif
