/* record: what the analysis says, as flat values. One
 * figure = one member here + one row in its table (src/record) + its definition. The
 * tables themselves are declared in field.h.
 *
 *   exchange --put--> record_sink: store | export | ui | a queue to another thread */
#ifndef HOPSCOPE_RECORD_H
#define HOPSCOPE_RECORD_H

#include "hopscope/base.h"
#include "hopscope/field.h"
#include "hopscope/finding.h"
#include "hopscope/stream.h"

/* record_us of what is before 1970, or unknown. */
int64_t record_us_early(int64_t ns);
/* Nanoseconds inside the program as the database has them: µs, rounded down, so that
 * times and their µs stand in the same order; TIME_UNKNOWN: RECORD_UNKNOWN. */
static inline int64_t record_us(int64_t ns)
{
    return ns >= 0 ? (int64_t)((uint64_t)ns / 1000) : record_us_early(ns);
}

/* From one such time to another. A clock that was set back gives 0 (HAZARDS 23). */
static inline int64_t record_us_apart(int64_t from_us, int64_t to_us)
{
    if (from_us == RECORD_UNKNOWN || to_us == RECORD_UNKNOWN) return RECORD_UNKNOWN;
    return to_us > from_us ? to_us - from_us : 0;
}

/* The difference of two times as the database shows them. */
static inline int64_t record_us_between(int64_t from_ns, int64_t to_ns)
{
    return record_us_apart(record_us(from_ns), record_us(to_ns));
}

enum close_cause {
    CAUSE_UNKNOWN,
    CAUSE_REFUSED,
    CAUSE_UNANSWERED,
    CAUSE_NEVER_USED,
    CAUSE_TUNNEL_END,
    CAUSE_IDLE_RACE,
    CAUSE_STALE_REUSE,
    CAUSE_LATE_REUSE,
    CAUSE_ABORTED,
    CAUSE_REQUEST_CLOSE,
    CAUSE_RESPONSE_CLOSE,
    CAUSE_CLOSE_DELIMITED,
    CAUSE_MAX_REQUESTS,
    CAUSE_IDLE_TIMEOUT,
};

enum exchange_state {
    EXCHANGE_UNKNOWN,
    EXCHANGE_COMPLETE,
    EXCHANGE_NO_RESPONSE,
    EXCHANGE_NO_REQUEST,
    EXCHANGE_REQUEST_INCOMPLETE,
    EXCHANGE_RESPONSE_INCOMPLETE,
    EXCHANGE_OPEN,
};

enum depth_basis { DEPTH_BASIS_UNKNOWN, DEPTH_BY_ACK, DEPTH_BY_TIME };

enum expect_outcome {
    EXPECT_NONE,
    EXPECT_CONTINUED,
    EXPECT_REJECTED,
    EXPECT_REJECTED_LATE,
    EXPECT_IMPATIENT,
    EXPECT_NOT_WAITED,
    EXPECT_UNANSWERED,
};

enum upgrade_result {
    UPGRADE_NONE,
    UPGRADE_SWITCHED,
    UPGRADE_DECLINED,
    UPGRADE_REQUIRED,
    UPGRADE_UNSOLICITED,
    UPGRADE_INVALID,
    UPGRADE_TUNNEL,
};

/* ---- the records; members in the order of SCHEMA.md, but a record's enums side by
 *      side: the store looks at eight of them at once. Texts borrow until put returns,
 *      ptr NULL: NULL. Times are µs since the epoch, durations µs. ---- */

struct record_capture {
    int64_t id;
    struct bytes source, kind, format, link_types, damage, program_version;
    int64_t snaplen, start_us, end_us, packets, bytes, kernel_dropped,
        interface_dropped;
    int64_t truncated_packets, undecoded_packets, duplicate_packets, bad_checksums;
    int64_t connections, midstream_connections, one_sided_connections, missing_bytes;
    int64_t evicted_connections, exchanges, exact_pairs, inferred_pairs,
        ambiguous_pairs;
    int64_t orphan_responses;
    /* For the summary; in no row. */
    int64_t odd_segments, late_packets, overdue_packets;
};

struct record_conn_side {
    int64_t packets, bytes, missing_bytes, gaps, retransmitted_segments;
    int64_t retransmitted_bytes, out_of_order_segments, overlap_conflicts;
    int64_t keepalive_probes, zero_window_us, stall_us;
};

struct record_connection {
    int64_t id; /* first_ref */
    int64_t capture_id;
    struct bytes community_id;
    struct endpoint client, server;
    int64_t tunnel_id, vlan;                    /* RECORD_UNKNOWN: none */
    struct bytes protocol;                      /* "http/1.1", ...; NULL: no payload */
    uint8_t is_open;                            /* enum tri: still open (live) */
    uint8_t open_kind, open_result, role_basis; /* enums of stream.h */
    uint8_t closed_by, close_kind;              /* likewise */
    uint8_t close_cause;                        /* enum close_cause */
    uint64_t first_ref, last_ref, close_ref;    /* close: the first FIN or RST */
    int64_t start_us, end_us, synack_rtt_us, ack_rtt_us, handshake_us;
    int64_t syn_retransmits, synack_retransmits;
    struct record_conn_side side[2];
    int64_t exchanges, max_depth, pipelined_requests, hol_us, resyncs;
    int64_t keepalive_timeout_s, keepalive_max, idle_max_us, idle_at_close_us;
    struct bytes conn_state, history, tls_sni, tls_alpn, tls_version;
    int64_t tls_handshake_us;
    int64_t findings;
};

