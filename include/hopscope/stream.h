/* stream: the border between transport and application. What leaves tcp are chunks of
 * two ordered byte streams; what takes them is a protocol, chosen by the bytes and
 * never by the port. tcp knows no protocol, and no protocol knows TCP.
 *
 *   tcp --chunk--> stream --first bytes--> probe every protocol --yes--> open, feed,
 * close
 *                                             '--a protocol hands over (101,
 * CONNECT)--' */
#ifndef HOPSCOPE_STREAM_H
#define HOPSCOPE_STREAM_H

#include "hopscope/base.h"
#include "hopscope/finding.h"

struct packing; /* hopscope/packing.h */
struct unpacking;

enum side { SIDE_CLIENT, SIDE_SERVER };

static inline enum side side_other(enum side s)
{
    return s == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
}

#define OFFSET_UNKNOWN UINT64_MAX
#define TIME_UNKNOWN   INT64_MIN

/* ---- chunk: what crosses the border ---- */

enum chunk_kind {
    CHUNK_DATA,
    CHUNK_GAP, /* `missing` bytes that were never captured */
    CHUNK_END, /* nothing follows on this side */
};

enum chunk_end { CHUNK_END_FIN, CHUNK_END_RST, CHUNK_END_CAPTURE };

struct chunk {
    enum chunk_kind kind;
    enum chunk_end end; /* CHUNK_END only */
    enum side from;
    bool starts_segment; /* `data` begins where a TCP segment began */
    uint64_t offset;     /* of the first byte in this side's stream; a FIN takes one */
    int64_t captured_ns; /* when the bytes became deliverable in order */
    int64_t stalled_ns;  /* time they kept later bytes waiting for a hole; 0 mostly */
    uint64_t ref;        /* packet that carried them */
    /* Offset in the other side's stream that the sender had acknowledged when it first
     * sent this (its peer's FIN counts one); OFFSET_UNKNOWN without a usable ACK. */
    uint64_t peer_acked;
    uint64_t missing;  /* CHUNK_GAP only */
    struct bytes data; /* CHUNK_DATA only; borrowed until feed() returns */
};

/* ---- connection: filled by tcp, read by exchange and record ---- */

enum open_kind { OPEN_KIND_UNKNOWN, OPEN_HANDSHAKE, OPEN_MIDSTREAM };
enum open_result {
    OPEN_RESULT_UNKNOWN,
    OPEN_ESTABLISHED,
    OPEN_REFUSED,
    OPEN_UNANSWERED,
    OPEN_RESULT_MIDSTREAM,
};
enum role_basis { ROLE_UNKNOWN, ROLE_SYN, ROLE_REQUEST, ROLE_STATUS, ROLE_PORT };
enum closed_by {
    CLOSED_BY_UNKNOWN,
    CLOSED_BY_CLIENT,
    CLOSED_BY_SERVER,
    CLOSED_BY_BOTH
};
enum close_kind {
    CLOSE_KIND_UNKNOWN,
    CLOSE_FIN,
    CLOSE_RST,
    CLOSE_IDLE,     /* evicted by us */
    CLOSE_REPLACED, /* its four-tuple was opened again */
    CLOSE_OPEN,     /* the capture ended first */
};
/* What the first bytes were; the HTTP version is exchange's to say. */
enum conn_protocol {
    PROTOCOL_NONE, /* no payload */
    PROTOCOL_HTTP,
    PROTOCOL_H2,
    PROTOCOL_TLS,
    PROTOCOL_OTHER,
};

/* What most directions have none of. */
struct conn_trouble {
    uint64_t missing_bytes, gaps;
    uint64_t retransmitted_segments, retransmitted_bytes;
    uint64_t out_of_order_segments, overlap_conflicts, keepalive_probes;
    int64_t zero_window_ns, stall_ns;
};

