/* tcp: its caps, each counted where it is hit, and what tells connections apart. Many
 * connections at once, each of a few packets. */
#include "hopscope/packing.h"
#include "hopscope/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { TO_SERVER, TO_CLIENT };

#define MS_NS 1000000LL

struct bench {
    struct tcp *tcp;
    struct buffer findings; /* code@offset of each, with a blank behind it */
    uint64_t opened, expired, by_kind[CLOSE_OPEN + 1], unanswered, retransmits;
    uint64_t data_bytes, missing_bytes;
    uint64_t resting;
    char history[28]; /* of the last expired one */
    bool was_reset;   /* that one, by its client */
    uint32_t number;
    int64_t now_ns;
};

static void on_opened(void *context, struct conn *conn)
{
    struct bench *b = context;
    (void)conn;
    b->opened++;
}

static void on_chunk(void *context, struct conn *conn, const struct chunk *chunk)
{
    struct bench *b = context;
    (void)conn;
    b->data_bytes += chunk->data.len;
    b->missing_bytes += chunk->missing;
}

static void on_closed(void *context, struct conn *conn)
{
    (void)context;
    (void)conn;
}

static void on_expired(void *context, struct conn *conn)
{
    struct bench *b = context;
    const struct finding_list *list = conn->findings;
    b->expired++;
    b->by_kind[conn->close_kind]++;
    b->unanswered += conn->open_result == OPEN_UNANSWERED;
    b->retransmits += conn->syn_retransmits;
    memcpy(b->history, conn->history, sizeof b->history);
    b->was_reset = conn->side[SIDE_CLIENT].rst_ns != TIME_UNKNOWN;
    for (uint32_t i = 0; list != NULL && i < list->count; i++)
        buffer_print(&b->findings, "%s@%lld ",
                     finding_describe(list->rows[i].code)->name,
                     (long long)list->rows[i].offset);
    finding_list_free(conn->findings);
}

static bool on_can_rest(void *context, const struct conn *conn)
{
    (void)context;
    (void)conn;
    return true;
}

static void on_rest(void *context, struct conn *conn, struct packing *out)
{
    struct bench *b = context;
    (void)conn;
    b->resting++;
    packing_put(out, &b->opened, sizeof b->opened);
}

static void on_resume(void *context, struct conn *conn, struct unpacking *in)
{
    struct bench *b = context;
    uint64_t opened;
    b->resting--;
    packing_take(in, &opened, sizeof opened);
    assert_true(opened > 0 && opened <= b->opened);
    assert_true(conn->id >> 32 == 1 && (uint32_t)conn->id <= b->number);
}

static void bench_init(struct bench *b, size_t memory_max, bool vlan_in_key)
{
    *b = (struct bench){.now_ns = 1000 * MS_NS};
    const struct tcp_settings settings = {
        .key = {.k0 = 1, .k1 = 2},
        .memory_max = memory_max,
        .vlan_in_key = vlan_in_key,
        .rests_at_once = true, /* whatever is hit, it was packed before */
        .sink = {b, on_opened, on_chunk, on_closed, on_expired, on_can_rest, on_rest,
                 on_resume},
    };
    b->tcp = tcp_new(&settings);
}

static void bench_finish(struct bench *b)
{
    tcp_finish(b->tcp);
    assert_int_equal(b->resting, 0);
    buffer_append(&b->findings, bytes_of("", 1));
}

static void bench_done(struct bench *b)
{
    tcp_free(b->tcp);
    buffer_done(&b->findings);
}

/* A packet of client number `client`, without payload. */
static struct packet packet_of(uint32_t client, int direction, uint8_t flags,
                               uint32_t seq, uint32_t ack)
{
    struct endpoint ends[2] = {
        {.address = {10, (uint8_t)(client >> 16), (uint8_t)(client >> 8),
                     (uint8_t)client},
         .version = 4,
         .port = 40000},
        {.address = {192, 0, 2, 1}, .version = 4, .port = 80},
    };
    return (struct packet){
        .from = ends[direction],
        .to = ends[1 - direction],
        .seq = seq,
        .ack = ack,
        .window = 1000,
        .flags = flags,
    };
}

static void put(struct bench *b, const struct packet *packet, enum checksum checksum)
{
    struct frame frame = {.ref = 1ull << 32 | ++b->number, .captured_ns = b->now_ns};
    struct packet p = *packet;
    p.frame = &frame;
    p.ip_id = (uint16_t)b->number;
    tcp_packet(b->tcp, &p, checksum);
}

