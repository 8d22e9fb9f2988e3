/* The way of a packet through tcp.
 *
 *   packet --> copy? --> SYN alone? --> flow --> opening --> ACK --> payload --.
 *                                                               FIN, RST <----' */
#include "hopscope/tcp.h"

#include "tcp/acked_hole.h"
#include "tcp/flow_rest.h"
#include "tcp/handshake.h"
#include "tcp/prediction.h"
#include "tcp/quality.h"
#include "tcp/small_write.h"

#define AHEAD_MAX (1ULL << 30) /* HAZARDS 15: no window reaches that far */
#define FAR_MIN   (4ULL << 20) /* nor does any reach farther without scaling */

#define SET_BACK_NS 1000000000LL
struct tcp *tcp_new(const struct tcp_settings *settings)
{
    struct tcp *t = mem_alloc(sizeof *t);
    t->table = flow_table_new(settings->key, settings->vlan_in_key);
    t->half_open = half_open_ring_new(settings->vlan_in_key);
    t->past = past_ring_new();
    t->duplicates = duplicates_new(settings->key);
    t->sink = t->reassembly.sink = settings->sink;
    payload_key_init(&t->reassembly.payload_key, settings->key);
    t->memory_max = settings->memory_max;
    t->room_bytes = t->memory_max == 0 ? SIZE_MAX : 0;
    t->awake_max = settings->rests_at_once ? 0 : TCP_AWAKE_MAX;
    t->clock_ns = t->ticked_ns = t->due_ns = INT64_MIN;
    return t;
}

/* ---- the way of a packet ---- */

static bool is_far(const struct flow *f, const struct segment *s)
{
    const struct direction *peer = s->peer;
    const struct conn_side *account = &f->conn.side[flow_side(f, s->from)];
    if (f->conn.side[side_other(flow_side(f, s->from))].packets == 0) return false;
    uint64_t window = (uint64_t)peer->window << peer->window_shift;
    uint64_t reach = window > FAR_MIN ? window : FAR_MIN;
    uint64_t end = s->offset + s->packet->payload_length;
    return (int64_t)(end - account->acked_by_peer) > (int64_t)reach;
}

static uint64_t find_acked(const struct flow *f, const struct packet *p, int from)
{
    const struct direction *other = &f->direction[1 - from];
    if ((p->flags & TCP_ACK) == 0 || !other->is_based) return OFFSET_UNKNOWN;
    /* Nobody's numbers, but what a forged packet has that was given none. */
    bool is_numbered = p->ack != 0 || p->seq != 0;
    if (!is_numbered && other->highest_offset > 0 &&
        f->conn.open_kind != OPEN_HANDSHAKE)
        return OFFSET_UNKNOWN;
    uint64_t acked = direction_offset(other, p->ack);
    /* Older than what was seen of it. */
    if (offset_is_negative(acked)) return OFFSET_UNKNOWN;
    return acked > other->highest_offset + AHEAD_MAX ? OFFSET_UNKNOWN : acked;
}

/* Member by member, where the segment stands: one that is copied just after it was
 * written has to wait until the writes have reached the cache. */
void tcp_place_segment(struct segment *s, struct flow *f, const struct packet *p,
                       int from, enum checksum checksum)
{
    const struct direction *d = flow_direction(f, from);
    const struct frame *frame = p->frame;
    uint32_t payload_seq = p->seq + ((p->flags & TCP_SYN) != 0 ? 1 : 0);
    s->packet = p;
    s->from = from;
    s->own = flow_direction(f, from);
    s->peer = flow_direction(f, 1 - from);
    s->offset = d->is_based ? direction_offset(d, payload_seq) : 0;
    s->acked = find_acked(f, p, from);
    s->now_ns = frame->captured_ns;
    s->ref = frame->ref;
    s->is_far = p->payload_length > 0 && is_far(f, s);
    s->has_bad_checksum = checksum == CHECKSUM_BAD;
}

