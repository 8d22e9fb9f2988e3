/* Pipelines on threads of their own, which share nothing but queues: every connection
 * belongs to one of them, and all its packets with it. */
#ifndef ENGINE_SHARDS_H
#define ENGINE_SHARDS_H

#include "engine/stats.h"
#include "engine/writer.h"

struct shards;

struct shards_options {
    struct pipeline_options pipeline; /* of each; its sink and watch are not used */
    size_t count;                     /* 1 to ENGINE_THREADS_MAX */
    struct writer *writer;
    struct stats *stats;     /* NULL: none */
    struct stopwatch *watch; /* of the reading thread, which calls all of this */
};

/* NULL: a thread could not be started, `why` says it. */
struct shards *shards_start(const struct shards_options *options, struct problem *why);
/* Frames that capture_set_next_batch gave out last. Waits while a shard is behind.
 * STATUS_FAILED: the writer refuses records, nothing more should be fed. */
enum status shards_frames(struct shards *s, struct capture_set *set,
                          const struct frame *frames, size_t count);
/* Hands over what is left and waits until every shard has accounted for what is open.
 * To be called once, whatever happened before. STATUS_FAILED as above. */
enum status shards_finish(struct shards *s);
/* After shards_finish: of all shards together. */
struct pipeline_counters shards_counters(const struct shards *s, uint32_t capture_id);
void shards_free(struct shards *s); /* NULL is allowed; shards_finish first */

#endif
