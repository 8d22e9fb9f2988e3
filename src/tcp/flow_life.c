#include "tcp/flow_life.h"

#include "tcp/flow_rest.h"
#include "tcp/handshake.h"
#include "tcp/quality.h"

#define RESET_NS                                                         \
    (5LL * 1000000000LL) /* HAZARDS 11: what was on its way may come yet \
                          */
#define LINGER_LEAST_NS (500LL * 1000000LL) /* a FIN is sent again, once at least */
/* Often, so that a few go at a time, and their memory is taken anew while the cache has
 * it. */
#define LOOK_AGAIN_NS (1LL * 1000000LL)

/* Beyond that time it is due; INT64_MAX: never. */
static int64_t due_ns(const struct flow_entry *e, int64_t after_ns)
{
    int64_t due;
    if (e == NULL || __builtin_add_overflow(e->since_ns, after_ns, &due))
        return INT64_MAX;
    return due;
}

void flow_life_enter(struct tcp *t, struct flow *f, enum flow_state state)
{
    f->entry.since_ns = t->clock_ns;
    f->since_packets = t->packets;
    f->is_calm = false;
    flow_table_move(t->table, f, state);
    int64_t due = due_ns(&f->entry, state == FLOW_RESET ? RESET_NS : LINGER_LEAST_NS);
    if (due < t->due_ns) t->due_ns = due;
    if (flow_table_count(t->table, FLOW_CLOSED) > TCP_LINGERING_MAX)
        flow_life_look_soon(t);
}

void flow_life_name_end(struct flow *f)
{
    handshake_conclude(f);
    history_name_state(f);
}

void flow_life_close(struct tcp *t, struct flow *f)
{
    for (int i = 0; i < 2; i++) {
        struct direction *d = &f->direction[i];
        if (d->held != NULL) held_list_drop_all(&t->reassembly, d);
        if (d->doubtful != NULL) doubtful_drop_all(&t->reassembly, d);
    }
    flow_life_name_end(f);
    t->sink.closed(t->sink.context, &f->conn);
    flow_life_enter(t, f, FLOW_CLOSED);
}

/* What the one that goes next points to, and what its removal takes. */
static void prefetch_parts(const struct tcp *t, const struct flow_entry *next)
{
    enum { STORY_BYTES = 416 };
    if (next == NULL || next->is_resting) return;
    const struct conn *c = &((const struct flow *)next)->conn;
    flow_table_prefetch_removal(t->table, next);
    past_ring_prefetch_bucket(t->past, next->hash);
    mem_prefetch(c->findings, sizeof *c->findings);
    mem_prefetch(c->story, STORY_BYTES);
}

/* The next ones have not been looked at for long. They are asked for in steps, as one
 * leads to the other, and not all at once: a machine fetches some ten lines at a time.
 * Each is asked for two turns before, what it points to one turn before. */
static void expire(struct tcp *t, struct flow *f)
{
    const struct flow_entry *next = f->entry.newer;
    prefetch_parts(t, next);
    quality_conclude(f, f->conn.end_ns);
    flow_life_name_end(f);
    history_conclude(f);
    t->sink.expired(t->sink.context, &f->conn);
    if (next != NULL && next->newer != NULL) flow_prefetch(next->newer->newer);
    for (int i = 0; i < 2; i++) {
        mem_free(f->direction[i].delivered.more);
        mem_free(f->direction[i].hole);
        mem_free(f->conn.side[i].trouble);
    }
    flow_table_remove(t->table, f);
}

/* Delivers what is left of both directions, the one that spoke of the end first. */
static void end_streams(struct tcp *t, struct flow *f, enum chunk_end how)
{
    const struct conn *c = &f->conn;
    bool is_reset =
        c->side[0].rst_ns != TIME_UNKNOWN || c->side[1].rst_ns != TIME_UNKNOWN;
    int first = flow_account(f, 1)->rst_ns != TIME_UNKNOWN ? 1 : 0;
    const struct conn_side *by = flow_account(f, first);
    int64_t now_ns = is_reset ? by->rst_ns : c->end_ns;
    uint64_t ref = is_reset ? by->rst_ref : c->last_ref;
    for (int i = 0; i < 2; i++) {
        int direction = i == 0 ? first : 1 - first;
        doubtful_acked(&t->reassembly, f, direction, UINT64_MAX >> 1);
        reassembly_end(&t->reassembly, f, direction, how, now_ns, ref);
    }
}

