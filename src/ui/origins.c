/* Origins: sums per host and server, and waits by logarithmic buckets.
 *
 *   exchange --host, server--> origin: counts, waits[8 per power of two]
 *   connection opened, closed --> now
 *                          '--events, by time, once no earlier one comes--> max  */
#include "ui/origins.h"

#include <string.h>

enum { CLIENTS_REST = ORIGIN_CLIENTS_MAX - 1, WAIT_STEPS = 8 };

void origins_done(struct origins *o)
{
    for (size_t i = 0; i < o->count; i++) mem_free(o->rows[i]);
    mem_free(o->rows);
    mem_free(o->events);
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

/* ---- how many at the same time ---- */

/* An end goes before a beginning of the same time. */
static bool is_before(const struct origin_event *a, const struct origin_event *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->is_end && !b->is_end;
}

static void swap_events(struct origins *all, size_t a, size_t b)
{
    struct origin_event kept = all->events[a];
    all->events[a] = all->events[b];
    all->events[b] = kept;
}

static void count_event(const struct origin_event *e)
{
    struct origin *o = e->origin;
    o->then += e->is_end ? -1 : 1;
    e->client->then += e->is_end ? -1 : 1;
    if (o->then > (int32_t)o->max) o->max = (uint32_t)o->then;
    if (e->client->then > (int32_t)e->client->max)
        e->client->max = (uint32_t)e->client->then;
    if (e->client->max > o->client_max) o->client_max = e->client->max;
}

static void settle_earliest(struct origins *all)
{
    count_event(&all->events[0]);
    all->events[0] = all->events[--all->event_count];
    for (size_t at = 0;;) {
        size_t left = 2 * at + 1, right = left + 1, least = at;
        if (left < all->event_count &&
            is_before(&all->events[left], &all->events[least]))
            least = left;
        if (right < all->event_count &&
            is_before(&all->events[right], &all->events[least]))
            least = right;
        if (least == at) return;
        swap_events(all, at, least);
        at = least;
    }
}

void origins_settle(struct origins *all, int64_t until_us)
{
    while (all->event_count > 0 && all->events[0].at_us < until_us)
        settle_earliest(all);
}

static void add_event(struct origins *all, const struct origin_event *event)
{
    if (all->events == NULL)
        all->events = mem_alloc_array(ORIGIN_EVENTS_MAX, sizeof *all->events);
    if (all->event_count == ORIGIN_EVENTS_MAX) settle_earliest(all);
    size_t at = all->event_count++;
    all->events[at] = *event;
    while (at > 0 && is_before(&all->events[at], &all->events[(at - 1) / 2])) {
        swap_events(all, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

void origins_open(struct origins *all, struct origin *o, const struct endpoint *client,
                  int64_t at_us)
{
    struct origin_client *row = client_of(o, client);
    const struct origin_event event = {.at_us = at_us, .origin = o, .client = row};
    o->connections++;
    o->now++;
    row->now++;
    add_event(all, &event);
    if (at_us == RECORD_UNKNOWN) return;
    if (o->first_us == RECORD_UNKNOWN || at_us < o->first_us) o->first_us = at_us;
    if (at_us > o->last_us) o->last_us = at_us;
}

void origins_close(struct origins *all, struct origin *o, const struct endpoint *client,
                   int64_t at_us)
{
    struct origin_client *row = client_of(o, client);
    const struct origin_event event = {
        .at_us = at_us, .origin = o, .client = row, .is_end = true};
    if (o->now > 0) o->now--;
    if (row->now > 0) row->now--;
    add_event(all, &event);
}

/* ---- waits ---- */

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
