/* One row for each way to TCP that net knows: the bytes before the IP header. Lengths
 * that are not known before the case is built stand as {n}: sixteen bits, the bytes
 * behind the field plus n; {n}l is little-endian. What follows a | comes behind the
 * packet. */
#ifndef NET_CASES_H
#define NET_CASES_H

#include "build_packet.h"

struct net_case {
    const char *name;
    uint32_t link_type;
    int version;        /* of the innermost IP */
    const char *prefix; /* hexadecimal */
    uint16_t vlan;
    uint32_t tunnel_id;
};

enum { NET_CASE_LENGTHS_MAX = 256 };

struct net_case_length {
    size_t at;
    long more;
    bool is_little;
};

/* Reads one {n} or {n}l; returns what follows it. */
static inline const char *net_case_read_length(const char *at, struct buffer *w,
                                               struct net_case_length *field)
{
    char *end;
    *field = (struct net_case_length){.at = w->len, .more = strtol(at + 1, &end, 10)};
    if (*end++ != '}') abort();
    field->is_little = *end == 'l';
    build_16(w, 0);
    return end + field->is_little;
}

/* The prefix, the segment in its IP, and what comes behind. Returns where IP begins. */
static inline size_t net_case_build(struct buffer *w, const char *prefix,
                                    const struct build_segment *s)
{
    static const char stops[] = "{|";
    struct net_case_length fields[NET_CASE_LENGTHS_MAX];
    size_t count = 0;
    for (;;) {
        char hex[512];
        size_t length = strcspn(prefix, stops);
        if (length >= sizeof(hex)) abort();
        memcpy(hex, prefix, length);
        hex[length] = '\0';
        build_hex(w, hex);
        prefix += length;
        if (*prefix != '{') break;
        if (count == NET_CASE_LENGTHS_MAX) abort();
        prefix = net_case_read_length(prefix, w, &fields[count++]);
    }
    size_t start = w->len;
    build_ip(w, s);
    for (size_t i = 0; i < count; i++) {
        uint32_t value = (uint32_t)((long)(w->len - fields[i].at - 2) + fields[i].more);
        build_patch_16(w, fields[i].at,
                       fields[i].is_little ? (value & 0xff) << 8 | value >> 8 : value);
    }
    if (*prefix == '|') build_hex(w, prefix + 1);
    return start;
}

#define MAC "020000000002 020000000001 "

/* What is around a tunnel. */
#define ETH4(protocol) MAC "0800" OUT4(protocol)
#define ETH6(protocol) MAC "86dd" OUT6(protocol)
#define OUT4(protocol) "4500{4}00010000 40" protocol "0000 0a000001 0a000002 "
#define OUT6(protocol)            \
    "60000000{-34}" protocol "40" \
    "20010db8000000000000000000000051 20010db8000000000000000000000052 "
#define UDP(port)  "c000" port "{6}0000 "
#define UDP4(port) ETH4("11") UDP(port)
#define UDP6(port) ETH6("11") UDP(port)

/* Of 802.11: control, and then as usual. */
#define SNAP4         "aaaa03 000000 0800"
#define SNAP6         "aaaa03 000000 86dd"
#define WIFI(control) control "0000 020000000001 020000000002 020000000003 1000 "

#define EIGHT "0102030405060708 "
#define PKTAP(type)          \
    "6c000000 01000000" type \
    "000000" EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT

