/* One shard of the analysis: from frames to records, on the caller's thread.
 *
 *   frame --> net --> tcp --> stream --> http --> exchange --> sink
 *                      '-- opened, closed, expired ---'
 *
 * Frames of a batch go side by side, so that none waits for memory alone:
 *
 *   decode, hash   1  2  3  4  5 ..      each asks for its slot in the flow table
 *   flows                   1  2  3 ..   each asks for its flow, some packets ahead
 *   tcp and on                 1  2 ..   in capture order                     */
#include "engine/stats.h"
#include "hopscope/exchange.h"
#include "hopscope/http.h"
#include "hopscope/net.h"
#include "hopscope/tcp.h"

enum {
    PROTOCOL_ROWS = 4,
    PIPELINE_AHEAD = 4, /* packets between a flow's fetching and its use */
    /* Of a payload, asked for with the flow; the machine fetches on by itself. */
    PIPELINE_PAYLOAD_AHEAD = 256,
};

struct pipeline {
    struct pipeline_options options;
    struct payload_key payload_key;
    struct net *net;
    struct tcp *tcp;
    struct tracker *tracker;
    struct protocol protocols[PROTOCOL_ROWS];
    struct streams *streams;
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

/* What the bytes before `chunk` did not tell, it may have told: who is who. */
__attribute__((noinline)) static void show_chunk(struct pipeline *p, struct conn *conn,
                                                 const struct chunk *chunk,
                                                 bool was_flipped)
{
    struct chunk shown = *chunk;
    if (conn->is_flipped != was_flipped) shown.from = side_other(chunk->from);
    stopwatch_turn_to(p->options.watch, READER_EXCHANGE);
    tracker_chunk(p->tracker, conn, &shown);
}

static void on_chunk(void *context, struct conn *conn, const struct chunk *chunk)
{
    struct pipeline *p = context;
    if (conn->stream == NULL) {
        if (chunk->kind == CHUNK_END) return; /* nothing was ever said */
        conn->stream = stream_new(p->streams, conn);
    }
    uint8_t before = stopwatch_turn_to(p->options.watch, READER_HTTP);
    bool was_flipped = conn->is_flipped;
    stream_feed(conn->stream, chunk);
    if (conn->is_watched) show_chunk(p, conn, chunk, was_flipped);
    stopwatch_turn_to(p->options.watch, before);
}

static void on_closed(void *context, struct conn *conn)
{
    struct pipeline *p = context;
    uint8_t before = stopwatch_turn_to(p->options.watch, READER_HTTP);
    if (conn->stream != NULL) stream_close(conn->stream);
    stopwatch_turn_to(p->options.watch, READER_EXCHANGE);
    tracker_closed(p->tracker, conn);
    /* It lingers without its stream, unless that knows what a tunnel carried. */
    if (stream_inner_protocol(conn->stream) == PROTOCOL_NONE) {
        stream_free(conn->stream);
        conn->stream = NULL;
    }
    stopwatch_turn_to(p->options.watch, before);
}

static void on_expired(void *context, struct conn *conn)
{
    struct pipeline *p = context;
    struct pipeline_counters *n = count(p, conn->first_ref);
    const struct conn_side *client = &conn->side[SIDE_CLIENT];
    const struct conn_side *server = &conn->side[SIDE_SERVER];
    n->missing_bytes += conn_trouble(client)->missing_bytes;
    n->missing_bytes += conn_trouble(server)->missing_bytes;
    n->odd_segments += conn->odd_segments;
    n->late_packets += conn->late_packets;
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

/* Its story first: the stream's instance asks for it. */
static bool on_can_rest(void *context, const struct conn *conn)
{
    (void)context;
    return stream_can_rest(conn->stream);
}

static void on_rest(void *context, struct conn *conn, struct packing *out)
{
    struct pipeline *p = context;
    tracker_rest(p->tracker, conn, out);
    if (conn->stream != NULL) stream_rest(conn->stream, out);
}

static void on_resume(void *context, struct conn *conn, struct unpacking *in)
{
    struct pipeline *p = context;
    tracker_resume(p->tracker, conn, in);
    if (conn->stream != NULL) conn->stream = stream_resume(p->streams, conn, in);
}

/* ---- pipeline ---- */

struct pipeline *pipeline_new(const struct pipeline_options *options)
{
    struct pipeline *p = mem_alloc(sizeof *p);
    p->options = *options;
    payload_key_init(&p->payload_key, options->key);
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
    p->streams = streams_new(p->protocols, PROTOCOL_ROWS);
    struct tcp_settings settings = {
        .key = options->key,
        .memory_max = options->memory_max,
        .vlan_in_key = options->vlan_in_key,
        .rests_at_once = options->rests_at_once,
        .sink =
            {
                .context = p,
                .opened = on_opened,
                .chunk = on_chunk,
                .closed = on_closed,
                .expired = on_expired,
                .can_rest = on_can_rest,
                .rest = on_rest,
                .resume = on_resume,
            },
    };
    p->tcp = tcp_new(&settings);
    return p;
}

void pipeline_count_verdict(struct pipeline_counters *n, enum net_verdict verdict)
{
    if (verdict == NET_TRUNCATED) n->truncated++;
    if (verdict == NET_UNDECODED) n->undecoded++;
}

static inline void take(struct pipeline *p, struct pipeline_item *item)
{
    uint64_t ref = item->frame.ref;
    if (item->verdict != NET_TCP) {
        pipeline_count_verdict(count(p, ref), item->verdict);
        return;
    }
    if (!item->has_checksum)
        item->checksum = (uint8_t)payload_read(&p->payload_key, &item->packet);
    if (item->checksum == CHECKSUM_BAD) count(p, ref)->bad_checksums++;
    if (item->clock != NULL) tcp_set_clock(p->tcp, item->clock);
    enum checksum checksum = item->checksum;
    enum tcp_verdict verdict =
        tcp_packet_prepared(p->tcp, &item->packet, checksum, item->flow);
    if (verdict == TCP_TAKEN) return;
    if (verdict == TCP_COPY) count(p, ref)->duplicates++;
    if (verdict == TCP_OVERDUE) count(p, ref)->overdue_packets++;
}

/* The payload, too: it may be in another processor's cache. */
static void prefetch(const struct pipeline *p, const struct pipeline_item *item)
{
    if (item->verdict != NET_TCP) return;
    struct bytes payload = item->packet.payload;
    tcp_prefetch(p->tcp, &item->packet, item->flow);
    mem_prefetch(payload.ptr, bytes_first(payload, PIPELINE_PAYLOAD_AHEAD).len);
}

static void take_batch(struct pipeline *p, struct pipeline_item *items,
                       size_t item_count)
{
    for (size_t i = 0; i < item_count && i < PIPELINE_AHEAD; i++)
        prefetch(p, &items[i]);
    for (size_t i = 0; i < item_count; i++) {
        if (i + PIPELINE_AHEAD < item_count) prefetch(p, &items[i + PIPELINE_AHEAD]);
        take(p, &items[i]);
    }
}

/* ---- frames that nobody has looked at ---- */

static void prepare(struct pipeline *p, struct pipeline_item *item,
                    enum net_verdict verdict)
{
    item->has_checksum = false;
    item->clock = NULL;
    item->verdict = (uint8_t)verdict;
    if (verdict == NET_TCP) item->flow = tcp_prepare(p->tcp, &item->packet);
}

/* Made whole of fragments, a packet stands in net's own memory until the next frame. */
static bool is_inside_frame(const struct packet *packet)
{
    struct bytes frame = packet->frame->data;
    uintptr_t segment = (uintptr_t)packet->payload.ptr - packet->header_bytes;
    return segment - (uintptr_t)frame.ptr < frame.len;
}

/* Decodes until a frame leaves something in net, or all are decoded; returns how many
 * are. */
static size_t decode_batch(struct pipeline *p, const struct frame *frames,
                           size_t frame_count, struct pipeline_item *items)
{
    for (size_t i = 0; i < frame_count; i++) {
        struct pipeline_item *item = &items[i];
        item->frame = frames[i];
        count(p, item->frame.ref)->frames++;
        prepare(p, item, net_decode(p->net, &item->frame, &item->packet));
        if (net_has_more(p->net)) return i + 1;
        if (item->verdict == NET_TCP && !is_inside_frame(&item->packet)) return i + 1;
    }
    return frame_count;
}

enum status pipeline_frames(struct pipeline *p, const struct frame *frames,
                            size_t frame_count)
{
    struct pipeline_item items[CAPTURE_BATCH_MAX];
    for (size_t done = 0; done < frame_count;) {
        stopwatch_turn_to(p->options.watch, READER_DECODE);
        size_t decoded = decode_batch(p, frames + done, frame_count - done, items);
        stopwatch_turn_to(p->options.watch, READER_TCP);
        take_batch(p, items, decoded);
        struct pipeline_item *last = &items[decoded - 1];
        while (net_has_more(p->net)) { /* several packets in one 802.11 frame */
            prepare(p, last, net_decode_more(p->net, &last->frame, &last->packet));
            take(p, last);
        }
        done += decoded;
    }
    return tracker_status(p->tracker);
}

enum status pipeline_frame(struct pipeline *p, const struct frame *frame)
{
    return pipeline_frames(p, frame, 1);
}

/* ---- items ---- */

/* What the reader saw in it is what this decoding sees: such a frame leaves nothing in
 * net. */
static void prepare_item(struct pipeline *p, struct pipeline_item *item)
{
    enum net_verdict verdict = NET_TCP;
    if (!item->is_decoded) verdict = net_decode(p->net, &item->frame, &item->packet);
    item->verdict = (uint8_t)verdict;
    if (verdict == NET_TCP) item->flow = tcp_prepare(p->tcp, &item->packet);
}

enum status pipeline_items(struct pipeline *p, struct pipeline_item *items,
                           size_t item_count)
{
    while (item_count > 0) {
        size_t some = item_count < CAPTURE_BATCH_MAX ? item_count : CAPTURE_BATCH_MAX;
        stopwatch_begin(p->options.watch, READER_DECODE);
        for (size_t i = 0; i < some; i++) {
            /* Another core has written it. */
            if (i + PIPELINE_AHEAD < some)
                mem_prefetch(&items[i + PIPELINE_AHEAD], sizeof *items);
            prepare_item(p, &items[i]);
        }
        stopwatch_turn_to(p->options.watch, READER_TCP);
        take_batch(p, items, some);
        stopwatch_turn_to(p->options.watch, READER_LOOP);
        stopwatch_end(p->options.watch);
        items += some;
        item_count -= some;
    }
    return tracker_status(p->tracker);
}

void pipeline_set_clock(struct pipeline *p, const struct tcp_clock *clock)
{
    tcp_set_clock(p->tcp, clock);
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
    struct pipeline_counters n = {.frames = 0};
    if (at < p->counter_count) n = p->counters[at];
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
    streams_free(p->streams);
    net_free(p->net);
    mem_free(p->counters);
    mem_free(p);
}
