/* net: every link type, what IP's and TCP's headers say, and where the caps are. */
#include "hopscope/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "build_packet.h"
#include "net_cases.h"

static enum net_verdict decode(const struct frame *f, struct packet *p)
{
    struct net *n = net_new();
    memset(p, 0xa5, sizeof(*p)); /* nothing may be left as it was */
    enum net_verdict verdict = net_decode(n, f, p);
    struct net_counters c = net_counters(n);
    const uint64_t counts[] = {c.tcp, c.other, c.truncated, c.undecoded};
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++)
        assert_int_equal(counts[i], i == (size_t)verdict);
    assert_int_equal(c.layers_exceeded,
                     (p->oddities & NET_ODDITY_LAYERS_EXCEEDED) != 0);
    net_free(n);
    return verdict;
}

static void assert_endpoint(const struct endpoint *e, int version, const char *address,
                            uint16_t port)
{
    char text[ADDRESS_TEXT_MAX];
    endpoint_format_address(e, text);
    assert_string_equal(text, address);
    assert_int_equal(e->version, version);
    assert_int_equal(e->port, port);
    for (size_t i = 4; version == 4 && i < sizeof(e->address); i++)
        assert_int_equal(e->address[i], 0);
}

static void assert_segment(const struct packet *p, const struct build_segment *s)
{
    assert_endpoint(&p->from, s->version, s->from, s->from_port);
    assert_endpoint(&p->to, s->version, s->to, s->to_port);
    assert_int_equal(p->seq, s->seq);
    assert_int_equal(p->ack, s->ack);
    assert_int_equal(p->window, s->window);
    assert_int_equal(p->urgent, s->urgent);
    assert_int_equal(p->flags, s->flags);
    assert_int_equal(p->ttl, s->ttl);
    assert_int_equal(p->ip_id, s->version == 4 ? s->ip_id : 0);
    assert_int_equal(p->oddities, 0);
    assert_int_equal(p->payload_length, s->payload.len);
    assert_true(bytes_equal(p->payload, s->payload));
    assert_int_equal(net_checksum(p), CHECKSUM_GOOD);
}

static void every_link_type_leads_to_tcp(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(net_cases); i++) {
        const struct net_case *c = &net_cases[i];
        struct buffer wire = {0};
        struct build_segment s = build_request(c->version);
        net_case_build(&wire, c->prefix, &s);
        struct frame f = build_frame(&wire, c->link_type);
        struct packet p;
        enum net_verdict verdict = decode(&f, &p);
        if (verdict != NET_TCP || p.vlan != c->vlan || p.tunnel_id != c->tunnel_id)
            fail_msg("%s: verdict %d, VLAN %d, tunnel %x", c->name, verdict, p.vlan,
                     p.tunnel_id);
        assert_ptr_equal(p.frame, &f);
        assert_segment(&p, &s);

        build_zeros(&wire, 11); /* what links pad is no payload */
        f = build_frame(&wire, c->link_type);
        assert_int_equal(decode(&f, &p), NET_TCP);
        assert_segment(&p, &s);
        buffer_done(&wire);
    }
}

struct other_case {
    const char *name;
    const char *hex;
    uint32_t link_type;
    enum net_verdict verdict;
};

#define IP4_TO    "c0000201 c0000202 "
#define IP6_AT(x) "20010db80000000000000000000000" x " "
#define IP6_TO    IP6_AT("01") IP6_AT("02")
#define TCP20     "9c40 0050 00000001 00000002 5010 01f6 0000 0000 "
#define IP4       "45000028 42420000 40060000 " IP4_TO
#define TAG       "8100 0001 "
#define FOUR(x)   x x x x
#define OPTIONS8  "3c00 010400000000 " /* destination options, another behind them */