static void put_plain(struct bench *b, uint32_t client, int direction, uint8_t flags,
                      uint32_t seq, uint32_t ack)
{
    struct packet p = packet_of(client, direction, flags, seq, ack);
    put(b, &p, CHECKSUM_GOOD);
}

static void put_payload(struct bench *b, uint32_t client, int direction, uint32_t seq,
                        uint32_t ack, struct bytes payload)
{
    struct packet p = packet_of(client, direction, TCP_ACK, seq, ack);
    p.payload = payload;
    p.payload_length = (uint32_t)payload.len;
    put(b, &p, CHECKSUM_GOOD);
}

/* The client's ISN is 0, the server's too: a first byte has number 1. */
static void handshake(struct bench *b, uint32_t client)
{
    put_plain(b, client, TO_SERVER, TCP_SYN, 0, 0);
    put_plain(b, client, TO_CLIENT, TCP_SYN | TCP_ACK, 0, 1);
    put_plain(b, client, TO_SERVER, TCP_ACK, 1, 1);
}

/* ---- memory ---- */

enum { MANY_FLOWS = 1 << 14 };

/* Each second connection is over when the next one begins. */
static void fill_memory(struct bench *b)
{
    for (uint32_t i = 0; i < MANY_FLOWS; i++) {
        put_payload(b, i, TO_SERVER, 1, 1, bytes_of_text("GET / HTTP/1.1\r\n"));
        put_payload(b, i, TO_CLIENT, 1, 17, bytes_of_text("HTTP/1.1 200 OK\r\n"));
        bool is_over = i % 2 == 0;
        uint8_t flags = is_over ? TCP_FIN | TCP_ACK : TCP_ACK;
        put_plain(b, i, TO_SERVER, flags, 17, 18);
        put_plain(b, i, TO_CLIENT, flags, 18, is_over ? 18 : 17);
    }
}

/* Whoever is given up is counted, and memory stays below what all would take. */
static void memory_is_given_back_at_its_cap(void **state)
{
    struct bench b;
    (void)state;
    size_t before = mem_in_use();
    if (before == 0) skip(); /* this allocator does not tell */
    const size_t no_caps[] = {0, SIZE_MAX / 2};
    size_t all = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(no_caps); i++) {
        bench_init(&b, no_caps[i], false);
        fill_memory(&b);
        if (i == 0) all = mem_in_use() - before;
        assert_int_equal(b.expired, 0);
        assert_int_equal(tcp_counters(b.tcp).evicted_connections, 0);
        bench_finish(&b);
        bench_done(&b);
    }
    const size_t caps[] = {before + all / 2, 1};
    for (size_t i = 0; i < ARRAY_LENGTH(caps); i++) {
        bench_init(&b, caps[i], false);
        fill_memory(&b);
        assert_true(b.expired > 0);
        /* One that had sent its FIN was closed by that. */
        uint64_t evicted = tcp_counters(b.tcp).evicted_connections;
        assert_in_range(b.by_kind[CLOSE_IDLE], i == 1, evicted);
        assert_true(mem_in_use() < before + all / 8 * 7);
        bench_finish(&b);
        assert_true(b.expired >= MANY_FLOWS);
        bench_done(&b);
    }
}

/* Bytes out of order of all connections together: beyond the cap, holes are given up.
 */
static void held_bytes_of_all_have_a_cap(void **state)
{
    enum { PIECE = 60000, PIECES = 4, FLOWS = 300 };
    static uint8_t piece[PIECE];
    struct bench b;
    (void)state;
    bench_init(&b, 0, false);
    for (uint32_t i = 0; i < FLOWS; i++) handshake(&b, i);
    for (uint32_t i = 0; i < FLOWS; i++) {
        for (uint32_t k = 0; k < PIECES; k++) /* the first 100 bytes are missing */
            put_payload(&b, i, TO_SERVER, 101 + k * PIECE, 1, bytes_of(piece, PIECE));
    }
    enum { HELD_FLOWS = TCP_HELD_BYTES_ALL_MAX / (PIECE * PIECES) };
    assert_in_range(b.missing_bytes, 100, (FLOWS - HELD_FLOWS) * 100);
    assert_true(b.data_bytes > (uint64_t)(FLOWS - HELD_FLOWS - 1) * PIECE * PIECES);
    bench_finish(&b);
    assert_int_equal(b.missing_bytes, FLOWS * 100);
    assert_int_equal(b.data_bytes, (uint64_t)FLOWS * PIECE * PIECES);
    bench_done(&b);
}

/* ---- numbers ---- */

