/* The last step of reassembly: bytes, or the word that some are missing, leave tcp as
 * chunks, and the account of their direction grows. */
#include "tcp/flow.h"

static void advance(struct direction *d, uint64_t count)
{
    d->next_offset += count;
    d->next_seq += (uint32_t)count;
    if (d->highest_offset < d->next_offset) d->highest_offset = d->next_offset;
}

void delivery_put_gap(struct reassembly *r, struct flow *f, int direction,
                      struct chunk chunk, uint64_t missing)
{
    struct direction *d = &f->direction[direction];
    struct conn_side *account = flow_account(f, direction);
    struct conn_trouble *trouble = flow_trouble(f, direction);
    bool goes_on = d->is_in_gap; /* told in parts */
    chunk.kind = CHUNK_GAP;
    chunk.from = flow_side(f, direction);
    chunk.offset = d->next_offset;
    chunk.missing = missing;
    chunk.data = bytes_of(NULL, 0);
    advance(d, missing);
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

/* Fills in what depends on the kind, and delivers. */
void delivery_put(struct reassembly *r, struct flow *f, int direction,
                  struct chunk *chunk, const struct piece *piece)
{
    struct direction *d = &f->direction[direction];
    struct conn_side *account = flow_account(f, direction);
    if (piece->data.len > 0) {
        chunk->kind = CHUNK_DATA;
        d->is_in_gap = false;
        chunk->from = flow_side(f, direction);
        chunk->offset = d->next_offset;
        chunk->starts_segment = piece->starts_segment;
        chunk->data = bytes_first(piece->data, piece->length);
        conflicts_remember(r, d, chunk->offset, chunk->data, piece);
        advance(d, chunk->data.len);
        account->bytes += chunk->data.len;
        account->end_offset = d->next_offset;
        account->last_payload_ns = d->delivered_ns = chunk->captured_ns;
        r->sink.chunk(r->sink.context, &f->conn, chunk);
    }
    if (piece->data.len < piece->length) { /* the snaplen cut the rest */
        chunk->stalled_ns = 0;
        delivery_put_gap(r, f, direction, *chunk, piece->length - piece->data.len);
    }
}
