/* Connections whose exchanges come in and whose own record has not come yet: which
 * hosts each has served, so that a connection counts once per host, and which response
 * holds up the ones behind it. */
#ifndef EXPORT_ONGOING_H
#define EXPORT_ONGOING_H

#include "hopscope/base.h"
#include "hopscope/record.h"

enum {
    ONGOING_ROWS_MAX = 1 << 15, /* connections at once; later ones go without a row */
    ONGOING_HOSTS_MAX = 8,      /* per connection; later ones are not told apart */
    ONGOING_FIRST_HOSTS = 32,   /* as many as a slot has bits for */
    ONGOING_TARGET_MAX = 64,
    ONGOING_NEIGHBOURS = 16,  /* ids in a row */
    ONGOING_IDS_PER_SLOT = 2, /* a connection has some packets */
};

/* The head of a convoy (SEMANTICS, 5): the response that owned the line for longest,
 * and what it made the pipelined requests behind it wait. */
struct convoy {
    uint64_t request_ref, response_ref; /* of the head */
    int64_t owned_us;                   /* for how long it owned the line */
    int64_t longest_us, total_us;       /* hol_us of the requests behind it */
    uint64_t held;                      /* how many of them */
    /* Cut: as sent, with their lengths, while it goes on; escaped text in the worst. */
    char method[16], target[ONGOING_TARGET_MAX];
    uint8_t method_length, target_length;
};

struct ongoing_row {
    uint32_t host_count;
    int32_t hosts[ONGOING_HOSTS_MAX]; /* as host_table numbers them */
    struct convoy convoy;
};

struct ongoing_slot {
    int64_t connection_id;
    uint32_t row;       /* index in rows + 1; 0: free */
    uint32_t old_hosts; /* bits: which of the first hosts would not be new */
};

/* A connection to be forgotten, and its place. */
struct ongoing_leaver {
    int64_t connection_id;
    size_t place;
};

/* Slots are small and rows stand apart: a search reads one line of slots. A row is far,
 * too, and is not waited for: the usual exchange is only written there, and it is not
 * touched to be forgotten. Who is to be forgotten waits for the next one, so that
 * the slot is at hand by then: with thousands of connections, it is far. */
struct ongoing {
    struct hash_key key;
    struct ongoing_slot *slots; /* open addressing, `capacity` a power of two */
    struct ongoing_row *rows;   /* room for half of it */
    uint32_t *vacant;           /* rows that were given back, the last one last */
    size_t count, capacity, vacant_count;
    bool has_leaver;
    struct ongoing_leaver leaver;
};

void ongoing_init(struct ongoing *o);
void ongoing_done(struct ongoing *o);

/* Where a connection's slot would best stand: the place that ongoing_find wants to
 * know. An id is a packet's number, and connections that began one after the other
 * mostly come and go so, too: those of a neighbourhood share two lines of slots. Which
 * ones depends on the key. Multiplied twice, since one product of numbers in a row may
 * give about the same again and again. Good for any number of slots. */
static inline size_t ongoing_place_of(const struct ongoing *o, int64_t connection_id)
{
    uint64_t id = (uint64_t)connection_id;
    uint64_t mixed = (id / ONGOING_NEIGHBOURS ^ o->key.k0) * (o->key.k1 | 1);
    mixed = (mixed ^ mixed >> 32) * (o->key.k1 | 1);
    uint64_t first = (mixed >> 32) * (ONGOING_NEIGHBOURS / ONGOING_IDS_PER_SLOT);
    return (size_t)(first + id % ONGOING_NEIGHBOURS / ONGOING_IDS_PER_SLOT);
}

/* The same; what stands there comes nearer meanwhile. */
static inline size_t ongoing_expect(const struct ongoing *o, int64_t connection_id)
{
    size_t place = ongoing_place_of(o, connection_id);
    mem_prefetch(&o->slots[place & (o->capacity - 1)], 1);
    return place;
}

/* Of a connection that does not stand in the best slot. */
struct ongoing_slot *ongoing_search(struct ongoing *o, int64_t connection_id,
                                    size_t place);

/* The connection's slot, with a row made if there is room; else NULL. Valid until the
 * next one is made, or one forgotten. */
static inline struct ongoing_slot *ongoing_find(struct ongoing *o,
                                                int64_t connection_id, size_t place)
{
    struct ongoing_slot *best = &o->slots[place & (o->capacity - 1)];
    return best->connection_id == connection_id && best->row != 0
               ? best
               : ongoing_search(o, connection_id, place);
}

static inline struct ongoing_row *ongoing_row_of(const struct ongoing *o,
                                                 const struct ongoing_slot *slot)
{
    return &o->rows[slot->row - 1];
}

/* The connection will not come again. Its row goes with the next call: an exchange of
 * that id before it still finds the old one. */
void ongoing_forget(struct ongoing *o, int64_t connection_id);
/* Of a host that the slot does not know for an old one. */
bool ongoing_turn_to_host(const struct ongoing *o, struct ongoing_slot *slot,
                          int32_t host);

/* Whether that host is new on this connection. */
static inline bool ongoing_add_host(const struct ongoing *o, struct ongoing_slot *slot,
                                    int32_t host)
{
    bool is_old = host < ONGOING_FIRST_HOSTS && (slot->old_hosts >> host & 1) != 0;
    return !is_old && ongoing_turn_to_host(o, slot, host);
}

/* Takes the connection's next exchange; `worst` keeps the convoy with the longest waits
 * in all. */
void ongoing_add_exchange(struct ongoing_row *row, const struct record_exchange *e,
                          struct convoy *worst);

#endif
