/* The life of a flow, and what tcp keeps for all of them.
 *
 *   SYN alone --> half open --> open --both FINs---> closed --two minutes--> expired
 *                                '--valid RST--> reset --5 s--^  '
 *                                                                '--traffic, memory--->
 *   expired, and known as past (past_ring.c) --two minutes--> forgotten */
#ifndef TCP_FLOW_LIFE_H
#define TCP_FLOW_LIFE_H

#include "hopscope/packing.h"
#include "tcp/flow_table.h"
#include "tcp/half_open.h"
#include "tcp/past_ring.h"

#define FLOW_LINGER_NS (120LL * 1000000000LL) /* SEMANTICS 1 */

struct tcp {
    struct flow_table *table;
    struct half_open_ring *half_open;
    struct past_ring *past;
    struct duplicates *duplicates;
    struct reassembly reassembly;
    struct stream_sink sink;
    struct tcp_counters counters;
    uint32_t clock_capture_id; /* of the packet that has set the clock */
    uint32_t packets;          /* so far, of all that share the capture */
    size_t memory_max;
    size_t taken_bytes;     /* by packets since memory was measured, as it is guessed */
    size_t room_bytes;      /* that they may take before it is measured again */
    int64_t due_ns;         /* beyond that time a flow may have to go, not before */
    int64_t clock_ns;       /* the latest packet time so far; live: or tick */
    int64_t ticked_ns;      /* clock of the last tick */
    struct packing packing; /* of the flow that is put to rest */
    size_t awake_max;       /* open flows that are not put to rest; < TCP_FLOWS_MAX */
    bool is_cautious;       /* for tests: no flow is calm */
};

/* A new flow, opened upwards. */
struct flow *flow_life_begin(struct tcp *t, const struct packet *p, uint64_t hash);
/* What every packet of a flow adds to its account. */
void flow_life_account(struct flow *f, const struct segment *s);
void flow_life_enter(struct tcp *t, struct flow *f, enum flow_state state);
/* How it was opened and how it ended, as far as that is known now: what is told of a
 * closed connection at a tick need not be told again when it expires. */
void flow_life_name_end(struct flow *f);
/* Both streams have ended: told upwards; it lingers for late packets. */
void flow_life_close(struct tcp *t, struct flow *f);
/* Ends it if the wire did not, for the reason `kind`, and forgets it. */
void flow_life_retire(struct tcp *t, struct flow *f, enum close_kind kind);
/* A SYN that begins a connection waits apart until something answers it. True: the
 * packet is such a SYN. `hash`: flow_table_hash of the packet. */
bool flow_life_keep_half_open(struct tcp *t, const struct packet *p, uint64_t hash);
/* Makes a flow of a half-open connection with the packet `p`, which belongs to it. */
struct flow *flow_life_promote(struct tcp *t, struct half_open *h,
                               const struct packet *p, int *from);
/* `kind`: CLOSE_IDLE where it makes room for a newer one. */
void flow_life_report_unanswered(struct tcp *t, struct half_open *h,
                                 enum close_kind kind);
/* What time, counts and memory no longer allow goes, the idlest first. */
void flow_life_let_go(struct tcp *t);
/* There may be more flows of a kind than are kept so. */
static inline void flow_life_look_soon(struct tcp *t)
{
    t->due_ns = INT64_MIN;
}
/* With every packet; `payload_bytes`: of the one that comes. */
static inline void flow_life_keep_caps(struct tcp *t, size_t payload_bytes)
{
    /* A connection and what is told of it, or bytes that have to be held. */
    enum { PACKET_TAKES_BYTES = 1 << 10 };
    t->taken_bytes += PACKET_TAKES_BYTES + payload_bytes;
    if (t->clock_ns > t->due_ns || t->taken_bytes >= t->room_bytes) flow_life_let_go(t);
}
/* `f`, which is closed, or NULL: its time is over, and it was handed over. */
struct flow *flow_life_forget_due(struct tcp *t, struct flow *f);
/* The connection of that hash that was handed over less than two minutes after its end;
 * NULL: none. */
struct past_life *flow_life_find_past(struct tcp *t, uint64_t hash);
/* Whether a packet comes late: after that connection, which it belongs to, was handed
 * over. A SYN that begins a new life of it does not. */
bool flow_life_is_overdue(const struct past_life *past, const struct packet *p);
/* Forgets the one that was handed over, as a new life of it begins. Returns the time of
 * its last packet; TIME_UNKNOWN: beyond all times. */
int64_t flow_life_forget_past(struct tcp *t, struct past_life *past);

/* tcp.c */
void tcp_place_segment(struct segment *s, struct flow *f, const struct packet *p,
                       int from, enum checksum checksum);

#endif
