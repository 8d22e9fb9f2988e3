/* Writes packets that no friend would send, into a capture of a chosen size.
 *
 *   conversation --forge_say--> segments of a full size --.
 *   single segments ------------forge_segment-------------+--> IPv4 --> record
 *   whole frames ---------------forge_frame----------------------------'
 *
 * Every length and checksum is right unless a pattern spoils it. The same calls give
 * the same bytes, everywhere. */
#ifndef FORGE_H
#define FORGE_H

#include "hopscope/base.h"

#include <stdio.h>

enum {
    FORGE_FIN = 0x01,
    FORGE_SYN = 0x02,
    FORGE_RST = 0x04,
    FORGE_PSH = 0x08,
    FORGE_ACK = 0x10,
    FORGE_SEGMENT_MAX = 1400, /* payload */
    FORGE_PACKET_MAX = FORGE_SEGMENT_MAX + 40,
    FORGE_ETHERNET = 14, /* bytes of its header */
};

struct forge {
    FILE *out;
    uint64_t bytes, bytes_max; /* written, records' headers included; wanted */
    int64_t now_us, step_us;   /* of the next record; from one to the next */
    uint64_t random;
    uint16_t ip_id;
    bool has_bad_checksums, is_doubled; /* each record twice */
};

struct forge_side {
    uint32_t address, seq;
    uint16_t port;
    uint8_t pending[FORGE_SEGMENT_MAX]; /* said, and not sent */
    size_t pending_bytes;
};

/* side[0] is the client. */
struct forge_talk {
    struct forge_side side[2];
    uint32_t unacknowledged; /* full segments since the other side had its turn */
};

/* Whether the capture shall still grow. */
static inline bool forge_has_room(const struct forge *f)
{
    return f->bytes < f->bytes_max;
}

/* The header of a classic pcap file. */
void forge_begin(struct forge *f, uint32_t link_type);
uint32_t forge_random(struct forge *f, uint32_t below);
/* Bytes of the file that are no record. */
void forge_put(struct forge *f, struct bytes raw);
/* One record, `cut` bytes of whose end were not captured. */
void forge_frame(struct forge *f, struct bytes frame, uint32_t cut);
/* An Ethernet frame around a network packet. */
void forge_ethernet(struct forge *f, uint16_t type, struct bytes packet);

void forge_16(uint8_t *at, uint32_t value); /* network order */
void forge_32(uint8_t *at, uint32_t value);

/* Client `number` of the one server at port 80; two numbers differ in address or port.
 */
void forge_meet(struct forge_talk *t, uint32_t number);
/* The address and port of a side, as net tells them. */
struct endpoint forge_endpoint(const struct forge_talk *t, int side);
/* The handshake. */
void forge_open(struct forge *f, struct forge_talk *t);
void forge_close(struct forge *f, struct forge_talk *t);
/* What `side` sends at its sequence number plus `ahead`, without moving it. */
void forge_segment(struct forge *f, const struct forge_talk *t, int side, int32_t ahead,
                   uint8_t flags, struct bytes payload);
/* The IPv4 packet of such a segment; returns its length. */
size_t forge_packet(struct forge *f, const struct forge_talk *t, int side,
                    struct bytes payload, uint8_t out[FORGE_PACKET_MAX]);
/* One segment in order. */
void forge_send(struct forge *f, struct forge_talk *t, int side, struct bytes payload);
/* Any amount: goes out in full segments, the rest with forge_flush. The other side
 * acknowledges now and then. */
void forge_say(struct forge *f, struct forge_talk *t, int side, struct bytes text);
void forge_flush(struct forge *f, struct forge_talk *t, int side);

#endif