static void unanswered_attempts_have_a_cap(void **state)
{
    enum { MORE = 10 };
    struct bench b;
    (void)state;
    bench_init(&b, 0, false);
    for (uint32_t i = 0; i < TCP_HALF_OPEN_MAX + MORE; i++) {
        put_plain(&b, i, TO_SERVER, TCP_SYN, 0, 0);
        if (i == 0) put_plain(&b, i, TO_SERVER, TCP_SYN, 0, 0);
    }
    assert_int_equal(tcp_counters(b.tcp).evicted_half_open, MORE);
    assert_int_equal(b.expired, MORE);
    assert_int_equal(b.by_kind[CLOSE_IDLE], MORE);
    assert_int_equal(b.retransmits, 1); /* the oldest goes first */
    bench_finish(&b);
    assert_int_equal(b.unanswered, TCP_HALF_OPEN_MAX + MORE);
    bench_done(&b);
}

/* Closed connections wait for late packets, but not more of them than that. */
static void lingering_ones_have_a_cap(void **state)
{
    enum { MORE = 10 };
    struct bench b;
    (void)state;
    bench_init(&b, 0, false);
    for (uint32_t i = 0; i < TCP_LINGERING_MAX + MORE; i++) {
        put_plain(&b, i, TO_SERVER, TCP_FIN | TCP_ACK, 1, 1);
        put_plain(&b, i, TO_CLIENT, TCP_FIN | TCP_ACK, 1, 2);
    }
    put_plain(&b, 1 << 20, TO_SERVER, TCP_ACK, 1, 1);
    assert_int_equal(b.expired, MORE);
    assert_int_equal(b.by_kind[CLOSE_FIN], MORE);
    assert_int_equal(tcp_counters(b.tcp).evicted_connections, 0);
    bench_finish(&b);
    bench_done(&b);
}

/* A SYN that comes again and again: as often as can be counted it is the same one. */
static void a_syn_repeats_as_often_as_can_be_counted(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 0, false);
    for (uint32_t i = 0; i < UINT16_MAX + 2; i++)
        put_plain(&b, 0, TO_SERVER, TCP_SYN, 0, 0);
    bench_finish(&b);
    assert_int_equal(b.opened, 1);
    assert_int_equal(b.retransmits, UINT16_MAX + 1);
    bench_done(&b);
}

/* Zeek's letters stop where there is no room for more of them; where the first packet
 * is the server's, one more stands before them. */
static void a_history_is_cut_at_its_end(void **state)
{
    enum { TIMES = 12000 };
    static const char *const histories[] = {"ShAWDTWTWTWTWTawdtwtwtwtwtF",
                                            "^awdtwtwtwtwtAWDTWTWTWTWTFf"};
    (void)state;
    for (int is_flipped = 0; is_flipped < 2; is_flipped++) {
        struct bench b;
        bench_init(&b, 0, false);
        if (!is_flipped) handshake(&b, 0);
        for (int i = 0; i < 2; i++) {
            for (int k = 0; k < TIMES; k++) { /* a window of zero, and the same again */
                int direction = is_flipped ? 1 - i : i;
                struct packet p = packet_of(0, direction, TCP_ACK, 1, 1);
                p.window = 0;
                put(&b, &p, CHECKSUM_GOOD);
                p.window = 1000;
                p.payload = bytes_of_text("again");
                p.payload_length = 5;
                put(&b, &p, CHECKSUM_GOOD);
            }
        }
        put_plain(&b, 0, TO_SERVER, TCP_FIN | TCP_ACK, 6, 6);
        put_plain(&b, 0, TO_CLIENT, TCP_FIN | TCP_ACK, 6, 7);
        put_plain(&b, 0, TO_SERVER, TCP_RST, 7, 7);
        put_plain(&b, 0, TO_CLIENT, TCP_RST, 7, 7);
        bench_finish(&b);
        assert_string_equal(b.history, histories[is_flipped]);
        bench_done(&b);
    }
}

/* ---- what tells connections apart ---- */

static void tunnels_and_vlans_tell_connections_apart(void **state)
{
    (void)state;
    for (int vlan_in_key = 0; vlan_in_key < 2; vlan_in_key++) {
        struct bench b;
        bench_init(&b, 0, vlan_in_key != 0);
        for (uint32_t tunnel = 0; tunnel < 2; tunnel++) {
            for (uint16_t vlan = 1; vlan < 4; vlan++) {
                struct packet p = packet_of(0, TO_SERVER, TCP_ACK, 1, 1);
                p.tunnel_id = tunnel;
                p.vlan = vlan;
                p.payload = bytes_of_text("abc");
                p.payload_length = 3;
                put(&b, &p, CHECKSUM_GOOD);
            }
        }
        bench_finish(&b);
        assert_int_equal(b.opened, vlan_in_key ? 6 : 2);
        bench_done(&b);
    }
    tcp_free(NULL); /* allowed */
}

