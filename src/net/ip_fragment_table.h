/* The datagrams that are being collected: found by a keyed hash, bounded in number,
 * memory and age. Two lists, oldest first: those that wait (or were refused), and those
 * that came whole. Counts in net's counters. */
#ifndef NET_IP_FRAGMENT_TABLE_H
#define NET_IP_FRAGMENT_TABLE_H

#include "net/ip_datagram.h"
#include "net/layer.h"

/* All bytes count in the hash: no padding. */
struct ip_fragment_key {
    uint8_t from[16], to[16];
    uint32_t id, tunnel_id;
    uint16_t vlan; /* a mirror of two VLANs copies packets, not pieces */
    uint8_t version, protocol;
    uint32_t none;
};

enum ip_fragment_state { IP_FRAGMENT_WAITING, IP_FRAGMENT_REFUSED, IP_FRAGMENT_WHOLE };

struct ip_fragment_entry {
    struct ip_fragment_entry *older, *newer, *next_in_bucket;
    struct ip_fragment_key key;
    struct ip_datagram datagram;
    uint64_t number;  /* from 1, of all there ever were */
    int64_t since_ns; /* the first piece; once whole, the last */
    uint64_t frame;   /* whole since this one, which may still read it */
    enum layer next;  /* LAYER_OTHER until the first piece tells */
    enum ip_fragment_state state;
    bool has_conflict, is_in_table;
};

struct ip_fragment_list {
    struct ip_fragment_entry *oldest, *newest;
};

struct ip_fragment_table {
    struct net_counters *counters;
    struct ip_fragment_entry **buckets; /* NULL until the first fragment */
    struct hash_key key;
    struct ip_fragment_list waiting, whole;
    uint32_t count;
    uint64_t numbers; /* given so far */
    uint64_t frame;   /* the one being read */
    int64_t clock_ns; /* the latest time seen */
};

/* `t` is zeros and its counters. */
void ip_fragment_table_done(struct ip_fragment_table *t);
/* Moves the clock, never back, and frees what is too old. */
void ip_fragment_table_expire(struct ip_fragment_table *t, int64_t now_ns);
/* NULL: there is none. */
struct ip_fragment_entry *ip_fragment_table_find(const struct ip_fragment_table *t,
                                                 const struct ip_fragment_key *key);
/* A new one, waiting; the oldest make room. NULL: all the room is this frame's. */
struct ip_fragment_entry *ip_fragment_table_add(struct ip_fragment_table *t,
                                                const struct ip_fragment_key *key);
/* Stores the piece once there is memory for it, from older datagrams if need be; false:
 * there is none. */
bool ip_fragment_table_store(struct ip_fragment_table *t, struct ip_fragment_entry *e,
                             const struct ip_piece *piece);
/* The three ways of one that waits. A whole one is found until it is too old, or
 * forgotten for a new one with its key; this frame may still read its bytes. */
void ip_fragment_table_refuse(struct ip_fragment_table *t, struct ip_fragment_entry *e);
void ip_fragment_table_finish(struct ip_fragment_table *t, struct ip_fragment_entry *e);
void ip_fragment_table_forget(struct ip_fragment_table *t, struct ip_fragment_entry *e);

#endif
