/* Lives of connections, as tcp tells of them in the first pass; in the second, each
 * packet's payload is cut out of its life's disguised stream by its sequence number, so
 * that what was sent twice is the same twice. */
#include "cli/disguise.h"

#include "cli/disguise_packet.h"
#include "cli/disguise_stream.h"
#include "hopscope/tcp.h"

#include <stdlib.h>

enum {
    PROTOCOLS = 3,
    RECENT_PACKETS = 4096, /* a segment may be held for a while before it is a chunk */
};

struct recent {
    uint64_t ref;
    uint32_t seq; /* of the payload's first byte */
};

/* One life of a connection. Directions are by their sender: roles may change. */
struct life {
    struct conn *conn; /* while it lives */
    struct disguise *disguise;
    struct endpoint ends[2]; /* the sender of each direction */
    uint32_t tunnel_id;
    uint64_t opened_at; /* the number of its first packet */
    struct disguise_stream streams[2];
    bool is_websocket; /* what the last response's head switches to */
};

struct disguise {
    struct pseudonym *pseudonym;
    struct net *net;
    struct tcp *tcp;
    struct message_sink messages;
    struct protocol protocols[PROTOCOLS];
    struct streams *streams;
    struct life **lives; /* sorted, once learnt */
    size_t life_count, life_capacity;
    uint64_t packets; /* of this pass so far */
    struct recent recent[RECENT_PACKETS];
    uint64_t bytes, message_count; /* kept, of all */
    struct buffer made;
};

static size_t direction_of(const struct life *l, enum side side)
{
    const struct endpoint *e =
        side == SIDE_CLIENT ? &l->conn->client : &l->conn->server;
    return endpoint_equal(e, &l->ends[0]) ? 0 : 1;
}

/* ---- what http tells ---- */

static void *on_open(void *context, struct conn *conn)
{
    (void)context;
    return conn->story; /* nobody else has a use for it here */
}

static void on_head(void *opened, const struct message *m)
{
    struct life *l = opened;
    if (m->from == SIDE_SERVER)
        l->is_websocket = bytes_are_caseless(m->upgrade, "websocket");
}

static void on_end(void *opened, const struct message *m)
{
    struct life *l = opened;
    struct disguise_stream *s = &l->streams[direction_of(l, m->from)];
    if (s->message_count == s->message_capacity) {
        s->message_capacity = s->message_capacity == 0 ? 8 : 2 * s->message_capacity;
        s->messages =
            mem_resize(s->messages, s->message_capacity * sizeof *s->messages);
    }
    bool is_cut = (m->flags & MESSAGE_HEAD_CUT) != 0;
    s->messages[s->message_count++] = (struct disguise_message){
        .start = m->start.offset,
        .head_end = is_cut ? m->end.offset : m->head_end.offset,
        .end = m->end.offset,
        .is_chunked = m->framing == FRAMING_CHUNKED,
    };
    l->disguise->message_count++;
}

static void on_lost(void *opened, uint64_t first, uint64_t count, uint64_t missing)
{
    (void)opened;
    (void)first;
    (void)count;
    (void)missing;
}

static void on_resync(void *opened, enum side from)
{
    (void)opened;
    (void)from;
}

static void on_switched(void *opened, const struct message *response,
                        const uint64_t offsets[2])
{
    struct life *l = opened;
    for (int side = 0; side < 2; side++) {
        struct disguise_stream *s = &l->streams[direction_of(l, (enum side)side)];
        bool is_websocket = response->status == 101 && l->is_websocket;
        *(is_websocket ? &s->websocket_at : &s->tunnel_at) = offsets[side];
    }
}

/* TLS is looked at when its streams are whole. It has an instance only because it
 * yields: it may be answered in another protocol. */
static void *on_tls_open(void *context, struct stream *stream, struct conn *conn)
{
    (void)stream;
    (void)conn;
    return context;
}

static void on_tls_feed(void *instance, const struct chunk *chunk)
{
    (void)instance;
    (void)chunk;
}

static void on_tls_close(void *instance)
{
    (void)instance;
}

/* ---- what tcp tells ---- */

static void on_opened(void *context, struct conn *conn)
{
    struct disguise *d = context;
    struct life *l = mem_alloc(sizeof *l);
    *l = (struct life){
        .conn = conn,
        .disguise = d,
        .ends = {conn->client, conn->server},
        .tunnel_id = conn->tunnel_id,
        .opened_at = d->packets,
    };
    for (int i = 0; i < 2; i++) disguise_stream_init(&l->streams[i]);
    if (d->life_count == d->life_capacity) {
        d->life_capacity = d->life_capacity == 0 ? 64 : 2 * d->life_capacity;
        d->lives = mem_resize(d->lives, d->life_capacity * sizeof(struct life *));
    }
    d->lives[d->life_count++] = l;
    conn->story = l;
}

