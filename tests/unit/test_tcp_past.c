/* tcp: connections that were handed over before their two minutes were over, since too
 * many lingered, or memory was short. Their late packets open nothing, and are counted;
 * a SYN with a new number begins a new life. */
#include "hopscope/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { TO_SERVER, TO_CLIENT };

enum {
    THE_ONE = 0xffffff, /* a client beyond those that push it out */
    CLIENT_ISN = 1000,
    SERVER_ISN = 5000,
    FIN_ACK = TCP_FIN | TCP_ACK,
};

#define SECOND_NS 1000000000LL
#define START_NS  (1000 * SECOND_NS)
#define LINGER_NS (120 * SECOND_NS)

struct bench {
    struct tcp *tcp;
    uint64_t opened, expired, port_reused;
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
    (void)context;
    (void)conn;
    (void)chunk;
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
    for (uint32_t i = 0; list != NULL && i < list->count; i++)
        b->port_reused += list->rows[i].code == FINDING_TCP_PORT_REUSED;
    finding_list_free(conn->findings);
}

static void bench_init(struct bench *b, size_t memory_max)
{
    *b = (struct bench){.now_ns = START_NS};
    const struct tcp_settings settings = {
        .key = {.k0 = 1, .k1 = 2},
        .memory_max = memory_max,
        .sink = {b, on_opened, on_chunk, on_closed, on_expired, NULL, NULL, NULL},
    };
    b->tcp = tcp_new(&settings);
}

static void bench_done(struct bench *b)
{
    tcp_finish(b->tcp);
    assert_int_equal(b->opened, b->expired);
    tcp_free(b->tcp);
}

static enum tcp_verdict put(struct bench *b, uint32_t client, int direction,
                            uint8_t flags, uint32_t seq, uint32_t ack)
{
    struct endpoint ends[2] = {
        {.address = {10, (uint8_t)(client >> 16), (uint8_t)(client >> 8),
                     (uint8_t)client},
         .version = 4,
         .port = 40000},
        {.address = {192, 0, 2, 1}, .version = 4, .port = 80},
    };
    struct frame frame = {.ref = 1ull << 32 | ++b->number, .captured_ns = b->now_ns};
    struct packet p = {
        .frame = &frame,
        .from = ends[direction],
        .to = ends[1 - direction],
        .ip_id = (uint16_t)b->number,
        .seq = seq,
        .ack = ack,
        .window = 1000,
        .flags = flags,
    };
    return tcp_packet(b->tcp, &p, CHECKSUM_GOOD);
}

/* From the SYN to the last ACK. */
static void put_life(struct bench *b, uint32_t client)
{
    put(b, client, TO_SERVER, TCP_SYN, CLIENT_ISN, 0);
    put(b, client, TO_CLIENT, TCP_SYN | TCP_ACK, SERVER_ISN, CLIENT_ISN + 1);
    put(b, client, TO_SERVER, FIN_ACK, CLIENT_ISN + 1, SERVER_ISN + 1);
    put(b, client, TO_CLIENT, FIN_ACK, SERVER_ISN + 1, CLIENT_ISN + 2);
    put(b, client, TO_SERVER, TCP_ACK, CLIENT_ISN + 2, SERVER_ISN + 2);
}

static void put_lives(struct bench *b, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) put_life(b, first + i);
}

enum { LIFE_PACKETS = 5, MANY_LIVES = TCP_LINGERING_PACKETS / LIFE_PACKETS + 1 };

/* Its row is written, and it is known. */
static void make_past(struct bench *b)
{
    put_life(b, THE_ONE);
    put_lives(b, 0, MANY_LIVES);
    assert_int_equal(b->expired, 0);
    b->now_ns += SECOND_NS + 1;
    put_life(b, MANY_LIVES);
    assert_in_range(b->expired, 1, 2);
}

/* ---- what comes for it ---- */

struct late_case {
    const char *name;
    int direction;
    uint8_t flags;
    uint32_t seq, ack;
    int64_t after_ns;
    enum tcp_verdict verdict;
    bool opens, is_reused;
};