/* One direction: what its sender sent (SEMANTICS 1, "TCP quality per direction"). */
struct conn_side {
    uint64_t packets;
    uint64_t bytes;               /* of the stream, each once */
    struct conn_trouble *trouble; /* NULL: none; tcp's, read through conn_trouble */
    uint64_t fin_offset;          /* OFFSET_UNKNOWN: no FIN */
    uint64_t fin_acked;           /* what the FIN acknowledged of the other side */
    uint64_t rst_acked;           /* likewise the first RST; OFFSET_UNKNOWN: nothing */
    uint64_t fin_ref, rst_ref;
    int64_t fin_ns, rst_ns;  /* TIME_UNKNOWN: none */
    int64_t last_payload_ns; /* TIME_UNKNOWN: none */
    uint64_t acked_by_peer;  /* highest offset the other side acknowledged */
    uint64_t end_offset;     /* of the last byte delivered or given up */
    bool lacks_syn; /* not captured: older bytes may stand before its offset 0 */
};

struct conn {
    uint64_t id; /* first packet's ref: the same on every run */
    struct endpoint client, server;
    uint32_t tunnel_id;
    uint16_t vlan;
    enum open_kind open_kind;
    enum open_result open_result;
    enum role_basis role_basis;
    enum conn_protocol protocol;
    enum closed_by closed_by;
    enum close_kind close_kind;
    bool is_flipped; /* direction 0 of tcp (the first packet's) is the server */
    bool is_watched; /* exchange looks at its chunks, too */
    bool is_pending; /* exchanges of it are not finished */
    uint64_t first_ref, last_ref;
    uint32_t odd_segments; /* that their receiver drops, and scales beyond 14 */
    uint32_t late_packets; /* the clock of the capture was set back before them */
    int64_t start_ns, end_ns;
    int64_t syn_ns, last_syn_ns, synack_ns, ack_ns; /* TIME_UNKNOWN: not seen */
    uint32_t syn_retransmits, synack_retransmits;
    char history[28];         /* Zeek's letters, NUL-ended */
    const char *conn_state;   /* Zeek's name, static; set when the connection ends */
    int64_t close_ns;         /* the first FIN or RST; TIME_UNKNOWN: none */
    struct conn_side side[2]; /* by enum side */
    struct finding_list *findings; /* NULL until the first */
    struct stream *stream;         /* the stream layer's, from its opening on */
    void *story;                   /* exchange's, from the first message on */
};

/* Notes a finding on the connection; `evidence` is cut to 64 bytes. SEVERITY_UNKNOWN
 * takes the catalogue's. */
void conn_note(struct conn *conn, enum finding_code code, enum severity severity,
               const struct chunk *at, uint64_t offset, struct bytes evidence);
extern const struct conn_trouble conn_no_trouble;
/* A direction's trouble; all zero where there was none. */
static inline const struct conn_trouble *conn_trouble(const struct conn_side *side)
{
    return side->trouble != NULL ? side->trouble : &conn_no_trouble;
}
/* Exchanges client and server, with all that is kept by side (SEMANTICS 0: without a
 * handshake the bytes decide). */
void conn_flip(struct conn *conn, enum role_basis basis);

/* ---- what tcp calls ---- */

/* In this order for each connection: opened, chunk..., closed, expired. `conn` stays
 * valid until expired returns. */
struct stream_sink {
    void *context;
    void (*opened)(void *context, struct conn *conn);
    void (*chunk)(void *context, struct conn *conn, const struct chunk *chunk);
    /* Both sides ended, or reset, or nothing more will come. Late packets may still
     * change its packet counts. */
    void (*closed)(void *context, struct conn *conn);
    /* The last of it: the connection is forgotten after this call. */
    void (*expired)(void *context, struct conn *conn);
    /* Between two of these calls a connection may rest: all that is kept of it, `conn`
     * included, is packed, and comes back elsewhere. can_rest: whether it may, now;
     * NULL: never. rest: packs what conn->stream and conn->story stand for, and frees
     * it; conn is packed already. resume: `conn` is as it was, with its new address;
     * takes both in the same order, and sets their pointers again. */
    bool (*can_rest)(void *context, const struct conn *conn);
    void (*rest)(void *context, struct conn *conn, struct packing *out);
    void (*resume)(void *context, struct conn *conn, struct unpacking *in);
};

