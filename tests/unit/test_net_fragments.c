/* net: IP fragments in any order, repeated, overlapping, refused, given up, in tunnels,
 * and in floods. */
#include "hopscope/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "build_packet.h"
#include "guard_page.h"
#include "net_pieces.h"

#define SECOND INT64_C(1000000000)

/* Lengths of zero: all there is. The version within decides, so 0800 does for both. */
#define MAC          "020000000002 020000000001 "
#define OUTER(next)  "0800 4500 0000 0001 0000 40 " next " 0000 0a000001 0a000002 "
#define UDP_IN_VXLAN MAC OUTER("11") "c000 12b5 0000 0000 08000000 00123400" MAC "0800"
#define GRE_IN_IP    MAC OUTER("2f") "0000 0800"
#define VLAN_TAG     MAC "8100 0005 0800"

enum { BODY_BYTES = 3000, PIECES_MAX = 5 };

/* A segment, its bytes as a datagram's, and who reads it. */
struct fixture {
    struct build_segment segment;
    struct buffer datagram;
    struct net *net;
    struct packet packet;
    const char *prefix;
    uint64_t ref;
    int64_t now_ns;
    uint8_t body[BODY_BYTES];
};

static void fixture_init(struct fixture *x, int version, size_t length)
{
    memset(x, 0, sizeof(*x));
    for (size_t i = 0; i < length; i++) x->body[i] = (uint8_t)(i * 31 + i / 256);
    x->segment = build_request(version);
    x->segment.payload = bytes_of(x->body, length);
    build_tcp(&x->datagram, &x->segment);
    x->net = net_new();
    x->prefix = "";
    x->now_ns = 100 * SECOND;
}

static void fixture_done(struct fixture *x)
{
    buffer_done(&x->datagram);
    net_free(x->net);
}

static enum net_verdict push_bytes(struct fixture *x, uint32_t id,
                                   struct net_piece piece, struct bytes from)
{
    return net_piece_push(x->net, x->prefix, &x->segment, id, piece, from, ++x->ref,
                          x->now_ns, &x->packet);
}

static enum net_verdict push(struct fixture *x, uint32_t id, uint32_t offset,
                             uint32_t end)
{
    struct net_piece piece = {offset, end - offset, end != x->datagram.len};
    return push_bytes(x, id, piece, buffer_bytes(&x->datagram));
}

static uint32_t whole(const struct fixture *x)
{
    return (uint32_t)x->datagram.len;
}

static void assert_whole(const struct fixture *x, uint64_t oddities)
{
    const struct packet *p = &x->packet;
    assert_int_equal(frame_number(p->frame->ref), x->ref);
    assert_int_equal(p->from.port, x->segment.from_port);
    assert_int_equal(p->seq, x->segment.seq);
    assert_int_equal(p->payload_length, x->segment.payload.len);
    assert_true(bytes_equal(p->payload, x->segment.payload));
    assert_int_equal(net_checksum(p), CHECKSUM_GOOD);
    assert_int_equal(p->oddities, oddities);
}

/* The oddities of the next plain packet of the segment's endpoints. */
static uint64_t next_oddities(struct fixture *x)
{
    struct buffer wire = {0};
    build_ip(&wire, &x->segment);
    struct frame f = build_frame(&wire, 101);
    f.captured_ns = x->now_ns;
    assert_int_equal(net_decode(x->net, &f, &x->packet), NET_TCP);
    uint64_t oddities = x->packet.oddities;
    buffer_done(&wire);
    return oddities;
}

/* ---- order ---- */

/* Heap's algorithm, one step per call: `count` numbers below PIECES_MAX. */
static bool next_permutation(int *order, int count)
{
    int i = count - 2, k = count - 1;
    while (i >= 0 && order[i] > order[i + 1]) i--;
    if (i < 0) return false;
    while (order[k] < order[i]) k--;
    int swap = order[i];
    order[i] = order[k];
    order[k] = swap;
    for (int a = i + 1, b = count - 1; a < b; a++, b--) {
        swap = order[a];
        order[a] = order[b];
        order[b] = swap;
    }
    return true;
}