/* clang-format off */
static const struct other_case other_cases[] = {
    { "unknown link type",       "45000028", 9999, NET_UNDECODED },
    { "nothing",                 "", 1, NET_UNDECODED },
    { "ARP",                     MAC "0806 00010800", 1, NET_OTHER },
    { "LLC spanning tree",       MAC "0026 424203 0000", 1, NET_OTHER },
    { "SNAP of a vendor",        MAC "0026 aaaa03 00000c 2000 00", 1, NET_OTHER },
    { "type that is a length within SNAP", MAC "0026 aaaa03 000000 0010 aaaa03", 1, NET_OTHER },
    { "PPPoE discovery type",    MAC "8863 1109 0000 0004 01010000", 1, NET_OTHER },
    { "PPPoE discovery code",    "1109 0000 0004 01010000", 51, NET_OTHER },
    { "PPPoE of another version", "2100 0000 0004 00210000", 51, NET_UNDECODED },
    { "PPP control protocol",    "ff03 c021 01010004", 9, NET_OTHER },
    { "SLL, no EtherType",       "0000 0338 0000 0000000000000000 0001", 113, NET_OTHER },
    { "unknown family",          "07000000 45000028", 0, NET_OTHER },
    { "raw, neither 4 nor 6",    "55000028", 101, NET_UNDECODED },
    { "C_HDLC keep-alive",       "8f00 8035 00000002", 104, NET_OTHER },
    { "MPLS channel",            MAC "8847 00010140 10000021" FOUR("00000000"), 1, NET_OTHER },
    { "MPLS, nothing known",     MAC "8847 00010140 20000021" FOUR("00000000"), 1, NET_OTHER },
    { "nine tags",               MAC FOUR(TAG) FOUR(TAG) TAG "0800" IP4 TCP20, 1, NET_UNDECODED },
    { "nine labels",             MAC "8847" FOUR("00010040") FOUR("00010040") "00010140" IP4 TCP20, 1, NET_UNDECODED },
    { "IPv4 type, IPv6 inside",  MAC "0800 60000000 0014 06 40" IP6_TO TCP20, 1, NET_TCP },
    { "IPv6 type, IPv4 inside",  MAC "86dd" IP4 TCP20, 1, NET_TCP },
    { "IPv4 header under 20",    "44000028 42420000 40060000 " IP4_TO TCP20, 228, NET_UNDECODED },
    { "IPv4 total under header", "45000013 42420000 40060000 " IP4_TO TCP20, 228, NET_UNDECODED },
    { "IPv4 total cuts TCP",     "45000027 42420000 40060000 " IP4_TO TCP20, 228, NET_UNDECODED },
    { "IPv4 UDP",                "45000028 42420000 40110000 " IP4_TO TCP20, 228, NET_OTHER },
    { "IPv4 first fragment",     "45000028 42422000 40060000 " IP4_TO TCP20, 228, NET_OTHER },
    { "IPv4 last fragment",      "45000028 42420010 40060000 " IP4_TO TCP20, 228, NET_OTHER },
    { "TCP offset under 5",      IP4 "9c40 0050 00000001 00000002 4010 01f6 0000 0000", 228, NET_UNDECODED },
    { "TCP offset past the end", IP4 "9c40 0050 00000001 00000002 6010 01f6 0000 0000", 228, NET_UNDECODED },
    { "IPv6 no next header",     "60000000 0000 3b 40" IP6_TO, 229, NET_OTHER },
    { "IPv6 first fragment",     "60000000 001c 2c 40" IP6_TO "0600 0001 00000001" TCP20, 229, NET_OTHER },
    { "IPv6 last fragment",      "60000000 001c 2c 40" IP6_TO "0600 0100 00000001" TCP20, 229, NET_OTHER },
    { "IPv6 options cut by length", "60000000 0008 3c 40" IP6_TO "0601 010400000000" TCP20, 229, NET_UNDECODED },
    { "IPv6 seventeen options",  "60000000 ffff 3c 40" IP6_TO FOUR(FOUR(OPTIONS8)) TCP20, 229, NET_UNDECODED },
    { "IPv6 extensions over 1 KiB", "60000000 ffff 3c 40" IP6_TO "3c7f", 229, NET_UNDECODED },
};
/* clang-format on */

