/* Rows: made, chained, let go.
 *
 *   connection_map --> connection --first..last--> exchange --> header fields
 *   oldest <--> ... <--> newest     (connections by arrival; exchanges likewise)
 *
 * Over a cap the oldest finished connection goes with all it has; a connection of very
 * many exchanges loses its oldest ones only, and before those that have few: a row says
 * what its last exchange was, however busy another one is. */
#include "ui/model_rows.h"

#include "ui/kept_record.h"

#include <string.h>

enum { EVICTION_LOOK_MAX = 64 /* rows looked at for one that is over */ };

/* ---- made ---- */

void model_rows_tell_connection(struct model *m, struct model_connection *c,
                                const struct record_connection *record)
{
    size_t size;
    struct record_connection *kept =
        kept_record_new(RECORD_CONNECTION, record, &size, &m->counts.cut_texts);
    mem_free(c->record);
    c->record = kept;
    m->row_bytes -= c->row_bytes;
    c->row_bytes = sizeof *c + size;
    m->row_bytes += c->row_bytes;
}

struct model_connection *model_rows_connection(struct model *m, int64_t id)
{
    struct model_connection *c = id_map_find(&m->connection_map, id);
    if (c != NULL) return c;
    c = mem_alloc(sizeof *c);
    struct record_connection blank;
    record_clear(RECORD_CONNECTION, &blank);
    blank.id = id;
    c->id = id;
    model_rows_tell_connection(m, c, &blank);
    c->serial = ++m->connection_serial;
    c->active_us = RECORD_UNKNOWN;
    c->older = m->newest;
    if (m->newest != NULL)
        m->newest->newer = c;
    else
        m->oldest = c;
    m->newest = c;
    m->connection_count++;
    m->open_connections++;
    m->counts.opened++;
    id_map_add(&m->connection_map, id, c);
    return c;
}

static void join_arrivals(struct model *m, struct model_exchange *e)
{
    e->older = m->newest_exchange;
    e->newer = NULL;
    if (m->newest_exchange != NULL)
        m->newest_exchange->newer = e;
    else
        m->oldest_exchange = e;
    m->newest_exchange = e;
}

static void leave_arrivals(struct model *m, struct model_exchange *e)
{
    if (e->older != NULL) e->older->newer = e->newer;
    if (e->newer != NULL) e->newer->older = e->older;
    if (m->oldest_exchange == e) m->oldest_exchange = e->newer;
    if (m->newest_exchange == e) m->newest_exchange = e->older;
    if (m->oldest_headers == e) m->oldest_headers = e->newer;
}

static void chain_exchange(struct model *m, struct model_connection *c,
                           struct model_exchange *e)
{
    struct model_exchange *before = c->last;
    while (before != NULL && before->record->ordinal > e->record->ordinal)
        before = before->before;
    e->before = before;
    e->after = before != NULL ? before->after : c->first;
    if (before != NULL)
        before->after = e;
    else
        c->first = e;
    if (e->after != NULL)
        e->after->before = e;
    else
        c->last = e;
    join_arrivals(m, e);
    c->kept_exchanges++;
    m->exchange_count++;
}

static size_t header_size(const struct model_header *h)
{
    return sizeof *h + sizeof *h->record + h->record->name.len + h->record->value.len;
}

static void take_early(struct model *m, struct model_exchange *e)
{
    struct model_early *early = id_map_find(&m->early_map, e->record->id);
    if (early == NULL) return;
    e->headers = early->first;
    e->header_bytes = early->bytes;
    m->early_bytes -= early->bytes;
    id_map_remove(&m->early_map, e->record->id);
    mem_free(early);
}

struct model_exchange *model_rows_exchange(struct model *m,
                                           const struct record_exchange *record)
{
    struct model_exchange *e = id_map_find(&m->exchange_map, record->id);
    size_t size;
    struct record_exchange *kept =
        kept_record_new(RECORD_EXCHANGE, record, &size, &m->counts.cut_texts);
    if (e != NULL) {
        if (e->record->state == EXCHANGE_OPEN) e->connection->waiting--;
        mem_free(e->record);
        e->record = kept;
    } else {
        e = mem_alloc(sizeof *e);
        e->record = kept;
        e->connection = model_rows_connection(m, record->connection_id);
        chain_exchange(m, e->connection, e);
        id_map_add(&m->exchange_map, record->id, e);
        take_early(m, e);
    }
    m->row_bytes -= e->row_bytes;
    e->row_bytes = sizeof *e + size;
    m->row_bytes += e->row_bytes;
    if (kept->state == EXCHANGE_OPEN) e->connection->waiting++;
    return e;
}

/* ---- header fields ---- */

static void free_headers(struct model_header *h)
{
    while (h != NULL) {
        struct model_header *next = h->next;
        mem_free(h->record);
        mem_free(h);
        h = next;
    }
}