static void late_packets_open_nothing(void **state)
{
    enum { NEW = 77777 };
    /* clang-format off */
    static const struct late_case cases[] = {
        { "FIN again",        TO_SERVER, FIN_ACK, CLIENT_ISN + 1, SERVER_ISN + 1, 0, TCP_OVERDUE, false, false },
        { "its answer again", TO_CLIENT, FIN_ACK, SERVER_ISN + 1, CLIENT_ISN + 2, 0, TCP_OVERDUE, false, false },
        { "ACK",              TO_CLIENT, TCP_ACK, SERVER_ISN + 2, CLIENT_ISN + 2, 0, TCP_OVERDUE, false, false },
        { "RST",              TO_SERVER, TCP_RST, CLIENT_ISN + 2, 0,              0, TCP_OVERDUE, false, false },
        { "the same SYN",     TO_SERVER, TCP_SYN, CLIENT_ISN,     0,              0, TCP_OVERDUE, false, false },
        { "its SYN-ACK",      TO_CLIENT, TCP_SYN | TCP_ACK, SERVER_ISN, CLIENT_ISN + 1, 0, TCP_OVERDUE, false, false },
        { "no flags at all",  TO_SERVER, 0,       CLIENT_ISN + 2, 0,              0, TCP_IGNORED, false, false },
        { "another SYN",      TO_SERVER, TCP_SYN, NEW,            0,              0, TCP_TAKEN,   true,  true  },
        { "from the server",  TO_CLIENT, TCP_SYN, NEW,            0,              0, TCP_TAKEN,   true,  true  },
        { "SYN in time",      TO_SERVER, TCP_SYN, NEW,            0,      LINGER_NS, TCP_TAKEN,   true,  true  },
        { "FIN in time",      TO_SERVER, FIN_ACK, CLIENT_ISN + 1, SERVER_ISN + 1, LINGER_NS, TCP_OVERDUE, false, false },
        { "too late a FIN",   TO_SERVER, FIN_ACK, CLIENT_ISN + 1, SERVER_ISN + 1, LINGER_NS + 1, TCP_TAKEN, true, false },
        { "too late a SYN",   TO_SERVER, TCP_SYN, NEW,            0,  LINGER_NS + 1, TCP_TAKEN,   false, false },
        { "the clock is back", TO_SERVER, FIN_ACK, CLIENT_ISN + 1, SERVER_ISN + 1, -500 * SECOND_NS, TCP_OVERDUE, false, false },
        { "a SYN of before",  TO_SERVER, TCP_SYN, NEW,            0, -500 * SECOND_NS, TCP_TAKEN, true, true  },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct late_case *c = &cases[i];
        struct bench b;
        bench_init(&b, 0);
        make_past(&b);
        uint64_t opened = b.opened;
        if (c->after_ns != 0) b.now_ns = START_NS + c->after_ns;
        enum tcp_verdict verdict =
            put(&b, THE_ONE, c->direction, c->flags, c->seq, c->ack);
        bool is_overdue = tcp_counters(b.tcp).overdue_packets == 1;
        bool has_opened = b.opened == opened + 1;
        if (verdict != c->verdict || is_overdue != (verdict == TCP_OVERDUE) ||
            has_opened != c->opens)
            fail_msg("%s: verdict %d, %d opened", c->name, (int)verdict, has_opened);
        tcp_finish(b.tcp);
        if (b.port_reused != c->is_reused) fail_msg("%s: reused", c->name);
        bench_done(&b);
    }
}

/* The number of a side of which nothing was seen is nobody's. */
static void a_side_that_was_not_seen_has_no_number(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 0);
    put(&b, THE_ONE, TO_SERVER, TCP_RST, CLIENT_ISN, 0);
    b.now_ns += 6 * SECOND_NS; /* a reset is closed when that time is over */
    put_lives(&b, 0, TCP_LINGERING_MAX + 1);
    uint64_t opened = b.opened;
    assert_int_equal(put(&b, THE_ONE, TO_SERVER, TCP_RST, CLIENT_ISN, 0), TCP_OVERDUE);
    assert_int_equal(put(&b, THE_ONE, TO_SERVER, TCP_SYN, UINT32_MAX, 0), TCP_TAKEN);
    assert_int_equal(b.opened, opened + 1);
    bench_done(&b);
}