static void add_gap(struct disguise_stream *s, const struct chunk *chunk)
{
    if (s->gap_count == s->gap_capacity) {
        s->gap_capacity = s->gap_capacity == 0 ? 4 : 2 * s->gap_capacity;
        s->gaps = mem_resize(s->gaps, s->gap_capacity * sizeof *s->gaps);
    }
    s->gaps[s->gap_count++] =
        (struct disguise_gap){.offset = chunk->offset, .length = chunk->missing};
}

/* Bytes that were lost are zeros, as long as they do not cost much. */
static void add_bytes(struct disguise *d, struct disguise_stream *s,
                      const struct chunk *chunk)
{
    static const uint8_t zeros[4096];
    uint64_t end = chunk->offset + chunk->data.len;
    if (end < s->bytes.len || d->bytes + end - s->bytes.len > DISGUISE_BYTES_MAX) {
        d->bytes = end < s->bytes.len ? d->bytes : DISGUISE_BYTES_MAX + 1;
        return;
    }
    d->bytes += end - s->bytes.len;
    while (s->bytes.len < chunk->offset) {
        size_t some = (size_t)(chunk->offset - s->bytes.len);
        buffer_append(&s->bytes, bytes_of(zeros, some < 4096 ? some : 4096));
    }
    buffer_append(&s->bytes,
                  bytes_from(chunk->data, (size_t)(s->bytes.len - chunk->offset)));
}

static uint32_t first_seq(const struct packet *p)
{
    return p->seq + ((p->flags & TCP_SYN) != 0 ? 1u : 0u);
}

static struct recent *recent_of(struct disguise *d, uint64_t ref)
{
    return &d->recent[frame_number(ref) % RECENT_PACKETS];
}

static void learn_base(struct disguise *d, struct disguise_stream *s,
                       const struct chunk *chunk)
{
    const struct recent *r = recent_of(d, chunk->ref);
    if (s->has_base || !chunk->starts_segment || r->ref != chunk->ref) return;
    s->base = r->seq - (uint32_t)chunk->offset;
    s->has_base = true;
}

static void on_chunk(void *context, struct conn *conn, const struct chunk *chunk)
{
    struct disguise *d = context;
    struct life *l = conn->story;
    struct disguise_stream *s = &l->streams[direction_of(l, chunk->from)];
    if (chunk->kind == CHUNK_GAP) add_gap(s, chunk);
    if (chunk->kind == CHUNK_DATA) {
        add_bytes(d, s, chunk);
        learn_base(d, s, chunk);
    }
    if (conn->stream == NULL && chunk->kind == CHUNK_END) return;
    if (conn->stream == NULL) conn->stream = stream_new(d->streams, conn);
    stream_feed(conn->stream, chunk);
}

static void on_closed(void *context, struct conn *conn)
{
    (void)context;
    if (conn->stream != NULL) stream_close(conn->stream);
}

static void on_expired(void *context, struct conn *conn)
{
    struct disguise *d = context;
    struct life *l = conn->story;
    for (int i = 0; i < 2; i++) disguise_stream_hide(&l->streams[i], d->pseudonym);
    stream_free(conn->stream);
    finding_list_free(conn->findings);
    l->conn = NULL;
}

/* ---- the passes ---- */

struct disguise *disguise_new(struct hash_key key, bool vlan_in_key)
{
    struct disguise *d = mem_alloc(sizeof *d);
    d->pseudonym = pseudonym_new(key);
    d->net = net_new();
    d->messages = (struct message_sink){
        .context = d,
        .open = on_open,
        .head = on_head,
        .end = on_end,
        .lost = on_lost,
        .resync = on_resync,
        .switched = on_switched,
    };
    d->protocols[0] = http_protocol(&d->messages);
    d->protocols[1] =
        (struct protocol){.name = "h2", .protocol = PROTOCOL_H2, .probe = recognise_h2};
    d->protocols[2] = (struct protocol){.name = "tls",
                                        .protocol = PROTOCOL_TLS,
                                        .probe = recognise_tls,
                                        .open = on_tls_open,
                                        .feed = on_tls_feed,
                                        .close = on_tls_close,
                                        .context = d,
                                        .yields = true};
    d->streams = streams_new(d->protocols, PROTOCOLS);
    struct tcp_settings settings = {.key = hash_key_random(),
                                    .vlan_in_key = vlan_in_key,
                                    .sink = {.context = d,
                                             .opened = on_opened,
                                             .chunk = on_chunk,
                                             .closed = on_closed,
                                             .expired = on_expired}};
    d->tcp = tcp_new(&settings);
    return d;
}