static void pieces_come_in_any_order(void **state)
{
    (void)state;
    for (int version = 4; version <= 6; version += 2) {
        struct fixture x;
        uint32_t id = 1;
        uint64_t made = 0;
        fixture_init(&x, version, BODY_BYTES);
        for (int count = 2; count <= PIECES_MAX; count++) {
            int order[PIECES_MAX] = {0, 1, 2, 3, 4};
            do {
                uint32_t step = (whole(&x) / (uint32_t)count + 7) / 8 * 8;
                for (int i = 0; i < count; i++) {
                    uint32_t at = (uint32_t)order[i] * step;
                    uint32_t end = order[i] == count - 1 ? whole(&x) : at + step;
                    enum net_verdict v = push(&x, id, at, end);
                    assert_int_equal(v, i == count - 1 ? NET_TCP : NET_OTHER);
                }
                assert_whole(&x, 0);
                id++;
                made++;
            } while (next_permutation(order, count));
        }
        struct net_counters c = net_counters(x.net);
        assert_int_equal(made, 2 + 6 + 24 + 120);
        assert_int_equal(c.fragments_reassembled, made);
        assert_int_equal(c.tcp, made);
        assert_int_equal(c.fragments, c.other);
        assert_int_equal(c.fragments_evicted + c.fragments_timed_out, 0);
        fixture_done(&x);
    }
}

static void repeated_pieces_change_nothing(void **state)
{
    (void)state;
    for (int version = 4; version <= 6; version += 2) {
        struct fixture x;
        fixture_init(&x, version, 1000);
        /* A mirror's way: each twice, the second copies also behind the end. */
        assert_int_equal(push(&x, 7, 0, 496), NET_OTHER);
        assert_int_equal(push(&x, 7, 0, 496), NET_OTHER);
        assert_int_equal(push(&x, 7, 496, whole(&x)), NET_TCP);
        assert_whole(&x, 0);
        x.now_ns += SECOND / 20;
        assert_int_equal(push(&x, 7, 496, whole(&x)), NET_OTHER);
        assert_int_equal(net_counters(x.net).fragments_duplicate, 2);

        /* The number comes round, with another segment. */
        x.segment.seq += 1000;
        buffer_clear(&x.datagram);
        build_tcp(&x.datagram, &x.segment);
        assert_int_equal(push(&x, 7, 0, 496), NET_OTHER);
        assert_int_equal(push(&x, 7, 496, whole(&x)), NET_TCP);
        assert_whole(&x, 0);
        fixture_done(&x);
    }
}

static void datagrams_do_not_mix(void **state)
{
    (void)state;
    struct fixture x;
    fixture_init(&x, 4, 1000);
    push(&x, 1, 0, 496);
    assert_int_equal(push(&x, 2, 496, whole(&x)), NET_OTHER); /* another number */
    x.segment.to = "198.51.100.81";
    assert_int_equal(push(&x, 1, 496, whole(&x)), NET_OTHER); /* another receiver */
    x.segment.to = "198.51.100.80";
    x.prefix = UDP_IN_VXLAN;
    assert_int_equal(push(&x, 1, 496, whole(&x)), NET_OTHER); /* another network */
    x.prefix = VLAN_TAG;
    assert_int_equal(push(&x, 1, 496, whole(&x)), NET_OTHER); /* likewise */
    x.prefix = "";
    assert_int_equal(push(&x, 1, 496, whole(&x)), NET_TCP);
    assert_whole(&x, 0);
    fixture_done(&x);
}

static void lengths_must_be_whole_blocks(void **state)
{
    (void)state;
    for (int version = 4; version <= 6; version += 2) {
        struct fixture x;
        fixture_init(&x, version, 1000);
        struct bytes all = buffer_bytes(&x.datagram);
        push_bytes(&x, 1, (struct net_piece){0, 503, true}, all);
        assert_int_equal(net_counters(x.net).fragments_dropped, version == 6);
        enum net_verdict v = push(&x, 1, 496, whole(&x));
        assert_int_equal(v, version == 4 ? NET_TCP : NET_OTHER);
        if (version == 4) assert_whole(&x, 0);
        uint64_t before = net_counters(x.net).fragments_dropped;
        push_bytes(&x, 2, (struct net_piece){0, 0, true}, all);
        push_bytes(&x, 2, (struct net_piece){800, 0, false}, all);
        assert_int_equal(net_counters(x.net).fragments_dropped, before + 2);
        fixture_done(&x);
    }
}