/* A new life takes the old one's place, and comes to be past itself. */
static void lives_follow_each_other(void **state)
{
    enum { LIVES = 5 };
    struct bench b;
    (void)state;
    bench_init(&b, 0);
    make_past(&b);
    for (uint32_t i = 1; i <= LIVES; i++) {
        uint32_t seq = CLIENT_ISN + i * 10000;
        put(&b, THE_ONE, TO_SERVER, TCP_SYN, seq, 0);
        put(&b, THE_ONE, TO_SERVER, FIN_ACK, seq + 1, SERVER_ISN + 1);
        put(&b, THE_ONE, TO_CLIENT, FIN_ACK, SERVER_ISN + 1, seq + 2);
        assert_int_equal(tcp_counters(b.tcp).overdue_packets, i - 1);
        put_lives(&b, i << 16, TCP_LINGERING_MAX + 1);
        put(&b, THE_ONE, TO_SERVER, TCP_SYN, seq, 0);
        assert_int_equal(tcp_counters(b.tcp).overdue_packets, i);
    }
    tcp_finish(b.tcp);
    assert_int_equal(b.port_reused, LIVES);
    bench_done(&b);
}

/* ---- how many are known ---- */

static void the_oldest_is_forgotten_first(void **state)
{
    enum { MORE = 3, ALL = TCP_LINGERING_MAX + TCP_PAST_MAX + MORE };
    struct bench b;
    (void)state;
    bench_init(&b, 0);
    for (uint32_t i = 0; i < ALL; i++) {
        put(&b, i, TO_SERVER, FIN_ACK, 1, 1);
        put(&b, i, TO_CLIENT, FIN_ACK, 1, 2);
    }
    assert_int_equal(b.opened, ALL);
    put(&b, MORE, TO_SERVER, TCP_ACK, 2, 2); /* the oldest that is known */
    put(&b, ALL / 2, TO_CLIENT, TCP_ACK, 2, 2);
    assert_int_equal(tcp_counters(b.tcp).overdue_packets, 2);
    assert_int_equal(b.opened, ALL);
    for (uint32_t i = 0; i < MORE; i++) put(&b, i, TO_SERVER, TCP_ACK, 2, 2);
    assert_int_equal(tcp_counters(b.tcp).overdue_packets, 2);
    assert_int_equal(b.opened, ALL + MORE);
    bench_done(&b);
}

/* Those that are taken out in the middle give their places back. */
static void new_lives_give_their_places_back(void **state)
{
    enum { CLIENTS = 3 * TCP_LINGERING_MAX, TURNS = 4 };
    struct bench b;
    (void)state;
    bench_init(&b, 0);
    for (uint32_t turn = 0; turn < TURNS; turn++) {
        for (uint32_t i = 0; i < CLIENTS; i++) {
            /* In another order each time. */
            uint32_t client = i * (2 * turn + 1) % CLIENTS;
            if (client % 3 == 0 && turn != 0) continue;
            put(&b, client, TO_SERVER, TCP_SYN, turn * 10000, 0);
            put(&b, client, TO_SERVER, FIN_ACK, turn * 10000 + 1, 1);
            put(&b, client, TO_CLIENT, FIN_ACK, 1, turn * 10000 + 2);
        }
    }
    for (uint32_t client = 0; client < CLIENTS; client += 3)
        assert_int_equal(put(&b, client, TO_SERVER, TCP_ACK, 2, 2), TCP_OVERDUE);
    bench_done(&b);
}

/* Who made room for others is known, too. */
static void memory_that_is_short_forgets_nobody(void **state)
{
    enum { ROOM = 2 << 20, LIVES = 4096 };
    struct bench b;
    (void)state;
    if (mem_in_use() == 0) skip(); /* this allocator does not tell */
    bench_init(&b, 0);             /* what tcp takes without any */
    size_t least = mem_in_use();
    bench_done(&b);
    bench_init(&b, least + ROOM);
    put_life(&b, THE_ONE);
    put_lives(&b, 0, LIVES);
    assert_in_range(b.expired, 1, LIVES);
    uint64_t opened = b.opened;
    assert_int_equal(put(&b, THE_ONE, TO_SERVER, TCP_ACK, CLIENT_ISN + 2, 0),
                     TCP_OVERDUE);
    assert_int_equal(b.opened, opened);
    bench_done(&b);
}