static void take_ack(struct tcp *t, struct flow *f, const struct segment *s)
{
    if (s->acked == OFFSET_UNKNOWN || (s->packet->flags & TCP_RST) != 0) return;
    int other = 1 - s->from;
    const struct direction *d = flow_direction(f, other);
    struct conn_side *account = flow_account(f, other);
    if (s->acked < account->acked_by_peer) return;
    bool is_new = s->acked > account->acked_by_peer;
    account->acked_by_peer = s->acked;
    if (is_new && d->doubtful != NULL)
        doubtful_acked(&t->reassembly, f, other, s->acked);
    if (s->acked > d->gap_offset) history_gap_acked(f, other);
    if (s->acked <= d->next_offset) return;
    if (d->fin_offset <= d->next_offset)
        return; /* that is its FIN's: none is missing */
    /* Also where nothing is new: of a guessed beginning older bytes may have come. */
    acked_hole_await(f, other, s);
}

/* Bytes of the stream: not a probe's, and not the words that an RST may carry (RFC
 * 1122, section 4.2.2.12). */
static bool has_stream_bytes(const struct flow *f, const struct segment *s)
{
    const struct packet *p = s->packet;
    return p->payload_length > 0 && (p->flags & TCP_RST) == 0 &&
           !quality_is_keepalive_probe(f, s);
}

static void take_payload(struct tcp *t, struct flow *f, const struct segment *s)
{
    const struct direction *d = s->own;
    if (!has_stream_bytes(f, s)) return;
    if ((s->packet->flags & TCP_SYN) != 0 && d->highest_offset == 0)
        oddities_note(f, s, FINDING_TCP_SYN_DATA);
    bool is_before = offset_is_negative(s->offset);
    if (!is_before && s->offset > d->highest_offset + AHEAD_MAX) {
        oddities_note(f, s, FINDING_TCP_DATA_OUTSIDE_WINDOW);
        return;
    }
    bool is_new = (int64_t)(s->offset + s->packet->payload_length - d->next_offset) > 0;
    if (is_new && flow_account(f, s->from)->rst_ns != TIME_UNKNOWN &&
        !held_list_has_all(d, s->offset, s->packet->payload_length))
        oddities_note(f, s, FINDING_TCP_DATA_AFTER_RST);
    if (doubtful_is(s)) {
        if (is_new) doubtful_keep(&t->reassembly, s);
        return;
    }
    if (d->doubtful != NULL) doubtful_compare(&t->reassembly, f, s);
    oddities_follow_stamp(f, s);
    small_write_follow_payload(f, s);
    reassembly_push(&t->reassembly, f, s);
}

static void take_rst(struct tcp *t, struct flow *f, const struct segment *s)
{
    if (doubtful_are_flags(s)) return; /* its receiver drops it */
    if (!closing_rst_is_valid(f, s)) {
        oddities_note(f, s, FINDING_TCP_RST_OUTSIDE_WINDOW);
        return;
    }
    closing_rst(f, s);
    if (f->entry.state == FLOW_OPEN) flow_life_enter(t, f, FLOW_RESET);
}

/* Payload of a direction that has ended can only repeat what was delivered. */
static void take_repeated(struct tcp *t, struct flow *f, const struct segment *s)
{
    const struct direction *d = s->own;
    uint32_t length = s->packet->payload_length;
    if (!has_stream_bytes(f, s)) return;
    if ((int64_t)(s->offset + length - d->next_offset) > 0) return;
    struct conn_trouble *trouble = flow_trouble(f, s->from);
    trouble->retransmitted_bytes += length;
    trouble->retransmitted_segments++;
    conflicts_check(&t->reassembly, f, s, s->offset, s->packet->payload);
}

/* A closed connection still counts its late packets: the last ACK, repetitions. */
static void take_late_segment(struct tcp *t, struct flow *f, const struct segment *s)
{
    if (s->acked != OFFSET_UNKNOWN) {
        struct conn_side *other = flow_account(f, 1 - s->from);
        if (s->acked > other->acked_by_peer) other->acked_by_peer = s->acked;
    }
    if ((s->packet->flags & TCP_RST) != 0) closing_rst(f, s);
    take_repeated(t, f, s);
}

static void deliver_fins(struct tcp *t, struct flow *f, const struct segment *s)
{
    if (direction_is_at_fin(&f->direction[0]) || direction_is_at_fin(&f->direction[1]))
        reassembly_deliver_fins(&t->reassembly, f, s->now_ns, s->ref);
}