/* ---- protocol: what takes chunks ---- */

enum probe {
    PROBE_NO,
    PROBE_MORE,   /* these bytes may be its beginning; more are needed to say */
    PROBE_CLIENT, /* yes, and a client sends these bytes */
    PROBE_SERVER, /* yes, and a server sends these bytes */
};

struct stream;

struct protocol {
    const char *name;
    enum conn_protocol protocol;
    /* Says what the first bytes of one side are. `is_all`: nothing follows them. NULL:
     * it is never told by its bytes, only announced (stream_announce). */
    enum probe (*probe)(struct bytes first, bool is_all);
    /* NULL: recognised by name, its bytes are counted and not looked into. */
    void *(*open)(void *context, struct stream *stream, struct conn *conn);
    void (*feed)(void *instance, const struct chunk *chunk);
    /* No more chunks come; frees the instance. */
    void (*close)(void *instance);
    void *context; /* given to open */
    /* To rest, packed, between two chunks: see struct stream_sink. can_rest NULL: an
     * instance never does. */
    bool (*can_rest)(const void *instance);
    void (*rest)(void *instance, struct packing *out); /* frees it */
    void *(*resume)(void *context, struct stream *stream, struct conn *conn,
                    struct unpacking *in);
    /* It may be answered in another protocol (a TLS ClientHello by HTTP, in clear): it
     * is opened only when the other side's bytes are nobody else's, or do not come. */
    bool yields;
};

enum { STREAM_PROBE_BYTES_MAX = 8192 }; /* held per side until a protocol says yes */

/* Where a thread's streams come from, and go back to: the protocols that they choose
 * from, in order of preference, which must outlive them, and their memory. */
struct streams;

struct streams *streams_new(const struct protocol *protocols, size_t count);
/* After the last of its streams. NULL is allowed. */
void streams_free(struct streams *all);

struct stream *stream_new(struct streams *all, struct conn *conn);
void stream_feed(struct stream *s, const struct chunk *chunk);
void stream_close(struct stream *s);
void stream_free(struct stream *s); /* NULL is allowed */
/* To rest, with its instance, as struct stream_sink says. */
bool stream_can_rest(const struct stream *s); /* NULL is allowed: it can */
void stream_rest(struct stream *s, struct packing *out);
struct stream *stream_resume(struct streams *all, struct conn *conn,
                             struct unpacking *in);

/* A protocol's instance ends its own part of both streams (101, 2xx to CONNECT): from
 * now on chunks go to a new choice among the protocols if `probe_again`, else they are
 * only counted. To be called from within feed(); the instance then gives back each
 * piece it has not used by stream_feed, and is closed when feed() returns. */
void stream_hand_over(struct stream *s, bool probe_again);
/* Before a hand-over: its bytes are for the protocol of that name, whatever they are.
 * Without a row of that name it changes nothing. */
void stream_announce(struct stream *s, const char *name);
/* From within feed(): the instance has seen all that it wanted. It is closed when
 * feed() returns, and the rest is only counted. */
void stream_count_rest(struct stream *s);
/* What the bytes after a hand-over were recognised as; PROTOCOL_NONE before any byte,
 * and of NULL. */
enum conn_protocol stream_inner_protocol(const struct stream *s);

/* Protocols that are told by their first bytes: HTTP/2 with prior knowledge, which is
 * only named, and TLS. */
enum probe recognise_h2(struct bytes first, bool is_all);
enum probe recognise_tls(struct bytes first, bool is_all);

#endif