/* clang-format off */
static const struct net_case net_cases[] = {
    { "Ethernet",                   1, 4, MAC "0800", 0, 0 },
    { "Ethernet IPv6",              1, 6, MAC "86dd", 0, 0 },
    { "802.3 SNAP",                 1, 4, MAC "05dc aaaa03 000000 0800", 0, 0 },
    { "802.3 SNAP, 802.1H",         1, 6, MAC "05dc aaaa03 0000f8 86dd", 0, 0 },
    { "802.3 LLC, IP's own SAP",    1, 4, MAC "05dc 060603", 0, 0 },
    { "long frame SNAP",            1, 4, MAC "8870 aaaa03 000000 0800", 0, 0 },
    { "802.1Q",                     1, 4, MAC "8100 6123 0800", 0x123, 0 },
    { "802.1Q priority tag",        1, 4, MAC "8100 6000 0800", 0, 0 },
    { "802.1Q SNAP",                1, 4, MAC "8100 0005 05dc aaaa03 000000 0800", 5, 0 },
    { "802.1ad",                    1, 6, MAC "88a8 0064 8100 0007 86dd", 100, 0 },
    { "QinQ 9100",                  1, 4, MAC "9100 0064 8100 0007 0800", 100, 0 },
    { "eight tags",                 1, 4, MAC "88a8 0001 8100 0002 8100 0003 8100 0004"
                                          "8100 0005 8100 0006 8100 0007 8100 0008 0800", 1, 0 },
    { "MPLS",                       1, 4, MAC "8847 00010140", 0, 0 },
    { "MPLS stack",                 1, 6, MAC "8847 00010040 00011040 00012140", 0, 0 },
    { "MPLS upstream, VLAN",        1, 4, MAC "8100 0009 8848 00010140", 9, 0 },
    { "MPLS pseudowire",            1, 4, MAC "8847 00010140 00000000" MAC "0800", 0, 0 },
    { "MPLS pseudowire, VLAN",      1, 6, MAC "8847 00010140 00000001" MAC "8100 0003 86dd", 3, 0 },
    { "MPLS pseudowire, no word",   1, 4, MAC "8847 00010140" MAC "0800", 0, 0 },
    { "PPPoE",                      1, 4, MAC "8864 1100 0001 ffff 0021", 0, 0 },
    { "PPPoE IPv6",                 1, 6, MAC "8864 1100 0001 ffff 0057", 0, 0 },
    { "PPPoE MPLS",                 1, 4, MAC "8864 1100 0001 ffff 0281 00010140", 0, 0 },
    { "SLL",                      113, 4, "0000 0001 0006 0200000000020000 0800", 0, 0 },
    { "SLL IPv6",                 113, 6, "0004 0304 0006 0000000000000000 86dd", 0, 0 },
    { "SLL VLAN",                 113, 4, "0000 0001 0006 0200000000020000 8100 0010 0800", 16, 0 },
    { "SLL 802.2",                113, 4, "0000 0001 0006 0200000000020000 0004 aaaa03 000000 0800", 0, 0 },
    { "SLL2",                     276, 4, "0800 0000 00000002 0001 00 06 0200000000020000", 0, 0 },
    { "SLL2 IPv6",                276, 6, "86dd 0000 00000002 0304 04 06 0000000000000000", 0, 0 },
    { "SLL2 VLAN",                276, 4, "8100 0000 00000002 0001 00 06 0200000000020000 0010 0800", 16, 0 },
    { "NULL little",                0, 4, "02000000", 0, 0 },
    { "NULL big",                   0, 4, "00000002", 0, 0 },
    { "NULL IPv6, Linux",           0, 6, "0a000000", 0, 0 },
    { "NULL IPv6, NetBSD",          0, 6, "18000000", 0, 0 },
    { "NULL IPv6, FreeBSD",         0, 6, "1c000000", 0, 0 },
    { "NULL IPv6, macOS",           0, 6, "1e000000", 0, 0 },
    { "NULL IPv6, macOS on PowerPC",0, 6, "0000001e", 0, 0 },
    { "LOOP",                     108, 4, "00000002", 0, 0 },
    { "LOOP IPv6",                108, 6, "00000018", 0, 0 },
    { "RAW",                      101, 4, "", 0, 0 },
    { "RAW IPv6",                 101, 6, "", 0, 0 },
    { "RAW, the system's number",  12, 4, "", 0, 0 },
    { "IPV4",                     228, 4, "", 0, 0 },
    { "IPV6",                     229, 6, "", 0, 0 },
    { "PPP",                        9, 4, "0021", 0, 0 },
    { "PPP IPv6",                   9, 6, "0057", 0, 0 },
    { "PPP compressed",             9, 4, "21", 0, 0 },
    { "PPP framed",                 9, 4, "ff03 0021", 0, 0 },
    { "PPP framed and compressed",  9, 6, "ff03 57", 0, 0 },
    { "PPP MPLS",                   9, 4, "0281 00010140", 0, 0 },
    { "PPP serial",                50, 4, "ff03 0021", 0, 0 },
    { "PPP serial, Cisco",         50, 6, "0f00 86dd", 0, 0 },
    { "PPP_ETHER",                 51, 4, "1100 0001 ffff 0021", 0, 0 },
    { "C_HDLC",                   104, 4, "0f00 0800", 0, 0 },
    { "C_HDLC multicast",         104, 6, "8f00 86dd", 0, 0 },
    { "Frame Relay",              107, 4, "1841 03 cc", 0, 0 },
    { "Frame Relay IPv6",         107, 6, "1841 03 8e", 0, 0 },
    { "Frame Relay, long address",107, 4, "18404041 03 cc", 0, 0 },
    { "Frame Relay SNAP",         107, 4, "1841 03 00 80 000000 0800", 0, 0 },
    { "Frame Relay bridged",      107, 4, "1841 03 00 80 0080c2 0007" MAC "0800", 0, 0 },
    { "Frame Relay, Cisco",       107, 4, "1841 0800", 0, 0 },
    { "IPNET",                    226, 4, "01 02 0001 0000{-16} 00000001 00000000 00000000 00000000", 0, 0 },
    { "IPNET IPv6",               226, 6, "01 1a 0001 0000{-16} 00000001 00000000 00000000 00000000", 0, 0 },
    { "ENC",                      109, 4, "02000000 00000001 00000001", 0, 0 },
    { "ENC IPv6",                 109, 6, "00000018 00000001 00000001", 0, 0 },
    { "NFLOG",                    239, 4, "02 00 0007 0800 0100 0800 0302 0800 0a00 74657374 {2}l0900", 0, 0 },
    { "NFLOG IPv6",               239, 6, "0a 00 0007 0500 0a00 00 000000 {2}l0900", 0, 0 },
    { "NFLOG, big-endian host",   239, 4, "02 00 0007 0008 0001 0800 0302 0008 8014 00000000 {2}0009", 0, 0 },
    { "NFLOG bridge",             239, 6, "07 00 0000 {2}l0900", 0, 0 },
    { "PKTAP Ethernet",           258, 4, PKTAP("01") MAC "0800", 0, 0 },
    { "PKTAP raw",                258, 6, PKTAP("0c"), 0, 0 },
    { "DSA",                      283, 4, MAC "40080000 0800", 0, 0 },
    { "DSA tagged",               283, 4, MAC "60080123 0800", 0x123, 0 },
    { "EDSA",                     284, 6, MAC "dada0000 60080005 86dd", 5, 0 },
    { "Broadcom tag",             281, 4, MAC "20000001 0800", 0, 0 },
    { "Broadcom tag before",      282, 4, "20000001" MAC "0800", 0, 0 },
    { "802.11",                   105, 4, WIFI("0801") SNAP4, 0, 0 },
    { "802.11 from the AP",       105, 6, WIFI("080a") SNAP6, 0, 0 },
    { "802.11 ad hoc",            105, 4, WIFI("0800") SNAP4, 0, 0 },
    { "802.11 VLAN",              105, 4, WIFI("0801") "aaaa03 000000 8100 0005 0800", 5, 0 },
    { "802.11 QoS",               105, 4, WIFI("8801") "0700" SNAP4, 0, 0 },
    { "802.11 QoS, HT control",   105, 4, WIFI("8881") "0700 00000000" SNAP4, 0, 0 },
    { "802.11 four addresses",    105, 4, WIFI("0803") "020000000004" SNAP4, 0, 0 },
    { "802.11 four addresses QoS",105, 4, WIFI("8803") "020000000004 0000" SNAP4, 0, 0 },
    { "802.11 A-MSDU of one",     105, 4, WIFI("8801") "8000" MAC "{0}" SNAP4, 0, 0 },
    { "radiotap",                 127, 4, "0000 0800 00000000" WIFI("0801") SNAP4, 0, 0 },
    { "radiotap with FCS",        127, 4, "0000 0900 02000000 10" WIFI("0801") SNAP4 "|12345678", 0, 0 },
    { "radiotap, time and FCS",   127, 4, "0000 1100 03000000 0102030405060708 10" WIFI("0801") SNAP4 "|12345678", 0, 0 },
    { "radiotap, two words",      127, 4, "0000 1900 03000080 00000000 00000000 0102030405060708 10" WIFI("8801") "0000" SNAP4 "|12345678", 0, 0 },
    { "radiotap padded",          127, 4, "0000 0900 02000000 20" WIFI("8801") "0000 0000" SNAP4, 0, 0 },
    { "PPI",                      192, 4, "00 00 0800 69000000" WIFI("0801") SNAP4, 0, 0 },
    { "PPI with FCS",             192, 4, "00 00 2a00 69000000 0400 0600 000000000000"
                                          "0200 1400 0000000000000000 0100 0000 00000000 0000 0000"
                                          WIFI("0801") SNAP4 "|12345678", 0, 0 },
    { "PPI aligned",              192, 4, "00 01 1e00 69000000 0400 0300 00000000"
                                          "0200 0a00 0000000000000000 0100"
                                          WIFI("0801") SNAP4 "|12345678", 0, 0 },
    { "PPI Ethernet",             192, 4, "00 00 0800 01000000" MAC "0800", 0, 0 },
    { "GRE",                        1, 4, ETH4("2f") "0000 0800", 0, 0 },
    { "GRE IPv6",                   1, 6, ETH4("2f") "0000 86dd", 0, 0 },
    { "GRE in IPv6",                1, 4, ETH6("2f") "0000 0800", 0, 0 },
    { "GRE, all fields",            1, 4, ETH4("2f") "b000 0800 0000 0000 00000001 00000002", 0, 0 },
    { "GRE routes",                 1, 4, ETH4("2f") "4000 0800 0000 0000 0800 00 04 0a000003 0000 00 00", 0, 0 },
    { "GRE bridging",               1, 4, ETH4("2f") "2000 6558 00000001" MAC "0800", 0, 0 },
    { "GRE bridging VLAN",          1, 4, MAC "8100 0007 0800" OUT4("2f") "0000 6558" MAC "8100 0009 0800", 7, 0 },
    { "GRE MPLS",                   1, 4, ETH4("2f") "0000 8847 00010140", 0, 0 },
    { "GRE WCCP",                   1, 4, ETH4("2f") "0000 883e 00000000", 0, 0 },
    { "GRE WCCP version 1",         1, 4, ETH4("2f") "0000 883e", 0, 0 },
    { "PPTP",                       1, 4, ETH4("2f") "3081 880b {-10}0001 00000001 00000001 ff03 0021", 0, 0 },
    { "PPTP without ACK",           1, 6, ETH4("2f") "3001 880b {-6}0001 00000001 57", 0, 0 },
    { "ERSPAN I",                   1, 4, ETH4("2f") "0000 88be" MAC "0800", 0, 0 },
    { "ERSPAN II",                  1, 4, ETH4("2f") "1000 88be 00000001 1001 0001 00000000" MAC "0800", 0, 0 },
    { "ERSPAN III",                 1, 6, ETH4("2f") "1000 22eb 00000001 2001 0001 00000000 00000000" MAC "86dd", 0, 0 },
    { "ERSPAN III, subheader",      1, 4, ETH4("2f") "1000 22eb 00000001 2001 0001 00000000 00000001 00000000 00000000" MAC "0800", 0, 0 },
    { "ERSPAN III of IP",           1, 4, ETH4("2f") "1000 22eb 00000001 2001 0001 00000000 00000800", 0, 0 },
    { "IP in IP",                   1, 4, ETH4("04"), 0, 0 },
    { "6in4",                       1, 6, ETH4("29"), 0, 0 },
    { "4in6",                       1, 4, ETH6("04"), 0, 0 },
    { "6in6",                       1, 6, ETH6("29"), 0, 0 },
    { "4in6 behind options",        1, 4, ETH6("3c") "0400 010400000000", 0, 0 },
    { "EtherIP",                    1, 4, ETH4("61") "3000" MAC "0800", 0, 0 },
    { "MPLS in IP",                 1, 4, ETH4("89") "00010140", 0, 0 },
    { "VXLAN",                      1, 4, UDP4("12b5") "08000000 00123400" MAC "0800", 0, 0x1234 },
    { "VXLAN IPv6 in IPv6",         1, 6, UDP6("12b5") "08000000 00000100" MAC "86dd", 0, 1 },
    { "VXLAN, Linux's port",        1, 4, UDP4("2118") "08000000 ffffff00" MAC "0800", 0, 0xffffff },
    { "VXLAN, ports turned",        1, 4, ETH4("11") "12b5 c000 {6}0000" "08000000 00123400" MAC "0800", 0, 0x1234 },
    { "VXLAN, VLAN inside",         1, 4, UDP4("12b5") "08000000 00000500" MAC "8100 0009 0800", 9, 5 },
    { "VXLAN, group policy",        1, 4, UDP4("12b5") "88000007 00000500" MAC "0800", 0, 5 },
    { "VXLAN GPE",                  1, 4, UDP4("12b6") "0c000001 00000500", 0, 5 },
    { "VXLAN GPE MPLS",             1, 4, UDP4("12b6") "0c000005 00000500 00010140", 0, 5 },
    { "VXLAN GPE Ethernet",         1, 6, UDP4("12b6") "0c000003 00000500" MAC "86dd", 0, 5 },
    { "GENEVE",                     1, 4, UDP4("17c1") "0000 6558 00000700" MAC "0800", 0, 7 },
    { "GENEVE options, IP",         1, 4, UDP4("17c1") "0240 0800 00000700 0102 8001 0000002a", 0, 7 },
    { "GENEVE IPv6",                1, 6, UDP6("17c1") "0000 86dd 00000000", 0, 0 },
    { "GENEVE MPLS",                1, 4, UDP6("17c1") "0000 8847 00000700 00010140", 0, 7 },
    { "GTP-U",                      1, 4, UDP4("0868") "30ff{-4}00000001", 0, 0 },
    { "GTP-U IPv6",                 1, 6, UDP6("0868") "30ff{-4}00000001", 0, 0 },
    { "GTP-U sequence",             1, 4, UDP4("0868") "32ff{-4}00000001 0001 00 00", 0, 0 },
    { "GTP-U extensions",           1, 4, UDP4("0868") "34ff{-4}00000001 0000 00 85 01 0009 c0 02 000000000000 00", 0, 0 },
    { "GTP-U N-PDU, no extension",  1, 4, UDP4("0868") "31ff{-4}00000001 0000 05 85", 0, 0 },
    { "Teredo",                     1, 6, UDP4("0dd8"), 0, 0 },
    { "Teredo origin",              1, 6, UDP4("0dd8") "0000 1234 01020304", 0, 0 },
    { "Teredo authentication",      1, 6, UDP4("0dd8") "0001 02 04 aabb 01020304 0102030405060708 00", 0, 0 },
    { "Teredo both",                1, 6, UDP4("0dd8") "0001 00 00 0102030405060708 00 0000 1234 01020304", 0, 0 },
    { "AYIYA",                      1, 6, UDP4("13d0") "41 52 11 29 5f000000" EIGHT EIGHT EIGHT EIGHT "00000000", 0, 0 },
    { "AYIYA IPv4, unsigned",       1, 4, UDP6("13d0") "01 00 01 04 5f000000 ff", 0, 0 },
    { "GRE in UDP",                 1, 4, UDP4("1292") "0000 0800", 0, 0 },
    { "GRE in UDP, key",            1, 6, UDP4("1292") "2000 86dd 00000001", 0, 0 },
    { "MPLS in UDP",                1, 4, UDP4("19eb") "00010140", 0, 0 },
    { "MPLS in UDP, two labels",    1, 6, UDP6("19eb") "00010040 00020140", 0, 0 },
    { "L2TP",                       1, 4, UDP4("06a5") "0002 0001 0002 ff03 0021", 0, 0 },
    { "L2TP, all fields",           1, 6, UDP4("06a5") "4a02 {0} 0001 0002 0003 0004 0002 0000 0057", 0, 0 },
    { "LISP",                       1, 4, UDP4("10f5") "c0 123456 00000001", 0, 0 },
    { "TZSP",                       1, 4, UDP4("9090") "01 00 0001 00 0a 01 05 01" MAC "0800", 0, 0 },
    { "TZSP of 802.11",             1, 4, UDP4("9090") "01 00 0012 01" WIFI("0801") SNAP4, 0, 0 },
    { "GRE of an access point",     1, 4, ETH4("2f") "0000 8210" WIFI("8801") "0000" SNAP4, 0, 0 },
    { "VN-Tag",                     1, 4, MAC "8926 c0010002 0800", 0, 0 },
    { "VN-Tag, VLAN",               1, 4, MAC "8926 c0010002 8100 0005 0800", 5, 0 },
    { "E-Tag",                      1, 4, MAC "893f 0000 0001 0000 0800", 0, 0 },
    { "redundancy tag",             1, 6, MAC "892f 0044 0001 86dd", 0, 0 },
    { "metadata tag",               1, 4, MAC "8909 01 01 0001 0007 0800", 0, 0 },
    { "MACsec, in clear",           1, 4, MAC "88e5 00 00 00000001 0800 |" EIGHT EIGHT, 0, 0 },
    { "MACsec, a named channel",    1, 4, MAC "88e5 20 00 00000001" EIGHT "0800 |" EIGHT EIGHT, 0, 0 },
    { "provider's backbone",        1, 4, MAC "88a8 0009 88e7 00000123" MAC "8100 0005 0800", 9, 0 },
    { "FabricPath",                 1, 4, MAC "8903 0040" MAC "8100 0005 0800", 5, 0 },
    { "TRILL",                      1, 4, MAC "22f3 0006 0001 0002" MAC "0800", 0, 0 },
    { "TRILL, options",             1, 4, MAC "22f3 0046 0001 0002 00000000" MAC "0800", 0, 0 },
    { "NSH",                        1, 4, MAC "894f 0fc6 01 01 00000102" EIGHT EIGHT, 0, 0 },
    { "NSH of Ethernet",            1, 6, MAC "894f 0fc2 02 03 00000102" MAC "86dd", 0, 0 },
    { "VXLAN GPE NSH",              1, 4, UDP4("12b6") "0c000004 00000500 0fc2 02 01 00000102", 0, 5 },
    { "Token Ring",                 6, 4, "1040" MAC SNAP4, 0, 0 },
    { "Token Ring, route",          6, 4, "1040 020000000002 820000000001 0680 0011 0022" SNAP4, 0, 0 },
    { "FDDI",                      10, 4, "50" MAC SNAP4, 0, 0 },
    { "ATM, RFC 2684",            100, 4, SNAP4, 0, 0 },
    { "PFLOG",                    117, 4, "3d 02 00 00" EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT "00000000", 0, 0 },
    { "PFLOG IPv6",               117, 6, "40 1c 00 00" EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT "00000000", 0, 0 },
    { "Prism",                    119, 4, "44000000 90000000" EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT WIFI("0801") SNAP4, 0, 0 },
    { "AVS as Prism",             119, 4, "80211001 00000010" EIGHT WIFI("0801") SNAP4, 0, 0 },
    { "AVS",                      163, 4, "80211001 00000010" EIGHT WIFI("0801") SNAP4, 0, 0 },
    { "IP over Fibre Channel",    122, 4, EIGHT EIGHT SNAP4, 0, 0 },
    { "SunATM",                   123, 4, "82 00 0020" SNAP4, 0, 0 },
    { "SunATM LANE",              123, 4, "01 00 0020 0001" MAC "0800", 0, 0 },
    { "FireWire",                 138, 4, EIGHT EIGHT "0800", 0, 0 },
    { "PPP of pppd",              166, 4, "01 03 0021", 0, 0 },
    { "PPP of pppd, bare",        166, 6, "00 0057", 0, 0 },
    { "PPP with direction",       204, 4, "01 ff03 0021", 0, 0 },
    { "C_HDLC with direction",    205, 4, "01 0f00 0800", 0, 0 },
    { "Frame Relay, direction",   206, 4, "01 1841 03 cc", 0, 0 },
    { "ERF",                      197, 4, EIGHT "02 04 0050 0000 0050 0000" MAC "0800", 0, 0 },
    { "ERF, extensions",          197, 4, EIGHT "8b 04 0050 0000 0050" "84" "00000000000000" "04" "00000000000000" "0000" MAC "0800", 0, 0 },
    { "ERF of IP",                197, 6, EIGHT "17 04 0050 0000 0050", 0, 0 },
    { "netANALYZER",              240, 4, "00112233" MAC "0800", 0, 0 },
    { "mPacket",                  274, 4, "55555555555555d5" MAC "0800", 0, 0 },
    { "ERSPAN of VXLAN",            1, 4, ETH4("2f") "1000 88be 00000001 1001 0001 00000000" UDP4("12b5") "08000000 00123400" MAC "0800", 0, 0x1234 },
    { "GENEVE of GRE",              1, 4, UDP4("17c1") "0000 0800 00000700" OUT4("2f") "0000 0800", 0, 7 },
    { "VXLAN in VXLAN",             1, 4, UDP4("12b5") "08000000 00000100" UDP4("12b5") "08000000 00000200" MAC "0800", 0, 2 },
    { "802.11 to GTP-U",          105, 4, WIFI("8801") "0000" SNAP4 OUT4("11") UDP("0868") "30ff{-4}00000001", 0, 0 },
};
/* clang-format on */

#endif