/* Unanswered attempts, too; and one whose packet was odd is followed at once. */
static void attempts_are_told_apart(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 0, false);
    for (uint32_t tunnel = 0; tunnel < 3; tunnel++) {
        struct packet p = packet_of(0, TO_SERVER, TCP_SYN, 0, 0);
        p.tunnel_id = tunnel;
        put(&b, &p, CHECKSUM_GOOD);
    }
    assert_int_equal(b.opened, 0);
    struct packet answer = packet_of(0, TO_CLIENT, TCP_SYN | TCP_ACK, 0, 1);
    answer.tunnel_id = 1;
    put(&b, &answer, CHECKSUM_GOOD);
    assert_int_equal(b.opened, 1);
    struct packet odd = packet_of(1, TO_SERVER, TCP_SYN, 0, 0);
    odd.oddities = 1;
    put(&b, &odd, CHECKSUM_GOOD);
    assert_int_equal(b.opened, 2);
    bench_finish(&b);
    assert_int_equal(b.opened, 4);
    assert_int_equal(b.unanswered, 3);
    bench_done(&b);
}

/* ---- segments with a bad checksum (HAZARDS 17) ---- */

struct doubtful_case {
    const char *name;
    uint32_t bad_seq; /* of six bytes */
    const char *bad;
    uint32_t good_seq;
    const char *good;
    bool is_conflict;
};

/* A bad segment against a good copy of its bytes, or of a part of them. */
static void doubted_bytes_are_compared_with_good_ones(void **state)
{
    /* clang-format off */
    static const struct doubtful_case cases[] = {
        { "the same",          1, "abcdef", 1, "abcdef",    false },
        { "others",            1, "abcdeX", 1, "abcdef",    true  },
        { "more of the same",  1, "abcdef", 1, "abcdefgh",  false },
        { "a part that fits",  1, "abcXXX", 1, "abc",       false },
        { "a part that does not", 1, "aXcdef", 1, "abc",    true  },
        { "behind it",         4, "XXXXXX", 1, "abc",       false },
        { "around it",         2, "bcdefg", 1, "abcdefghi", false },
        { "around it, others", 2, "bcdefX", 1, "abcdefghi", true  },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct doubtful_case *c = &cases[i];
        struct bench b;
        bench_init(&b, 0, false);
        handshake(&b, 0);
        struct packet p = packet_of(0, TO_SERVER, TCP_ACK, c->bad_seq, 1);
        p.payload = bytes_of_text(c->bad);
        p.payload_length = (uint32_t)p.payload.len;
        put(&b, &p, CHECKSUM_BAD);
        assert_int_equal(b.data_bytes, 0);
        put_payload(&b, 0, TO_SERVER, c->good_seq, 1, bytes_of_text(c->good));
        assert_int_equal(b.data_bytes, strlen(c->good));
        bench_finish(&b);
        bool is_conflict =
            strstr((const char *)b.findings.ptr, "net_checksum_conflict@") != NULL;
        if (is_conflict != c->is_conflict)
            fail_msg("%s: '%s'", c->name, (const char *)b.findings.ptr);
        bench_done(&b);
    }
}

/* An RST with a bad checksum, where good ones came before: its receiver drops it. */
static void a_doubtful_reset_ends_nothing(void **state)
{
    (void)state;
    for (int is_bad = 0; is_bad < 2; is_bad++) {
        struct bench b;
        bench_init(&b, 0, false);
        handshake(&b, 0);
        struct packet p = packet_of(0, TO_SERVER, TCP_RST, 1, 1);
        put(&b, &p, is_bad ? CHECKSUM_BAD : CHECKSUM_GOOD);
        bench_finish(&b);
        assert_int_equal(b.by_kind[is_bad ? CLOSE_OPEN : CLOSE_RST], 1);
        bench_done(&b);
    }
}

/* Of many that were neither acknowledged nor sent again, the oldest are forgotten. */
static void doubted_segments_have_a_cap(void **state)
{
    enum { SENT = 100, KEPT = 64 };
    struct bench b;
    (void)state;
    bench_init(&b, 0, false);
    handshake(&b, 0);
    for (uint32_t i = 0; i < SENT; i++) {
        struct packet p = packet_of(0, TO_SERVER, TCP_ACK, 1 + i, 1);
        p.payload = bytes_of_text("x");
        p.payload_length = 1;
        put(&b, &p, CHECKSUM_BAD);
    }
    put_plain(&b, 0, TO_CLIENT, TCP_ACK, 1, 1 + SENT); /* all of them were real */
    bench_finish(&b);
    assert_int_equal(b.data_bytes, KEPT);
    assert_int_equal(b.missing_bytes, SENT - KEPT);
    bench_done(&b);
}

