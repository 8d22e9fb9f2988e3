/*   items   | frame, clock | frame, clock, packet --> packets[i] | ...
 *               '--> held: blocks of the capture       '--> held, or copies       */
#include "engine/shard_batch.h"

#include <string.h>

struct shard_batch *shard_batch_new(void)
{
    return mem_alloc(sizeof(struct shard_batch));
}

void shard_batch_clear(struct shard_batch *b)
{
    while (b->held_count > 0) capture_block_release(b->held[--b->held_count]);
    while (b->copy_count > 0) mem_free(b->copies[--b->copy_count]);
    b->count = 0;
}

void shard_batch_free(struct shard_batch *b)
{
    shard_batch_clear(b);
    mem_free(b->copies);
    mem_free(b->packets);
    mem_free(b);
}

bool shard_batch_is_full(const struct shard_batch *b)
{
    return b->count == SHARD_BATCH_ITEMS || b->held_count == SHARD_BATCH_HELD;
}

/* A file's frames come from one block after the other; those of several files that are
 * merged take turns, so that a block may be held more than once. */
static void hold(struct shard_batch *b, struct capture_block *block)
{
    if (b->held_count > 0 && b->held[b->held_count - 1] == block) return;
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

struct pipeline_item *shard_batch_add_frame(struct shard_batch *b,
                                            const struct frame *frame,
                                            struct capture_block *block)
{
    struct pipeline_item *item = &b->items[b->count++];
    item->frame = *frame;
    item->packet = NULL;
    item->has_checksum = false;
    if (block != NULL)
        hold(b, block);
    else
        item->frame.data = copy(b, frame->data);
    return item;
}

static bool is_inside(struct bytes part, struct bytes whole)
{
    return (uintptr_t)part.ptr - (uintptr_t)whole.ptr < whole.len;
}

struct packet *shard_batch_place(struct shard_batch *b)
{
    if (b->packets == NULL)
        b->packets = mem_alloc_array(SHARD_BATCH_ITEMS, sizeof *b->packets);
    return &b->packets[b->count];
}

struct pipeline_item *shard_batch_add_packet(struct shard_batch *b,
                                             const struct packet *packet,
                                             struct capture_block *block)
{
    struct packet *p = shard_batch_place(b);
    struct pipeline_item *item = &b->items[b->count++];
    item->frame = *packet->frame;
    item->packet = p;
    item->has_checksum = false;
    if (p != packet) *p = *packet;
    p->frame = &item->frame;
    if (block != NULL && is_inside(packet->segment, packet->frame->data)) {
        hold(b, block);
        return item;
    }
    size_t header = packet->segment.len - packet->payload.len;
    p->segment = copy(b, packet->segment);
    p->payload = bytes_from(p->segment, header);
    item->frame.data = bytes_of_text(""); /* nobody looks at it again */
    return item;
}
