/* The threads' stopwatches, and which stages they have. */
#ifndef ENGINE_STATS_H
#define ENGINE_STATS_H

#include "hopscope/engine.h"
#include "hopscope/stopwatch.h"

enum stats_role {
    STATS_READER, /* reads for the shards, */
    STATS_SHARD,  /* one of which this is; both have the stages below */
    STATS_WRITER,
    STATS_ROLE_COUNT,
};

/* Of a thread that analyses; the first is what a sample's end turns to. */
enum reader_stage {
    READER_LOOP, /* what stands between the others */
    READER_READ,
    READER_DECODE,
    READER_TCP,
    READER_HTTP,
    READER_EXCHANGE,
    READER_HAND_OVER,
    READER_WAIT,   /* exact */
    READER_FINISH, /* exact */
    READER_IDLE,   /* exact: a shard without packets */
};

/* Of the writer's thread; its sinks follow in their order. */
enum writer_stage {
    WRITER_LOOP,
    WRITER_WAIT, /* exact */
    WRITER_SINKS,
};

enum { STATS_SINKS_MAX = STOPWATCH_STAGES_MAX - WRITER_SINKS };

/* One more thread's; to be called before that thread starts. NULL when `s` is NULL, or
 * when there are too many. It is freed with `s`. */
struct stopwatch *stats_watch(struct stats *s, enum stats_role role);
/* Records that the sinks have taken, on the writer's thread; NULL is allowed. */
void stats_count_records(struct stats *s, uint64_t records, uint64_t exchanges);

#endif
