/* The exchange layer alone: messages are told to a tracker one by one, with whatever
 * ACKs a test wants, and what it says of them is kept.
 *
 *   bench_request, bench_response: a head and its end    bench_head, bench_end: one of
 * them bench_over: the connection ends --> exchanges[], connection, findings
 */
#ifndef TRACKER_BENCH_H
#define TRACKER_BENCH_H

#include "hopscope/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { BENCH_EXCHANGES_MAX = 400, BENCH_STEP_NS = 1000000, BENCH_NO_LIMIT = -1 };

struct bench_exchange {
    struct record_exchange row; /* without its texts */
    char host[64];
};

struct bench {
    struct tracker *tracker;
    struct conn conn;
    void *story;
    struct bench_exchange exchanges[BENCH_EXCHANGES_MAX];
    size_t exchange_count; /* all of them, kept or not */
    struct record_connection connection;
    bool is_connection_there;
    struct buffer findings; /* code@offset of each, with a blank behind it */
    int updates;            /* exchanges that were shown unfinished */
    int puts_left;          /* before the sink fails; BENCH_NO_LIMIT: it never does */
    int refused;            /* what came after it had failed */
    int64_t now_ns;
    uint64_t number[2], offset[2]; /* of the next message of a side */
};

static enum status bench_take(struct bench *b)
{
    if (b->puts_left == BENCH_NO_LIMIT) return STATUS_OK;
    if (b->puts_left < 0) b->refused++;
    return b->puts_left-- > 0 ? STATUS_OK : STATUS_FAILED;
}

static enum status bench_put(void *context, enum record_kind kind, const void *record)
{
    struct bench *b = context;
    if (kind == RECORD_EXCHANGE) {
        const struct record_exchange *row = record;
        size_t at = b->exchange_count++;
        if (at >= BENCH_EXCHANGES_MAX) return bench_take(b);
        struct bench_exchange *kept = &b->exchanges[at];
        kept->row = *row;
        snprintf(kept->host, sizeof kept->host, "%.*s", (int)row->host.len,
                 row->host.ptr ? (const char *)row->host.ptr : "");
    } else if (kind == RECORD_CONNECTION) {
        b->connection = *(const struct record_connection *)record;
        b->is_connection_there = true;
    } else if (kind == RECORD_FINDING) {
        const struct record_finding *f = record;
        enum finding_code code = (enum finding_code)(f->code - 1);
        buffer_print(&b->findings, "%s@%lld ", finding_describe(code)->name,
                     (long long)f->stream_offset);
    }
    return bench_take(b);
}

static inline enum status bench_update(void *context, enum record_kind kind,
                                       const void *record)
{
    struct bench *b = context;
    (void)record;
    if (kind == RECORD_EXCHANGE) b->updates++;
    return bench_take(b);
}

/* A connection that was seen from its handshake on, and whose ends were not. */
static inline void bench_init(struct bench *b, const struct tracker_options *options)
{
    struct tracker_options own = options ? *options : (struct tracker_options){0};
    *b = (struct bench){.puts_left = BENCH_NO_LIMIT, .now_ns = 1000000000};
    own.sink.context = b;
    own.sink.put = bench_put;
    own.first_capture_id = 1;
    b->tracker = tracker_new(&own);
    b->conn = (struct conn){
        .id = 1ull << 32 | 1,
        .first_ref = 1ull << 32 | 1,
        .open_kind = OPEN_HANDSHAKE,
        .open_result = OPEN_ESTABLISHED,
        .protocol = PROTOCOL_HTTP,
        .close_ns = TIME_UNKNOWN,
    };
    for (int i = 0; i < 2; i++)
        b->conn.side[i] = (struct conn_side){
            .packets = 10,
            .bytes = 100,
            .fin_offset = OFFSET_UNKNOWN,
            .fin_acked = OFFSET_UNKNOWN,
            .rst_acked = OFFSET_UNKNOWN,
            .fin_ns = TIME_UNKNOWN,
            .rst_ns = TIME_UNKNOWN,
            .last_payload_ns = TIME_UNKNOWN,
        };
    struct message_sink *sink = tracker_messages(b->tracker);
    b->story = sink->open(sink->context, &b->conn);
}