struct record_message {
    uint8_t framing;     /* enum framing of http.h */
    uint8_t is_complete; /* enum tri */
    int64_t head_bytes, body_bytes, declared_bytes, missing_bytes;
};

struct record_exchange {
    int64_t id, connection_id, stream_id, ordinal;
    struct endpoint
        endpoint[2]; /* by enum side: its connection's, no field of its own */
    struct bytes method, target, host;
    uint8_t request_version, response_version; /* enum http_version of http.h */
    uint8_t depth_basis;                       /* enum depth_basis */
    uint8_t request_close, response_close, persist_declared, early_response; /* tri */
    uint8_t expect_outcome;  /* enum expect_outcome */
    uint8_t upgrade_result;  /* enum upgrade_result */
    uint8_t state;           /* enum exchange_state */
    uint8_t pair_confidence; /* enum pair_confidence of http.h */
    int64_t status;
    uint64_t request_ref, response_ref; /* 0: none */
    int64_t request_start_us, request_end_us, response_start_us, response_end_us;
    int64_t interims, first_interim_status, first_interim_us;
    int64_t wait_us, transfer_us, service_us, hol_us, idle_before_us, response_stall_us;
    int64_t depth;
    struct record_message message[2]; /* request, response: by enum side */
    int64_t keepalive_timeout_s, keepalive_max;
    int64_t expect_wait_us, expect_saved_bytes;
    struct bytes upgrade_offered;
    struct bytes upgrade_protocol;
    int64_t optimistic_bytes;
    struct bytes user_agent, server, content_type;
    int64_t findings;
};

struct record_tunnel {
    int64_t id, connection_id, exchange_id;
    struct bytes protocol;
    int64_t start_us, end_us;
    int64_t bytes[2], packets[2]; /* by enum side */
    int64_t idle_at_close_us;
    uint8_t closed_by; /* enum closed_by */
    struct bytes tls_sni, tls_alpn, tls_version;
    int64_t tls_handshake_us;
    int64_t ws_frames[2], ws_messages[2], ws_payload_bytes[2];
    int64_t ws_pings, ws_pongs, ws_ping_rtt_min_us, ws_ping_rtt_mean_us;
    int64_t ws_ping_rtt_max_us, ws_close_code;
    uint8_t ws_close_by;   /* enum closed_by */
    uint8_t ws_compressed; /* enum tri */
};

struct record_finding {
    int64_t id;            /* connection_id << 16 | its place among the connection's */
    int64_t connection_id; /* always known */
    int64_t exchange_ordinal; /* RECORD_UNKNOWN: none */
    uint64_t ref;
    int64_t time_us, stream_offset;
    uint8_t side;          /* enum side + 1; 0: none */
    uint8_t code;          /* enum finding_code + 1 */
    uint8_t severity;      /* enum severity */
    struct bytes evidence; /* escaped text */
};

struct record_header {
    int64_t exchange_id;
    uint8_t side; /* enum side + 1 */
    int64_t position;
    struct bytes name, value;
};

/* Takes records as they are finished; `record` points to the struct of its kind and is
 * borrowed. The order is: exchanges before their connection, tunnels and findings of a
 * connection right after it, captures last. STATUS_FAILED ends the run: the sink keeps
 * the reason for whoever owns it. */
struct record_sink {
    void *context;
    enum status (*put)(void *context, enum record_kind kind, const void *record);
    /* Live: a connection or an exchange as it stands now, before its put and with the
     * same id; may come any number of times. NULL: not wanted. */
    enum status (*update)(void *context, enum record_kind kind, const void *record);
    /* Live: called on the thread of put when nothing waits, and at least once a second.
     * NULL: not wanted. */
    enum status (*tick)(void *context);
    /* Room for one record, as record_block_room says. NULL, or gives NULL: none. */
    void *(*room)(void *context, enum record_kind kind, size_t text_bytes);
};

/* A block of records by value, texts included: what moves to another thread. */
struct record_block;

struct record_block *record_block_new(void);
void record_block_free(struct record_block *b); /* NULL is allowed */
/* Room for a record and `text_bytes` behind it, so that it need not be copied: to be
 * filled, and put from there, before anything else is put; else it was nothing. Its
 * texts stand in those bytes, or in static memory. Never NULL. */
void *record_block_room(struct record_block *b, enum record_kind kind,
                        size_t text_bytes);
/* Copies the record and its texts, unless it stands in the block's room. */
void record_block_put(struct record_block *b, enum record_kind kind,
                      const void *record);
/* The same, to be given to the sink's update. */
void record_block_update(struct record_block *b, enum record_kind kind,
                         const void *record);
size_t record_block_count(const struct record_block *b); /* of puts; no updates */
bool record_block_is_full(const struct record_block *b); /* worth handing over */
bool record_block_is_empty(const struct record_block *b);
/* Gives every record to `sink` in order, a connection with its Community ID, then
 * empties the block. Stops at the first failure and returns it. */
enum status record_block_drain(struct record_block *b, const struct record_sink *sink);
/* The same, but the block keeps its records, to be given once more. */
enum status record_block_replay(struct record_block *b, const struct record_sink *sink);
void record_block_clear(struct record_block *b);

/* Fills what tcp knows of a connection; the rest is RECORD_UNKNOWN or NULL. Texts
 * borrow from static memory and `community_id`. */
void record_connection_of(const struct conn *conn, char community_id[40],
                          struct record_connection *out);
/* The same into a record that record_clear has cleared. The Community ID is left to the
 * block that carries the record. */
void record_connection_fill(const struct conn *conn, struct record_connection *out);

#endif
