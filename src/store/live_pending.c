/*   block   | update 7 | put 9 | update 7 | put 7 |
 *              1          2       3          4          latest: 7 is 4, 9 is 2
 *   written              put 9              put 7                              */
#include "store/live_pending.h"

void live_pending_init(struct live_pending *p, const struct table_plan *plans)
{
    *p = (struct live_pending){.block = record_block_new(), .plans = plans};
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++)
        live_ids_init(&p->latest[kind]);
}

void live_pending_done(struct live_pending *p)
{
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++)
        live_ids_done(&p->latest[kind]);
    record_block_free(p->block);
    *p = (struct live_pending){.block = NULL};
}

void live_pending_add(struct live_pending *p, enum record_kind kind, const void *record,
                      bool is_update)
{
    const struct field *key = p->plans[kind].key;
    p->count++;
    if (key != NULL) {
        int64_t id = record_integer(key, record);
        struct live_ids *latest = &p->latest[kind];
        /* Most exchanges come whole, and never again. */
        if (is_update || live_ids_find(latest, id) != NULL)
            live_ids_set(latest, id, p->count);
    }
    if (is_update)
        record_block_update(p->block, kind, record);
    else
        record_block_put(p->block, kind, record);
}

struct writing {
    struct live_pending *pending;
    struct live_rows *rows;
    size_t number;
    bool is_doubtful;
    int rc;
};

static enum status write_latest(struct writing *w, enum record_kind kind,
                                const void *record, bool is_update)
{
    const struct field *key = w->pending->plans[kind].key;
    w->number++;
    if (key != NULL) {
        int64_t id = record_integer(key, record);
        const uint64_t *latest = live_ids_find(&w->pending->latest[kind], id);
        if (latest != NULL && *latest != w->number) return STATUS_OK;
    }
    w->rc = live_rows_write(w->rows, kind, record, is_update, w->is_doubtful);
    return w->rc == SQLITE_OK ? STATUS_OK : STATUS_FAILED;
}

static enum status write_put(void *context, enum record_kind kind, const void *record)
{
    return write_latest(context, kind, record, false);
}

static enum status write_update(void *context, enum record_kind kind,
                                const void *record)
{
    return write_latest(context, kind, record, true);
}

int live_pending_write(struct live_pending *p, struct live_rows *rows, bool is_doubtful)
{
    struct writing writing = {.pending = p, .rows = rows, .is_doubtful = is_doubtful};
    struct record_sink sink = {
        .context = &writing, .put = write_put, .update = write_update};
    record_block_replay(p->block, &sink);
    return writing.rc == SQLITE_OK ? live_rows_flush(rows) : writing.rc;
}

void live_pending_clear(struct live_pending *p)
{
    if (p->count == 0) return;
    record_block_clear(p->block);
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++)
        live_ids_clear(&p->latest[kind]);
    p->count = 0;
}
