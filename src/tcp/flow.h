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
    uint32_t captured; /* of those, bytes kept; the rest was cut by the snaplen */
    uint32_t start;    /* where in data they begin */
    uint64_t ref, peer_acked;
    int64_t arrived_ns;
    uint8_t ttl;
    bool starts_segment;
    bool is_resent; /* came with bytes that had been captured before */
    bool is_late;   /* came when they had been acknowledged */
    bool is_far; /* beyond any window: its receiver's ACK must show that it was taken */
    uint8_t data[];
};

/* Endpoint states as Zeek names them; they end in conn_state. */
enum endpoint_state {
    ENDPOINT_INACTIVE,
    ENDPOINT_PARTIAL,
    ENDPOINT_SYN_SENT,
    ENDPOINT_SYN_ACK_SENT,
    ENDPOINT_ESTABLISHED,
    ENDPOINT_CLOSED,
    ENDPOINT_RESET,
};

struct doubtful; /* doubtful.c */

/* One of the last delivered segments, see conflicts.c. */
struct delivered {
    uint32_t offset; /* low half of the stream offset */
    uint16_t length; /* segments over 64 KiB are not kept */
    uint8_t ttl;
    uint32_t hash;
};

enum { DELIVERED_FIRST = 4 /* most directions say no more: one cache line */ };

struct delivered_ring {
    uint32_t count;         /* ever added */
    uint32_t capacity;      /* a power of two */
    struct delivered *more; /* so many; NULL: `first` is all there is */
    struct delivered first[DELIVERED_FIRST];
};

/* The peer has acknowledged bytes that were not captured (yet). Until that is settled,
 * the peer's own bytes wait: they may answer what comes a little late (HAZARDS 25). */
struct acked_hole {
    int64_t since_ns;      /* TIME_UNKNOWN: nothing is waited for */
    uint64_t to, ref;      /* what was acknowledged then, by which packet */
    int64_t last_ns;       /* of the last ACK that claimed more, */
    uint64_t last_ref;     /* and its packet */
    uint64_t given_up_to;  /* holes before it are told as gaps in their turn, */
    uint64_t given_up_ref; /* with that packet */
    int64_t given_up_ns;   /* and time */
    /* Waited for in vain so far, while no packet of that side is captured; the next
     * bytes acknowledged may be the first that are. */
    uint64_t vain_to;
    uint8_t letter_at; /* where history tells of it; HISTORY_NOWHERE: not at all */
};

enum { HISTORY_NOWHERE = UINT8_MAX };

struct direction {
    bool is_based;   /* next_seq is known */
    bool is_guessed; /* ... from what the other side acknowledged alone */
    bool is_ended;   /* its END has been delivered */
    bool has_syn;    /* a SYN was seen, first_seq is its ISN + 1 */
    bool is_in_gap;  /* the last chunk was one */
    bool has_good_checksum;
    bool has_newest_stamp : 1;
    bool has_urgent : 1;  /* told of already */
    uint8_t window_shift; /* of the windows this side announces */
    uint8_t usual_ttl;    /* of its first packet */
    uint8_t believed_bad; /* segments with a bad checksum that turned out real */
    enum endpoint_state state : 8, state_before : 8;
    uint16_t window;         /* last announced, unscaled */
    uint16_t held_count;     /* of held; reassembly.c keeps it small */
    uint32_t history_seen;   /* bits by letter */
    uint32_t next_seq;       /* of the next byte to deliver */
    uint32_t first_seq;      /* of offset 0 */
    uint32_t newest_stamp;   /* TSval of the newest bytes */
    uint64_t next_offset;    /* the same in stream offsets */
    uint64_t highest_offset; /* end of the farthest byte seen */
    uint64_t fin_offset;     /* OFFSET_UNKNOWN until a FIN is seen */
    struct held *held,
        *held_last;        /* by offset, disjoint, all at or beyond next_offset */
    int64_t delivered_ns;  /* time of the last chunk */
    int64_t hole_since_ns; /* while something is held */
    int64_t zero_window_since_ns; /* TIME_UNKNOWN: the window is open */
    uint64_t gap_offset;          /* of one not acknowledged; OFFSET_UNKNOWN: none is */
    uint32_t held_bytes;
    uint32_t fin_seq, rst_seq; /* of the last ones, for history.c; so are the counts */
    uint32_t gap_letters, window_letters, repeat_letters;
    struct acked_hole *hole;               /* NULL until the first */
    struct doubtful *doubtful;             /* by arrival */
    int64_t small_sent_ns, small_acked_ns; /* small_write.c */
    struct delivered_ring delivered;
};

