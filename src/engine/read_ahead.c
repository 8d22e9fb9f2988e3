/*   thread: empty --capture_set_fill--> full
 *   set:    full  --take--> analysed, in other bytes' place --give_back--> empty */
#include "engine/read_ahead.h"

#include <pthread.h>

#include "engine/queue.h"

enum { READ_AHEAD_BLOCKS = 4, READ_AHEAD_WAKE_BLOCKS = 2 };

struct read_ahead {
    struct capture_set *set;
    struct queue *queue;
    pthread_t thread;
    struct capture_ahead_block blocks[READ_AHEAD_BLOCKS];
};

static void *read_ahead_run(void *context)
{
    struct read_ahead *a = context;
    struct capture_ahead_block *block;
    bool goes_on = true;
    while (goes_on && (block = queue_take_empty(a->queue)) != NULL) {
        goes_on = capture_set_fill(a->set, block);
        queue_hand_over(a->queue, block);
    }
    queue_end(a->queue);
    return NULL;
}

static struct capture_ahead_block *read_ahead_take(void *context)
{
    struct read_ahead *a = context;
    return queue_take_full(a->queue);
}

static void read_ahead_give_back(void *context, struct capture_ahead_block *block)
{
    struct read_ahead *a = context;
    queue_give_back(a->queue, block);
}

static void read_ahead_free(struct read_ahead *a)
{
    for (size_t i = 0; i < READ_AHEAD_BLOCKS; i++) mem_free(a->blocks[i].bytes);
    queue_free(a->queue);
    mem_free(a);
}

struct read_ahead *read_ahead_start(struct capture_set *set)
{
    if (!capture_set_may_read_ahead(set)) return NULL;
    struct read_ahead *a = mem_alloc(sizeof *a);
    a->set = set;
    a->queue = queue_new(READ_AHEAD_BLOCKS, READ_AHEAD_WAKE_BLOCKS);
    for (size_t i = 0; i < READ_AHEAD_BLOCKS; i++) {
        a->blocks[i].bytes = mem_resize(NULL, CAPTURE_AHEAD_BLOCK_SIZE);
        queue_give_back(a->queue, &a->blocks[i]);
    }
    if (pthread_create(&a->thread, NULL, read_ahead_run, a) != 0) {
        read_ahead_free(a);
        return NULL;
    }
    const struct capture_ahead ahead = {
        .context = a, .take = read_ahead_take, .give_back = read_ahead_give_back};
    capture_set_read_ahead(set, &ahead);
    return a;
}

void read_ahead_end(struct read_ahead *a)
{
    if (a == NULL) return;
    queue_give_up(a->queue);
    pthread_join(a->thread, NULL);
    read_ahead_free(a);
}