/* Ends a flow that has not ended itself; `kind` tells why, if the wire did not. */
static void end_by_itself(struct tcp *t, struct flow *f, enum close_kind kind)
{
    struct conn *c = &f->conn;
    if (f->entry.state == FLOW_CLOSED) return;
    if (c->close_kind == CLOSE_KIND_UNKNOWN)
        c->close_kind = c->close_ns == TIME_UNKNOWN ? kind : CLOSE_FIN;
    end_streams(t, f, f->entry.state == FLOW_RESET ? CHUNK_END_RST : CHUNK_END_CAPTURE);
    flow_life_close(t, f);
}

void flow_life_retire(struct tcp *t, struct flow *f, enum close_kind kind)
{
    end_by_itself(t, f, kind);
    expire(t, f);
}

static bool is_due(const struct tcp *t, const struct flow_entry *e, int64_t after_ns)
{
    return t->clock_ns > due_ns(e, after_ns);
}

/* Whoever was closed before that time lingers no more. */
static int64_t lingering_from_ns(const struct tcp *t)
{
    int64_t from_ns;
    return __builtin_sub_overflow(t->clock_ns, FLOW_LINGER_NS, &from_ns) ? INT64_MIN
                                                                         : from_ns;
}

struct past_life *flow_life_find_past(struct tcp *t, uint64_t hash)
{
    struct past_life *past = past_ring_find(t->past, hash);
    if (past == NULL || past->since_ns >= lingering_from_ns(t)) return past;
    past_ring_remove(t->past, past);
    return NULL;
}

/* As handshake_is_new_life has it of a closed flow; which direction sends is not known
 * of one that is past. */
