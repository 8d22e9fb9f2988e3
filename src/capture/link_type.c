#include "capture/link_type.h"

#include <pcap/dlt.h>

#include "hopscope/capture.h"

/* The upper bits of a pcap header's word: FCS length in the top four, bit 26 says that
 * it is given, the others are reserved. */
#define LINK_TYPE_MASK 0x03ffffffu

struct link_type_pair {
    uint32_t link_type;
    int dlt;
};

/* Where the two numberings differ on this system; the rest is equal. */
/* clang-format off */
static const struct link_type_pair link_type_pairs[] = {
    { 100, DLT_ATM_RFC1483 },
    { 101, DLT_RAW },
    { 102, DLT_SLIP_BSDOS },
    { 103, DLT_PPP_BSDOS },
    { 106, DLT_ATM_CLIP },
};

/* DLT numbers found in files of programs that did not translate them. */
static const struct { uint32_t found, link_type; } link_type_old[] = {
    { 11, 100 }, /* RFC 1483 ATM */
    { 12, 101 }, /* raw IP, most systems */
    { 14, 101 }, /* raw IP, OpenBSD */
    { 19, 106 }, /* Linux classical IP over ATM */
};

static const struct { uint32_t link_type; const char *name; } link_type_names[] = {
    { 0,   "NULL" },            { 1,   "ETHERNET" },
    { 3,   "AX25" },            { 6,   "IEEE802_5" },
    { 7,   "ARCNET_BSD" },      { 8,   "SLIP" },
    { 9,   "PPP" },             { 10,  "FDDI" },
    { 50,  "PPP_HDLC" },        { 51,  "PPP_ETHER" },
    { 99,  "SYMANTEC_FIREWALL" }, { 100, "ATM_RFC1483" },
    { 101, "RAW" },             { 102, "SLIP_BSDOS" },
    { 103, "PPP_BSDOS" },       { 104, "C_HDLC" },
    { 105, "IEEE802_11" },      { 106, "ATM_CLIP" },
    { 107, "FRELAY" },          { 108, "LOOP" },
    { 109, "ENC" },             { 113, "LINUX_SLL" },
    { 114, "LTALK" },           { 117, "PFLOG" },
    { 119, "IEEE802_11_PRISM" }, { 122, "IP_OVER_FC" },
    { 123, "SUNATM" },          { 127, "IEEE802_11_RADIOTAP" },
    { 129, "ARCNET_LINUX" },    { 138, "APPLE_IP_OVER_IEEE1394" },
    { 140, "MTP2" },            { 143, "DOCSIS" },
    { 144, "LINUX_IRDA" },      { 147, "USER0" },
    { 163, "IEEE802_11_AVS" },  { 166, "PPP_PPPD" },
    { 177, "LINUX_LAPD" },      { 187, "BLUETOOTH_HCI_H4" },
    { 189, "USB_LINUX" },       { 192, "PPI" },
    { 195, "IEEE802_15_4_WITHFCS" }, { 197, "ERF" },
    { 201, "BLUETOOTH_HCI_H4_WITH_PHDR" }, { 204, "PPP_WITH_DIR" },
    { 205, "C_HDLC_WITH_DIR" }, { 206, "FRELAY_WITH_DIR" },
    { 220, "USB_LINUX_MMAPPED" }, { 224, "FC_2" },
    { 226, "IPNET" },           { 227, "CAN_SOCKETCAN" },
    { 228, "IPV4" },            { 229, "IPV6" },
    { 230, "IEEE802_15_4_NOFCS" }, { 231, "DBUS" },
    { 235, "DVB_CI" },          { 239, "NFLOG" },
    { 240, "NETANALYZER" },     { 241, "NETANALYZER_TRANSPARENT" },
    { 242, "IPOIB" },           { 243, "MPEG_2_TS" },
    { 246, "PFSYNC" },          { 247, "INFINIBAND" },
    { 248, "SCTP" },            { 249, "USBPCAP" },
    { 253, "NETLINK" },         { 258, "PKTAP" },
    { 259, "EPON" },            { 264, "ISO_14443" },
    { 265, "RDS" },             { 266, "USB_DARWIN" },
    { 268, "SDLC" },            { 271, "VSOCK" },
    { 272, "NORDIC_BLE" },      { 273, "DOCSIS31_XRA31" },
    { 274, "ETHERNET_MPACKET" }, { 276, "LINUX_SLL2" },
    { 278, "OPENVIZSLA" },      { 280, "ELEE" },
    { 282, "DSA_TAG_BRCM" },    { 283, "DSA_TAG_BRCM_PREPEND" },
    { 284, "DSA_TAG_DSA" },     { 285, "DSA_TAG_EDSA" },
};
/* clang-format on */

uint32_t link_type_from_file(uint32_t word)
{
    uint32_t number = word & LINK_TYPE_MASK;
    for (size_t i = 0; i < ARRAY_LENGTH(link_type_old); i++) {
        if (link_type_old[i].found == number) return link_type_old[i].link_type;
    }
    return number;
}

uint32_t link_type_from_dlt(int dlt)
{
    for (size_t i = 0; i < ARRAY_LENGTH(link_type_pairs); i++) {
        if (link_type_pairs[i].dlt == dlt) return link_type_pairs[i].link_type;
    }
    return link_type_from_file((uint32_t)dlt);
}

int link_type_to_dlt(uint32_t link_type)
{
    for (size_t i = 0; i < ARRAY_LENGTH(link_type_pairs); i++) {
        if (link_type_pairs[i].link_type == link_type) return link_type_pairs[i].dlt;
    }
    return (int)link_type;
}

const char *capture_link_type_name(uint32_t link_type)
{
    for (size_t i = 0; i < ARRAY_LENGTH(link_type_names); i++) {
        if (link_type_names[i].link_type == link_type) return link_type_names[i].name;
    }
    return NULL;
}
