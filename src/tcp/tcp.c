/* The way of a packet through tcp, and the life of a flow.
 *
 *   packet --> flow --> opening --> ACK --> payload --> FIN, RST --> closed?
 * --linger--> expired
 *                                   '- holes of the other direction given up */
#include "hopscope/tcp.h"

#include "tcp/flow.h"

#define LINGER_NS                                                          \
    (120LL * 1000000000LL)     /* SEMANTICS 1: two minutes of capture time \
                                */
#define AHEAD_MAX (1ULL << 30) /* HAZARDS 15: no window reaches that far */

struct tcp {
    struct flow_table *table;
    struct reassembly reassembly;
    struct stream_sink sink;
    struct tcp_counters counters;
    int64_t clock_ns; /* the latest packet time so far */
};

struct tcp *tcp_new(const struct tcp_settings *settings)
{
    struct tcp *t = mem_alloc(sizeof *t);
    t->table = flow_table_new(settings->key, settings->vlan_in_key);
    t->sink = t->reassembly.sink = settings->sink;
    t->clock_ns = INT64_MIN;
    return t;
}

/* ---- the life of a flow ---- */

static void close_flow(struct tcp *t, struct flow *f)
{
    f->closed_ns = t->clock_ns;
    t->sink.closed(t->sink.context, &f->conn);
    flow_table_mark_closed(t->table, f);
}

static void expire(struct tcp *t, struct flow *f)
{
    quality_conclude(f, f->conn.end_ns);
    handshake_conclude(f);
    t->sink.expired(t->sink.context, &f->conn);
    flow_table_remove(t->table, f);
}

/* Ends a flow that has not ended itself. */
static void retire(struct tcp *t, struct flow *f, enum close_kind kind)
{
    if (f->state == FLOW_OPEN) {
        struct conn *c = &f->conn;
        for (int i = 0; i < 2; i++)
            reassembly_end(&t->reassembly, f, i, CHUNK_END_CAPTURE, c->end_ns,
                           c->last_ref);
        if (c->close_kind == CLOSE_KIND_UNKNOWN)
            c->close_kind = c->close_ns == TIME_UNKNOWN ? kind : CLOSE_FIN;
        close_flow(t, f);
    }
    expire(t, f);
}

static void keep_caps(struct tcp *t)
{
    struct flow *f = flow_table_oldest_closed(t->table);
    while (f != NULL && (t->clock_ns - f->closed_ns > LINGER_NS ||
                         flow_table_closed_count(t->table) > TCP_LINGERING_MAX)) {
        expire(t, f);
        f = flow_table_oldest_closed(t->table);
    }
    while (flow_table_open_count(t->table) > TCP_FLOWS_MAX) {
        t->counters.evicted_connections++;
        retire(t, flow_table_oldest_open(t->table), CLOSE_IDLE);
    }
}

/* ---- the way of a packet ---- */

static void note(struct flow *f, const struct segment *s, enum finding_code code)
{
    struct chunk at = {
        .from = flow_side(f, s->from),
        .ref = s->ref,
        .captured_ns = s->now_ns,
    };
    conn_note(&f->conn, code, SEVERITY_UNKNOWN, &at, s->offset,
              bytes_first(s->packet->payload, FINDING_EVIDENCE_MAX));
}

static struct segment segment_of(const struct flow *f, const struct packet *p, int from)
{
    const struct direction *d = &f->direction[from], *other = &f->direction[1 - from];
    struct segment s = {
        .packet = p,
        .from = from,
        .acked = OFFSET_UNKNOWN,
        .now_ns = p->frame->captured_ns,
        .ref = p->frame->ref,
    };
    uint32_t payload_seq = p->seq + ((p->flags & TCP_SYN) != 0 ? 1 : 0);
    if (d->is_based) s.offset = direction_offset(d, payload_seq);
    if ((p->flags & TCP_ACK) == 0 || !other->is_based) return s;
    s.acked = direction_offset(other, p->ack);
    if (offset_is_negative(s.acked)) s.acked = 0; /* older than what we saw of it */
    if (s.acked > other->highest_offset + AHEAD_MAX) s.acked = OFFSET_UNKNOWN;
    return s;
}

static void take_ack(struct tcp *t, struct flow *f, const struct segment *s)
{
    if (s->acked == OFFSET_UNKNOWN || (s->packet->flags & TCP_RST) != 0) return;
    int other = 1 - s->from;
    struct conn_side *account = flow_account(f, other);
    if (s->acked <= account->acked_by_peer) return;
    account->acked_by_peer = s->acked;
    if (s->acked <= f->direction[other].next_offset) return;
    reassembly_acked(&t->reassembly, f, other, s->acked, s);
    reassembly_deliver_fin(&t->reassembly, f, other, s->now_ns, s->ref);
}

