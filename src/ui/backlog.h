/* Records that came while the view was paused: bounded, the oldest go first. */
#ifndef UI_BACKLOG_H
#define UI_BACKLOG_H

#include "hopscope/record.h"

enum { BACKLOG_BLOCKS_MAX = 128 };

/* Zeroed: empty. */
struct backlog {
    struct record_block *blocks[BACKLOG_BLOCKS_MAX];
    size_t first, count;
    uint64_t dropped; /* finished records that went */
};

void backlog_add(struct backlog *b, enum record_kind kind, const void *record,
                 bool is_update);
/* Gives all to the sink and empties it. */
void backlog_drain(struct backlog *b, const struct record_sink *sink);
void backlog_done(struct backlog *b);

#endif
