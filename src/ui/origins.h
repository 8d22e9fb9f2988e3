/* Origins: what is known of each host on each server, over all its connections, also
 * those that are no longer kept. Bounded; beyond the cap they count as one. */
#ifndef UI_ORIGINS_H
#define UI_ORIGINS_H

#include "hopscope/record.h"

enum {
    ORIGINS_MAX = 512,
    ORIGIN_CLIENTS_MAX = 64, /* told apart; the others count as one */
    ORIGIN_HOST_MAX = 128,
    ORIGIN_EVENTS_MAX = 1 << 16, /* then the earliest are taken as settled */
    WAIT_BUCKETS = 40 * 8,       /* eight to each power of two, in µs */
};

struct origin_client {
    struct endpoint address; /* port 0 */
    uint32_t now, max;
    int32_t then; /* open when the last event was settled */
};

struct origin {
    char host[ORIGIN_HOST_MAX]; /* as captured, cut; "" until one is named */
    size_t host_length;
    struct endpoint server;
    uint64_t connections, exchanges, reused, failed, idle_closed, refused;
    uint32_t now, max;                /* open at the same time; max: when settled */
    uint32_t client_max;              /* ... of one client */
    int32_t then;                     /* as of a client */
    int64_t idle_min_us, idle_max_us; /* at which the server closed idle ones */
    int64_t first_us, last_us;
    uint32_t waits[WAIT_BUCKETS];
    uint64_t wait_count;
    struct origin_client clients[ORIGIN_CLIENTS_MAX];
    size_t client_count;
    bool is_rest; /* all that found no place */
};

/* A connection's beginning or end, which may be told later than others that were after
 * it: how many were open at the same time is known once no earlier one can come. */
struct origin_event {
    int64_t at_us;
    struct origin *origin;
    struct origin_client *client;
    bool is_end;
};

struct origins {
    struct origin **rows; /* in the order of their beginning */
    size_t count;
    struct origin_event *events; /* not settled: a heap, the earliest first */
    size_t event_count;
};

void origins_done(struct origins *o);
/* The row of a host (as captured; may be empty) on a server. Made when it is new. */
struct origin *origins_find(struct origins *o, struct bytes host,
                            const struct endpoint *server);
void origins_open(struct origins *all, struct origin *o, const struct endpoint *client,
                  int64_t at_us);
void origins_close(struct origins *all, struct origin *o, const struct endpoint *client,
                   int64_t at_us);
/* Beginnings and ends before that time have been told. */
void origins_settle(struct origins *all, int64_t until_us);
void origin_exchange(struct origin *o, const struct record_exchange *e, bool is_failed);
/* The wait under which `percent` of all are; RECORD_UNKNOWN: none was seen. */
int64_t origin_wait_us(const struct origin *o, unsigned percent);

#endif
