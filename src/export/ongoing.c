#include "export/ongoing.h"

#include "hopscope/span.h"

#include <string.h>

enum {
    ONGOING_SLOTS_FIRST = 64,
    ONGOING_NEIGHBOURS = 16,  /* ids in a row */
    ONGOING_IDS_PER_SLOT = 2, /* a connection has some packets */
};

void ongoing_init(struct ongoing *o)
{
    *o = (struct ongoing){.key = hash_key_random(), .capacity = ONGOING_SLOTS_FIRST};
    o->slots = mem_alloc_array(o->capacity, sizeof *o->slots);
    o->rows = pool_new(sizeof(struct ongoing_row));
}

void ongoing_done(struct ongoing *o)
{
    for (size_t i = 0; i < o->capacity; i++)
        if (o->slots[i].row != NULL) pool_give(o->rows, o->slots[i].row);
    pool_free(o->rows);
    mem_free(o->slots);
}

/* An id is a packet's number, and connections that began one after the other mostly
 * come and go so, too: those of a neighbourhood share two lines of slots. Which ones
 * depends on the key. Multiplied twice, since one product of numbers in a row may give
 * about the same again and again. Good for any number of slots. */
static size_t ongoing_place_of(const struct ongoing *o, int64_t connection_id)
{
    uint64_t id = (uint64_t)connection_id;
    uint64_t mixed = (id / ONGOING_NEIGHBOURS ^ o->key.k0) * (o->key.k1 | 1);
    mixed = (mixed ^ mixed >> 32) * (o->key.k1 | 1);
    uint64_t first = (mixed >> 32) * (ONGOING_NEIGHBOURS / ONGOING_IDS_PER_SLOT);
    return (size_t)(first + id % ONGOING_NEIGHBOURS / ONGOING_IDS_PER_SLOT);
}

/* Its slot, or the free one where it would stand. */
static inline struct ongoing_slot *ongoing_slot_of(struct ongoing *o,
                                                   int64_t connection_id, size_t place)
{
    size_t mask = o->capacity - 1, at = place & mask;
    while (o->slots[at].row != NULL && o->slots[at].connection_id != connection_id)
        at = (at + 1) & mask;
    return &o->slots[at];
}

size_t ongoing_expect(const struct ongoing *o, int64_t connection_id)
{
    size_t place = ongoing_place_of(o, connection_id);
    __builtin_prefetch(&o->slots[place & (o->capacity - 1)]);
    return place;
}

static void ongoing_grow(struct ongoing *o)
{
    struct ongoing grown = *o;
    grown.capacity = o->capacity * 2;
    grown.slots = mem_alloc_array(grown.capacity, sizeof *grown.slots);
    for (size_t i = 0; i < o->capacity; i++) {
        int64_t id = o->slots[i].connection_id;
        if (o->slots[i].row == NULL) continue;
        *ongoing_slot_of(&grown, id, ongoing_place_of(o, id)) = o->slots[i];
    }
    mem_free(o->slots);
    *o = grown;
}

static struct ongoing_row *ongoing_add(struct ongoing *o, int64_t connection_id,
                                       size_t place)
{
    if (o->count == ONGOING_ROWS_MAX) return NULL;
    if ((o->count + 1) * 2 > o->capacity) ongoing_grow(o);
    struct ongoing_slot *slot = ongoing_slot_of(o, connection_id, place);
    slot->connection_id = connection_id;
    slot->row = pool_take(o->rows);
    o->count++;
    return slot->row;
}

struct ongoing_row *ongoing_find(struct ongoing *o, int64_t connection_id, size_t place)
{
    struct ongoing_row *row = ongoing_slot_of(o, connection_id, place)->row;
    return row != NULL ? row : ongoing_add(o, connection_id, place);
}

/* The slots behind a freed one move up, so that no search ends too early. */
void ongoing_forget(struct ongoing *o, int64_t connection_id, size_t place)
{
    struct ongoing_slot *slot = ongoing_slot_of(o, connection_id, place);
    if (slot->row == NULL) return;
    pool_give(o->rows, slot->row);
    size_t mask = o->capacity - 1;
    size_t hole = (size_t)(slot - o->slots);
    for (size_t at = (hole + 1) & mask; o->slots[at].row != NULL;
         at = (at + 1) & mask) {
        size_t home = ongoing_place_of(o, o->slots[at].connection_id) & mask;
        if (((at - home) & mask) < ((at - hole) & mask)) continue;
        o->slots[hole] = o->slots[at];
        hole = at;
    }
    o->slots[hole].row = NULL;
    o->count--;
}

bool ongoing_add_host(struct ongoing_row *row, int32_t host)
{
    for (size_t i = 0; i < row->host_count; i++) {
        if (row->hosts[i] == host) return false;
    }
    if (row->host_count == ONGOING_HOSTS_MAX) return false;
    row->hosts[row->host_count++] = host;
    return true;
}

/* From the moment the response could have begun to its end. */
static int64_t ongoing_owned_us(const struct record_exchange *e, bool is_behind)
{
    int64_t before = is_behind ? e->service_us : e->wait_us;
    if (before < 0) before = 0; /* not observed, or the response began early */
    return e->transfer_us > 0 ? before + e->transfer_us : before;
}

/* As much as may be told of it: an escaped text is no shorter than the text. */
static uint8_t ongoing_keep(struct bytes text, char *out, size_t size)
{
    text = bytes_first(text, size - 1);
    if (text.len > 0) memcpy(out, text.ptr, text.len);
    return (uint8_t)text.len;
}

static void ongoing_tell_convoy(const struct convoy *c, struct convoy *worst)
{
    *worst = *c;
    bytes_escape(bytes_of(c->method, c->method_length), worst->method,
                 sizeof worst->method);
    bytes_escape(bytes_of(c->target, c->target_length), worst->target,
                 sizeof worst->target);
}

/* Nobody is behind it yet. The texts stay: their lengths say how far they go. */
static void ongoing_begin_convoy(struct convoy *c, uint64_t request_ref,
                                 uint64_t response_ref, int64_t owned_us)
{
    c->request_ref = request_ref;
    c->response_ref = response_ref;
    c->owned_us = owned_us;
    c->longest_us = c->total_us = 0;
    c->held = 0;
    c->method_length = c->target_length = 0;
}

/* One more behind the head. */
static void ongoing_hold(struct convoy *c, int64_t hol_us, struct convoy *worst)
{
    c->held++;
    span_add(&c->total_us, hol_us);
    if (hol_us > c->longest_us) c->longest_us = hol_us;
    if (c->total_us > worst->total_us) ongoing_tell_convoy(c, worst);
}

void ongoing_add_exchange(struct ongoing_row *row, const struct record_exchange *e,
                          struct convoy *worst)
{
    struct convoy *c = &row->convoy;
    bool is_behind = e->depth >= 2;
    int64_t owned_us = ongoing_owned_us(e, is_behind);
    if (is_behind && e->hol_us > 0 && c->response_ref != 0)
        ongoing_hold(c, e->hol_us, worst);
    if (e->response_ref == 0 || (is_behind && owned_us <= c->owned_us)) {
        if (!is_behind) ongoing_begin_convoy(c, 0, 0, -1);
        return;
    }
    ongoing_begin_convoy(c, e->request_ref, e->response_ref, owned_us);
    c->method_length = ongoing_keep(e->method, c->method, sizeof c->method);
    c->target_length = ongoing_keep(e->target, c->target, sizeof c->target);
}
