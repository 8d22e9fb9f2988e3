/* tcp: from segments to ordered byte streams (RFC 9293). Flow table, handshake, both
 * directions' reassembly, gaps by evidence, closing, expiry in capture time. */
#ifndef HOPSCOPE_TCP_H
#define HOPSCOPE_TCP_H

#include "hopscope/base.h"
#include "hopscope/net.h"
#include "hopscope/stream.h"

enum {
    TCP_HELD_BYTES_MAX = 256 << 10,    /* out of order, per direction */
    TCP_HELD_SEGMENTS_MAX = 512,       /* out of order, per direction */
    TCP_HELD_BYTES_ALL_MAX = 64 << 20, /* out of order, all connections together */
    /* Closed connections are kept for late packets: two minutes, but when half a second
     * is over no longer than for so many packets of anybody, and so many of them. */
    TCP_LINGERING_PACKETS = 1 << 15,
    TCP_LINGERING_MAX = 1 << 16,
    TCP_PAST_MAX = 1 << 18,      /* of those that were handed over, still known */
    TCP_HALF_OPEN_MAX = 1 << 16, /* unanswered SYNs; the oldest is reported first */
    TCP_FLOWS_MAX = 1 << 20,     /* tracked at once; the idlest goes first */
    TCP_AWAKE_MAX = 1 << 14,     /* open ones as they are; older ones rest, packed */
};

struct tcp_settings {
    struct hash_key key; /* of the flow table */
    size_t memory_max;   /* bytes of the whole process; 0: no cap */
    bool vlan_in_key;    /* VLAN ids tell connections apart */
    bool rests_at_once;  /* for tests: every open one that may rest does so */
    struct stream_sink sink;
};

struct tcp_counters {
    uint64_t evicted_connections; /* given up because a cap was reached */
    uint64_t evicted_half_open;   /* SYNs pushed out by newer ones */
    uint64_t overdue_packets;     /* TCP_OVERDUE */
};

struct tcp;

struct tcp *tcp_new(const struct tcp_settings *settings);
enum tcp_verdict {
    TCP_TAKEN,
    TCP_COPY,    /* a mirror port's second copy: in no figure of its connection */
    TCP_IGNORED, /* flags that no stack sends */
    /* For a connection that is closed, and was handed over before its two minutes were
     * over, since too many were: in no figure. */
    TCP_OVERDUE,
};

/* Every packet in capture order; `checksum` is what net_checksum says of it, or
 * payload_read with a key made of tcp's, which spares tcp from reading it once more. */
enum tcp_verdict tcp_packet(struct tcp *t, const struct packet *packet,
                            enum checksum checksum);
/* The same in steps, for packets that come many at a time, so that memory is on its way
 * while others are worked on: tcp_prepare for each, whose result names the packet's
 * connection; tcp_prefetch for each; then tcp_packet_prepared in capture order. */
uint64_t tcp_prepare(const struct tcp *t, const struct packet *packet);
void tcp_prefetch(const struct tcp *t, const struct packet *packet, uint64_t prepared);
enum tcp_verdict tcp_packet_prepared(struct tcp *t, const struct packet *packet,
                                     enum checksum checksum, uint64_t prepared);
/* How far all TCP packets have come. */
struct tcp_clock {
    int64_t now_ns;      /* the latest time of one; INT64_MIN: none has come */
    uint32_t capture_id; /* of that one */
    uint32_t packets;    /* modulo 2^32 */
};

/* Where several of them share a capture's packets by connection: before each packet,
 * the clock of all those before it, whosever they are; so all of them tell what one
 * alone would. Without packets that does nothing. */
void tcp_set_clock(struct tcp *t, const struct tcp_clock *clock);
/* Live: time passes, with packets or without: timers run out as if a packet of that
 * time had come, and SYNs that nobody answered are given up. Then calls `changed`
 * (NULL: none) for every connection that had a packet, or an end, since the tick
 * before. */
void tcp_tick(struct tcp *t, int64_t now_ns,
              void (*changed)(void *context, struct conn *conn), void *context);
/* The capture has ended: everything still open is closed as such, in order of opening,
 * and expired. */
void tcp_finish(struct tcp *t);
void tcp_free(struct tcp *t); /* NULL is allowed; call tcp_finish first */
struct tcp_counters tcp_counters(const struct tcp *t);

#endif
