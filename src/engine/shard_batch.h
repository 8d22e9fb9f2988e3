/* What the reader hands to a shard: packets of its connections, in capture order, with
 * all that they borrow from.
 *
 *   items   | frame, packet | frame, packet | ...
 *                 '---------------'-------> held: blocks of the capture; or copies */
#ifndef ENGINE_SHARD_BATCH_H
#define ENGINE_SHARD_BATCH_H

#include "hopscope/engine.h"

enum {
    SHARD_BATCH_ITEMS = 256,
    SHARD_BATCH_HELD = 8, /* blocks of the capture; so a silent shard holds few */
};

struct shard_batch {
    struct pipeline_item items[SHARD_BATCH_ITEMS];
    struct pipeline_item *next; /* behind the last of `items` */
    size_t held_count, copy_count, copy_room;
    struct capture_block *held[SHARD_BATCH_HELD];
    void **copies;                              /* of bytes that no block keeps */
    struct tcp_clock clocks[SHARD_BATCH_ITEMS]; /* of those items that have one */
};

struct shard_batch *shard_batch_new(void);
void shard_batch_free(struct shard_batch *b); /* empties it, too */

static inline size_t shard_batch_count(const struct shard_batch *b)
{
    return (size_t)(b->next - b->items);
}

static inline bool shard_batch_is_full(const struct shard_batch *b)
{
    return b->next == &b->items[SHARD_BATCH_ITEMS] || b->held_count == SHARD_BATCH_HELD;
}

/* Where the next item will stand. Its frame is to be put there, and where somebody has
 * decoded it, the packet; it is no part of the batch before it is added. */
static inline struct pipeline_item *shard_batch_place(struct shard_batch *b)
{
    return b->next;
}

static inline struct pipeline_item *shard_batch_place_frame(struct shard_batch *b,
                                                            const struct frame *frame)
{
    b->next->frame = *frame;
    b->next->clock = NULL;
    return b->next;
}

/* The clock goes with the item that stands in its place. */
static inline void shard_batch_set_clock(struct shard_batch *b,
                                         struct pipeline_item *item,
                                         const struct tcp_clock *clock)
{
    struct tcp_clock *own = &b->clocks[item - b->items];
    *own = *clock;
    item->clock = own;
}

/* What shard_batch_add does where not one block after the other keeps all the bytes. */
void shard_batch_hold(struct shard_batch *b, struct capture_block *block);
void shard_batch_copy_frame(struct shard_batch *b, struct pipeline_item *item);
void shard_batch_copy_packet(struct shard_batch *b, struct pipeline_item *item);

static inline bool shard_batch_is_last_held(const struct shard_batch *b,
                                            const struct capture_block *block)
{
    return b->held_count > 0 && b->held[b->held_count - 1] == block;
}

/* Adds the item that stands in its place, a frame that is to be decoded. `block` is
 * what the frame borrows from; NULL: its bytes are copied. */
static inline void shard_batch_add_frame(struct shard_batch *b,
                                         struct pipeline_item *item,
                                         struct capture_block *block)
{
    b->next++;
    item->is_decoded = item->has_checksum = false;
    if (block == NULL)
        shard_batch_copy_frame(b, item);
    else if (!shard_batch_is_last_held(b, block))
        shard_batch_hold(b, block);
}

/* The same of an item whose packet is decoded. Its bytes are copied, too, where they
 * are not the frame's. */
static inline void shard_batch_add_packet(struct shard_batch *b,
                                          struct pipeline_item *item,
                                          struct capture_block *block)
{
    struct bytes frame = item->frame.data;
    b->next++;
    item->is_decoded = true;
    item->has_checksum = false;
    uintptr_t segment = (uintptr_t)item->packet.payload.ptr - item->packet.header_bytes;
    bool is_inside = segment - (uintptr_t)frame.ptr < frame.len;
    if (block == NULL || !is_inside)
        shard_batch_copy_packet(b, item);
    else if (!shard_batch_is_last_held(b, block))
        shard_batch_hold(b, block);
}

/* Lets go of all that the items borrow from. */
void shard_batch_clear(struct shard_batch *b);

#endif