static void what_is_not_tcp_is_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(other_cases); i++) {
        const struct other_case *c = &other_cases[i];
        struct buffer wire = {0};
        build_hex(&wire, c->hex);
        struct frame f = build_frame(&wire, c->link_type);
        struct packet p;
        enum net_verdict verdict = decode(&f, &p);
        if (verdict != c->verdict) fail_msg("%s: verdict %d", c->name, verdict);
        buffer_done(&wire);
    }
}

static void fragments_are_counted(void **state)
{
    (void)state;
    struct net *n = net_new();
    for (size_t i = 0; i < ARRAY_LENGTH(other_cases); i++) {
        struct buffer wire = {0};
        struct packet p;
        build_hex(&wire, other_cases[i].hex);
        struct frame f = build_frame(&wire, other_cases[i].link_type);
        net_decode(n, &f, &p);
        buffer_done(&wire);
    }
    assert_int_equal(net_counters(n).fragments, 4);
    assert_int_equal(net_counters(n).layers_exceeded, 3);
    net_free(n);
    net_free(NULL);
}

struct way_case {
    const char *name;
    int version;
    const char *hex; /* from the IP header to TCP */
    const char *to;  /* where the segment goes in the end */
};

#define V6(next) "60000000 0000 " next " 40" IP6_TO
#define AH       "0604 0000 00000001 00000002 " FOUR("00") FOUR("00") FOUR("00")

/* clang-format off */
static const struct way_case way_cases[] = {
    { "IPv4 options",    4, "46000000 42420000 40060000 " IP4_TO "01010100", "192.0.2.2" },
    { "IPv4 AH",         4, "45000000 42420000 40330000 " IP4_TO AH, "192.0.2.2" },
    { "hop by hop",      6, V6("00") "0600 c2040000ffff", "2001:db8::2" },
    { "destination",     6, V6("3c") "0601 010c" FOUR("000000"), "2001:db8::2" },
    { "atomic fragment", 6, V6("2c") "0600 0000 00000001", "2001:db8::2" },
    { "IPv6 AH",         6, V6("33") AH, "2001:db8::2" },
    { "sixteen options", 6, V6("3c") FOUR(OPTIONS8) FOUR(OPTIONS8) FOUR(OPTIONS8)
                            OPTIONS8 OPTIONS8 OPTIONS8 "0600 010400000000", "2001:db8::2" },
    { "source route",    6, V6("2b") "0604 0001 00000000" IP6_AT("98") IP6_AT("99"), "2001:db8::99" },
    { "home address",    6, V6("2b") "0602 0201 00000000" IP6_AT("99"), "2001:db8::99" },
    { "segment routing", 6, V6("2b") "0604 0401 01000000" IP6_AT("99") IP6_AT("98"), "2001:db8::99" },
    { "route walked",    6, V6("2b") "0602 0000 00000000" IP6_AT("99"), "2001:db8::2" },
    { "unknown route",   6, V6("2b") "0602 0901 00000000" IP6_AT("99"), "2001:db8::2" },
    { "route of nothing",6, V6("2b") "0600 0001 00000000", "2001:db8::2" },
};
/* clang-format on */

static void headers_between_ip_and_tcp_are_passed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(way_cases); i++) {
        const struct way_case *c = &way_cases[i];
        struct buffer wire = {0};
        struct build_segment s = build_request(c->version);
        s.from = c->version == 4 ? "192.0.2.1" : "2001:db8::1";
        s.to = c->to;
        build_hex(&wire, c->hex);
        build_tcp(&wire, &s);
        struct frame f = build_frame(&wire, c->version == 4 ? 228 : 229);
        struct packet p;
        if (decode(&f, &p) != NET_TCP) fail_msg("%s", c->name);
        assert_segment(&p, &s);
        buffer_done(&wire);
    }
}