static void take_payload(struct tcp *t, struct flow *f, const struct segment *s)
{
    const struct direction *d = &f->direction[s->from];
    if (s->packet->payload_length == 0 || quality_is_keepalive_probe(f, s)) return;
    if ((s->packet->flags & TCP_SYN) != 0 && d->highest_offset == 0)
        note(f, s, FINDING_TCP_SYN_DATA);
    bool is_before = offset_is_negative(s->offset);
    if (!is_before && s->offset > d->next_offset + AHEAD_MAX) {
        note(f, s, FINDING_TCP_DATA_OUTSIDE_WINDOW);
        return;
    }
    reassembly_push(&t->reassembly, f, s);
}

static void take_segment(struct tcp *t, struct flow *f, const struct segment *s)
{
    const struct direction *d = &f->direction[s->from];
    uint8_t flags = s->packet->flags;
    take_ack(t, f, s);
    if (!d->is_ended) take_payload(t, f, s);
    if ((flags & TCP_FIN) != 0) closing_fin(f, s);
    reassembly_deliver_fin(&t->reassembly, f, s->from, s->now_ns, s->ref);
    if ((flags & TCP_RST) != 0) {
        if (!closing_rst_is_valid(f, s)) {
            note(f, s, FINDING_TCP_RST_OUTSIDE_WINDOW);
            return;
        }
        closing_rst(f, s);
        reassembly_end(&t->reassembly, f, s->from, CHUNK_END_RST, s->now_ns, s->ref);
        reassembly_end(&t->reassembly, f, 1 - s->from, CHUNK_END_RST, s->now_ns,
                       s->ref);
    }
    if (f->ended_count < 2) return;
    if (f->conn.close_kind == CLOSE_KIND_UNKNOWN) f->conn.close_kind = CLOSE_FIN;
    close_flow(t, f);
}

/* A closed connection still counts its late packets: the last ACK, repetitions. */
static void take_late_segment(struct flow *f, const struct segment *s)
{
    struct conn_side *account = flow_account(f, s->from);
    const struct direction *d = &f->direction[s->from];
    uint32_t length = s->packet->payload_length;
    if (s->acked != OFFSET_UNKNOWN) {
        struct conn_side *other = flow_account(f, 1 - s->from);
        if (s->acked > other->acked_by_peer) other->acked_by_peer = s->acked;
    }
    if ((s->packet->flags & TCP_RST) != 0) closing_rst(f, s);
    if (length == 0 || quality_is_keepalive_probe(f, s)) return;
    if ((int64_t)(s->offset + length - d->next_offset) <= 0) {
        account->retransmitted_segments++;
        account->retransmitted_bytes += length;
    } else if (account->rst_ns != TIME_UNKNOWN) {
        note(f, s, FINDING_TCP_DATA_AFTER_RST);
    }
}

static struct flow *begin(struct tcp *t, const struct packet *p, bool is_reused)
{
    struct flow *f = flow_table_add(t->table, p);
    handshake_begin(f, p);
    t->sink.opened(t->sink.context, &f->conn);
    if (!is_reused) return f;
    struct segment s = segment_of(f, p, 0);
    note(f, &s, FINDING_TCP_PORT_REUSED);
    return f;
}

void tcp_packet(struct tcp *t, const struct packet *p)
{
    if (p->frame->captured_ns > t->clock_ns) t->clock_ns = p->frame->captured_ns;
    keep_caps(t);
    int from = 0;
    struct flow *f = flow_table_find(t->table, p, &from);
    bool is_reused = false;
    if (f != NULL && handshake_is_new_life(f, p, from)) {
        is_reused = t->clock_ns - f->conn.end_ns <= LINGER_NS;
        retire(t, f, CLOSE_REPLACED);
        f = NULL;
    }
    if (f == NULL) {
        from = 0;
        f = begin(t, p, is_reused);
    } else {
        handshake_follow(f, p, from);
        flow_table_touch(t->table, f);
    }
    struct segment s = segment_of(f, p, from);
    quality_count(f, &s);
    if ((p->oddities & NET_ODDITY_LAYERS_EXCEEDED) != 0)
        note(f, &s, FINDING_NET_LAYERS_EXCEEDED);
    if (f->state == FLOW_OPEN)
        take_segment(t, f, &s);
    else
        take_late_segment(f, &s);
}

void tcp_finish(struct tcp *t)
{
    struct flow *f;
    while ((f = flow_table_oldest_closed(t->table)) != NULL) expire(t, f);
    while ((f = flow_table_oldest_open(t->table)) != NULL) retire(t, f, CLOSE_OPEN);
}

void tcp_free(struct tcp *t)
{
    if (t == NULL) return;
    flow_table_free(t->table);
    mem_free(t);
}

struct tcp_counters tcp_counters(const struct tcp *t)
{
    return t->counters;
}
