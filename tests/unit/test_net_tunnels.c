/* net: tunnels within tunnels up to the caps, and what only looks like one. The ways
 * that lead to TCP are rows of net_cases.h. */
#include "hopscope/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "build_packet.h"
#include "net_cases.h"

enum { NEST_MAX = 50, NOISE_FRAMES = 20000 };

/* What one tunnel puts around a packet that begins with IP; its last layer is IP's
 * predecessor. */
static const struct nest_case {
    const char *name, *header;
} nest_cases[] = {
    {"IP in IP", OUT4("04")},
    {"4in6", OUT6("04")},
    {"GRE", OUT4("2f") "0000 0800"},
    {"GRE bridging", OUT4("2f") "0000 6558" MAC "0800"},
    {"GRE MPLS", OUT4("2f") "0000 8847 00010140"},
    {"ERSPAN II", OUT4("2f") "1000 88be 00000001 1001 0001 00000000" MAC "0800"},
    {"EtherIP", OUT4("61") "3000" MAC "0800"},
    {"PPTP", OUT4("2f") "3001 880b {-6}0001 00000001 57"},
    {"VXLAN", OUT4("11") UDP("12b5") "08000000 00123400" MAC "0800"},
    {"GENEVE", OUT4("11") UDP("17c1") "0000 6558 00000700" MAC "0800"},
    {"GTP-U", OUT4("11") UDP("0868") "30ff{-4}00000001"},
    {"GRE in UDP", OUT4("11") UDP("1292") "0000 0800"},
    {"MPLS in UDP", OUT4("11") UDP("19eb") "00010140"},
};

/* Deeper than the caps is told, not followed; and up to them nothing is lost. */
static void nesting_ends_at_the_cap(void **state)
{
    (void)state;
    struct net *n = net_new();
    for (size_t i = 0; i < ARRAY_LENGTH(nest_cases); i++) {
        struct buffer prefix = {0};
        buffer_append_text(&prefix, MAC "0800");
        for (int depth = 1; depth <= NEST_MAX; depth++) {
            struct buffer wire = {0};
            struct packet p;
            struct build_segment s = build_request(4);
            buffer_append_text(&prefix, nest_cases[i].header);
            buffer_append(&prefix, bytes_of("", 1));
            net_case_build(&wire, (const char *)prefix.ptr, &s);
            prefix.len--;
            struct frame f = build_frame(&wire, 1);
            enum net_verdict v = net_decode(n, &f, &p);
            enum net_verdict expected =
                depth <= NET_TUNNELS_MAX ? NET_TCP : NET_UNDECODED;
            if (v != expected) fail_msg("%d x %s: %d", depth, nest_cases[i].name, v);
            assert_int_equal(p.oddities, v == NET_TCP ? 0 : NET_ODDITY_LAYERS_EXCEEDED);
            if (v == NET_TCP) assert_true(bytes_equal(p.payload, s.payload));
            if (v == NET_TCP) assert_int_equal(net_checksum(&p), CHECKSUM_GOOD);
            buffer_done(&wire);
        }
        buffer_done(&prefix);
    }
    struct net_counters c = net_counters(n);
    assert_int_equal(c.layers_exceeded,
                     ARRAY_LENGTH(nest_cases) * (NEST_MAX - NET_TUNNELS_MAX));
    assert_int_equal(c.tunnels_exceeded, c.layers_exceeded);
    net_free(n);
}

/* None of these is a tunnel that leads to TCP, and none is an error. A case has an IP
 * packet with TCP behind it, which must not be found. */
