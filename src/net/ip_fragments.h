/* IP fragments (RFC 791, section 3.2; RFC 8200, section 4.5), of all frames and at any
 * depth of tunnels, within caps of memory, time and number. Policy:
 *
 *   the same piece again          dropped: mirrors and links repeat packets
 *   overlap, IPv4                 the first to arrive wins; other bytes are an oddity
 *   overlap, IPv6                 the datagram is refused (RFC 5722), an oddity
 *   TCP header in several pieces  the datagram is refused (RFC 1858), an oddity
 *   too many, too much, too late  the oldest datagram is given up
 *
 * A datagram made whole is kept for a moment: a mirror's second copy of its pieces must
 * not wait for a datagram that never comes whole, nor become part of the next one with
 * the same number. What is refused is kept as long as a datagram that waits, so that
 * its other pieces go the same way. */
#ifndef NET_IP_FRAGMENTS_H
#define NET_IP_FRAGMENTS_H

#include "net/ip_fragment_table.h"
#include "net/layer.h"

enum { IP_FRAGMENT_NOTICES = 8 };

/* An oddity without a packet: the next one between these endpoints carries it. */
struct ip_fragment_notice {
    struct endpoint from, to; /* port 0: not known */
    uint32_t tunnel_id;
    uint32_t oddities; /* 0: none */
    int64_t since_ns;
};

struct ip_fragments {
    struct net_counters *counters;
    struct ip_fragment_table table;
    struct ip_fragment_notice notices[IP_FRAGMENT_NOTICES];
    uint32_t notice_count, next_notice;
    uint64_t datagram; /* of the frame's last piece; 0: none */
};

/* What the header of a piece tells. The cursor stands behind it. */
struct ip_fragment {
    uint32_t id;
    uint32_t offset;
    uint32_t header;  /* bytes that count towards the largest length, too */
    uint8_t protocol; /* IPv4's datagrams are numbered for each protocol; IPv6: 0 */
    bool has_more;
    enum layer next; /* IPv6: right in the first piece only */
};

/* Counts in `counters`, which must outlive it. */
struct ip_fragments *ip_fragments_new(struct net_counters *counters);
void ip_fragments_free(struct ip_fragments *f); /* NULL is allowed */
/* Bytes that ip_fragments_push gave out for the frame before may go now. A frame
 * without pieces need not be told of. */
void ip_fragments_begin_frame(struct ip_fragments *f);
/* Takes the piece at the cursor. Where it makes its datagram whole, the cursor moves to
 * that, which stays until the next frame, and the result is the layer it begins with;
 * else LAYER_HELD. Sets the packet's oddities. */
enum layer ip_fragments_push(struct decoding *d, const struct ip_fragment *fragment);
/* The number of the datagram that the last piece of this frame went to; 0: none. */
uint64_t ip_fragments_datagram(const struct ip_fragments *f);
/* Whether there are oddities of datagrams that were refused. */
static inline bool ip_fragments_owe_oddities(const struct ip_fragments *f)
{
    return f->notice_count > 0;
}
/* Those between this packet's endpoints: once. */
uint32_t ip_fragments_take_oddities(struct ip_fragments *f,
                                    const struct packet *packet);

#endif
