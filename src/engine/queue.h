/* A bounded hand-over of record blocks between two threads. The reader waits when the
 * writer is behind; blocks are recycled. */
#ifndef ENGINE_QUEUE_H
#define ENGINE_QUEUE_H

#include "hopscope/record.h"

struct queue;

struct queue *queue_new(size_t block_count);
void queue_free(struct queue *q); /* both threads are done with it */

/* Reader's side. An empty block to fill; waits for one. NULL: the other side has given
 * up. */
struct record_block *queue_take_empty(struct queue *q);
void queue_hand_over(struct queue *q, struct record_block *full);
void queue_end(struct queue *q); /* nothing follows */

/* Writer's side. The next full block; waits for one. NULL: nothing follows. */
struct record_block *queue_take_full(struct queue *q);
void queue_give_back(struct queue *q, struct record_block *empty);
void queue_give_up(struct queue *q); /* wakes the reader, which stops */

#endif