static const struct {
    const char *name, *prefix;
} other_cases[] = {
    {"UDP", UDP4("1000")},
    {"VXLAN without its flag", UDP4("12b5") "00000000 00123400" MAC "0800"},
    {"VXLAN, reserved byte", UDP4("12b5") "08000000 00123401" MAC "0800"},
    {"VXLAN, reserved bytes", UDP4("12b5") "08000100 00123400" MAC "0800"},
    {"VXLAN, reserved flag", UDP4("12b5") "28000000 00123400" MAC "0800"},
    {"GPE of nothing", UDP4("12b6") "0c000000 00123400"},
    {"GPE of NSH", UDP4("12b6") "0c000004 00123400"},
    {"GPE of the unknown", UDP4("12b6") "0c000077 00123400"},
    {"GENEVE of version 1", UDP4("17c1") "4000 6558 00000700" MAC "0800"},
    {"GENEVE control", UDP4("17c1") "0080 6558 00000700" MAC "0800"},
    {"GENEVE, reserved byte", UDP4("17c1") "0000 6558 00000701" MAC "0800"},
    {"GENEVE of the unknown", UDP4("17c1") "0000 1234 00000700" MAC "0800"},
    {"GENEVE of a length", UDP4("17c1") "0000 0044 00000700"
                                        "aaaa03 000000 0800"},
    {"GTP of version 2", UDP4("0868") "50ff{-4}00000001"},
    {"GTP'", UDP4("0868") "20ff{-4}00000001"},
    {"GTP echo", UDP4("0868") "3001{-4}00000001"},
    {"GTP, too long", UDP4("0868") "30ff{-3}00000001"},
    {"GTP extension of length 0", UDP4("0868") "34ff{-4}00000001 0000 00 85 00 000000"},
    {"GTP of no IP", UDP4("0868") "30ff{-4}00000001 20"},
    {"Teredo of IPv4", UDP4("0dd8")},
    {"AYIYA echo", UDP4("13d0") "01 00 02 04 5f000000 ff"},
    {"AYIYA of TCP", UDP4("13d0") "01 00 01 06 5f000000 ff"},
    {"AYIYA, unknown identity", UDP4("13d0") "0f 00 01 04 5f000000 ff"},
    {"GRE in UDP, version 1", UDP4("1292") "0001 0800"},
    {"GRE in UDP, reserved bit", UDP4("1292") "0010 0800"},
    {"MPLS in UDP, never ending",
     UDP4("19eb") "0001004000010040000100400001004000010040"
                  "000100400001004000010040"},
    {"MPLS in UDP, dead", UDP4("19eb") "00010100"},
    {"UDP of length 7", ETH4("11") "c000 1000 0007 0000"},
    {"GRE of the unknown", ETH4("2f") "0000 1234"},
    {"GRE of a length", ETH4("2f") "0000 0044 aaaa03 000000 0800"},
    {"PPTP without payload", ETH4("2f") "2081 880b 0000 0001 00000001"},
    {"PPTP, encrypted", ETH4("2f") "3001 880b {-6}0001 00000001 00fd"},
    {"ERSPAN of version 7",
     ETH4("2f") "1000 88be 00000001 7001 0001 00000000" MAC "0800"},
    {"EtherIP of version 2", ETH4("61") "2000" MAC "0800"},
    {"L2TP control", UDP4("06a5") "c802 {0} 0001 0002 0003 0004 ff03 0021"},
    {"L2TP of version 3", UDP4("06a5") "0003 0001 0002 ff03 0021"},
    {"L2TP, encrypted", UDP4("06a5") "0002 0001 0002 ff03 0053"},
    {"LISP of no IP", UDP4("10f5") "c0 123456 00000001 20"},
    {"TZSP of version 2", UDP4("9090") "02 00 0001 01" MAC "0800"},
    {"TZSP, sent", UDP4("9090") "01 01 0001 01" MAC "0800"},
    {"TZSP of another link", UDP4("9090") "01 00 0077 01" MAC "0800"},
    {"GRE of an access point, beacon", ETH4("2f") "0000 8200" WIFI("8000")},
    {"MACsec, encrypted", MAC "88e5 0c 00 00000001 0800"},
    {"metadata tag of version 2", MAC "8909 02 01 0001 0007 0800"},
    {"TRILL of version 1", MAC "22f3 4006 0001 0002" MAC "0800"},
    {"NSH of version 1", MAC "894f 4fc2 02 01 00000102"},
    {"NSH of one word", MAC "894f 0fc1 02 01"},
    {"NSH of the unknown", MAC "894f 0fc2 02 09 00000102"},
};

static void what_only_looks_like_a_tunnel_is_other(void **state)
{
    (void)state;
    struct net *n = net_new();
    for (size_t i = 0; i < ARRAY_LENGTH(other_cases); i++) {
        struct buffer wire = {0};
        struct packet p;
        struct build_segment s = build_request(4);
        net_case_build(&wire, other_cases[i].prefix, &s);
        struct frame f = build_frame(&wire, 1);
        enum net_verdict v = net_decode(n, &f, &p);
        if (v != NET_OTHER) fail_msg("%s: %d", other_cases[i].name, v);
        buffer_done(&wire);
    }
    net_free(n);
}