enum flow_state { FLOW_OPEN, FLOW_RESET, FLOW_CLOSED, FLOW_STATE_COUNT };

/* What the table knows of a connection, whether it is awake, as a struct flow, or at
 * rest (flow_rest.c): its place among those of its state by age. */
struct flow_entry {
    struct flow_entry *older, *newer; /* open: by last packet; others: by change */
    uint64_t hash;
    int64_t since_ns; /* of its state, by the clock of the capture */
    enum flow_state state;
    bool is_resting;
    bool was_tried;  /* to be put to rest, since it was the newest */
    bool is_waiting; /* at rest: for a hole, or its turn; a tick may end that */
};

/* Fifteen lines of memory, as there are many of them: what most have none of stands
 * elsewhere. */
struct flow {
    struct flow_entry entry;
    struct conn conn;
    struct direction direction[2];
    uint8_t ended_count;
    uint8_t history_length; /* of conn.history */
    bool is_calm;           /* prediction_is_calm, behind its last packet */
    uint32_t since_packets; /* as since_ns, by the number of packets that had come */
};

/* One packet as the parts of tcp see it. */
struct segment {
    const struct packet *packet;
    int from;                     /* direction */
    struct direction *own, *peer; /* the sender's, and the other */
    uint64_t offset; /* of the first payload byte, in that direction's stream */
    uint64_t
        acked; /* offset in the other direction; OFFSET_UNKNOWN: none, or before it */
    int64_t now_ns;
    uint64_t ref;
    bool is_far; /* its payload stands beyond any window */
    bool has_bad_checksum;
};

static inline enum side flow_side(const struct flow *f, int direction)
{
    return (enum side)(direction ^ (f->conn.is_flipped ? 1 : 0));
}

/* Chosen, not indexed: so the address is a value, which the compiler keeps, and not a
 * sum, which it makes anew for each member. */
static inline struct direction *flow_direction(struct flow *f, int direction)
{
    return direction == 0 ? &f->direction[0] : &f->direction[1];
}

static inline struct conn_side *flow_account(struct flow *f, int direction)
{
    struct conn_side *side = f->conn.side;
    return flow_side(f, direction) == SIDE_CLIENT ? &side[0] : &side[1];
}

/* The same for what few directions have: made when it is first needed. */
static inline struct conn_trouble *flow_trouble(struct flow *f, int direction)
{
    struct conn_side *account = flow_account(f, direction);
    if (account->trouble == NULL)
        account->trouble = mem_alloc(sizeof *account->trouble);
    return account->trouble;
}

static inline bool direction_is_awaited(const struct direction *d)
{
    return d->hole != NULL && d->hole->since_ns != TIME_UNKNOWN;
}

static inline uint64_t direction_given_up_to(const struct direction *d)
{
    return d->hole == NULL ? 0 : d->hole->given_up_to;
}

/* Nothing is held, and no hole was ever acknowledged: so it is with almost every
 * packet, and then nothing waits for its turn or for its time. */
static inline bool flow_is_smooth(const struct flow *f)
{
    const struct direction *a = &f->direction[0], *b = &f->direction[1];
    return a->held == NULL && b->held == NULL && a->hole == NULL && b->hole == NULL;
}

