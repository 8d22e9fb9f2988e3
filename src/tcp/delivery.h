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

/* Bytes alone, at least one: chunk->data, captured whole, which conflicts.c knows again
 * by `ttl` and `hash`. */
static inline void delivery_put_data(struct reassembly *r, struct flow *f,
                                     int direction, struct chunk *chunk, uint8_t ttl,
                                     uint32_t hash)
{
    struct direction *d = flow_direction(f, direction);
    struct conn_side *account = flow_account(f, direction);
    size_t length = chunk->data.len;
    chunk->kind = CHUNK_DATA;
    chunk->from = flow_side(f, direction);
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
