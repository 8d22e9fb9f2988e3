/* net: from a frame to a TCP segment. Link types, tags, IP and TCP headers. Stateless
 * but for its counters. */
#ifndef HOPSCOPE_NET_H
#define HOPSCOPE_NET_H

#include "hopscope/base.h"
#include "hopscope/capture.h"

enum {
    NET_TAGS_MAX = 8,              /* VLAN tags and MPLS labels of one frame */
    NET_LAYERS_MAX = 16,           /* headers of any kind between link and TCP */
    NET_EXTENSION_BYTES_MAX = 1024 /* IPv6 extension headers of one packet */
};

enum tcp_flag {
    TCP_FIN = 0x01,
    TCP_SYN = 0x02,
    TCP_RST = 0x04,
    TCP_PSH = 0x08,
    TCP_ACK = 0x10,
    TCP_URG = 0x20,
    TCP_ECE = 0x40,
    TCP_CWR = 0x80,
};

enum checksum {
    CHECKSUM_UNSEEN, /* the capture does not hold the whole segment; nothing to say */
    CHECKSUM_GOOD,
    CHECKSUM_BAD, /* normal where the card computes it; accepted, counted */
};

/* TCP options that somebody above asks for (RFC 9293, section 3.1; RFC 7323; RFC 2018).
 */
struct tcp_options {
    uint16_t mss;         /* 0: absent */
    uint8_t window_shift; /* clamped to 14 */
    bool has_window_shift, has_sack_permitted, has_timestamps;
    uint32_t timestamp, timestamp_echo;
};

struct packet {
    const struct frame *frame;
    struct endpoint from, to; /* innermost */
    uint32_t tunnel_id;       /* VXLAN or GENEVE network id; 0: none */
    uint16_t vlan;            /* outermost VLAN id, 0: untagged */
    uint32_t seq, ack;
    uint16_t window; /* as sent, unscaled */
    uint16_t urgent;
    uint16_t ip_id; /* 0 for IPv6 */
    uint8_t flags, ttl;
    struct tcp_options options;
    struct bytes segment;    /* TCP header and payload as captured, for net_checksum */
    struct bytes payload;    /* borrowed from the frame */
    uint32_t payload_length; /* on the wire; payload.len where it was captured whole */
    uint64_t oddities;       /* bits of enum net_oddity */
};

/* What net saw that is a finding of the connection; tcp notes them there. */
enum net_oddity {
    NET_ODDITY_LAYERS_EXCEEDED = 1 << 0,
};

enum net_verdict {
    NET_TCP,       /* *packet is filled */
    NET_OTHER,     /* sound, but not TCP */
    NET_TRUNCATED, /* cut by the snaplen before the end of the TCP header */
    NET_UNDECODED, /* unknown link type, malformed header, or more layers than the caps
                    */
};

struct net_counters {
    uint64_t tcp, other, truncated, undecoded; /* one of these for each frame */
    uint64_t layers_exceeded;                  /* of the undecoded */
    uint64_t fragments;                        /* of the others: IP fragments */
};

struct net;

struct net *net_new(void);
void net_free(struct net *n); /* NULL is allowed */
/* Finds the innermost TCP segment of a frame. `packet` borrows from `frame`; but for
 * NET_TCP, only its `frame` and `oddities` are set. A frame cut by the snaplen is
 * NET_TCP once it holds the fixed 20 bytes of the TCP header: options and payload are
 * then what there is of them, and payload_length is what the wire had. That length
 * comes from the IP header, where it is not zero (segmentation offload, jumbograms),
 * and never exceeds what frame->length leaves. */
enum net_verdict net_decode(struct net *n, const struct frame *frame,
                            struct packet *packet);
/* Verifies the TCP checksum (RFC 9293, section 3.1) of a packet that net_decode filled.
 * Reads the whole segment, so ask only where the answer matters. */
enum checksum net_checksum(const struct packet *packet);
struct net_counters net_counters(const struct net *n);

#endif