static inline struct mark bench_mark(const struct bench *b, uint64_t offset,
                                     uint64_t acked)
{
    return (struct mark){.offset = offset,
                         .captured_ns = b->now_ns,
                         .ref = 1ull << 32 | (uint64_t)b->now_ns / BENCH_STEP_NS,
                         .peer_acked = acked};
}

/* The next message of that side, 100 bytes long; `acked` of its first byte. */
static inline struct message bench_message(struct bench *b, enum side from,
                                           uint64_t acked)
{
    const struct mark nowhere = {.offset = OFFSET_UNKNOWN, .captured_ns = TIME_UNKNOWN};
    uint64_t start = b->offset[from];
    b->now_ns += BENCH_STEP_NS;
    b->offset[from] += 100;
    struct message m = {
        .from = from,
        .number = ++b->number[from],
        .start = bench_mark(b, start, acked),
        .head_end = bench_mark(b, start + 100, acked),
        .end = bench_mark(b, start + 100, acked),
        .body_start = nowhere,
        .version = VERSION_11,
        .framing = FRAMING_NONE,
        .declared = -1,
        .head_bytes = 100,
        .keepalive_timeout_s = -1,
        .keepalive_max = -1,
        .is_complete = true,
    };
    if (from == SIDE_CLIENT) {
        m.method = METHOD_GET;
        m.method_text = bytes_of_text("GET");
        m.target = bytes_of_text("/");
    } else {
        m.status = 200;
        m.framing = FRAMING_LENGTH;
        m.declared = 0;
        m.confidence = PAIR_EXACT;
        m.answers = m.number;
    }
    return m;
}

static inline void bench_head(struct bench *b, const struct message *m)
{
    tracker_messages(b->tracker)->head(b->story, m);
}

/* Where it stands now: later than its head, unless time did not pass. */
static inline void bench_end(struct bench *b, const struct message *head)
{
    struct message m = *head;
    m.method_text = m.target = m.host = m.upgrade = bytes_of(NULL, 0);
    m.end.captured_ns = b->now_ns;
    tracker_messages(b->tracker)->end(b->story, &m);
}

static inline struct message bench_request(struct bench *b, uint64_t acked)
{
    struct message m = bench_message(b, SIDE_CLIENT, acked);
    bench_head(b, &m);
    bench_end(b, &m);
    return m;
}

static inline struct message bench_response(struct bench *b, uint64_t acked)
{
    struct message m = bench_message(b, SIDE_SERVER, acked);
    bench_head(b, &m);
    bench_end(b, &m);
    return m;
}

/* Bytes of the client, as the tracker sees them once the stream has had them. */
static inline void bench_client_bytes(struct bench *b, uint64_t offset,
                                      const char *text, uint64_t acked)
{
    b->now_ns += BENCH_STEP_NS;
    struct chunk chunk = {.kind = CHUNK_DATA,
                          .from = SIDE_CLIENT,
                          .offset = offset,
                          .captured_ns = b->now_ns,
                          .peer_acked = acked,
                          .data = bytes_of_text(text)};
    tracker_chunk(b->tracker, &b->conn, &chunk);
}

/* The connection ends, by `kind`; CLOSE_KIND_UNKNOWN: a FIN of the server's. */
static inline void bench_over(struct bench *b, enum close_kind kind)
{
    b->now_ns += BENCH_STEP_NS;
    b->conn.end_ns = b->now_ns;
    b->conn.close_kind = kind == CLOSE_KIND_UNKNOWN ? CLOSE_FIN : kind;
    if (kind == CLOSE_KIND_UNKNOWN) {
        b->conn.close_ns = b->now_ns;
        b->conn.closed_by = CLOSED_BY_SERVER;
    }
    tracker_closed(b->tracker, &b->conn);
    tracker_expired(b->tracker, &b->conn);
    buffer_append(&b->findings, bytes_of("", 1));
}

static inline void bench_done(struct bench *b)
{
    tracker_free(b->tracker);
    finding_list_free(b->conn.findings);
    buffer_done(&b->findings);
}

/* Ends the connection, compares its findings, and frees the rest. */
static inline void bench_expect(struct bench *b, enum close_kind kind,
                                const char *findings)
{
    bench_over(b, kind);
    assert_string_equal((const char *)b->findings.ptr, findings);
    bench_done(b);
}

#endif
