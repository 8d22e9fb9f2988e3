/* Connections whose exchanges come in and whose own record has not come yet: which
 * hosts each has served, so that a connection counts once per host, and which response
 * holds up the ones behind it. */
#ifndef EXPORT_ONGOING_H
#define EXPORT_ONGOING_H

#include "hopscope/base.h"
#include "hopscope/pool.h"
#include "hopscope/record.h"

enum {
    ONGOING_ROWS_MAX = 1 << 15, /* connections at once; later ones go without a row */
    ONGOING_HOSTS_MAX = 8,      /* per connection; later ones are not told apart */
    ONGOING_TARGET_MAX = 64,
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
    uint8_t host_count;
    int32_t hosts[ONGOING_HOSTS_MAX]; /* as host_table numbers them */
    struct convoy convoy;
};

struct ongoing_slot {
    int64_t connection_id;
    struct ongoing_row *row; /* NULL: free */
};

/* Slots are small and rows stand apart: a search reads one line of slots, and the rows
 * of connections that come and go are the ones used a moment ago. */
struct ongoing {
    struct hash_key key;
    struct ongoing_slot *slots; /* open addressing, `capacity` a power of two */
    size_t count, capacity;
    struct pool *rows;
};

void ongoing_init(struct ongoing *o);
void ongoing_done(struct ongoing *o);
/* The place that ongoing_find and ongoing_forget want to know. What they look at there
 * comes nearer meanwhile: with thousands of connections, it is far. */
size_t ongoing_expect(const struct ongoing *o, int64_t connection_id);
/* The connection's row, made if there is room; else NULL. Valid until it is forgotten.
 */
struct ongoing_row *ongoing_find(struct ongoing *o, int64_t connection_id,
                                 size_t place);
void ongoing_forget(struct ongoing *o, int64_t connection_id, size_t place);
/* Whether that host is new on this connection. */
bool ongoing_add_host(struct ongoing_row *row, int32_t host);
/* Takes the connection's next exchange; `worst` keeps the convoy with the longest waits
 * in all. */
void ongoing_add_exchange(struct ongoing_row *row, const struct record_exchange *e,
                          struct convoy *worst);

#endif
