#include "engine/shard_batch.h"

#include <string.h>

struct shard_batch *shard_batch_new(void)
{
    struct shard_batch *b = mem_alloc_aligned(PIPELINE_ITEM_ALIGNMENT, sizeof *b);
    b->next = b->items;
    b->held_count = b->copy_count = b->copy_room = 0;
    b->copies = NULL;
    return b;
}

void shard_batch_clear(struct shard_batch *b)
{
    while (b->held_count > 0) capture_block_release(b->held[--b->held_count]);
    while (b->copy_count > 0) mem_free(b->copies[--b->copy_count]);
    b->next = b->items;
}

void shard_batch_free(struct shard_batch *b)
{
    shard_batch_clear(b);
    mem_free(b->copies);
    mem_free(b);
}

/* A file's frames come from one block after the other; those of several files that are
 * merged take turns, so that a block may be held more than once. */
void shard_batch_hold(struct shard_batch *b, struct capture_block *block)
{
    capture_block_keep(block);
    b->held[b->held_count++] = block;
}

static struct bytes copy(struct shard_batch *b, struct bytes bytes)
{
    if (bytes.len == 0) return bytes_of_text("");
    if (b->copy_count == b->copy_room) {
        b->copy_room = b->copy_room == 0 ? SHARD_BATCH_ITEMS : 2 * b->copy_room;
        b->copies = mem_resize(b->copies, b->copy_room * sizeof *b->copies);
    }
    void *kept = mem_resize(NULL, bytes.len);
    memcpy(kept, bytes.ptr, bytes.len);
    b->copies[b->copy_count++] = kept;
    return bytes_of(kept, bytes.len);
}

void shard_batch_copy_frame(struct shard_batch *b, struct pipeline_item *item)
{
    item->frame.data = copy(b, item->frame.data);
}

void shard_batch_copy_packet(struct shard_batch *b, struct pipeline_item *item)
{
    struct packet *p = &item->packet;
    p->payload = bytes_from(copy(b, net_segment(p)), p->header_bytes);
    item->frame.data = bytes_of_text(""); /* nobody looks at it again */
}