static void protocols_without_tcp_are_not_kept(void **state)
{
    (void)state;
    struct fixture x;
    struct buffer wire = {0};
    struct packet p;
    fixture_init(&x, 4, 100);
    net_piece_build(&wire, "", &x.segment, 1, (struct net_piece){0, 80, true},
                    bytes_first(buffer_bytes(&x.datagram), 80));
    wire.ptr[9] = 1; /* ICMP */
    struct frame f = build_frame(&wire, 101);
    assert_int_equal(net_decode(x.net, &f, &p), NET_OTHER);
    assert_int_equal(net_counters(x.net).fragment_bytes, 0);
    assert_int_equal(net_counters(x.net).fragments, 1);
    buffer_done(&wire);
    fixture_done(&x);
}

/* ---- overlap ---- */

static void first_bytes_win_in_ipv4(void **state)
{
    (void)state;
    struct fixture x;
    uint8_t other[BODY_BYTES + 20];
    memset(other, 'X', sizeof(other));
    fixture_init(&x, 4, 1000);
    struct bytes others = bytes_of(other, whole(&x));

    push(&x, 1, 0, 496);
    push_bytes(&x, 1, (struct net_piece){240, 256, true}, others); /* inside */
    assert_int_equal(push(&x, 1, 496, whole(&x)), NET_TCP);
    assert_whole(&x, NET_ODDITY_FRAGMENT_OVERLAP);
    assert_int_equal(net_counters(x.net).fragments_overlapping, 1);

    push(&x, 2, 496, whole(&x)); /* the tail first, then one across its front */
    push_bytes(&x, 2, (struct net_piece){480, 160, true}, others);
    assert_int_equal(push(&x, 2, 0, 496), NET_TCP); /* 480..496 came before */
    assert_int_equal(x.packet.oddities, NET_ODDITY_FRAGMENT_OVERLAP);
    assert_int_equal(x.packet.payload.ptr[459], x.body[459]);
    assert_int_equal(x.packet.payload.ptr[460], 'X');
    assert_int_equal(x.packet.payload.ptr[475], 'X');
    assert_int_equal(x.packet.payload.ptr[476], x.body[476]);

    push(&x, 3, 0, 496); /* the same bytes in other borders are no oddity */
    push(&x, 3, 240, 640);
    assert_int_equal(push(&x, 3, 496, whole(&x)), NET_TCP);
    assert_whole(&x, 0);

    push(&x, 4, 496, whole(&x)); /* another end, nearer and farther */
    push_bytes(&x, 4, (struct net_piece){496, 96, false}, others);
    push_bytes(&x, 4, (struct net_piece){800, 800, true}, others);
    assert_int_equal(push(&x, 4, 0, 496), NET_TCP);
    assert_whole(&x, NET_ODDITY_FRAGMENT_OVERLAP);

    push(&x, 5, 496, 800); /* an end before what is there already */
    push_bytes(&x, 5, (struct net_piece){256, 240, false}, others);
    push(&x, 5, 800, whole(&x));
    assert_int_equal(push(&x, 5, 0, 496), NET_TCP);
    assert_whole(&x, NET_ODDITY_FRAGMENT_OVERLAP);
    assert_int_equal(next_oddities(&x), 0);
    fixture_done(&x);
}

