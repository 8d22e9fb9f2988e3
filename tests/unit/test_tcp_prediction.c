/* Prediction says nothing else than the way of all other packets: two tcps take the
 * same segments, well-formed and disturbed ones, and one of them is cautious. All that
 * their sinks see, and each connection's account whenever they do, is written down as
 * text.
 *
 *   random segments --> tcp with prediction --> text --.
 *                  '--> tcp, cautious ---------> text --+--> the same
 * nightly: 100000 */
#include "tcp/flow_life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    TALKS = 1500,
    STEPS = 70, /* of one talk */
    PAIRS = 3,  /* connections that take turns */
    PAYLOAD_MAX = 1200,
    C = 0,
    S = 1,
};

#define MS_NS 1000000LL

/* ---- what is written down ---- */

struct witness {
    struct tcp *tcp;
    struct buffer text;
    uint32_t chunks, predicted; /* of them */
    uint32_t flip_at;           /* the sides are exchanged by this chunk; 0: never */
};

static void tell_side(struct buffer *b, const struct conn_side *s)
{
    const struct conn_trouble *t = conn_trouble(s);
    /* clang-format off */
    const uint64_t told[] = {
        s->packets, s->bytes, s->fin_offset, s->fin_acked, s->rst_acked, s->fin_ref,
        s->rst_ref, (uint64_t)s->fin_ns, (uint64_t)s->rst_ns,
        (uint64_t)s->last_payload_ns, s->acked_by_peer, s->end_offset, s->lacks_syn,
        t->missing_bytes, t->gaps, t->retransmitted_segments, t->retransmitted_bytes,
        t->out_of_order_segments, t->overlap_conflicts, t->keepalive_probes,
        (uint64_t)t->zero_window_ns, (uint64_t)t->stall_ns,
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_LENGTH(told); i++)
        buffer_print(b, " %lld", (long long)told[i]);
}

static void tell_conn(struct buffer *b, const char *event, const struct conn *c)
{
    /* clang-format off */
    const uint64_t told[] = {
        c->id, c->client.port, c->server.port, c->open_kind, c->open_result,
        c->role_basis, c->closed_by, c->close_kind, c->is_flipped, c->last_ref,
        c->odd_segments, c->late_packets, (uint64_t)c->start_ns, (uint64_t)c->end_ns,
        (uint64_t)c->syn_ns, (uint64_t)c->last_syn_ns, (uint64_t)c->synack_ns,
        (uint64_t)c->ack_ns, c->syn_retransmits, c->synack_retransmits,
        (uint64_t)c->close_ns,
    };
    /* clang-format on */
    buffer_print(b, "\n%s %s %s", event, c->history,
                 c->conn_state == NULL ? "-" : c->conn_state);
    for (size_t i = 0; i < ARRAY_LENGTH(told); i++)
        buffer_print(b, " %lld", (long long)told[i]);
    tell_side(b, &c->side[0]);
    tell_side(b, &c->side[1]);
    for (uint32_t i = 0; c->findings != NULL && i < c->findings->count; i++) {
        const struct finding *row = &c->findings->rows[i];
        buffer_print(b, " %d@%llu/%d", (int)row->code, (unsigned long long)row->ref,
                     (int)row->side);
    }
}

static void on_opened(void *context, struct conn *conn)
{
    tell_conn(&((struct witness *)context)->text, "opened", conn);
}

static void on_chunk(void *context, struct conn *conn, const struct chunk *chunk)
{
    struct witness *w = context;
    const struct flow *f =
        (const void *)((const char *)conn - offsetof(struct flow, conn));
    w->predicted += f->is_calm; /* the way of others begins with taking that back */
    buffer_print(
        &w->text, "\nchunk %d %d %d %d %lld %lld %lld %lld %lld %lld %lld %.*s",
        (int)chunk->kind, (int)chunk->end, (int)chunk->from,
        chunk->kind == CHUNK_DATA && chunk->starts_segment, (long long)chunk->offset,
        (long long)chunk->captured_ns, (long long)chunk->stalled_ns,
        (long long)chunk->ref, (long long)chunk->peer_acked,
        chunk->kind == CHUNK_GAP ? (long long)chunk->missing : 0,
        (long long)chunk->data.len, (int)chunk->data.len,
        chunk->data.len > 0 ? (const char *)chunk->data.ptr : "");
    tell_conn(&w->text, "in", conn);
    if (++w->chunks == w->flip_at) conn_flip(conn, ROLE_REQUEST);
}

