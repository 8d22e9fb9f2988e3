/* net: 802.11 frames that carry nothing for us, damaged ones, and several packets in
 * one frame. The ways that lead to TCP are rows of net_cases.h. */
#include "hopscope/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "build_packet.h"
#include "guard_page.h"
#include "net_cases.h"

static const struct {
    const char *name, *prefix;
    uint32_t link_type;
    enum net_verdict verdict;
} other_cases[] = {
    {"acknowledgement", "d400 0000 020000000001 |", 105, NET_OTHER},
    {"beacon", WIFI("8000") SNAP4, 105, NET_OTHER},
    {"null", WIFI("4801") SNAP4, 105, NET_OTHER},
    {"QoS null", WIFI("c801") "0000" SNAP4, 105, NET_OTHER},
    {"encrypted", WIFI("8841") "0000" SNAP4, 105, NET_OTHER},
    {"first fragment", WIFI("0805") SNAP4, 105, NET_OTHER},
    {"later fragment", "0801 0000" MAC "020000000003 1100" SNAP4, 105, NET_OTHER},
    {"another version", WIFI("0901") SNAP4, 105, NET_UNDECODED},
    {"unit too long", WIFI("8801") "8000" MAC "{1}" SNAP4, 105, NET_UNDECODED},
    {"radiotap of another version", "0100 0800 00000000" WIFI("0801") SNAP4, 127,
     NET_UNDECODED},
    {"radiotap too short", "0000 0700 00000000" WIFI("0801") SNAP4, 127, NET_UNDECODED},
    {"bad FCS", "0000 0900 02000000 50" WIFI("0801") SNAP4 "|12345678", 127,
     NET_UNDECODED},
    {"PPI of another version", "01 00 0800 69000000" WIFI("0801") SNAP4, 192,
     NET_UNDECODED},
    {"PPI of an unknown link", "00 00 0800 ff7f0000" WIFI("0801") SNAP4, 192,
     NET_UNDECODED},
    {"PPI, bad FCS",
     "00 00 1600 69000000 0200 0a00 0000000000000000 0500" WIFI("0801") SNAP4, 192,
     NET_UNDECODED},
    {"NFLOG, length 3", "02 00 0007 0300 0900", 239, NET_UNDECODED},
    {"NFLOG of ARP", "07 00 0000 0800 0900 00010800 |", 239, NET_OTHER},
    {"PKTAP without a packet", "6c000000 00000000 01000000", 258, NET_OTHER},
    {"PKTAP too short", "6b000000 01000000 01000000", 258, NET_UNDECODED},
    {"Frame Relay, endless address", "1840404040 03 cc", 107, NET_UNDECODED},
    {"Frame Relay management", "0001 03 08 0075", 107, NET_OTHER},
    {"Frame Relay, another organisation", "1841 03 00 80 00000c 0800", 107, NET_OTHER},
    {"IPNET, unknown family", "01 07 0001 00000000 00000001 00000000 00000000 00000000",
     226, NET_OTHER},
};

static void what_is_not_tcp_is_told_apart(void **state)
{
    (void)state;
    struct net *n = net_new();
    for (size_t i = 0; i < ARRAY_LENGTH(other_cases); i++) {
        struct buffer wire = {0};
        struct packet p;
        struct build_segment s = build_request(4);
        net_case_build(&wire, other_cases[i].prefix, &s);
        struct frame f = build_frame(&wire, other_cases[i].link_type);
        enum net_verdict v = net_decode(n, &f, &p);
        if (v != other_cases[i].verdict) fail_msg("%s: %d", other_cases[i].name, v);
        buffer_done(&wire);
    }
    net_free(n);
}

/* A unit with its length, filled up to four unless it is the last. */
static void build_unit(struct buffer *w, const struct build_segment *s, bool is_last)
{
    size_t start = w->len;
    net_case_build(w, s->version == 4 ? MAC "{0}" SNAP4 : MAC "{0}" SNAP6, s);
    if (!is_last) build_zeros(w, (4 - (w->len - start) % 4) % 4);
}

static void build_units(struct buffer *w, struct build_segment *units, size_t count)
{
    build_hex(w, "0000 0900 02000000 10" WIFI("8801") "8000");
    for (size_t i = 0; i < count; i++) build_unit(w, &units[i], i + 1 == count);
    build_hex(w, "12345678"); /* FCS, which is no unit */
}

static void every_unit_is_a_packet(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 9; count++) {
        struct build_segment units[9];
        struct buffer wire = {0};
        struct net *n = net_new();
        struct packet p;
        for (size_t i = 0; i < count; i++) {
            units[i] = build_request(i % 3 == 2 ? 6 : 4);
            units[i].seq += (uint32_t)i;
            units[i].payload.len -= i; /* every alignment */
        }
        build_units(&wire, units, count);
        struct frame f = build_frame(&wire, 127);
        enum net_verdict v = net_decode(n, &f, &p);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(v, NET_TCP);
            assert_ptr_equal(p.frame, &f);
            assert_int_equal(p.seq, units[i].seq);
            assert_int_equal(p.payload_length, units[i].payload.len);
            assert_int_equal(net_checksum(&p), CHECKSUM_GOOD);
            assert_int_equal(net_has_more(n), i + 1 < count);
            if (net_has_more(n)) v = net_decode_more(n, &f, &p);
        }
        assert_int_equal(net_counters(n).tcp, count);

        net_decode(n, &f, &p); /* who does not ask for the rest does not get it */
        f.link_type = 1;
        net_decode(n, &f, &p);
        assert_false(net_has_more(n));
        net_free(n);
        buffer_done(&wire);
    }
}

static void damaged_units_are_survived(void **state)
{
    (void)state;
    struct guard_page guard;
    struct net *n = net_new();
    struct build_segment units[3] = {build_request(4), build_request(6),
                                     build_request(4)};
    struct buffer wire = {0};
    struct packet p;
    guard_page_init(&guard, 4096);
    build_units(&wire, units, 3);
    for (size_t i = 0; i < wire.len * 9; i++) {
        struct frame f = build_frame(&wire, 127);
        size_t bit = i < wire.len * 8 ? i : 0;
        if (i < wire.len * 8) wire.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
        f.data = guard_page_place(
            &guard, i < wire.len * 8 ? f.data : bytes_first(f.data, i - wire.len * 8));
        if (i < wire.len * 8) wire.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
        size_t packets = 1;
        (void)net_decode(n, &f, &p);
        while (net_has_more(n)) {
            enum net_verdict v = net_decode_more(n, &f, &p);
            assert_in_range(v, NET_TCP, NET_UNDECODED);
            assert_true(++packets < wire.len);
        }
    }
    guard_page_done(&guard);
    buffer_done(&wire);
    net_free(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_tcp_is_told_apart),
        cmocka_unit_test(every_unit_is_a_packet),
        cmocka_unit_test(damaged_units_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