static void overlap_refuses_the_datagram_in_ipv6(void **state)
{
    (void)state;
    static const struct {
        struct net_piece piece;
        bool is_different;
    } cases[] = {
        {{240, 256, true}, true},  {{240, 256, true}, false}, {{0, 240, true}, false},
        {{0, 496, true}, true},    {{0, 640, true}, false},   {{480, 16, false}, false},
        {{480, 160, true}, false},
    };
    struct fixture x;
    uint8_t other[BODY_BYTES + 20];
    memset(other, 'X', sizeof(other));
    fixture_init(&x, 6, 1000);
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        push(&x, i, 0, 496);
        push_bytes(&x, i, cases[i].piece,
                   cases[i].is_different ? bytes_of(other, whole(&x))
                                         : buffer_bytes(&x.datagram));
        uint64_t dropped = net_counters(x.net).fragments_dropped;
        assert_int_equal(push(&x, i, 496, whole(&x)), NET_OTHER);
        assert_int_equal(push(&x, i, 0, 496), NET_OTHER); /* and so is the rest */
        assert_int_equal(net_counters(x.net).fragments_dropped, dropped + 2);
        assert_int_equal(net_counters(x.net).fragments_overlapping, i + 1);
        assert_int_equal(next_oddities(&x), NET_ODDITY_FRAGMENT_OVERLAP);
        assert_int_equal(next_oddities(&x), 0);
    }
    assert_int_equal(push(&x, 99, 0, 496), NET_OTHER);
    assert_int_equal(push(&x, 99, 496, whole(&x)), NET_TCP);
    assert_whole(&x, 0);
    fixture_done(&x);
}

/* xorshift64: the same on every run. */
static uint32_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)(*seed >> 16);
}

/* Random pieces of IPv4 with random bytes, against an array that takes each byte once.
 */
static void random_overlaps_equal_the_model(void **state)
{
    (void)state;
    enum { TOTAL = 320, SEEDS = 20000 };
    uint64_t seed = 0x2545f4914f6cdd1d, completed = 0;
    struct fixture x;
    fixture_init(&x, 4, TOTAL - 20);
    for (uint32_t id = 0; id < SEEDS; id++) {
        uint8_t model[TOTAL];
        bool is_known[TOTAL] = {false}, has_conflict = false;
        uint32_t known = 0, end = 0;
        bool has_last = false;
        x.now_ns += SECOND; /* the one before is forgotten */
        for (int i = 0; i < 60; i++) {
            uint8_t bytes[TOTAL];
            uint32_t at = next_random(&seed) % (TOTAL / 8) * 8;
            uint32_t length = (next_random(&seed) % 12 + 1) * 8;
            bool is_last = at + length >= TOTAL;
            if (is_last) length = TOTAL - at;
            if (at != 0 && at < 24) continue; /* tiny */
            if (at == 0 && length < 24) length = 24;
            memcpy(bytes, x.datagram.ptr, TOTAL);
            if (next_random(&seed) % 4 == 0) bytes[at + length - 1] ^= 1;
            if (at == 0) bytes[12] = 0x50;
            for (uint32_t k = at; k < at + length; k++) {
                if (is_known[k]) has_conflict |= model[k] != bytes[k];
                if (is_known[k]) continue;
                model[k] = bytes[k];
                is_known[k] = true;
                known++;
            }
            if (at + length > end) end = at + length;
            has_last |= is_last;
            enum net_verdict v =
                push_bytes(&x, id, (struct net_piece){at, length, !is_last},
                           bytes_of(bytes, TOTAL));
            bool is_whole = has_last && known == TOTAL;
            if (v != (is_whole ? NET_TCP : NET_OTHER)) fail_msg("id %u: %d", id, v);
            if (!is_whole) continue;
            completed++;
            assert_memory_equal(net_segment(&x.packet).ptr, model, TOTAL);
            assert_int_equal(x.packet.oddities,
                             has_conflict ? NET_ODDITY_FRAGMENT_OVERLAP : 0);
            break;
        }
    }
    assert_true(completed > SEEDS / 2);
    fixture_done(&x);
}

/* ---- refused ---- */

