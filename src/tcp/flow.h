/* What tcp keeps of one connection. The flow owns its struct conn, which everything
 * above reads; the two directions are numbered by who sent the first packet (0), while
 * sides (client, server) may still be exchanged by what the bytes say. */
#ifndef TCP_FLOW_H
#define TCP_FLOW_H

#include "hopscope/tcp.h"

/* A segment, or a part of one, that waits for a hole before it to be filled. */
struct held {
    struct held *next;
    uint64_t offset;
    uint32_t length;   /* on the wire */
    uint32_t captured; /* of those, bytes in data; the rest was cut by the snaplen */
    uint64_t ref, peer_acked;
    bool starts_segment;
    uint8_t data[];
};

struct direction {
    bool is_based;                 /* next_seq is known */
    bool is_ended;                 /* its END has been delivered */
    bool has_syn;                  /* a SYN was seen, first_seq is its ISN + 1 */
    uint8_t window_shift;          /* of the windows this side announces */
    uint16_t window;               /* last announced, unscaled */
    uint32_t next_seq;             /* of the next byte to deliver */
    uint32_t first_seq;            /* of offset 0 */
    uint64_t next_offset;          /* the same in stream offsets */
    uint64_t highest_offset;       /* end of the farthest byte seen */
    uint64_t fin_offset;           /* OFFSET_UNKNOWN until a FIN is seen */
    struct held *held, *held_last; /* by offset, disjoint, all beyond next_offset */
    uint32_t held_bytes, held_count;
    int64_t hole_since_ns;        /* while something is held */
    int64_t zero_window_since_ns; /* TIME_UNKNOWN: the window is open */
};

enum flow_state { FLOW_OPEN, FLOW_CLOSED };

struct flow {
    struct conn conn;
    struct direction direction[2];
    enum flow_state state;
    uint8_t ended_count;
    int64_t closed_ns;          /* start of its lingering */
    struct flow *bucket_next;   /* in the table */
    struct flow *older, *newer; /* open: by last packet; closed: by closing */
    uint64_t hash;
};

/* One packet as the parts of tcp see it. */
struct segment {
    const struct packet *packet;
    int from;        /* direction */
    uint64_t offset; /* of the first payload byte, in that direction's stream */
    uint64_t acked;  /* offset in the other direction; OFFSET_UNKNOWN without ACK */
    int64_t now_ns;
    uint64_t ref;
};

static inline enum side flow_side(const struct flow *f, int direction)
{
    return (enum side)(direction ^ (f->conn.is_flipped ? 1 : 0));
}

static inline struct conn_side *flow_account(struct flow *f, int direction)
{
    return &f->conn.side[flow_side(f, direction)];
}

/* RFC 9293, section 3.4: sequence numbers compare modulo 2^32. */
static inline int32_t seq_distance(uint32_t from, uint32_t to)
{
    return (int32_t)(to - from);
}

/* The stream offset of `seq`; before the stream's first byte: wraps below 0, which is
 * beyond any offset. Call it on a based direction only. */
static inline uint64_t direction_offset(const struct direction *d, uint32_t seq)
{
    return d->next_offset + (uint64_t)(int64_t)seq_distance(d->next_seq, seq);
}

/* `offset` stands before the stream's first byte (see direction_offset). */
static inline bool offset_is_negative(uint64_t offset)
{
    return offset != OFFSET_UNKNOWN && (offset >> 63) != 0;
}

/* ---- flow_table.c ---- */

struct flow_table;

struct flow_table *flow_table_new(struct hash_key key, bool vlan_in_key);
void flow_table_free(struct flow_table *t);
/* The flow of a packet; *from says which of its directions sent it. NULL: none. */
struct flow *flow_table_find(struct flow_table *t, const struct packet *p, int *from);
/* A new flow, cleared, its conn's identity filled; the packet's sender is direction 0.
 */
struct flow *flow_table_add(struct flow_table *t, const struct packet *p);
void flow_table_remove(struct flow_table *t, struct flow *f); /* frees it */
void flow_table_touch(struct flow_table *t, struct flow *f);  /* now the newest */
void flow_table_mark_closed(struct flow_table *t, struct flow *f);
struct flow *flow_table_oldest_open(const struct flow_table *t);   /* or NULL */
struct flow *flow_table_oldest_closed(const struct flow_table *t); /* or NULL */
size_t flow_table_open_count(const struct flow_table *t);
size_t flow_table_closed_count(const struct flow_table *t);

/* ---- handshake.c ---- */

/* Whether this SYN begins a new life of the four-tuple (SEMANTICS 1). */
bool handshake_is_new_life(const struct flow *f, const struct packet *p, int from);
/* Opens the account with its first packet: roles, kind, sequence numbers. */
void handshake_begin(struct flow *f, const struct packet *p);
/* What a later packet adds to the opening: SYN-ACK, ACK, repeated SYNs. */
void handshake_follow(struct flow *f, const struct packet *p, int from);
/* What became of the opening, when the connection is over. */
void handshake_conclude(struct flow *f);

/* ---- reassembly.c ---- */

struct reassembly {
    struct stream_sink sink;
    uint64_t held_bytes_all; /* of every connection */
};

void reassembly_push(struct reassembly *r, struct flow *f, const struct segment *s);
/* The other side acknowledged up to `acked`: holes below it will never be filled. */
void reassembly_acked(struct reassembly *r, struct flow *f, int direction,
                      uint64_t acked, const struct segment *s);
/* Nothing more comes in this direction: gives up its holes, then delivers its END. */
void reassembly_end(struct reassembly *r, struct flow *f, int direction,
                    enum chunk_end how, int64_t now_ns, uint64_t ref);
/* Delivers the END of a direction whose FIN has been reached. */
void reassembly_deliver_fin(struct reassembly *r, struct flow *f, int direction,
                            int64_t now_ns, uint64_t ref);

/* ---- closing.c ---- */

void closing_fin(struct flow *f, const struct segment *s);
/* Whether the receiver must heed this RST (RFC 9293, section 3.10.7.4). */
bool closing_rst_is_valid(const struct flow *f, const struct segment *s);
void closing_rst(struct flow *f, const struct segment *s);

/* ---- quality.c ---- */

/* Counts what a packet says of its sender: packets, windows, keep-alive probes. */
void quality_count(struct flow *f, const struct segment *s);
bool quality_is_keepalive_probe(const struct flow *f, const struct segment *s);
void quality_conclude(struct flow *f, int64_t now_ns);

#endif
