/* A ring of blocks; the newest is being filled. */
#include "ui/backlog.h"

static struct record_block *newest(struct backlog *b)
{
    return b->blocks[(b->first + b->count - 1) % BACKLOG_BLOCKS_MAX];
}

void backlog_add(struct backlog *b, enum record_kind kind, const void *record,
                 bool is_update)
{
    if (b->count == 0 || record_block_is_full(newest(b))) {
        if (b->count == BACKLOG_BLOCKS_MAX) {
            b->dropped += record_block_count(b->blocks[b->first]);
            record_block_free(b->blocks[b->first]);
            b->first = (b->first + 1) % BACKLOG_BLOCKS_MAX;
            b->count--;
        }
        b->blocks[(b->first + b->count++) % BACKLOG_BLOCKS_MAX] = record_block_new();
    }
    if (is_update)
        record_block_update(newest(b), kind, record);
    else
        record_block_put(newest(b), kind, record);
}

void backlog_drain(struct backlog *b, const struct record_sink *sink)
{
    for (; b->count > 0; b->count--) {
        record_block_drain(b->blocks[b->first], sink);
        record_block_free(b->blocks[b->first]);
        b->first = (b->first + 1) % BACKLOG_BLOCKS_MAX;
    }
}

void backlog_done(struct backlog *b)
{
    for (; b->count > 0; b->count--) {
        record_block_free(b->blocks[b->first]);
        b->first = (b->first + 1) % BACKLOG_BLOCKS_MAX;
    }
}