static void take_segment(struct tcp *t, struct flow *f, const struct segment *s)
{
    struct direction *d = s->own;
    uint8_t flags = s->packet->flags;
    if (!flow_is_smooth(f)) reassembly_expire(&t->reassembly, f, s->now_ns);
    deliver_fins(t, f, s);
    take_ack(t, f, s);
    if (d->is_ended)
        take_repeated(t, f, s);
    else
        take_payload(t, f, s);
    if (s->packet->payload_length == 0) small_write_follow_ack(s);
    if ((flags & TCP_FIN) != 0 && !doubtful_are_flags(s)) closing_fin(f, s);
    deliver_fins(t, f, s);
    if ((flags & TCP_RST) != 0) take_rst(t, f, s);
    if (!s->has_bad_checksum) d->has_good_checksum = true;
    f->is_calm = !t->is_cautious && prediction_is_calm(f);
    if (f->ended_count < 2) return;
    if (f->conn.close_kind == CLOSE_KIND_UNKNOWN) f->conn.close_kind = CLOSE_FIN;
    flow_life_close(t, f);
}

static struct flow *find_awake(struct tcp *t, const struct packet *p, uint64_t hash,
                               int *from)
{
    struct flow_entry *e = flow_table_find(t->table, hash, p, from);
    while (e != NULL && e->is_resting) {
        flow_rest_wake(t, e);
        e = flow_table_find(t->table, hash, p, from);
    }
    return (struct flow *)e;
}

/* It has had a packet: one that was tried is awake among the others again. */
static void touch(struct tcp *t, struct flow *f)
{
    if (f->entry.was_tried) flow_life_look_soon(t);
    flow_table_touch(t->table, f);
}

/* The first packet of a flow; `before_ns`: the last one of the same four-tuple's life
 * before it, TIME_UNKNOWN: none. */
static struct flow *begin(struct tcp *t, const struct packet *p, uint64_t hash,
                          int64_t before_ns)
{
    struct flow *f = flow_life_begin(t, p, hash);
    if (before_ns == TIME_UNKNOWN || t->clock_ns - before_ns > FLOW_LINGER_NS) return f;
    struct segment s;
    tcp_place_segment(&s, f, p, 0, CHECKSUM_UNSEEN);
    oddities_note(f, &s, FINDING_TCP_PORT_REUSED);
    return f;
}

/* What the packet adds to the opening of its flow. Returns the flow: another, where it
 * begins a new life of the four-tuple. */
static struct flow *follow(struct tcp *t, struct flow *f, const struct packet *p,
                           int *from)
{
    bool is_odd = oddities_are_in_flags(p->flags);
    if (!is_odd && flags_begin(p->flags) && handshake_is_new_life(f, p, *from)) {
        int64_t before_ns = f->conn.end_ns;
        uint64_t hash = f->entry.hash;
        flow_life_retire(t, f, CLOSE_REPLACED);
        *from = 0;
        return begin(t, p, hash, before_ns);
    }
    if (!is_odd && handshake_may_go_on(f, p)) handshake_follow(f, p, *from);
    touch(t, f);
    return f;
}

/* A packet that no flow is there for, but perhaps a SYN before it, or one that was
 * handed over: never both, as who keeps the SYN has forgotten the past. NULL: it is no
 * more than a SYN, or *verdict tells what. */
static struct flow *find_or_begin(struct tcp *t, const struct packet *p, uint64_t hash,
                                  int *from, enum tcp_verdict *verdict)
{
    bool is_odd = oddities_are_in_flags(p->flags);
    struct half_open *h = half_open_find(t->half_open, p, hash);
    if (h != NULL && !is_odd && half_open_take_repeat(h, p)) return NULL;
    if (h != NULL) return follow(t, flow_life_promote(t, h, p, from), p, from);
    if (is_odd) {
        *verdict = TCP_IGNORED;
        return NULL;
    }
    struct past_life *past = flow_life_find_past(t, hash);
    if (past != NULL && flow_life_is_overdue(past, p)) {
        *verdict = TCP_OVERDUE;
        return NULL;
    }
    int64_t before_ns = past != NULL ? flow_life_forget_past(t, past) : TIME_UNKNOWN;
    if (before_ns == TIME_UNKNOWN && flow_life_keep_half_open(t, p, hash)) return NULL;
    *from = 0;
    return begin(t, p, hash, before_ns);
}