/* A host that is away: its care-of address is the header's, its home address an
 * option, and TCP knows no other (RFC 6275, section 11.3.1). */
static void a_home_address_is_the_senders(void **state)
{
    (void)state;
    static const struct {
        const char *hex, *from;
    } cases[] = {
        {V6("3c") "0602 01020000 c910" IP6_AT("77"), "2001:db8::77"},
        {V6("3c") "0603 c910" IP6_AT("77") "010a" FOUR("00") FOUR("00") "0000",
         "2001:db8::77"},
        {V6("3c") "0602 0000 c912" IP6_AT("77") "0000", "2001:db8::1"}, /* too long */
        {V6("3c") "0600 0000 c910 0000", "2001:db8::1"},                /* cut short */
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct buffer wire = {0};
        struct build_segment s = build_request(6);
        s.from = cases[i].from;
        s.to = "2001:db8::2";
        build_hex(&wire, cases[i].hex);
        build_tcp(&wire, &s);
        struct frame f = build_frame(&wire, 229);
        struct packet p;
        if (decode(&f, &p) != NET_TCP) fail_msg("%zu", i);
        assert_segment(&p, &s);
        buffer_done(&wire);
    }
}

struct options_case {
    const char *name, *hex;
    struct tcp_options expected;
};

/* clang-format off */
static const struct options_case options_cases[] = {
    { "none", "", {0} },
    { "a SYN's", "020405b4 0402 080a 00000001 00000002 01 030307",
      { .mss = 1460, .window_shift = 7, .has_window_shift = true, .has_sack_permitted = true,
        .has_timestamps = true, .timestamp = 1, .timestamp_echo = 2 } },
    { "timestamps as usual", "0101080a 80000001 00000002",
      { .has_timestamps = true, .timestamp = 0x80000001, .timestamp_echo = 2 } },
    { "timestamps behind", "080a 00000007 00000008 0101",
      { .has_timestamps = true, .timestamp = 7, .timestamp_echo = 8 } },
    { "twelve others", "0101050a 00000007 00000008", {0} },
    { "shift 0", "030300", { .has_window_shift = true } },
    { "shift 14", "03030e", { .has_window_shift = true, .window_shift = 14 } },
    { "shift 255", "0303ff", { .has_window_shift = true, .window_shift = 14 } },
    { "after the end", "00 020405b4", {0} },
    { "length 0", "020405b4 0500 0402", { .mss = 1460 } },
    { "length 1", "020405b4 0501 0402", { .mss = 1460 } },
    { "length past the end", "020405b4 0340", { .mss = 1460 } },
    { "kind alone at the end", "020405b4 010101 03", { .mss = 1460 } },
    { "MSS of another length", "020505b400 0402", { .has_sack_permitted = true } },
    { "unknown kind", "1e0401ff 0402", { .has_sack_permitted = true } },
    { "forty bytes of NOP", "01010101010101010101010101010101010101010101010101010101010101010101010101010402",
      { .has_sack_permitted = true } },
};
/* clang-format on */

static void tcp_options_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(options_cases); i++) {
        struct buffer wire = {0}, options = {0};
        struct build_segment s = build_request(4 + 2 * (int)(i % 2));
        build_hex(&options, options_cases[i].hex);
        s.options = buffer_bytes(&options);
        build_ethernet(&wire, &s);
        struct frame f = build_frame(&wire, 1);
        struct packet p;
        assert_int_equal(decode(&f, &p), NET_TCP);
        assert_segment(&p, &s);
        const struct tcp_options *e = &options_cases[i].expected;
        if (e->mss != p.options.mss || e->window_shift != p.options.window_shift ||
            e->has_window_shift != p.options.has_window_shift ||
            e->has_sack_permitted != p.options.has_sack_permitted ||
            e->has_timestamps != p.options.has_timestamps ||
            e->timestamp != p.options.timestamp ||
            e->timestamp_echo != p.options.timestamp_echo)
            fail_msg("options: %s", options_cases[i].name);
        buffer_done(&wire);
        buffer_done(&options);
    }
}