void disguise_free(struct disguise *d)
{
    if (d == NULL) return;
    for (size_t i = 0; i < d->life_count; i++) {
        for (int k = 0; k < 2; k++) disguise_stream_done(&d->lives[i]->streams[k]);
        mem_free(d->lives[i]);
    }
    mem_free(d->lives);
    tcp_free(d->tcp);
    streams_free(d->streams);
    net_free(d->net);
    pseudonym_free(d->pseudonym);
    buffer_done(&d->made);
    mem_free(d);
}

void disguise_learn(struct disguise *d, const struct frame *frame, bool is_wanted)
{
    struct packet packet;
    if (net_decode(d->net, frame, &packet) != NET_TCP || !is_wanted) return;
    d->packets++;
    *recent_of(d, frame->ref) =
        (struct recent){.ref = frame->ref, .seq = first_seq(&packet)};
    tcp_packet(d->tcp, &packet, net_checksum(&packet));
}

static int compare_keys(const struct life *a, const struct life *b)
{
    int order = endpoint_compare(&a->ends[0], &b->ends[0]);
    if (order == 0) order = endpoint_compare(&a->ends[1], &b->ends[1]);
    if (order == 0 && a->tunnel_id != b->tunnel_id)
        order = a->tunnel_id < b->tunnel_id ? -1 : 1;
    return order;
}

static int compare_lives(const void *a, const void *b)
{
    const struct life *const *one = a, *const *other = b;
    int order = compare_keys(*one, *other);
    if (order != 0) return order;
    return (*one)->opened_at < (*other)->opened_at ? -1 : 1;
}

enum status disguise_finish_learning(struct disguise *d, struct problem *why)
{
    tcp_finish(d->tcp);
    net_free(d->net);
    d->net = net_new();
    d->packets = 0;
    if (d->life_count > 0)
        qsort(d->lives, d->life_count, sizeof(struct life *), compare_lives);
    if (d->bytes <= DISGUISE_BYTES_MAX && d->message_count <= DISGUISE_MESSAGES_MAX)
        return STATUS_OK;
    return problem_set(why, STATUS_FAILED,
                       "these connections have more than %d MiB of payload, or %d "
                       "messages: choose fewer for an anonymous slice",
                       DISGUISE_BYTES_MAX >> 20, DISGUISE_MESSAGES_MAX);
}

/* The latest of the key's lives that had begun with this packet. */
static const struct life *find_life(const struct disguise *d, const struct life *key)
{
    size_t low = 0, high = d->life_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare_keys(d->lives[middle], key);
        bool is_before = order < 0;
        if (order == 0) is_before = d->lives[middle]->opened_at <= key->opened_at;
        if (is_before)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || compare_keys(d->lives[low - 1], key) != 0) return NULL;
    return d->lives[low - 1];
}

/* The stream that a packet's payload belongs to; NULL: none that is known. */
static const struct disguise_stream *find_stream(const struct disguise *d,
                                                 const struct packet *p)
{
    const struct disguise_stream *found = NULL;
    uint64_t opened_at = 0;
    for (size_t i = 0; i < 2; i++) {
        struct life key = {.tunnel_id = p->tunnel_id, .opened_at = d->packets};
        key.ends[i] = p->from;
        key.ends[1 - i] = p->to;
        const struct life *l = find_life(d, &key);
        if (l == NULL || l->opened_at < opened_at) continue;
        opened_at = l->opened_at;
        found = &l->streams[i];
    }
    return found;
}

/* What is not of the stream, before its beginning or behind its end, is x. */
static void cover_payload(const struct disguise_stream *s, const struct packet *p,
                          struct buffer *out)
{
    for (size_t i = 0; i < p->payload.len; i++) buffer_append(out, bytes_of("x", 1));
    if (s == NULL || !s->has_base) return;
    int64_t offset = (int32_t)(first_seq(p) - s->base);
    for (size_t i = 0; i < p->payload.len; i++) {
        int64_t at = offset + (int64_t)i;
        if (at >= 0 && (uint64_t)at < s->bytes.len) out->ptr[i] = s->bytes.ptr[at];
    }
}

bool disguise_frame(struct disguise *d, const struct frame *frame, bool is_wanted,
                    struct frame *out)
{
    struct packet packet;
    struct buffer payload = {.ptr = NULL};
    if (net_decode(d->net, frame, &packet) != NET_TCP || !is_wanted) return false;
    d->packets++;
    cover_payload(find_stream(d, &packet), &packet, &payload);
    struct endpoint from = packet.from, to = packet.to;
    pseudonym_endpoint(d->pseudonym, &from);
    pseudonym_endpoint(d->pseudonym, &to);
    disguise_packet_write(&packet, &from, &to, buffer_bytes(&payload), &d->made, out);
    buffer_done(&payload);
    return true;
}