bool flow_life_is_overdue(const struct past_life *past, const struct packet *p)
{
    return (p->flags & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN ||
           p->seq + 1 == past->first_seq[0] || p->seq + 1 == past->first_seq[1];
}

int64_t flow_life_forget_past(struct tcp *t, struct past_life *past)
{
    past_ring_remove(t->past, past);
    int64_t end_ns;
    bool is_unknown =
        __builtin_sub_overflow(past->since_ns, past->quiet_us * 1000LL, &end_ns);
    return is_unknown ? TIME_UNKNOWN : end_ns;
}

static uint32_t quiet_us(const struct flow *f)
{
    int64_t quiet_ns;
    if (__builtin_sub_overflow(f->entry.since_ns, f->conn.end_ns, &quiet_ns))
        return UINT32_MAX;
    if (quiet_ns < 0) return 0; /* what comes late comes in time */
    return quiet_ns / 1000 < UINT32_MAX ? (uint32_t)(quiet_ns / 1000) : UINT32_MAX;
}

/* Before its time: one that lingers makes room. */
static void expire_early(struct tcp *t, struct flow *f)
{
    const struct direction *a = &f->direction[0], *b = &f->direction[1];
    const struct past_life past = {
        .hash = f->entry.hash,
        .since_ns = f->entry.since_ns,
        .quiet_us = quiet_us(f),
        .first_seq = {a->is_based ? a->first_seq : b->first_seq,
                      b->is_based ? b->first_seq : a->first_seq},
    };
    past_ring_add(t->past, &past, lingering_from_ns(t));
    expire(t, f);
}

/* Where many packets come, closed connections are many, and what comes late comes soon.
 * Told by the clock and the number of all packets: so whose row a late packet is in
 * does not depend on who shares the connections. `e` is closed, or NULL. */
static bool has_lingered(const struct tcp *t, const struct flow_entry *e)
{
    if (!is_due(t, e, LINGER_LEAST_NS)) return false;
    const struct flow *f = (const struct flow *)e; /* only open ones rest */
    return t->packets - f->since_packets >= TCP_LINGERING_PACKETS;
}

static void evict_one(struct tcp *t, struct flow *f)
{
    enum flow_state state = f->entry.state;
    if (state == FLOW_OPEN) {
        t->counters.evicted_connections++;
        flow_life_retire(t, f, CLOSE_IDLE);
        return;
    }
    end_by_itself(t, f, CLOSE_RST);
    expire_early(t, f);
}

/* The idlest `count` go, those that are over first, and what is known of the past
 * before any that is not. False: there are none. */
static bool evict(struct tcp *t, size_t count)
{
    static const enum flow_state order[] = {FLOW_CLOSED, FLOW_RESET, FLOW_OPEN};
    for (size_t i = 0; i < ARRAY_LENGTH(order); i++) {
        struct flow_entry *e;
        if (count > 0 && order[i] == FLOW_OPEN && past_ring_clear(t->past)) return true;
        while (count > 0 && (e = flow_table_oldest(t->table, order[i])) != NULL) {
            evict_one(t, flow_rest_wake(t, e));
            count--;
        }
    }
    return count == 0;
}

static size_t count_flows(const struct flow_table *table)
{
    return flow_table_count(table, FLOW_CLOSED) + flow_table_count(table, FLOW_RESET) +
           flow_table_count(table, FLOW_OPEN);
}

/* Measured when what came since the last time may have filled half of the room there
 * was, since it costs more than a packet does: the allocator walks its free lists. */
static void keep_memory_cap(struct tcp *t)
{
    enum { SHARES = 64, SPARE = 16, EVICTED_LEAST = 64 };
    if (t->taken_bytes < t->room_bytes) return;
    t->taken_bytes = 0;
    t->room_bytes = t->memory_max / SHARES;
    if (!mem_may_reach(t->memory_max)) return;
    size_t goal = t->memory_max, in_use = mem_in_use();
    while (in_use > goal) {
        goal = t->memory_max - t->memory_max / SPARE; /* not again with the next one */
        if (!evict(t, count_flows(t->table) / SHARES + EVICTED_LEAST)) return;
        in_use = mem_in_use();
    }
    size_t half = (t->memory_max - in_use) / 2;
    if (half > t->room_bytes) t->room_bytes = half;
}

/* When the oldest of the closed ones may go, or its packets are to be counted again. */
static int64_t next_look_ns(const struct tcp *t, const struct flow_entry *e)
{
    int64_t last_ns = due_ns(e, FLOW_LINGER_NS), look_ns = due_ns(e, LINGER_LEAST_NS);
    if (e == NULL) return INT64_MAX;
    if (look_ns < t->clock_ns &&
        __builtin_add_overflow(t->clock_ns, LOOK_AGAIN_NS, &look_ns))
        return last_ns;
    return look_ns < last_ns ? look_ns : last_ns;
}

void flow_life_let_go(struct tcp *t)
{
    const struct flow_table *table = t->table;
    struct flow_entry *e;
    while (is_due(t, e = flow_table_oldest(table, FLOW_RESET), RESET_NS)) {
        struct flow *f = flow_rest_wake(t, e);
        /* When it was over, not when the next packet of anybody made us look. */
        int64_t over_ns = f->entry.since_ns + RESET_NS;
        uint32_t since_packets = f->since_packets;
        end_by_itself(t, f, CLOSE_RST);
        f->entry.since_ns = over_ns;
        f->since_packets = since_packets;
    }
    while (is_due(t, e = flow_table_oldest(table, FLOW_CLOSED), FLOW_LINGER_NS))
        expire(t, flow_rest_wake(t, e));
    while (has_lingered(t, e = flow_table_oldest(table, FLOW_CLOSED)))
        expire_early(t, (struct flow *)e);
    while (flow_table_count(table, FLOW_CLOSED) > TCP_LINGERING_MAX)
        expire_early(t, flow_rest_wake(t, flow_table_oldest(table, FLOW_CLOSED)));
    while (flow_table_count(table, FLOW_OPEN) > TCP_FLOWS_MAX) {
        t->counters.evicted_connections++;
        e = flow_table_oldest(table, FLOW_OPEN);
        flow_life_retire(t, flow_rest_wake(t, e), CLOSE_IDLE);
    }
    flow_rest_silent(t);
    keep_memory_cap(t);
    int64_t reset_ns = due_ns(flow_table_oldest(table, FLOW_RESET), RESET_NS);
    int64_t closed_ns = next_look_ns(t, flow_table_oldest(table, FLOW_CLOSED));
    t->due_ns = reset_ns < closed_ns ? reset_ns : closed_ns;
}

/* Those that were reset stand in the list of the closed a little late. */
struct flow *flow_life_forget_due(struct tcp *t, struct flow *f)
{
    if (is_due(t, &f->entry, FLOW_LINGER_NS))
        expire(t, f);
    else if (has_lingered(t, &f->entry))
        expire_early(t, f);
    else
        return f;
    return NULL;
}

void flow_life_account(struct flow *f, const struct segment *s)
{
    struct direction *d = s->own;
    if (d->usual_ttl == 0) d->usual_ttl = s->packet->ttl;
    if (oddities_may_be_in(s)) oddities_follow(f, s);
    history_follow(f, s);
    quality_count(f, s);
}

struct flow *flow_life_begin(struct tcp *t, const struct packet *p, uint64_t hash)
{
    struct flow *f = flow_table_add(t->table, hash, p);
    if (flow_table_count(t->table, FLOW_OPEN) > t->awake_max) flow_life_look_soon(t);
    handshake_begin(f, p);
    t->sink.opened(t->sink.context, &f->conn);
    return f;
}

/* Makes a flow of an attempt, as if its SYN came now. */
static struct flow *promote(struct tcp *t, struct half_open *h)
{
    struct frame frame = {.ref = h->first_ref, .captured_ns = h->syn_ns};
    struct packet syn = {
        .frame = &frame,
        .from = h->client,
        .to = h->server,
        .tunnel_id = h->tunnel_id,
        .vlan = h->vlan,
        .seq = h->seq,
        .window = h->window,
        .flags = h->flags,
        .ttl = h->ttl,
        .options = {.has_window_shift = h->has_window_shift,
                    .window_shift = h->window_shift},
    };
    struct flow *f = flow_life_begin(t, &syn, h->hash);
    struct segment s;
    tcp_place_segment(&s, f, &syn, 0, CHECKSUM_UNSEEN);
    flow_life_account(f, &s);
    struct conn *c = &f->conn;
    c->syn_retransmits = h->retransmits;
    c->side[SIDE_CLIENT].packets += h->retransmits;
    c->last_syn_ns = c->end_ns = h->last_syn_ns;
    c->last_ref = h->last_ref;
    half_open_remove(t->half_open, h);
    return f;
}

void flow_life_report_unanswered(struct tcp *t, struct half_open *h,
                                 enum close_kind kind)
{
    flow_life_retire(t, promote(t, h), kind);
}

struct flow *flow_life_promote(struct tcp *t, struct half_open *h,
                               const struct packet *p, int *from)
{
    struct flow *f = promote(t, h);
    *from = endpoint_equal(&p->from, &f->conn.client) ? 0 : 1;
    return f;
}

bool flow_life_keep_half_open(struct tcp *t, const struct packet *p, uint64_t hash)
{
    if (!flags_begin(p->flags) || p->payload_length > 0 || p->oddities != 0)
        return false;
    if (half_open_is_full(t->half_open)) {
        struct half_open *oldest = half_open_oldest(t->half_open);
        if (oldest != NULL && half_open_is_full(t->half_open)) {
            t->counters.evicted_half_open++;
            flow_life_report_unanswered(t, oldest, CLOSE_IDLE);
        }
        half_open_oldest(t->half_open); /* gives its place back */
    }
    half_open_add(t->half_open, p, hash);
    return true;
}