static void tiny_first_pieces_are_refused(void **state)
{
    (void)state;
    static const struct net_piece cases[] = {
        {0, 8, true}, {0, 16, true}, {8, 496, true}, {16, 496, true}, {0, 24, true},
    };
    for (int version = 4; version <= 6; version += 2) {
        struct fixture x;
        fixture_init(&x, version, 1000);
        for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
            /* The last case ends behind 20 bytes, but within the options. */
            x.datagram.ptr[12] = i + 1 == ARRAY_LENGTH(cases) ? 0x80 : 0x50;
            push(&x, i, 496, whole(&x));
            struct bytes all = buffer_bytes(&x.datagram);
            assert_int_equal(push_bytes(&x, i, cases[i], all), NET_OTHER);
            assert_int_equal(push(&x, i, 0, 496), NET_OTHER);
            assert_int_equal(net_counters(x.net).fragments_tiny, i + 1);
            x.segment.from_port ^= cases[i].offset == 0 ? 1 : 0;
            if (cases[i].offset == 0) assert_int_equal(next_oddities(&x), 0);
            x.segment.from_port ^= cases[i].offset == 0 ? 1 : 0;
            assert_int_equal(next_oddities(&x), NET_ODDITY_FRAGMENT_TINY);
            assert_int_equal(next_oddities(&x), 0);
        }
        x.datagram.ptr[12] = 0x50;
        push(&x, 50, 0, 24); /* a whole header is enough */
        assert_int_equal(push(&x, 50, 24, whole(&x)), NET_TCP);
        assert_whole(&x, 0);

        push(&x, 51, 0, 8);
        x.now_ns += NET_FRAGMENT_WAIT_NS + 1; /* who waits long is somebody else */
        assert_int_equal(next_oddities(&x), 0);
        fixture_done(&x);
    }
}

static void nothing_goes_beyond_65535(void **state)
{
    (void)state;
    static uint8_t body[65535];
    struct fixture x;
    fixture_init(&x, 4, 0);
    for (uint32_t total = 65514; total <= 65520; total++) { /* 65,515 and IP's 20 */
        buffer_clear(&x.datagram);
        x.segment.payload = bytes_of(body, total - 20);
        build_tcp(&x.datagram, &x.segment);
        uint64_t before = net_counters(x.net).fragments_oversized;
        push(&x, total, 0, 32768);
        push(&x, total, 32768, 65504);
        enum net_verdict v = push(&x, total, 65504, total);
        assert_int_equal(v, total <= 65515 ? NET_TCP : NET_OTHER);
        if (v == NET_TCP) assert_whole(&x, 0);
        assert_int_equal(net_counters(x.net).fragments_oversized,
                         before + (total > 65515));
    }
    fixture_done(&x);
}

/* ---- given up ---- */

static void time_ends_the_wait(void **state)
{
    (void)state;
    struct fixture x;
    fixture_init(&x, 4, 1000);
    push(&x, 1, 0, 496);
    x.now_ns += NET_FRAGMENT_WAIT_NS;
    assert_int_equal(push(&x, 1, 496, whole(&x)), NET_TCP);
    push(&x, 2, 0, 496);
    x.now_ns += NET_FRAGMENT_WAIT_NS + 1;
    assert_int_equal(push(&x, 2, 496, whole(&x)), NET_OTHER);
    assert_int_equal(net_counters(x.net).fragments_timed_out, 1);
    x.now_ns -= 3600 * SECOND; /* the clock does not go back */
    assert_int_equal(push(&x, 2, 0, 496), NET_TCP);
    assert_int_equal(net_counters(x.net).fragments_timed_out, 1);
    x.now_ns += 7200 * SECOND;
    push(&x, 3, 0, 496);
    assert_true(net_counters(x.net).fragment_bytes < 2048); /* all else is gone */
    fixture_done(&x);
}

static void too_many_datagrams_push_out_the_oldest(void **state)
{
    (void)state;
    struct fixture x;
    fixture_init(&x, 4, 1000);
    for (uint32_t id = 0; id <= NET_FRAGMENT_DATAGRAMS_MAX; id++) push(&x, id, 0, 496);
    assert_int_equal(net_counters(x.net).fragments_evicted, 1);
    assert_int_equal(push(&x, 1, 496, whole(&x)), NET_TCP); /* the second oldest */
    assert_int_equal(push(&x, 0, 496, whole(&x)), NET_OTHER);
    /* What is whole goes before what waits. */
    assert_int_equal(net_counters(x.net).fragments_evicted, 1);
    assert_int_equal(push(&x, 2, 496, whole(&x)), NET_TCP);
    fixture_done(&x);
}