static void on_closed(void *context, struct conn *conn)
{
    tell_conn(&((struct witness *)context)->text, "closed", conn);
}

static void on_expired(void *context, struct conn *conn)
{
    tell_conn(&((struct witness *)context)->text, "expired", conn);
    finding_list_free(conn->findings);
}

static void on_changed(void *context, struct conn *conn)
{
    tell_conn(&((struct witness *)context)->text, "changed", conn);
}

static bool on_can_rest(void *context, const struct conn *conn)
{
    (void)context;
    (void)conn;
    return true;
}

static void on_rest(void *context, struct conn *conn, struct packing *out)
{
    (void)context;
    (void)conn;
    (void)out;
}

static void on_resume(void *context, struct conn *conn, struct unpacking *in)
{
    (void)context;
    (void)conn;
    (void)in;
}

static void witness_init(struct witness *w, bool is_cautious, bool rests)
{
    *w = (struct witness){.tcp = NULL};
    struct tcp_settings settings = {
        .key = {.k0 = 1, .k1 = 2},
        .rests_at_once = rests,
        .sink = {.context = w,
                 .opened = on_opened,
                 .chunk = on_chunk,
                 .closed = on_closed,
                 .expired = on_expired,
                 .can_rest = on_can_rest,
                 .rest = on_rest,
                 .resume = on_resume},
    };
    w->tcp = tcp_new(&settings);
    w->tcp->is_cautious = is_cautious;
}

/* ---- the talk ---- */

struct talk {
    struct witness witness[2]; /* with prediction; cautious */
    uint64_t random;
    int64_t now_ns;
    uint32_t number;
    uint32_t odds; /* one of so many segments is disturbed */
    struct pair {
        uint32_t isn[2], next[2]; /* next: offset of what a side sends next */
        bool has_stamps;
    } pair[PAIRS];
};

static uint32_t below(struct talk *t, uint32_t limit)
{
    t->random ^= t->random << 13;
    t->random ^= t->random >> 7;
    t->random ^= t->random << 17;
    return (uint32_t)((t->random >> 20) % limit);
}

static void feed(struct talk *t, const struct packet *p, enum checksum checksum)
{
    enum tcp_verdict verdict[2];
    for (int i = 0; i < 2; i++) verdict[i] = tcp_packet(t->witness[i].tcp, p, checksum);
    assert_int_equal(verdict[0], verdict[1]);
}

static struct endpoint endpoint_of(int pair, int side)
{
    struct endpoint e = {.address = {192, 0, 2, (uint8_t)(side + 1)}, .version = 4};
    e.port = (uint16_t)(side == C ? 40000 + pair : 80);
    return e;
}

/* One thing of a segment that prediction must look at, or that must not matter. */
static void disturb(struct talk *t, struct packet *p, enum checksum *checksum)
{
    static const uint8_t flags[] = {
        TCP_SYN,           TCP_SYN | TCP_ACK,
        TCP_FIN | TCP_ACK, TCP_FIN | TCP_ACK,
        TCP_RST,           TCP_RST | TCP_ACK,
        TCP_URG | TCP_ACK, TCP_PSH,
        TCP_SYN | TCP_FIN, 0,
        TCP_ECE | TCP_ACK, TCP_CWR | TCP_ACK,
    };
    switch (below(t, 16)) {
    case 0: p->seq -= 1 + below(t, 300); return;
    case 1: p->seq += 1 + below(t, 32u << 9 * below(t, 3)); return;
    case 2: p->ack -= 1 + below(t, 3000); return;
    case 3: p->ack += 1 + below(t, 3000); return;
    case 4: p->window = 0; return;
    case 5: p->flags = flags[below(t, ARRAY_LENGTH(flags))]; return;
    case 6: *checksum = CHECKSUM_BAD; return;
    case 7: p->oddities = 1u << below(t, 3); return;
    case 8: p->options.is_shift_clamped = true; return;
    case 9: p->payload = bytes_first(p->payload, below(t, PAYLOAD_MAX)); return;
    case 10: p->options.timestamp -= 1000000; return;
    case 11: p->seq = p->ack = 0; return;
    case 12: p->ttl = 7; return;
    case 13: p->seq--; return; /* a probe, where it has no payload */
    case 14: p->ack += 0x80000000u; return;
    case 15: p->flags = TCP_FIN | TCP_ACK; return;
    }
}

