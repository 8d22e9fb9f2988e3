/* What the reader hands to a shard: packets of its connections, in capture order, with
 * all that they borrow from. */
#ifndef ENGINE_SHARD_BATCH_H
#define ENGINE_SHARD_BATCH_H

#include "hopscope/engine.h"
#include "hopscope/net.h"

enum {
    SHARD_BATCH_ITEMS = 256,
    SHARD_BATCH_HELD = 8, /* blocks of the capture; so a silent shard holds few */
};

struct shard_batch {
    size_t count, held_count, copy_count, copy_room;
    struct pipeline_item items[SHARD_BATCH_ITEMS];
    struct capture_block *held[SHARD_BATCH_HELD];
    struct packet *packets; /* of the items that are decoded; made for the first */
    void **copies;          /* of bytes that no block keeps */
};

struct shard_batch *shard_batch_new(void);
void shard_batch_free(struct shard_batch *b); /* empties it, too */
bool shard_batch_is_full(const struct shard_batch *b);
/* Adds a frame that is to be decoded; the caller fills the item's clock. `block` is
 * what the frame borrows from; NULL: its bytes are copied. */
struct pipeline_item *shard_batch_add_frame(struct shard_batch *b,
                                            const struct frame *frame,
                                            struct capture_block *block);
/* Where the next item's packet will stand: decoded there, it need not be copied. */
struct packet *shard_batch_place(struct shard_batch *b);
/* The same for a packet of that frame. Its bytes are copied where they are not the
 * frame's. */
struct pipeline_item *shard_batch_add_packet(struct shard_batch *b,
                                             const struct packet *packet,
                                             struct capture_block *block);
/* Lets go of all that the items borrow from. */
void shard_batch_clear(struct shard_batch *b);

#endif