/* ---- far beyond any window (HAZARDS 15) ---- */

static void far_data_counts_once_acknowledged(void **state)
{
    enum { FAR = 100 << 20 };
    (void)state;
    for (int is_acked = 0; is_acked < 2; is_acked++) {
        struct bench b;
        bench_init(&b, 0, false);
        handshake(&b, 0);
        put_payload(&b, 0, TO_SERVER, 1 + FAR, 1, bytes_of_text("far"));
        if (is_acked) put_plain(&b, 0, TO_CLIENT, TCP_ACK, 1, 1 + FAR + 3);
        bench_finish(&b);
        assert_int_equal(b.data_bytes, is_acked ? 3 : 0);
        assert_int_equal(b.missing_bytes, is_acked ? FAR : 0);
        assert_int_equal(
            strstr((const char *)b.findings.ptr, "tcp_data_outside_window@") != NULL,
            !is_acked);
        bench_done(&b);
    }
}

/* ---- what comes late, and what comes in time ---- */

/* A reset behind both FINs belongs to the account; an ACK there is none. */
static void a_late_reset_is_one(void **state)
{
    (void)state;
    for (int is_reset = 0; is_reset < 2; is_reset++) {
        struct bench b;
        bench_init(&b, 0, false);
        handshake(&b, 0);
        put_plain(&b, 0, TO_SERVER, TCP_FIN | TCP_ACK, 1, 1);
        put_plain(&b, 0, TO_CLIENT, TCP_FIN | TCP_ACK, 1, 2);
        put_plain(&b, 0, TO_SERVER, TCP_ACK, 2, 2);
        put_plain(&b, 0, TO_SERVER, is_reset ? TCP_RST : TCP_ACK, 2, 2);
        bench_finish(&b);
        assert_int_equal(b.by_kind[CLOSE_FIN], 1);
        assert_int_equal(b.was_reset, is_reset);
        bench_done(&b);
    }
}

/* A small write that waited for a delayed ACK (Nagle): the silence is one that delayed
 * ACKs take, and the next small write follows at once. */
static void a_small_write_waits_for_a_delayed_ack(void **state)
{
    /* clang-format off */
    static const struct { int silence_ms, after_ms; bool is_stalled; } cases[] = {
        { 34, 1, false }, { 35, 1, true  }, { 60, 1, true  }, { 61, 1, false },
        { 179, 1, false }, { 180, 1, true }, { 220, 1, true }, { 221, 1, false },
        { 40, 5, true }, { 40, 6, false },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct bench b;
        bench_init(&b, 0, false);
        handshake(&b, 0);
        put_payload(&b, 0, TO_SERVER, 1, 1, bytes_of_text("POST / HTTP/1.1\r\n"));
        b.now_ns += cases[i].silence_ms * MS_NS;
        put_plain(&b, 0, TO_CLIENT, TCP_ACK, 1, 18);
        b.now_ns += cases[i].after_ms * MS_NS;
        put_payload(&b, 0, TO_SERVER, 18, 1, bytes_of_text("Host: a\r\n\r\n"));
        bench_finish(&b);
        bool is_stalled =
            strstr((const char *)b.findings.ptr, "tcp_stalled_small_write@17 ") != NULL;
        if (is_stalled != cases[i].is_stalled)
            fail_msg("%d ms, %d ms: '%s'", cases[i].silence_ms, cases[i].after_ms,
                     (const char *)b.findings.ptr);
        bench_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_given_back_at_its_cap),
        cmocka_unit_test(held_bytes_of_all_have_a_cap),
        cmocka_unit_test(unanswered_attempts_have_a_cap),
        cmocka_unit_test(lingering_ones_have_a_cap),
        cmocka_unit_test(a_syn_repeats_as_often_as_can_be_counted),
        cmocka_unit_test(a_history_is_cut_at_its_end),
        cmocka_unit_test(tunnels_and_vlans_tell_connections_apart),
        cmocka_unit_test(attempts_are_told_apart),
        cmocka_unit_test(doubted_bytes_are_compared_with_good_ones),
        cmocka_unit_test(a_doubtful_reset_ends_nothing),
        cmocka_unit_test(doubted_segments_have_a_cap),
        cmocka_unit_test(far_data_counts_once_acknowledged),
        cmocka_unit_test(a_late_reset_is_one),
        cmocka_unit_test(a_small_write_waits_for_a_delayed_ack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
