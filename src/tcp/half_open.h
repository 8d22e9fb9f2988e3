/* A connection attempt of which only the client's SYN was seen. */
#ifndef TCP_HALF_OPEN_H
#define TCP_HALF_OPEN_H

#include "hopscope/tcp.h"

struct half_open {
    uint64_t hash; /* of its connection, the same for both directions */
    struct endpoint client, server;
    uint32_t tunnel_id, seq;
    uint64_t first_ref, last_ref;
    int64_t syn_ns, last_syn_ns;
    uint32_t next; /* number of a place */
    uint16_t vlan, window, retransmits;
    uint8_t ttl, flags, window_shift;
    bool has_window_shift, is_live;
};

struct half_open_ring;

struct half_open_ring *half_open_ring_new(bool vlan_in_key);
void half_open_ring_free(struct half_open_ring *r); /* NULL is allowed */
/* The attempt that the packet belongs to, in either direction; NULL: none. `hash` is
 * flow_table_hash of the packet. */
struct half_open *half_open_find(const struct half_open_ring *r, const struct packet *p,
                                 uint64_t hash);
bool half_open_is_full(const struct half_open_ring *r);
struct half_open *half_open_oldest(struct half_open_ring *r); /* NULL: none */
/* Keeps a SYN without payload; the ring must not be full. */
void half_open_add(struct half_open_ring *r, const struct packet *p, uint64_t hash);
/* Counts the same SYN once more. False: the packet is something else. */
bool half_open_take_repeat(struct half_open *h, const struct packet *p);
void half_open_remove(struct half_open_ring *r, struct half_open *h);

#endif