static void flood(uint32_t frames, uint32_t step)
{
    struct fixture x;
    uint64_t seed = 88172645463325252;
    fixture_init(&x, 4, 2000);
    for (uint32_t i = 0; i < frames; i++) {
        uint32_t offset = step == 0 ? 24 : next_random(&seed) % 8000 * 8;
        struct net_piece piece = {offset, 1480, true};
        if (offset + 1480 > 65500) piece.length = 8;
        net_piece_push(x.net, "", &x.segment, step == 0 ? i : i / step, piece,
                       bytes_of(x.body, 1480), i, x.now_ns, &x.packet);
        assert_true(net_counters(x.net).fragment_bytes <= NET_FRAGMENT_BYTES_MAX);
    }
    assert_true(net_counters(x.net).fragments_evicted > 0);
    fixture_done(&x);
}

/* Of one piece each, and of many pieces all over the place. What they cost is counted
 * in tests/effort. */
static void floods_cost_bounded_memory(void **state)
{
    (void)state;
    static const uint32_t steps[] = {0, 3, 40};
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) flood(100000, steps[i]);
}

/* ---- tunnels and snaplen ---- */

static void tunnels_carry_fragments(void **state)
{
    (void)state;
    static const char *const prefixes[] = {UDP_IN_VXLAN, GRE_IN_IP, VLAN_TAG};
    for (int version = 4; version <= 6; version += 2) {
        struct fixture x;
        fixture_init(&x, version, 1000);
        for (uint32_t i = 0; i < ARRAY_LENGTH(prefixes); i++) {
            x.prefix = prefixes[i];
            assert_int_equal(push(&x, i, 496, whole(&x)), NET_OTHER);
            assert_int_equal(push(&x, i, 0, 496), NET_TCP);
            assert_whole(&x, 0);
            assert_int_equal(x.packet.tunnel_id, i == 0 ? 0x1234 : 0);
            assert_int_equal(x.packet.vlan, i == 2 ? 5 : 0);
        }
        fixture_done(&x);
    }
}

/* Fragments of IP-in-IP that carry fragments of the segment: both are put together, and
 * the outer one's bytes hold until the inner one has taken them. */
static void fragments_within_fragments(void **state)
{
    (void)state;
    struct fixture x;
    fixture_init(&x, 4, 1000);
    for (uint32_t half = 0; half < 2; half++) {
        struct buffer inner = {0};
        uint32_t at = half * 496, end = half == 0 ? 496 : whole(&x);
        net_piece_build(&inner, "", &x.segment, 9,
                        (struct net_piece){at, end - at, half == 0},
                        bytes_of(x.datagram.ptr + at, end - at));
        for (uint32_t k = 0; k < 2; k++) {
            struct buffer wire = {0};
            struct build_segment outer = x.segment;
            uint32_t from = k * 256, length = k == 0 ? 256 : (uint32_t)inner.len - 256;
            outer.from = "10.0.0.1";
            net_piece_build(&wire, "", &outer, 20 + half,
                            (struct net_piece){from, length, k == 0},
                            bytes_of(inner.ptr + from, length));
            wire.ptr[9] = 4; /* IP in IP */
            struct frame f = build_frame(&wire, 101);
            f.ref = ++x.ref;
            enum net_verdict v = net_decode(x.net, &f, &x.packet);
            assert_int_equal(v, half == 1 && k == 1 ? NET_TCP : NET_OTHER);
            if (v == NET_TCP) assert_whole(&x, 0);
            buffer_done(&wire);
        }
        buffer_done(&inner);
    }
    assert_int_equal(net_counters(x.net).fragments_reassembled, 3);
    fixture_done(&x);
}