static void lengths_come_from_ip_within_the_wire(void **state)
{
    (void)state;
    struct build_segment s = build_request(4);
    struct buffer wire = {0};
    build_ethernet(&wire, &s);
    struct frame f = build_frame(&wire, 1);
    struct packet p;

    build_patch_16(&wire, 16, 0); /* left to the card */
    assert_int_equal(decode(&f, &p), NET_TCP);
    assert_int_equal(p.payload_length, s.payload.len);

    build_patch_16(&wire, 16, 1500); /* more than the wire had */
    assert_int_equal(decode(&f, &p), NET_TCP);
    assert_int_equal(p.payload_length, s.payload.len);
    assert_int_equal(p.payload.len, s.payload.len);

    f.length = 1514; /* the snaplen cut it */
    assert_int_equal(decode(&f, &p), NET_TCP);
    assert_int_equal(p.payload_length, 1460);
    assert_int_equal(p.payload.len, s.payload.len);
    assert_int_equal(net_checksum(&p), CHECKSUM_UNSEEN);

    f.length = 9000; /* and cut padding with it */
    assert_int_equal(decode(&f, &p), NET_TCP);
    assert_int_equal(p.payload_length, 1460);
    buffer_done(&wire);
}

static void segments_over_64_kib_are_taken_whole(void **state)
{
    (void)state;
    static uint8_t body[200000];
    for (size_t i = 0; i < sizeof(body); i++) body[i] = (uint8_t)(i * 7 + i / 251);
    for (int version = 4; version <= 6; version += 2) {
        struct build_segment s = build_request(version);
        struct buffer wire = {0};
        s.payload = bytes_of(body, sizeof(body));
        build_ethernet(&wire, &s);
        build_patch_16(&wire, version == 4 ? 16 : 18, 0);
        struct frame f = build_frame(&wire, 1);
        struct packet p;
        assert_int_equal(decode(&f, &p), NET_TCP);
        assert_segment(&p, &s);
        buffer_done(&wire);
    }
}

static void checksum_sees_every_bit_and_length(void **state)
{
    (void)state;
    uint8_t body[67];
    for (size_t length = 0; length <= sizeof(body); length++) {
        for (size_t i = 0; i < length; i++) body[i] = (uint8_t)(0xff - i * 3);
        struct build_segment s = build_request(length % 2 ? 4 : 6);
        struct buffer wire = {0};
        s.payload = bytes_of(body, length);
        build_ethernet(&wire, &s);
        struct frame f = build_frame(&wire, 1);
        struct packet p;
        assert_int_equal(decode(&f, &p), NET_TCP);
        assert_int_equal(net_checksum(&p), CHECKSUM_GOOD);
        size_t start = wire.len - 20 - length;
        for (size_t bit = 0; bit < (20 + length) * 8; bit++) {
            wire.ptr[start + bit / 8] ^= (uint8_t)(1 << bit % 8);
            if (bit / 8 != 12 && decode(&f, &p) == NET_TCP)
                assert_int_equal(net_checksum(&p), CHECKSUM_BAD);
            wire.ptr[start + bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        buffer_done(&wire);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_link_type_leads_to_tcp),
        cmocka_unit_test(what_is_not_tcp_is_told_apart),
        cmocka_unit_test(fragments_are_counted),
        cmocka_unit_test(headers_between_ip_and_tcp_are_passed),
        cmocka_unit_test(a_home_address_is_the_senders),
        cmocka_unit_test(tcp_options_are_read),
        cmocka_unit_test(lengths_come_from_ip_within_the_wire),
        cmocka_unit_test(segments_over_64_kib_are_taken_whole),
        cmocka_unit_test(checksum_sees_every_bit_and_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
