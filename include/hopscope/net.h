/* net: from a frame to a TCP segment. Link types, tags, tunnels, IP and TCP headers.
 * What outlives a frame are counters and the fragments of datagrams that are not whole.
 */
#ifndef HOPSCOPE_NET_H
#define HOPSCOPE_NET_H

#include "hopscope/base.h"
#include "hopscope/capture.h"

enum {
    NET_TAGS_MAX = 8,               /* VLAN tags and MPLS labels of one frame */
    NET_TUNNELS_MAX = 4,            /* one inside the other */
    NET_LAYERS_MAX = 16,            /* headers of any kind between link and TCP */
    NET_EXTENSION_BYTES_MAX = 1024, /* IPv6 and GTP extension headers of one packet */
    NET_SEGMENT_BYTES_MAX = 512 << 10, /* the largest that BIG TCP hands to a card */
    NET_FRAGMENT_BYTES_MAX = 4 << 20,  /* memory for IP fragments */
    NET_FRAGMENT_DATAGRAMS_MAX = 1024,
};

/* How long the pieces of a datagram are waited for, in the capture's time. */
#define NET_FRAGMENT_WAIT_NS INT64_C(30000000000)

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
    uint8_t window_shift; /* clamped to 14 (RFC 7323, section 2.3) */
    bool is_shift_clamped;
    bool has_window_shift, has_sack_permitted, has_timestamps;
    uint32_t timestamp, timestamp_echo;
};

struct packet {
    const struct frame *frame;
    struct endpoint from, to; /* innermost */
    uint32_t tunnel_id;       /* innermost VXLAN or GENEVE network id; 0: none */
    /* The frame's outermost VLAN id, 0: untagged. Of QinQ that is the provider's tag;
     * the customer's behind it is passed over. */
    uint16_t vlan;
    uint16_t checksum; /* of the TCP header, as sent */
    uint32_t seq, ack;
    uint16_t window; /* as sent, unscaled */
    uint16_t urgent;
    uint16_t ip_id; /* 0 for IPv6 */
    uint8_t flags, ttl;
    struct tcp_options options;
    /* Borrowed from the frame, or from net (net_decode). TCP's header, as far as it was
     * captured, stands before it: net_segment. */
    struct bytes payload;
    uint32_t payload_length; /* on the wire; payload.len where it was captured whole */
    uint32_t payload_hash;
    uint32_t oddities;     /* bits of enum net_oddity */
    bool has_payload_hash; /* payload_read was called, and there is a payload */
    uint8_t header_bytes;  /* of TCP's header, as captured */
};

/* TCP's header and payload as captured. */
static inline struct bytes net_segment(const struct packet *p)
{
    return bytes_of(p->payload.ptr - p->header_bytes, p->header_bytes + p->payload.len);
}

enum { PAYLOAD_BLOCK_BYTES = 2 << 10 };

/* What payload_hash makes its hashes with; 2 KiB. */
struct payload_key {
    uint64_t words[PAYLOAD_BLOCK_BYTES / 8];
    uint64_t fold; /* odd */
};

/* What net saw that is a finding of the connection; tcp notes them there. */
enum net_oddity {
    NET_ODDITY_LAYERS_EXCEEDED = 1 << 0,
    /* This packet's fragments overlapped with other bytes and the first were kept; or
     * a datagram before it, between the same endpoints, was dropped for an overlap. */
    NET_ODDITY_FRAGMENT_OVERLAP = 1 << 1,
    /* Between the same endpoints, a datagram was refused whose first fragment ended
     * inside the TCP header. */
    NET_ODDITY_FRAGMENT_TINY = 1 << 2,
};

enum net_verdict {
    NET_TCP,       /* *packet is filled */
    NET_OTHER,     /* sound, but not TCP */
    NET_TRUNCATED, /* cut by the snaplen before the end of the TCP header */
    NET_UNDECODED, /* unknown link type, malformed header, or more layers than the caps
                    */
};