static void put_crowd(struct bench *b, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++) {
        put(b, i, TO_SERVER, FIN_ACK, 1, 1);
        put(b, i, TO_CLIENT, FIN_ACK, 1, 2);
    }
}

/* More come all the time, while the first of them are forgotten: what is known of the
 * others moves to more room, wherever in the ring it stands. */
static void what_is_known_stays_known_as_more_come(void **state)
{
    enum { TURNS = 24, TURN_S = 10, MORE = 1000, KNOWN_FIRST = 14, KNOWN_LAST = 21 };
    uint32_t first[TURNS + 2] = {0};
    struct bench b;
    (void)state;
    bench_init(&b, 0);
    for (uint32_t turn = 1; turn <= TURNS; turn++) {
        put_crowd(&b, first[turn], turn * MORE);
        first[turn + 1] = first[turn] + turn * MORE;
        if (turn < TURNS) b.now_ns += TURN_S * SECOND_NS;
    }
    assert_int_equal(b.opened, first[TURNS + 1]);
    for (uint32_t i = first[KNOWN_FIRST]; i < first[KNOWN_LAST + 1]; i++)
        assert_int_equal(put(&b, i, TO_CLIENT, TCP_ACK, 2, 2), TCP_OVERDUE);
    assert_int_equal(b.opened, first[TURNS + 1]);
    assert_int_equal(put(&b, 0, TO_CLIENT, TCP_ACK, 2, 2), TCP_TAKEN); /* too old */
    bench_done(&b);
}

/* Random packets of few connections open what they open where all of them linger:
 * whoever is past is one that lingers, but for its account. */
static void a_crowd_changes_nothing_that_is_opened(void **state)
{
    enum { CLIENTS = 7, PACKETS = 300, CROWD = 700, CROWD_FIRST = 1 << 16 };
    static const uint8_t flags[] = {TCP_SYN, TCP_ACK, TCP_SYN | TCP_ACK, TCP_RST,
                                    FIN_ACK, FIN_ACK, FIN_ACK,           0};
    (void)state;
    uint64_t opened[2];
    for (int is_crowded = 0; is_crowded < 2; is_crowded++) {
        struct bench b;
        uint32_t random = 12345, crowd = 0;
        bench_init(&b, 0);
        for (uint32_t i = 0; i < PACKETS; i++) {
            random = random * 1664525 + 1013904223;
            b.now_ns += ((int64_t)(random >> 28) - 4) * SECOND_NS / 2;
            uint32_t direction = (random >> 12) & 1;
            put(&b, (random >> 8) % CLIENTS, (int)direction,
                flags[(random >> 16) % ARRAY_LENGTH(flags)],
                direction * 1000 + (random >> 20) % 3,
                (1 - direction) * 1000 + (random >> 24) % 3);
            if (!is_crowded) continue;
            put_crowd(&b, CROWD_FIRST + crowd, CROWD);
            crowd += CROWD;
        }
        assert_int_equal(tcp_counters(b.tcp).overdue_packets > 0, is_crowded);
        tcp_finish(b.tcp);
        opened[is_crowded] = b.opened - crowd;
        bench_done(&b);
    }
    assert_int_equal(opened[0], opened[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(late_packets_open_nothing),
        cmocka_unit_test(a_side_that_was_not_seen_has_no_number),
        cmocka_unit_test(lives_follow_each_other),
        cmocka_unit_test(the_oldest_is_forgotten_first),
        cmocka_unit_test(new_lives_give_their_places_back),
        cmocka_unit_test(memory_that_is_short_forgets_nobody),
        cmocka_unit_test(what_is_known_stays_known_as_more_come),
        cmocka_unit_test(a_crowd_changes_nothing_that_is_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