static int64_t pause_ns(struct talk *t)
{
    static const int64_t pauses[] = {1,          MS_NS / 100, MS_NS / 10, 3 * MS_NS,
                                     40 * MS_NS, 41 * MS_NS,  45 * MS_NS, 201 * MS_NS};
    if (below(t, 60) == 0) return 130000 * MS_NS; /* what is closed is forgotten */
    if (below(t, 60) == 0) return -(int64_t)below(t, 2500) * MS_NS;
    return pauses[below(t, ARRAY_LENGTH(pauses))];
}

/* The next segment of either side of a connection; it may be lost, or repeated. */
static void step(struct talk *t)
{
    uint8_t payload[PAYLOAD_MAX] = {0};
    int number = (int)below(t, PAIRS), from = (int)below(t, 2);
    struct pair *pair = &t->pair[number];
    uint32_t length = below(t, 3) == 0 ? 0 : 1 + below(t, PAYLOAD_MAX);
    for (uint32_t i = 0; i < length; i++)
        payload[i] = (uint8_t)('a' + (pair->next[from] + i) % 26);
    t->now_ns += pause_ns(t);
    struct frame frame = {.ref = 1ull << 32 | ++t->number, .captured_ns = t->now_ns};
    struct packet p = {
        .frame = &frame,
        .from = endpoint_of(number, from),
        .to = endpoint_of(number, 1 - from),
        .seq = pair->isn[from] + pair->next[from],
        .ack = pair->isn[1 - from] + pair->next[1 - from],
        .window = (uint16_t)(1 + below(t, UINT16_MAX)),
        .urgent = 1,
        .ip_id = (uint16_t)t->number,
        .flags = (uint8_t)(TCP_ACK | (below(t, 2) == 0 ? TCP_PSH : 0)),
        .ttl = 64,
        .options = {.has_timestamps = pair->has_stamps, .timestamp = t->number},
        .payload = bytes_of(payload, length),
        .payload_length = length,
    };
    enum checksum checksum = below(t, 4) == 0 ? CHECKSUM_UNSEEN : CHECKSUM_GOOD;
    bool is_kept = below(t, t->odds) != 0;
    for (bool more = !is_kept && below(t, 4) != 0; more; more = below(t, 3) == 0)
        disturb(t, &p, &checksum);
    bool is_lost = !is_kept && below(t, 8) == 0;
    if (!is_lost) feed(t, &p, checksum);
    bool is_sent = (p.flags & (TCP_SYN | TCP_RST)) == 0 && checksum != CHECKSUM_BAD;
    bool has_fin = (p.flags & TCP_FIN) != 0 && below(t, 2) == 0; /* else it forgets */
    if (is_sent) pair->next[from] += length + has_fin;
    if (is_kept || below(t, 3) != 0) return;
    frame.ref = 1ull << 32 | ++t->number; /* the same once more, or nearly so */
    p.ip_id++;
    payload[0] ^= (uint8_t)below(t, 2);
    feed(t, &p, CHECKSUM_GOOD);
}

