/* One row for each way to TCP that net knows: the bytes before the IP header. */
#ifndef NET_CASES_H
#define NET_CASES_H

#include <stdint.h>

struct net_case {
    const char *name;
    uint32_t link_type;
    int version;        /* of IP */
    const char *prefix; /* hexadecimal */
    uint16_t vlan;
};

#define MAC "020000000002 020000000001 "

/* clang-format off */
static const struct net_case net_cases[] = {
    { "Ethernet",                   1, 4, MAC "0800", 0 },
    { "Ethernet IPv6",              1, 6, MAC "86dd", 0 },
    { "802.3 SNAP",                 1, 4, MAC "05dc aaaa03 000000 0800", 0 },
    { "802.3 SNAP, 802.1H",         1, 6, MAC "05dc aaaa03 0000f8 86dd", 0 },
    { "802.3 LLC, IP's own SAP",    1, 4, MAC "05dc 060603", 0 },
    { "long frame SNAP",            1, 4, MAC "8870 aaaa03 000000 0800", 0 },
    { "802.1Q",                     1, 4, MAC "8100 6123 0800", 0x123 },
    { "802.1Q priority tag",        1, 4, MAC "8100 6000 0800", 0 },
    { "802.1Q SNAP",                1, 4, MAC "8100 0005 05dc aaaa03 000000 0800", 5 },
    { "802.1ad",                    1, 6, MAC "88a8 0064 8100 0007 86dd", 100 },
    { "QinQ 9100",                  1, 4, MAC "9100 0064 8100 0007 0800", 100 },
    { "eight tags",                 1, 4, MAC "88a8 0001 8100 0002 8100 0003 8100 0004"
                                          "8100 0005 8100 0006 8100 0007 8100 0008 0800", 1 },
    { "MPLS",                       1, 4, MAC "8847 00010140", 0 },
    { "MPLS stack",                 1, 6, MAC "8847 00010040 00011040 00012140", 0 },
    { "MPLS upstream, VLAN",        1, 4, MAC "8100 0009 8848 00010140", 9 },
    { "MPLS pseudowire",            1, 4, MAC "8847 00010140 00000000" MAC "0800", 0 },
    { "MPLS pseudowire, VLAN",      1, 6, MAC "8847 00010140 00000001" MAC "8100 0003 86dd", 0 },
    { "MPLS pseudowire, no word",   1, 4, MAC "8847 00010140" MAC "0800", 0 },
    { "PPPoE",                      1, 4, MAC "8864 1100 0001 ffff 0021", 0 },
    { "PPPoE IPv6",                 1, 6, MAC "8864 1100 0001 ffff 0057", 0 },
    { "PPPoE MPLS",                 1, 4, MAC "8864 1100 0001 ffff 0281 00010140", 0 },
    { "SLL",                      113, 4, "0000 0001 0006 0200000000020000 0800", 0 },
    { "SLL IPv6",                 113, 6, "0004 0304 0006 0000000000000000 86dd", 0 },
    { "SLL VLAN",                 113, 4, "0000 0001 0006 0200000000020000 8100 0010 0800", 16 },
    { "SLL 802.2",                113, 4, "0000 0001 0006 0200000000020000 0004 aaaa03 000000 0800", 0 },
    { "SLL2",                     276, 4, "0800 0000 00000002 0001 00 06 0200000000020000", 0 },
    { "SLL2 IPv6",                276, 6, "86dd 0000 00000002 0304 04 06 0000000000000000", 0 },
    { "SLL2 VLAN",                276, 4, "8100 0000 00000002 0001 00 06 0200000000020000 0010 0800", 16 },
    { "NULL little",                0, 4, "02000000", 0 },
    { "NULL big",                   0, 4, "00000002", 0 },
    { "NULL IPv6, Linux",           0, 6, "0a000000", 0 },
    { "NULL IPv6, NetBSD",          0, 6, "18000000", 0 },
    { "NULL IPv6, FreeBSD",         0, 6, "1c000000", 0 },
    { "NULL IPv6, macOS",           0, 6, "1e000000", 0 },
    { "NULL IPv6, macOS on PowerPC",0, 6, "0000001e", 0 },
    { "LOOP",                     108, 4, "00000002", 0 },
    { "LOOP IPv6",                108, 6, "00000018", 0 },
    { "RAW",                      101, 4, "", 0 },
    { "RAW IPv6",                 101, 6, "", 0 },
    { "RAW, the system's number",  12, 4, "", 0 },
    { "IPV4",                     228, 4, "", 0 },
    { "IPV6",                     229, 6, "", 0 },
    { "PPP",                        9, 4, "0021", 0 },
    { "PPP IPv6",                   9, 6, "0057", 0 },
    { "PPP compressed",             9, 4, "21", 0 },
    { "PPP framed",                 9, 4, "ff03 0021", 0 },
    { "PPP framed and compressed",  9, 6, "ff03 57", 0 },
    { "PPP MPLS",                   9, 4, "0281 00010140", 0 },
    { "PPP serial",                50, 4, "ff03 0021", 0 },
    { "PPP serial, Cisco",         50, 6, "0f00 86dd", 0 },
    { "PPP_ETHER",                 51, 4, "1100 0001 ffff 0021", 0 },
    { "C_HDLC",                   104, 4, "0f00 0800", 0 },
    { "C_HDLC multicast",         104, 6, "8f00 86dd", 0 },
};
/* clang-format on */

#endif
