/* A bounded hand-over of things between threads: whoever fills waits when whoever uses
 * them is behind; they are recycled. Several may fill. */
#ifndef ENGINE_QUEUE_H
#define ENGINE_QUEUE_H

#include "hopscope/base.h"

struct queue;

/* Holds up to `capacity` things, none at first: the owner gives them in, empty, by
 * queue_give_back, and takes them out by queue_drain at the end. Who sleeps is woken
 * for `wake_count` things at a time, or fewer where the other side goes to sleep, too:
 * a thread costs more to wake than a thing to hand over. */
struct queue *queue_new(size_t capacity, size_t wake_count);
/* All threads are done with it: a thing that it holds; NULL: no more. */
void *queue_drain(struct queue *q);
void queue_free(struct queue *q);

/* The filling side. An empty thing to fill; waits for one. NULL: the other side has
 * given up. */
void *queue_take_empty(struct queue *q);
/* Returns how many wait to be used now. */
size_t queue_hand_over(struct queue *q, void *full);
void queue_end(struct queue *q); /* nothing follows */

/* The using side. The next full one; waits for one. NULL: nothing follows. */
void *queue_take_full(struct queue *q);
void queue_give_back(struct queue *q, void *empty);
void queue_give_up(struct queue *q); /* wakes the filling side, which stops */

#endif
