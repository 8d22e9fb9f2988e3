/* One shard of the analysis: from frames to records, on the caller's thread.
 *
 *   frame --> net --> tcp --> stream --> http --> exchange --> sink
 *                      '-- opened, closed, expired ---'                */
#include "engine/stats.h"
#include "hopscope/exchange.h"
#include "hopscope/http.h"
#include "hopscope/net.h"
#include "hopscope/tcp.h"

enum { PROTOCOL_ROWS = 4 };

struct pipeline {
    struct pipeline_options options;
    struct net *net;
    struct tcp *tcp;
    struct tracker *tracker;
    struct protocol protocols[PROTOCOL_ROWS];
    struct pipeline_counters *counters; /* by capture, from the first one's id */
    uint32_t counter_count;
};

static struct pipeline_counters *count(struct pipeline *p, uint64_t ref)
{
    uint32_t at = frame_capture_id(ref) - p->options.first_capture_id;
    if (at >= p->counter_count) {
        p->counters = mem_resize(p->counters, (at + 1) * sizeof *p->counters);
        for (; p->counter_count <= at; p->counter_count++)
            p->counters[p->counter_count] = (struct pipeline_counters){0};
    }
    return &p->counters[at];
}

/* ---- what tcp tells ---- */

static void on_opened(void *context, struct conn *conn)
{
    count(context, conn->first_ref)->connections++;
}

static void on_chunk(void *context, struct conn *conn, const struct chunk *chunk)
{
    struct pipeline *p = context;
    if (conn->stream == NULL) {
        if (chunk->kind == CHUNK_END) return; /* nothing was ever said */
        conn->stream = stream_new(conn, p->protocols, PROTOCOL_ROWS);
    }
    uint8_t before = stopwatch_turn_to(p->options.watch, READER_HTTP);
    bool was_flipped = conn->is_flipped;
    stream_feed(conn->stream, chunk);
    struct chunk turned;
    if (conn->is_flipped != was_flipped) { /* these bytes have told who is who */
        turned = *chunk;
        turned.from = side_other(chunk->from);
        chunk = &turned;
    }
    stopwatch_turn_to(p->options.watch, READER_EXCHANGE);
    tracker_chunk(p->tracker, conn, chunk);
    stopwatch_turn_to(p->options.watch, before);
}

static void on_closed(void *context, struct conn *conn)
{
    struct pipeline *p = context;
    uint8_t before = stopwatch_turn_to(p->options.watch, READER_HTTP);
    if (conn->stream != NULL) stream_close(conn->stream);
    stopwatch_turn_to(p->options.watch, READER_EXCHANGE);
    tracker_closed(p->tracker, conn);
    stopwatch_turn_to(p->options.watch, before);
}

static void on_expired(void *context, struct conn *conn)
{
    struct pipeline *p = context;
    struct pipeline_counters *n = count(p, conn->first_ref);
    const struct conn_side *client = &conn->side[SIDE_CLIENT];
    const struct conn_side *server = &conn->side[SIDE_SERVER];
    n->missing_bytes += client->missing_bytes + server->missing_bytes;
    if (conn->open_kind == OPEN_MIDSTREAM) n->midstream_connections++;
    bool is_answered = conn->open_result != OPEN_UNANSWERED;
    if (is_answered && (client->packets == 0 || server->packets == 0))
        n->one_sided_connections++;
    if (conn->close_kind == CLOSE_IDLE) n->evicted_connections++;
    uint8_t before = stopwatch_turn_to(p->options.watch, READER_EXCHANGE);
    tracker_expired(p->tracker, conn);
    stopwatch_turn_to(p->options.watch, before);
    stream_free(conn->stream);
    finding_list_free(conn->findings);
}

/* ---- pipeline ---- */

struct pipeline *pipeline_new(const struct pipeline_options *options)
{
    struct pipeline *p = mem_alloc(sizeof *p);
    p->options = *options;
    p->net = net_new();
    struct tracker_options tracking = {
        .sink = options->sink,
        .first_capture_id = options->first_capture_id,
        .wants_headers = options->wants_headers,
        .wants_secrets = options->wants_secrets,
        .watch = options->watch,
        .watch_stage = READER_EXCHANGE,
    };
    p->tracker = tracker_new(&tracking);
    p->protocols[0] = http_protocol(tracker_messages(p->tracker));
    p->protocols[1] = (struct protocol){
        .name = "h2",
        .protocol = PROTOCOL_H2,
        .probe = recognise_h2,
    };
    p->protocols[2] = tls_protocol(tracker_tls(p->tracker));
    p->protocols[3] = websocket_protocol(tracker_websocket(p->tracker));
    struct tcp_settings settings = {
        .key = options->key,
        .memory_max = options->memory_max,
        .vlan_in_key = options->vlan_in_key,
        .sink =
            {
                .context = p,
                .opened = on_opened,
                .chunk = on_chunk,
                .closed = on_closed,
                .expired = on_expired,
            },
    };
    p->tcp = tcp_new(&settings);
    return p;
}

static void take(struct pipeline *p, enum net_verdict verdict,
                 const struct packet *packet)
{
    struct pipeline_counters *n = count(p, packet->frame->ref);
    switch (verdict) {
    case NET_TCP: break;
    case NET_OTHER: return;
    case NET_TRUNCATED: n->truncated++; return;
    case NET_UNDECODED: n->undecoded++; return;
    }
    stopwatch_turn_to(p->options.watch, READER_TCP);
    enum checksum checksum = net_checksum(packet);
    if (checksum == CHECKSUM_BAD) n->bad_checksums++;
    if (tcp_packet(p->tcp, packet, checksum) == TCP_COPY) n->duplicates++;
}

enum status pipeline_frame(struct pipeline *p, const struct frame *frame)
{
    struct packet packet;
    stopwatch_turn_to(p->options.watch, READER_DECODE);
    count(p, frame->ref)->frames++;
    take(p, net_decode(p->net, frame, &packet), &packet);
    while (net_has_more(p->net)) /* several packets in one 802.11 frame */
        take(p, net_decode_more(p->net, frame, &packet), &packet);
    return tracker_status(p->tracker);
}

static void on_changed(void *context, struct conn *conn)
{
    struct pipeline *p = context;
    tracker_update(p->tracker, conn);
}

enum status pipeline_tick(struct pipeline *p, int64_t now_ns)
{
    tcp_tick(p->tcp, now_ns, on_changed, p);
    return tracker_status(p->tracker);
}

enum status pipeline_finish(struct pipeline *p)
{
    tcp_finish(p->tcp);
    return tracker_status(p->tracker);
}

struct pipeline_counters pipeline_counters(const struct pipeline *p,
                                           uint32_t capture_id)
{
    uint32_t at = capture_id - p->options.first_capture_id;
    if (at >= p->counter_count) return (struct pipeline_counters){0};
    struct pipeline_counters n = p->counters[at];
    struct tracker_counters pairs = tracker_counters(p->tracker, capture_id);
    n.exchanges = pairs.exchanges;
    n.exact_pairs = pairs.exact_pairs;
    n.inferred_pairs = pairs.inferred_pairs;
    n.ambiguous_pairs = pairs.ambiguous_pairs;
    n.orphan_responses = pairs.orphan_responses;
    return n;
}

void pipeline_free(struct pipeline *p)
{
    if (p == NULL) return;
    tcp_free(p->tcp);
    tracker_free(p->tracker);
    net_free(p->net);
    mem_free(p->counters);
    mem_free(p);
}
