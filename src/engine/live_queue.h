/* A hand-over of records that never makes the analysing thread wait: when it is full,
 * the oldest rows go, and are counted. A mark in the order of the records says where a
 * new part of the database begins. */
#ifndef ENGINE_LIVE_QUEUE_H
#define ENGINE_LIVE_QUEUE_H

#include "hopscope/record.h"

struct live_queue;

struct live_queue_state {
    uint64_t waiting_rows; /* handed over, not taken yet */
    uint64_t dropped_rows; /* finished ones that went because it was full */
    int64_t oldest_ns;     /* monotonic time since when the oldest waits; 0: none */
};

/* `bytes_max`: of all blocks together. `wake_fd` (-1: none) becomes readable when
 * something can be taken. */
struct live_queue *live_queue_new(size_t bytes_max, int wake_fd);
void live_queue_free(struct live_queue *q); /* NULL is allowed */

/* ---- the analysing thread's side ---- */

void live_queue_put(struct live_queue *q, enum record_kind kind, const void *record);
/* Left out while the other side is far behind: the next tick brings a newer one. */
void live_queue_update(struct live_queue *q, enum record_kind kind, const void *record);
void live_queue_mark(struct live_queue *q); /* all that follows: the next part */
/* What was put may be taken from now on. */
void live_queue_flush(struct live_queue *q);
void live_queue_end(struct live_queue *q); /* nothing follows; flushes */

/* ---- the other side ---- */

struct live_queue_item {
    struct record_block *block; /* NULL: none is there (yet) */
    int64_t since_ns;           /* its first row's; monotonic */
    uint32_t marks;             /* new parts that begin with it */
    bool is_end;                /* nothing is there, and nothing will come */
};

/* Waits for `wait_ms` at most; 0: not at all. The block is to be given back. */
struct live_queue_item live_queue_take(struct live_queue *q, int wait_ms);
void live_queue_give_back(struct live_queue *q, struct record_block *block);

struct live_queue_state live_queue_state(struct live_queue *q); /* any thread */

#endif
