/* The last step of reassembly: bytes, or the word that some are missing, leave tcp as
 * chunks, and the account of their direction grows. */
#ifndef TCP_DELIVERY_H
#define TCP_DELIVERY_H

#include "tcp/flow.h"

/* `chunk` brings what does not depend on its kind: time, packet, ACK, stall. */
void delivery_put(struct reassembly *r, struct flow *f, int direction,
                  struct chunk *chunk, const struct piece *piece);
void delivery_put_gap(struct reassembly *r, struct flow *f, int direction,
                      struct chunk chunk, uint64_t missing);

static inline void delivery_advance(struct direction *d, uint64_t count)
{
    d->next_offset += count;
    d->next_seq += (uint32_t)count;
    if (d->highest_offset < d->next_offset) d->highest_offset = d->next_offset;
}

/* Bytes alone, at least one: chunk->data of the side chunk->from, which is that of `d`,
 * captured whole. conflicts.c knows them again by `ttl` and `hash`. */
static inline void delivery_put_data(struct reassembly *r, struct flow *f,
                                     struct direction *d, struct chunk *chunk,
                                     uint8_t ttl, uint32_t hash)
{
    struct conn_side *side = f->conn.side;
    struct conn_side *account = chunk->from == SIDE_CLIENT ? &side[0] : &side[1];
    size_t length = chunk->data.len;
    chunk->kind = CHUNK_DATA;
    chunk->offset = d->next_offset;
    conflicts_remember(d, chunk->offset, length, ttl, hash);
    delivery_advance(d, length);
    d->is_in_gap = false;
    account->bytes += length;
    account->end_offset = d->next_offset;
    account->last_payload_ns = d->delivered_ns = chunk->captured_ns;
    r->sink.chunk(r->sink.context, &f->conn, chunk);
}

#endif