void model_rows_header(struct model *m, struct model_exchange *e,
                       const struct record_header *record)
{
    struct model_header *h = mem_alloc(sizeof *h);
    size_t size;
    h->record = kept_record_new(RECORD_HEADER, record, &size, &m->counts.cut_texts);
    m->header_bytes += header_size(h);
    if (e != NULL) { /* of one message: few */
        struct model_header **tail = &e->headers;
        while (*tail != NULL) tail = &(*tail)->next;
        *tail = h;
        e->header_bytes += header_size(h);
        return;
    }
    struct model_early *early = id_map_find(&m->early_map, record->exchange_id);
    if (early == NULL) {
        early = mem_alloc(sizeof *early);
        id_map_add(&m->early_map, record->exchange_id, early);
    }
    if (early->first == NULL)
        early->first = h;
    else
        early->last->next = h;
    early->last = h;
    early->bytes += header_size(h);
    m->early_bytes += header_size(h);
}

/* ---- let go ---- */

static void drop_headers(struct model *m, struct model_exchange *e)
{
    for (struct model_header *h = e->headers; h != NULL; h = h->next)
        m->counts.unkept_headers++;
    free_headers(e->headers);
    m->header_bytes -= e->header_bytes;
    e->headers = NULL;
    e->header_bytes = 0;
}

static void remove_exchange(struct model *m, struct model_exchange *e)
{
    struct model_connection *c = e->connection;
    if (e->before != NULL) e->before->after = e->after;
    if (e->after != NULL) e->after->before = e->before;
    if (c->first == e) c->first = e->after;
    if (c->last == e) c->last = e->before;
    leave_arrivals(m, e);
    m->row_bytes -= e->row_bytes;
    if (e->record->state == EXCHANGE_OPEN) c->waiting--;
    c->kept_exchanges--;
    m->exchange_count--;
    m->counts.forgotten_exchanges++;
    drop_headers(m, e);
    id_map_remove(&m->exchange_map, e->record->id);
    mem_free(e->record);
    mem_free(e);
}

static void remove_connection(struct model *m, struct model_connection *c)
{
    while (c->first != NULL) remove_exchange(m, c->first);
    if (c->older != NULL) c->older->newer = c->newer;
    if (c->newer != NULL) c->newer->older = c->older;
    if (m->oldest == c) m->oldest = c->newer;
    if (m->newest == c) m->newest = c->older;
    if (!c->is_over) {
        m->open_connections--;
        if (c->origin != NULL)
            origins_close(&m->origins, c->origin, &c->record->client, m->now_us);
    }
    if (c->is_marked) m->marked--;
    if (c->tunnel != NULL) m->tunnel_count--;
    m->connection_count--;
    m->row_bytes -= c->row_bytes;
    m->counts.forgotten_connections++;
    id_map_remove(&m->connection_map, c->id);
    mem_free(c->tunnel);
    mem_free(c->record);
    mem_free(c);
}

static struct model_connection *least_wanted(const struct model *m)
{
    struct model_connection *fallback = m->oldest;
    struct model_connection *c = m->oldest;
    for (int i = 0; c != NULL && i < EVICTION_LOOK_MAX; i++, c = c->newer) {
        if (c->is_over && !c->is_marked) return c;
        if (fallback->is_marked && !c->is_marked) fallback = c;
    }
    return fallback;
}

/* The oldest of a connection that has others; it may take some turns to find one. */
static struct model_exchange *least_wanted_exchange(struct model *m)
{
    for (int i = 0; i < EVICTION_LOOK_MAX; i++) {
        struct model_exchange *e = m->oldest_exchange;
        if (e->connection->kept_exchanges > MODEL_EXCHANGES_EACH) break;
        leave_arrivals(m, e);
        join_arrivals(m, e);
    }
    return m->oldest_exchange;
}

static bool is_over_cap(const struct model *m)
{
    return m->exchange_count > m->exchanges_max ||
           (m->row_bytes > m->row_bytes_max && m->exchange_count > 0);
}

static void drop_early(struct model *m)
{
    for (size_t i = 0; i < m->early_map.capacity; i++) {
        struct model_early *early = m->early_map.slots[i].item;
        if (early == NULL) continue;
        for (struct model_header *h = early->first; h != NULL; h = h->next)
            m->counts.unkept_headers++;
        free_headers(early->first);
        mem_free(early);
    }
    id_map_done(&m->early_map);
    m->header_bytes -= m->early_bytes;
    m->early_bytes = 0;
}

void model_rows_keep_caps(struct model *m)
{
    while (m->connection_count > m->connections_max)
        remove_connection(m, least_wanted(m));
    while (is_over_cap(m)) remove_exchange(m, least_wanted_exchange(m));
    while (m->row_bytes > m->row_bytes_max && m->connection_count > 1)
        remove_connection(m, least_wanted(m));
    while (m->header_bytes - m->early_bytes > MODEL_HEADER_BYTES_MAX) {
        struct model_exchange *e = m->oldest_headers;
        if (e == NULL) e = m->oldest_exchange;
        if (e->headers != NULL) drop_headers(m, e);
        m->oldest_headers = e->newer;
    }
    if (m->early_bytes > MODEL_EARLY_BYTES_MAX) drop_early(m);
}

void model_free(struct model *m)
{
    if (m == NULL) return;
    while (m->oldest != NULL) remove_connection(m, m->oldest);
    drop_early(m);
    id_map_done(&m->connection_map);
    id_map_done(&m->exchange_map);
    origins_done(&m->origins);
    mem_free(m->findings);
    mem_free(m);
}
