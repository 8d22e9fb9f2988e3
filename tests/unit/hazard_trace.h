/* Traces for the hazards: what two TCP stacks send, packet by packet, every one of them
 * open to be changed, moved, doubled or left out before the pipeline sees it.
 *
 *   struct hazard_trace t;
 *   hazard_trace_init(&t);
 *   hazard_open(&t);                                  // handshake
 *   hazard_exchange(&t, 1, 300);                      // GET /1, 200 with 300 bytes
 *   hazard_at(&t, SIDE_CLIENT, 5, "contradiction");   // anything, anywhere
 *   hazard_run(&t, &rows);                            // through a whole pipeline
 *
 * A millisecond lies between packets. Offsets count payload bytes from 0. */
#ifndef HAZARD_TRACE_H
#define HAZARD_TRACE_H

#include "hazard_rows.h"
#include "hopscope/net.h"
#include "hopscope/stream.h"

#define HAZARD_MS    1000000LL
#define HAZARD_S     1000000000LL
#define HAZARD_START (1700000000LL * HAZARD_S)

enum hazard_kinds {
    HAZARD_CONNECTIONS = 1 << RECORD_CONNECTION,
    HAZARD_EXCHANGES = 1 << RECORD_EXCHANGE,
    HAZARD_FINDINGS = 1 << RECORD_FINDING,
    HAZARD_ALL = HAZARD_CONNECTIONS | HAZARD_EXCHANGES | HAZARD_FINDINGS,
};

enum { HAZARD_ETHERNET_BYTES = 14, HAZARD_HEAD_BYTES = 54 /* without TCP options */ };

struct hazard_packet {
    uint32_t number; /* as the capture file counts: stays when others are left out */
    enum side from;
    uint8_t flags, ttl;
    uint16_t vlan, window, ip_id, urgent;
    uint16_t flow;     /* added to the client's port and, from 256 on, its address */
    uint64_t seq, ack; /* relative to the ISNs: 0 is the SYN, 1 the first byte */
    int64_t at_ns;
    uint32_t captured;     /* bytes of the frame that the snaplen left; 0: all */
    bool has_bad_checksum; /* of TCP */
    size_t data, length;   /* payload, in the trace's memory */
    struct bytes options;  /* static memory */
};

struct hazard_trace {
    struct hazard_packet *at;
    size_t count, capacity;
    struct buffer data;
    uint32_t isn[2];
    int version;   /* of IP: 4 or 6 */
    uint16_t flow; /* of the packets that follow */
    uint64_t
        next[2]; /* relative, what each side has sent; by flow only of the latest */
    int64_t now_ns;
    bool has_static_ack[2]; /* its ACK number stays at: */
    uint64_t static_ack[2];
};

void hazard_trace_init(struct hazard_trace *t);
void hazard_trace_done(struct hazard_trace *t);
/* Same bytes, own packets. */
void hazard_trace_copy(const struct hazard_trace *from, struct hazard_trace *to);
/* Another connection of another client port; its handshake is to follow. */
void hazard_next_flow(struct hazard_trace *t);

/* One packet, as of now; change what it returns before the next call. */
struct hazard_packet *hazard_packet_add(struct hazard_trace *t, enum side from,
                                        uint8_t flags, uint64_t seq,
                                        struct bytes payload);
void hazard_open(struct hazard_trace *t);
/* In order, so that the stream goes on. */
struct hazard_packet *hazard_say(struct hazard_trace *t, enum side from,
                                 const char *text);
struct hazard_packet *hazard_say_bytes(struct hazard_trace *t, enum side from,
                                       struct bytes data);
/* At a stream offset, whatever was sent there before. */
struct hazard_packet *hazard_at(struct hazard_trace *t, enum side from, uint64_t offset,
                                const char *text);
struct hazard_packet *hazard_ack(struct hazard_trace *t, enum side from);
struct hazard_packet *hazard_fin(struct hazard_trace *t, enum side from);
struct hazard_packet *hazard_rst(struct hazard_trace *t, enum side from);
/* By capture time; packets of the same time stay in their order. */
void hazard_sort(struct hazard_trace *t);
void hazard_wait(struct hazard_trace *t, int64_t ns);
/* `count` bytes of filler, in segments of at most `segment`. */
void hazard_filler(struct hazard_trace *t, enum side from, size_t count,
                   size_t segment);
void hazard_request(struct hazard_trace *t, unsigned number); /* GET /number */
/* 200 with a body of that many bytes, in segments of 1000. */
void hazard_response(struct hazard_trace *t, size_t body);
/* Both, and the client's ACK. */
void hazard_exchange(struct hazard_trace *t, unsigned number, size_t body);
void hazard_close(struct hazard_trace *t); /* FIN, FIN, ACK */

/* A row of a cmocka test table. */
#define HAZARD(name, function)           \
    {                                    \
        name, function, NULL, NULL, NULL \
    }

/* The IP packet of a packet, whole, appended to `wire`. */
void hazard_ip(const struct hazard_trace *t, const struct hazard_packet *p,
               struct buffer *wire);

struct hazard_settings {
    struct hash_key key;
    bool vlan_in_key;
};

/* A pipeline for frames that a case builds itself; its rows are complete when the tap
 * is closed. */
struct hazard_tap {
    struct pipeline *pipeline;
    struct hazard_rows *rows;
    uint32_t number; /* of the next frame */
};

void hazard_tap_open(struct hazard_tap *tap, const struct hazard_settings *settings,
                     struct hazard_rows *rows);
void hazard_tap_frame(struct hazard_tap *tap, uint32_t link_type, int64_t at_ns,
                      struct bytes frame);
void hazard_tap_close(struct hazard_tap *tap);

/* All packets through a new pipeline; rows are cleared first. */
void hazard_run(const struct hazard_trace *t, struct hazard_rows *rows);
void hazard_run_with(const struct hazard_trace *t,
                     const struct hazard_settings *settings, struct hazard_rows *rows);
/* Both give the same rows of these kinds in all columns but `without`, as in
 * hazard_rows_print; else the test fails and shows the first line that differs. */
void hazard_expect_same(const struct hazard_trace *plain,
                        const struct hazard_trace *other, unsigned kinds,
                        const char *without);
/* Runs it and frees the trace. */
void hazard_run_once(struct hazard_trace *t, struct hazard_rows *rows);

#endif
