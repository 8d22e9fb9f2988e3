/* Origins: sums per host and server, and waits by logarithmic buckets.
 *
 *   exchange --host, server--> origin: counts, waits[8 per power of two]
 *   connection opened, closed --> now, max, per client                          */
#include "ui/origins.h"

#include <string.h>

enum { CLIENTS_REST = ORIGIN_CLIENTS_MAX - 1, WAIT_STEPS = 8 };

void origins_done(struct origins *o)
{
    for (size_t i = 0; i < o->count; i++) mem_free(o->rows[i]);
    mem_free(o->rows);
    *o = (struct origins){.rows = NULL};
}

struct origin *origins_find(struct origins *o, struct bytes host,
                            const struct endpoint *server)
{
    struct bytes name = bytes_first(host, ORIGIN_HOST_MAX);
    for (size_t i = 0; i < o->count; i++) {
        struct origin *row = o->rows[i];
        if (row->is_rest || (bytes_equal(bytes_of(row->host, row->host_length), name) &&
                             endpoint_equal(&row->server, server)))
            return row;
    }
    struct origin *row = mem_alloc(sizeof *row);
    if (o->rows == NULL) o->rows = mem_alloc_array(ORIGINS_MAX, sizeof *o->rows);
    o->rows[o->count++] = row;
    row->idle_min_us = row->idle_max_us = RECORD_UNKNOWN;
    row->first_us = row->last_us = RECORD_UNKNOWN;
    row->is_rest = o->count == ORIGINS_MAX;
    if (row->is_rest) return row;
    if (name.len > 0) memcpy(row->host, name.ptr, name.len);
    row->host_length = name.len;
    row->server = *server;
    return row;
}

static struct origin_client *client_of(struct origin *o, const struct endpoint *client)
{
    struct endpoint address = *client;
    address.port = 0;
    for (size_t i = 0; i < o->client_count; i++) {
        if (endpoint_equal(&o->clients[i].address, &address)) return &o->clients[i];
    }
    if (o->client_count > CLIENTS_REST) return &o->clients[CLIENTS_REST];
    struct origin_client *row = &o->clients[o->client_count++];
    row->address = address;
    return row;
}

void origin_open(struct origin *o, const struct endpoint *client, int64_t at_us)
{
    struct origin_client *row = client_of(o, client);
    o->connections++;
    if (++o->now > o->max) o->max = o->now;
    if (++row->now > row->max) row->max = row->now;
    if (row->max > o->client_max) o->client_max = row->max;
    if (at_us == RECORD_UNKNOWN) return;
    if (o->first_us == RECORD_UNKNOWN || at_us < o->first_us) o->first_us = at_us;
    if (at_us > o->last_us) o->last_us = at_us;
}

void origin_close(struct origin *o, const struct endpoint *client)
{
    struct origin_client *row = client_of(o, client);
    if (o->now > 0) o->now--;
    if (row->now > 0) row->now--;
}

/* Values below 8 have a bucket each; then the top three bits below the first count. */
static size_t bucket_of(int64_t us)
{
    uint64_t value = us < 0 ? 0 : (uint64_t)us;
    if (value < WAIT_STEPS) return (size_t)value;
    unsigned power = 63u - (unsigned)__builtin_clzll(value);
    size_t at = (size_t)(power - 2) * WAIT_STEPS + (size_t)((value >> (power - 3)) & 7);
    return at < WAIT_BUCKETS ? at : WAIT_BUCKETS - 1;
}

/* The middle of a bucket: at most a sixteenth off. */
static int64_t bucket_us(size_t at)
{
    if (at < WAIT_STEPS) return (int64_t)at;
    unsigned power = (unsigned)(at / WAIT_STEPS) + 2;
    int64_t step = (int64_t)1 << (power - 3);
    return ((int64_t)1 << power) + (int64_t)(at % WAIT_STEPS) * step + step / 2;
}

void origin_exchange(struct origin *o, const struct record_exchange *e, bool is_failed)
{
    int64_t at_us = e->request_start_us != RECORD_UNKNOWN ? e->request_start_us
                                                          : e->response_start_us;
    o->exchanges++;
    if (e->ordinal > 1) o->reused++;
    if (is_failed) o->failed++;
    if (at_us > o->last_us) o->last_us = at_us;
    if (e->wait_us == RECORD_UNKNOWN) return;
    o->waits[bucket_of(e->wait_us)]++;
    o->wait_count++;
}

int64_t origin_wait_us(const struct origin *o, unsigned percent)
{
    uint64_t below = 0;
    uint64_t wanted = (o->wait_count * percent + 99) / 100;
    if (o->wait_count == 0) return RECORD_UNKNOWN;
    for (size_t i = 0; i < WAIT_BUCKETS; i++) {
        below += o->waits[i];
        if (below >= wanted) return bucket_us(i);
    }
    return RECORD_UNKNOWN;
}
