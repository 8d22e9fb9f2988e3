/* Out of tcp, as chunks:
 *
 *   piece | captured bytes | cut by the snaplen |
 *           '--> data        '--> gap           */
#include "tcp/delivery.h"

void delivery_put_gap(struct reassembly *r, struct flow *f, int direction,
                      struct chunk chunk, uint64_t missing)
{
    struct direction *d = flow_direction(f, direction);
    struct conn_side *account = flow_account(f, direction);
    struct conn_trouble *trouble = flow_trouble(f, direction);
    bool goes_on = d->is_in_gap; /* told in parts */
    chunk.kind = CHUNK_GAP;
    chunk.from = flow_side(f, direction);
    chunk.offset = d->next_offset;
    chunk.missing = missing;
    chunk.data = bytes_of(NULL, 0);
    delivery_advance(d, missing);
    d->delivered_ns = chunk.captured_ns;
    d->is_in_gap = true;
    trouble->missing_bytes += missing;
    account->end_offset = d->next_offset;
    if (!goes_on) {
        trouble->gaps++;
        history_gap(f, direction, chunk.offset);
        conn_note(&f->conn, FINDING_TCP_GAP, SEVERITY_UNKNOWN, &chunk, chunk.offset,
                  bytes_of(NULL, 0));
    }
    r->sink.chunk(r->sink.context, &f->conn, &chunk);
}

static uint32_t hash_of(const struct reassembly *r, const struct piece *piece,
                        struct bytes data)
{
    bool is_hashed = piece->hashed_bytes == data.len;
    return is_hashed ? piece->hash : payload_hash(&r->payload_key, data);
}

/* Fills in what depends on the kind, and delivers. */
void delivery_put(struct reassembly *r, struct flow *f, int direction,
                  struct chunk *chunk, const struct piece *piece)
{
    if (piece->data.len > 0) {
        chunk->starts_segment = piece->starts_segment;
        chunk->data = bytes_first(piece->data, piece->length);
        chunk->from = flow_side(f, direction);
        delivery_put_data(r, f, flow_direction(f, direction), chunk, piece->ttl,
                          hash_of(r, piece, chunk->data));
    }
    if (piece->data.len < piece->length) { /* the snaplen cut the rest */
        chunk->stalled_ns = 0;
        delivery_put_gap(r, f, direction, *chunk, piece->length - piece->data.len);
    }
}
