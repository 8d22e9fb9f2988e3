/* A hash table whose slots name rows:
 *
 *   id --place--> slot | slot | slot | ...     row: hosts, convoy | row | vacant | ...
 *                        '--number-----------------------------------^ */
#include "export/ongoing.h"

#include "hopscope/span.h"

#include <string.h>

enum { ONGOING_SLOTS_FIRST = 64 };

static void ongoing_make_room(struct ongoing *o, size_t capacity)
{
    o->capacity = capacity;
    o->slots = mem_alloc_array(capacity, sizeof *o->slots);
    o->rows = mem_resize(o->rows, capacity / 2 * sizeof *o->rows);
    o->vacant = mem_resize(o->vacant, capacity / 2 * sizeof *o->vacant);
}

void ongoing_init(struct ongoing *o)
{
    *o = (struct ongoing){.key = hash_key_random()};
    ongoing_make_room(o, ONGOING_SLOTS_FIRST);
}

void ongoing_done(struct ongoing *o)
{
    mem_free(o->vacant);
    mem_free(o->rows);
    mem_free(o->slots);
}

/* Its slot, or the free one where it would stand. */
static inline struct ongoing_slot *ongoing_slot_of(struct ongoing *o,
                                                   int64_t connection_id, size_t place)
{
    size_t mask = o->capacity - 1, at = place & mask;
    while (o->slots[at].row != 0 && o->slots[at].connection_id != connection_id)
        at = (at + 1) & mask;
    return &o->slots[at];
}

static void ongoing_grow(struct ongoing *o)
{
    struct ongoing_slot *old = o->slots;
    size_t count = o->capacity;
    ongoing_make_room(o, count * 2);
    for (size_t i = 0; i < count; i++) {
        int64_t id = old[i].connection_id;
        if (old[i].row == 0) continue;
        *ongoing_slot_of(o, id, ongoing_place_of(o, id)) = old[i];
    }
    mem_free(old);
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

/* The number of a row that nobody has, with nothing in it. */
static uint32_t ongoing_take_row(struct ongoing *o)
{
    size_t made = o->count + o->vacant_count;
    uint32_t row = o->vacant_count > 0 ? o->vacant[--o->vacant_count] : (uint32_t)made;
    o->count++;
    if (o->vacant_count > 0) /* the next one */
        mem_prefetch(&o->rows[o->vacant[o->vacant_count - 1]], sizeof *o->rows);
    o->rows[row].host_count = 0;
    ongoing_begin_convoy(&o->rows[row].convoy, 0, 0, 0);
    return row;
}

/* The slots behind a freed one move up, so that no search ends too early. */
static void ongoing_vacate(struct ongoing *o, struct ongoing_slot *slot)
{
    o->vacant[o->vacant_count++] = slot->row - 1;
    size_t mask = o->capacity - 1;
    size_t hole = (size_t)(slot - o->slots);
    for (size_t at = (hole + 1) & mask; o->slots[at].row != 0; at = (at + 1) & mask) {
        size_t home = ongoing_place_of(o, o->slots[at].connection_id) & mask;
        if (((at - home) & mask) < ((at - hole) & mask)) continue;
        o->slots[hole] = o->slots[at];
        hole = at;
    }
    o->slots[hole].row = 0;
    o->count--;
}

static void ongoing_let_go(struct ongoing *o)
{
    if (!o->has_leaver) return;
    o->has_leaver = false;
    struct ongoing_leaver leaver = o->leaver;
    struct ongoing_slot *slot = ongoing_slot_of(o, leaver.connection_id, leaver.place);
    if (slot->row != 0) ongoing_vacate(o, slot);
}

void ongoing_forget(struct ongoing *o, int64_t connection_id)
{
    ongoing_let_go(o);
    o->leaver = (struct ongoing_leaver){
        .connection_id = connection_id,
        .place = ongoing_expect(o, connection_id),
    };
    o->has_leaver = true;
}

struct ongoing_slot *ongoing_search(struct ongoing *o, int64_t connection_id,
                                    size_t place)
{
    struct ongoing_slot *slot = ongoing_slot_of(o, connection_id, place);
    if (slot->row != 0) return slot;
    if (o->count == ONGOING_ROWS_MAX) ongoing_let_go(o);
    if (o->count == ONGOING_ROWS_MAX) return NULL;
    if ((o->count + 1) * 2 > o->capacity) ongoing_grow(o);
    uint32_t row = ongoing_take_row(o);
    slot = ongoing_slot_of(o, connection_id, place); /* others may have moved */
    *slot = (struct ongoing_slot){.connection_id = connection_id, .row = row + 1};
    return slot;
}

bool ongoing_turn_to_host(const struct ongoing *o, struct ongoing_slot *slot,
                          int32_t host)
{
    struct ongoing_row *row = ongoing_row_of(o, slot);
    if (row->host_count == ONGOING_HOSTS_MAX) return false;
    for (uint32_t i = 0; i < row->host_count; i++)
        if (row->hosts[i] == host) return false;
    row->hosts[row->host_count++] = host;
    if (host < ONGOING_FIRST_HOSTS) slot->old_hosts |= UINT32_C(1) << host;
    if (row->host_count == ONGOING_HOSTS_MAX) slot->old_hosts = UINT32_MAX;
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