uint64_t tcp_prepare(const struct tcp *t, const struct packet *p)
{
    uint64_t hash = flow_table_hash(t->table, p);
    flow_table_prefetch_slot(t->table, hash);
    if (flags_begin(p->flags)) past_ring_prefetch_bucket(t->past, hash);
    duplicates_prefetch(t->duplicates, p);
    return hash;
}

void tcp_prefetch(const struct tcp *t, const struct packet *p, uint64_t prepared)
{
    if (flags_begin(p->flags)) past_ring_prefetch_life(t->past, prepared);
    flow_table_prefetch_flow(t->table, prepared);
}

/* The clock of tcp is the latest time so far. Packets of several interfaces are a
 * little mixed, and files may be read in any order; beyond that, the clock was set
 * back. */
static bool is_clock_set_back(struct tcp *t, const struct frame *frame)
{
    if (frame->captured_ns > t->clock_ns) {
        t->clock_ns = frame->captured_ns;
        t->clock_capture_id = frame_capture_id(frame->ref);
        return false;
    }
    return frame_capture_id(frame->ref) == t->clock_capture_id &&
           frame->captured_ns < t->clock_ns - SET_BACK_NS;
}

enum tcp_verdict tcp_packet(struct tcp *t, const struct packet *p,
                            enum checksum checksum)
{
    return tcp_packet_prepared(t, p, checksum, flow_table_hash(t->table, p));
}

enum tcp_verdict tcp_packet_prepared(struct tcp *t, const struct packet *p,
                                     enum checksum checksum, uint64_t prepared)
{
    bool is_late = is_clock_set_back(t, p->frame);
    t->packets++;
    flow_life_keep_caps(t, p->payload.len);
    if (duplicates_is_copy(t->duplicates, p, prepared)) return TCP_COPY;
    int from = 0;
    struct flow *f = find_awake(t, p, prepared, &from);
    if (f != NULL && f->is_calm) {
        if (prediction_take(&t->reassembly, f, p, from, checksum, is_late)) {
            touch(t, f);
            return TCP_TAKEN;
        }
        f->is_calm = false;
    }
    if (f != NULL && f->entry.state == FLOW_CLOSED) f = flow_life_forget_due(t, f);
    enum tcp_verdict verdict = TCP_TAKEN;
    f = f != NULL ? follow(t, f, p, &from)
                  : find_or_begin(t, p, prepared, &from, &verdict);
    t->counters.overdue_packets += verdict == TCP_OVERDUE;
    if (f == NULL) return verdict;
    struct segment s;
    tcp_place_segment(&s, f, p, from, checksum);
    flow_life_account(f, &s);
    if (is_late) f->conn.late_packets++;
    if (oddities_are_in_flags(p->flags)) {
        oddities_note(f, &s, FINDING_TCP_FLAGS_INVALID);
        return TCP_IGNORED;
    }
    if (f->entry.state == FLOW_CLOSED)
        take_late_segment(t, f, &s);
    else
        take_segment(t, f, &s);
    return TCP_TAKEN;
}

void tcp_set_clock(struct tcp *t, const struct tcp_clock *clock)
{
    t->clock_ns = clock->now_ns;
    t->clock_capture_id = clock->capture_id;
    t->packets = clock->packets;
}

void tcp_finish(struct tcp *t)
{
    struct half_open *h;
    if (t->clock_ns != INT64_MIN) flow_life_keep_caps(t, 0); /* the clock may be set */
    while ((h = half_open_oldest(t->half_open)) != NULL)
        flow_life_report_unanswered(t, h, CLOSE_OPEN);
    static const enum flow_state order[] = {FLOW_CLOSED, FLOW_RESET, FLOW_OPEN};
    for (size_t i = 0; i < ARRAY_LENGTH(order); i++)
        while (flow_table_count(t->table, order[i]) > 0)
            flow_life_retire(t,
                             flow_rest_wake(t, flow_table_oldest(t->table, order[i])),
                             CLOSE_OPEN);
}

void tcp_free(struct tcp *t)
{
    if (t == NULL) return;
    flow_table_free(t->table);
    half_open_ring_free(t->half_open);
    past_ring_free(t->past);
    duplicates_free(t->duplicates);
    buffer_done(&t->packing.out);
    mem_free(t);
}

struct tcp_counters tcp_counters(const struct tcp *t)
{
    return t->counters;
}