static void snaplen_cuts_the_payload(void **state)
{
    (void)state;
    struct fixture x;
    for (size_t kept = 20; kept <= 496; kept += 17) {
        fixture_init(&x, 4, 1000);
        for (uint32_t at = 0; at < whole(&x); at += 496) {
            struct buffer wire = {0};
            uint32_t end = at + 496 < whole(&x) ? at + 496 : whole(&x);
            net_piece_build(&wire, "", &x.segment, 1,
                            (struct net_piece){at, end - at, end < whole(&x)},
                            bytes_of(x.datagram.ptr + at, end - at));
            struct frame f = build_frame(&wire, 101);
            if (f.data.len > 20 + kept) f.data.len = 20 + kept;
            f.captured = (uint32_t)f.data.len;
            enum net_verdict v = net_decode(x.net, &f, &x.packet);
            assert_int_equal(v, end == whole(&x) ? NET_TCP : NET_OTHER);
            buffer_done(&wire);
        }
        assert_int_equal(x.packet.payload_length, 1000);
        size_t captured = kept == 496 ? 1000 : kept - 20;
        assert_int_equal(x.packet.payload.len, captured);
        assert_memory_equal(x.packet.payload.ptr, x.body, captured);
        if (kept < 496) assert_int_equal(net_checksum(&x.packet), CHECKSUM_UNSEEN);
        fixture_done(&x);
    }
}

/* Every bit of the headers turned, every cut, with a datagram half there: whatever
 * comes out lies within what went in. */
static void damaged_pieces_are_survived(void **state)
{
    (void)state;
    struct guard_page guard;
    guard_page_init(&guard, 4096);
    for (int version = 4; version <= 6; version += 2) {
        struct fixture x;
        struct buffer wire = {0};
        fixture_init(&x, version, 200);
        net_piece_build(&wire, "", &x.segment, 1,
                        (struct net_piece){104, whole(&x) - 104, false},
                        bytes_of(x.datagram.ptr + 104, whole(&x) - 104));
        size_t bits = (version == 4 ? 20 : 48) * 8;
        for (size_t i = 0; i < bits + wire.len; i++) {
            struct net *n = net_new();
            struct frame f = build_frame(&wire, 101);
            struct packet p;
            net_piece_push(n, "", &x.segment, 1, (struct net_piece){0, 104, true},
                           buffer_bytes(&x.datagram), 1, 0, &p);
            if (i < bits) wire.ptr[i / 8] ^= (uint8_t)(1 << i % 8);
            f.data = guard_page_place(&guard, i < bits ? f.data
                                                       : bytes_first(f.data, i - bits));
            enum net_verdict v = net_decode(n, &f, &p);
            if (i < bits) wire.ptr[i / 8] ^= (uint8_t)(1 << i % 8);
            if (v == NET_TCP) {
                assert_true(p.payload_length <= 65535);
                assert_true(p.payload.len <= p.payload_length);
                net_checksum(&p);
            }
            net_free(n);
        }
        buffer_done(&wire);
        fixture_done(&x);
    }
    guard_page_done(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_come_in_any_order),
        cmocka_unit_test(repeated_pieces_change_nothing),
        cmocka_unit_test(datagrams_do_not_mix),
        cmocka_unit_test(lengths_must_be_whole_blocks),
        cmocka_unit_test(protocols_without_tcp_are_not_kept),
        cmocka_unit_test(first_bytes_win_in_ipv4),
        cmocka_unit_test(overlap_refuses_the_datagram_in_ipv6),
        cmocka_unit_test(random_overlaps_equal_the_model),
        cmocka_unit_test(tiny_first_pieces_are_refused),
        cmocka_unit_test(nothing_goes_beyond_65535),
        cmocka_unit_test(time_ends_the_wait),
        cmocka_unit_test(too_many_datagrams_push_out_the_oldest),
        cmocka_unit_test(floods_cost_bounded_memory),
        cmocka_unit_test(tunnels_carry_fragments),
        cmocka_unit_test(fragments_within_fragments),
        cmocka_unit_test(snaplen_cuts_the_payload),
        cmocka_unit_test(damaged_pieces_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