static inline bool direction_is_at_fin(const struct direction *d)
{
    return !d->is_ended && d->fin_offset <= d->next_offset;
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

/* What direction_offset says stands before the stream's first byte; not to be asked of
 * OFFSET_UNKNOWN, which one byte before it looks like. */
static inline bool offset_is_negative(uint64_t offset)
{
    return (offset >> 63) != 0;
}

/* ---- reassembly.c ---- */

struct reassembly {
    struct stream_sink sink;
    struct payload_key payload_key;
    uint64_t held_bytes_all; /* of every connection */
};

void reassembly_push(struct reassembly *r, struct flow *f, const struct segment *s);
/* Gives up holes that have been waited for long enough. */
void reassembly_expire(struct reassembly *r, struct flow *f, int64_t now_ns);
/* Nothing more comes in this direction: gives up its holes, then delivers its END. */
void reassembly_end(struct reassembly *r, struct flow *f, int direction,
                    enum chunk_end how, int64_t now_ns, uint64_t ref);
/* Delivers the END of each direction whose FIN has been reached. */
void reassembly_deliver_fins(struct reassembly *r, struct flow *f, int64_t now_ns,
                             uint64_t ref);

/* ---- held_list.c ---- */

/* The part of a segment that is still to be placed. */
struct piece {
    uint64_t offset;
    uint32_t length;   /* on the wire */
    struct bytes data; /* captured part; shorter than length where the snaplen cut */
    bool starts_segment, is_resent, is_late;
    uint8_t ttl;
    uint32_t hash, hashed_bytes; /* of `data` while it has so many; 0: not known */
};

/* All of a packet's payload, where it stands in the stream. */
static inline struct piece piece_of(const struct packet *p, uint64_t offset)
{
    return (struct piece){
        .offset = offset,
        .length = p->payload_length,
        .data = p->payload,
        .starts_segment = true,
        .ttl = p->ttl,
        .hash = p->payload_hash,
        .hashed_bytes = p->has_payload_hash ? (uint32_t)p->payload.len : 0,
    };
}
void piece_skip(struct piece *p, uint32_t count);
/* Whether some of these bytes are held already. */
bool held_list_has_any(const struct direction *d, uint64_t offset, uint32_t length);
/* Whether all of them are held, or delivered. */
bool held_list_has_all(const struct direction *d, uint64_t offset, uint32_t length);
/* Copies what is new of the piece into the held list, around what is there already. */
void held_list_place(struct reassembly *r, struct flow *f, const struct segment *s,
                     struct piece *piece);
void held_list_drop_first(struct reassembly *r, struct direction *d);
/* What a piece in front of `next` (NULL: of nothing) acknowledged when it was first
 * sent. */
uint64_t held_list_acked_before(const struct held *next, uint64_t acked);
void held_list_cut_first(struct reassembly *r, struct direction *d, uint32_t count);
void held_list_drop_all(struct reassembly *r, struct direction *d);

/* ---- conflicts.c ---- */

/* The ring is full: makes it longer, unless it has its full size. */
void conflicts_make_room(struct delivered_ring *ring);
/* Bytes that are delivered: by `hash` they are known again. */
static inline void conflicts_remember(struct direction *d, uint64_t offset,
                                      size_t length, uint8_t ttl, uint32_t hash)
{
    struct delivered_ring *ring = &d->delivered;
    if (length > UINT16_MAX) return;
    if (ring->count == ring->capacity) conflicts_make_room(ring);
    struct delivered *entries = ring->more == NULL ? ring->first : ring->more;
    entries[ring->count++ & (ring->capacity - 1)] = (struct delivered){
        .offset = (uint32_t)offset,
        .length = (uint16_t)length,
        .ttl = ttl,
        .hash = hash,
    };
}
/* Compares bytes that were delivered before with what they were then. */
void conflicts_check(const struct reassembly *r, struct flow *f,
                     const struct segment *s, uint64_t offset, struct bytes data);
/* `first_ttl`: of the packet whose bytes were kept. */
void conflicts_note(struct flow *f, const struct segment *s, uint64_t offset,
                    struct bytes evidence, uint8_t first_ttl);

/* ---- doubtful.c ---- */

/* Whether a segment's checksum speaks against its payload, until its sender has been
 * believed often enough. */
bool doubtful_is(const struct segment *s);
/* ... and against its FIN or RST: from a sender whose other sums were good. */
bool doubtful_are_flags(const struct segment *s);
/* Keeps it aside until a good copy or the peer's ACK decides. */
void doubtful_keep(struct reassembly *r, const struct segment *s);
/* The peer has acknowledged them: they were real. */
void doubtful_acked(struct reassembly *r, struct flow *f, int direction,
                    uint64_t acked);
/* A good copy has come: a different one was an attempt to mislead. */
void doubtful_compare(struct reassembly *r, struct flow *f, const struct segment *s);
void doubtful_drop_all(struct reassembly *r, struct direction *d);

/* ---- duplicates.c, oddities.c, history.c ---- */

struct duplicates;

struct duplicates *duplicates_new(struct hash_key key);
void duplicates_free(struct duplicates *d);
/* `flow_hash`: flow_table_hash of the packet. */
bool duplicates_is_copy(struct duplicates *d, const struct packet *p,
                        uint64_t flow_hash);
void duplicates_prefetch(const struct duplicates *d, const struct packet *p);

/* Flags that no stack sends: the packet says nothing about the connection. */
static inline bool oddities_are_in_flags(uint8_t flags)
{
    enum { MEANINGFUL = TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH | TCP_ACK | TCP_URG };
    if ((flags & MEANINGFUL) == 0) return true;
    if ((flags & TCP_SYN) != 0) return (flags & (TCP_FIN | TCP_RST)) != 0;
    /* A FIN belongs to a connection, and all of its segments acknowledge. */
    return (flags & (TCP_FIN | TCP_ACK | TCP_RST)) == TCP_FIN;
}
/* A SYN that answers none: with it a connection begins. */
static inline bool flags_begin(uint8_t flags)
{
    return (flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}
void oddities_note(struct flow *f, const struct segment *s, enum finding_code code);
/* Whether oddities_follow has anything to say of the packet: of a SYN alone it has,
 * where the other side may have sent the first. */
static inline bool oddities_may_be_in(const struct segment *s)
{
    const struct packet *p = s->packet;
    return p->oddities != 0 || (p->flags & TCP_URG) != 0 ||
           p->options.is_shift_clamped || (s->from == 1 && flags_begin(p->flags));
}
/* What the packet's own oddities mean for its connection. */
void oddities_follow(struct flow *f, const struct segment *s);
/* Before its payload is taken: new bytes with a timestamp older than that of the bytes
 * before them, which their receiver drops (RFC 7323, section 5: PAWS). */
void oddities_follow_stamp(struct flow *f, const struct segment *s);
/* The same of bytes that are known to be new. */
void oddities_take_stamp(struct flow *f, struct direction *d,
                         const struct tcp_options *options);

/* In history_seen. */
static inline uint32_t history_bit(char letter)
{
    return 1u << (letter - 'a');
}
/* Before anything else takes the segment. */
void history_follow(struct flow *f, const struct segment *s);
/* The same of a packet that is only an ACK ('a'), or payload in order ('d'), of a
 * direction that is not inactive, and closes no window. */
void history_follow_plain(struct flow *f, int direction, char letter);
/* A gap is told of, from `offset` on: its letter comes with the ACK of it. */
void history_gap(struct flow *f, int direction, uint64_t offset);
/* The other side has acknowledged the gap at gap_offset. */
void history_gap_acked(struct flow *f, int direction);
/* Where the letter of a gap stands that the segment just followed acknowledges. */
uint8_t history_gap_place(const struct flow *f);
void history_name_state(struct flow *f); /* conn_state, by what was seen so far */
void history_conclude(struct flow *f);   /* once, at the very end */

/* ---- closing.c ---- */

void closing_fin(struct flow *f, const struct segment *s);
/* Whether the receiver must heed this RST (RFC 9293, section 3.10.7.4). */
bool closing_rst_is_valid(const struct flow *f, const struct segment *s);
void closing_rst(struct flow *f, const struct segment *s);

#endif