struct net_counters {
    /* One of these for each frame, and for each packet of net_decode_more. */
    uint64_t tcp, other, truncated, undecoded;
    uint64_t
        layers_exceeded; /* of the undecoded; of these, by another cap than layers: */
    uint64_t tags_exceeded, tunnels_exceeded, extensions_exceeded;

    uint64_t fragments;             /* of the others: a piece, the datagram not whole */
    uint64_t fragments_reassembled; /* datagrams made whole */
    uint64_t fragments_timed_out;   /* datagrams given up after NET_FRAGMENT_WAIT_NS */
    uint64_t fragments_evicted;     /* datagrams given up for the caps, oldest first */
    uint64_t fragments_dropped;     /* pieces: malformed, or of a refused datagram */
    uint64_t fragments_duplicate;   /* pieces that came again, all the same */
    uint64_t fragments_overlapping; /* pieces that overlap or contradict earlier ones */
    uint64_t fragments_tiny;        /* pieces that end or begin inside a TCP header */
    uint64_t fragments_oversized;   /* pieces that end beyond 65,535 bytes */
    uint64_t fragment_bytes;        /* memory that they take now */
};

struct net;

struct net *net_new(void);
void net_free(struct net *n); /* NULL is allowed */
/* Finds the innermost TCP segment of a frame, through tunnels (GRE, ERSPAN, IP in IP,
 * VXLAN, GENEVE, GTP-U, Teredo, ...) and out of IP fragments. `packet` borrows from
 * `frame`, or where it was in fragments from net, until the next call; but for NET_TCP,
 * only its `frame` and `oddities` are set. A frame cut by the snaplen is NET_TCP once
 * it holds the fixed 20 bytes of the TCP header: options and payload are then what
 * there is of them, and payload_length is what the wire had. That length comes from the
 * IP header, where it is not zero (segmentation offload, jumbograms), and never exceeds
 * what frame->length leaves.
 *
 * A fragment is NET_OTHER until one makes its datagram whole: that frame is then the
 * packet's. Where snaplen cut a fragment, the payload ends there, and payload_length
 * tells how much was behind. */
enum net_verdict net_decode(struct net *n, const struct frame *frame,
                            struct packet *packet);
/* An 802.11 frame may carry several packets (A-MSDU). While this is true after
 * net_decode, net_decode_more gives the next one, of the same `frame`. */
bool net_has_more(const struct net *n);
enum net_verdict net_decode_more(struct net *n, const struct frame *frame,
                                 struct packet *packet);
/* Which of the datagrams that came in pieces the last frame had a piece of; 0: none.
 * All pieces have the same number, the one that made it whole included. */
uint64_t net_datagram(const struct net *n);
/* Whether what net has seen before is still to be told with a later packet: then
 * decoding is more than reading the frame. */
bool net_owes_oddities(const struct net *n);
/* What both directions of a connection share, by addresses and ports alone, keyed. Of a
 * frame only if it is plain: Ethernet, IP and TCP without anything between them, so
 * that net_decode would say NET_TCP, whatever came before; else false. */
bool flow_hash_of_frame(struct hash_key key, const struct frame *frame, uint64_t *hash);
uint64_t flow_hash_of_packet(struct hash_key key, const struct packet *packet);
/* Verifies the TCP checksum (RFC 9293, section 3.1) of a packet that net_decode filled.
 * Reads the whole segment, so ask only where the answer matters. */
enum checksum net_checksum(const struct packet *packet);
/* The same key every time for the same `from`. */
void payload_key_init(struct payload_key *key, struct hash_key from);
/* By which bytes that are gone are recognised: two payloads of the same length and
 * other bytes have the same hash by a chance of about 1 in 2^32, whoever chose them
 * without knowing the key. */
uint32_t payload_hash(const struct payload_key *key, struct bytes data);
/* What net_checksum says, and the payload's hash into the packet: both in one pass, by
 * whoever has its bytes in the cache. */
enum checksum payload_read(const struct payload_key *key, struct packet *packet);
struct net_counters net_counters(const struct net *n);

#endif