/* A Teredo client's packets to and from a relay, whose port may be any. */
static void teredo_is_told_by_its_addresses(void **state)
{
    (void)state;
    static const char teredo[] = "2001:0:4137:9e50:8000:f12a:b9c8:2815";
    static const struct {
        const char *from, *to, *prefix;
        enum net_verdict verdict;
    } cases[] = {
        {teredo, "2001:db8::80", UDP4("8084"), NET_TCP},
        {"2001:db8::80", teredo, UDP6("8084"), NET_TCP},
        {teredo, "2001:db8::80", /* a byte too many */
         MAC "0800 4500{5}00010000 40110000 0a000001 0a000002 c000 8084 {7}0000 |00",
         NET_OTHER},
        {"2001:1::1", "2001:db8::80", UDP4("8084"), NET_OTHER},
    };
    struct net *n = net_new();
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct buffer wire = {0};
        struct packet p;
        struct build_segment s = build_request(6);
        s.from = cases[i].from, s.to = cases[i].to;
        net_case_build(&wire, cases[i].prefix, &s);
        struct frame f = build_frame(&wire, 1);
        enum net_verdict v = net_decode(n, &f, &p);
        if (v != cases[i].verdict) fail_msg("%zu: %d", i, v);
        if (v == NET_TCP) assert_true(bytes_equal(p.payload, s.payload));
        buffer_done(&wire);
    }
    net_free(n);
}

static void malformed_gre_is_undecoded(void **state)
{
    (void)state;
    static const char *const prefixes[] = {
        ETH4("2f") "0002 0800",                          /* version */
        ETH4("2f") "3001 0800 {-6}0001 00000001 57",     /* version 1 of no PPP */
        ETH4("2f") "1001 880b {-6}0001 00000001 57",     /* ... without its length */
        ETH4("2f") "4000 0800 00000000 0800 00 ff 0a00", /* routes without an end */
    };
    struct net *n = net_new();
    for (size_t i = 0; i < ARRAY_LENGTH(prefixes); i++) {
        struct buffer wire = {0};
        struct packet p;
        struct build_segment s = build_request(4);
        net_case_build(&wire, prefixes[i], &s);
        struct frame f = build_frame(&wire, 1);
        assert_int_equal(net_decode(n, &f, &p), NET_UNDECODED);
        buffer_done(&wire);
    }
    net_free(n);
}

/* xorshift64: the same on every run. */
static uint32_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)(*seed >> 16);
}

/* Whatever a stranger sends to a tunnel's port is no TCP and no error. */
static void noise_to_tunnel_ports_is_other(void **state)
{
    (void)state;
    static const char *const ports[] = {"12b5", "2118", "12b6", "17c1", "0868",
                                        "0dd8", "13d0", "1292", "19eb", "06a5",
                                        "10f5", "9090", "8084"};
    struct net *n = net_new();
    uint64_t seed = 0x94d049bb133111eb, tcp = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(ports) * NOISE_FRAMES; i++) {
        struct buffer wire = {0};
        struct packet p;
        build_hex(&wire, MAC "0800 45000000 00010000 40110000 0a000001 0a000002 c000");
        build_hex(&wire, ports[i % ARRAY_LENGTH(ports)]);
        build_hex(&wire, "0000 0000");
        for (uint32_t k = next_random(&seed) % 120; k > 0; k--)
            build_8(&wire, next_random(&seed) & 0xff);
        struct frame f = build_frame(&wire, 1);
        enum net_verdict v = net_decode(n, &f, &p);
        tcp += v == NET_TCP;
        if (v != NET_OTHER && v != NET_TCP)
            fail_msg("port %s: %d", ports[i % ARRAY_LENGTH(ports)], v);
        buffer_done(&wire);
    }
    assert_int_equal(tcp, 0);
    net_free(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nesting_ends_at_the_cap),
        cmocka_unit_test(what_only_looks_like_a_tunnel_is_other),
        cmocka_unit_test(teredo_is_told_by_its_addresses),
        cmocka_unit_test(malformed_gre_is_undecoded),
        cmocka_unit_test(noise_to_tunnel_ports_is_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