static void open_pair(struct talk *t, int number)
{
    struct pair *pair = &t->pair[number];
    pair->has_stamps = below(t, 2) == 0;
    pair->next[0] = pair->next[1] = 0;
    bool is_zero = below(t, 6) == 0;
    for (int i = 0; i < 2; i++)
        pair->isn[i] = is_zero ? 0 : below(t, 2) == 0 ? below(t, UINT32_MAX) : -1000u;
    if (below(t, 4) == 0) return; /* begun before the capture */
    static const uint8_t flags[] = {TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK};
    pair->next[0] = pair->next[1] = 1;
    bool is_odd = below(t, 8) == 0; /* no TTL, and sums that the card makes */
    for (uint32_t i = 0; i < ARRAY_LENGTH(flags); i++) {
        if (below(t, 12) == 0) continue; /* not captured */
        struct frame frame = {.ref = 1ull << 32 | ++t->number,
                              .captured_ns = t->now_ns += MS_NS};
        int from = (int)(i & 1);
        struct packet p = {
            .frame = &frame,
            .from = endpoint_of(number, from),
            .to = endpoint_of(number, 1 - from),
            .seq = pair->isn[from] + (i == 2),
            .ack = i == 0 ? 0 : pair->isn[1 - from] + 1,
            .window = 1000,
            .ip_id = (uint16_t)t->number,
            .flags = flags[i],
            .ttl = is_odd ? 0 : 64,
            .options = {.has_window_shift = i < 2, .window_shift = 2},
        };
        feed(t, &p, is_odd ? CHECKSUM_BAD : CHECKSUM_GOOD);
    }
}

static void talk(struct talk *t, uint64_t seed)
{
    t->random = seed * 0x9e3779b97f4a7c15u;
    t->now_ns = 1000000 * MS_NS;
    t->odds = 3 + below(t, 30);
    bool rests = below(t, 8) == 0;
    uint32_t flip_at = below(t, 8) == 0 ? 1 + below(t, 20) : 0;
    for (int i = 0; i < 2; i++) {
        witness_init(&t->witness[i], i == 1, rests);
        t->witness[i].flip_at = flip_at;
    }
    for (int i = 0; i < PAIRS; i++) open_pair(t, i);
    for (uint32_t i = 0; i < STEPS; i++) {
        step(t);
        if (below(t, 40) == 0) open_pair(t, (int)below(t, PAIRS)); /* anew */
        if (below(t, 50) != 0) continue;
        for (int j = 0; j < 2; j++)
            tcp_tick(t->witness[j].tcp, t->now_ns, on_changed, &t->witness[j]);
    }
    for (int i = 0; i < 2; i++) tcp_finish(t->witness[i].tcp);
}

/* Where two texts part, from the line's beginning on. */
static size_t parting(struct bytes a, struct bytes b)
{
    size_t line = 0;
    for (size_t i = 0; i < a.len && i < b.len && a.ptr[i] == b.ptr[i]; i++)
        if (a.ptr[i] == '\n') line = i;
    return line;
}

static void print_line(const char *who, struct bytes text, size_t at)
{
    struct bytes rest = bytes_from(text, at + 1);
    const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
    print_error("%s: %.*s\n", who, end == NULL ? (int)rest.len : (int)(end - rest.ptr),
                (const char *)rest.ptr);
}

static void test_same(void **state)
{
    const uint32_t *talks = *state;
    uint64_t chunks = 0, predicted = 0;
    for (uint32_t seed = 1; seed <= *talks; seed++) {
        struct talk t = {.number = 0};
        talk(&t, seed);
        struct bytes text[2] = {buffer_bytes(&t.witness[0].text),
                                buffer_bytes(&t.witness[1].text)};
        bool is_same = text[0].len == text[1].len &&
                       memcmp(text[0].ptr, text[1].ptr, text[0].len) == 0;
        if (!is_same) {
            size_t at = parting(text[0], text[1]);
            print_error("seed %u\n", seed);
            print_line("predicted", text[0], at);
            print_line("cautious ", text[1], at);
            fail();
        }
        chunks += t.witness[0].chunks;
        predicted += t.witness[0].predicted;
        assert_int_equal(t.witness[1].predicted, 0);
        for (int i = 0; i < 2; i++) {
            tcp_free(t.witness[i].tcp);
            buffer_done(&t.witness[i].text);
        }
    }
    print_message("%llu of %llu chunks were predicted\n", (unsigned long long)predicted,
                  (unsigned long long)chunks);
    assert_true(predicted > chunks / 4);
    assert_true(predicted < chunks - chunks / 4);
}

int main(int argc, char **argv)
{
    uint32_t talks = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : TALKS;
    const struct CMUnitTest tests[] = {
        {.name = "same", .test_func = test_same, .initial_state = &talks},
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
