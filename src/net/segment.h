/* The TCP header (RFC 9293, section 3.1), read from where it was found. */
#ifndef NET_SEGMENT_H
#define NET_SEGMENT_H

#include "hopscope/net.h"

enum {
    SEGMENT_HEADER_BYTES = 20,
    /* Two NOPs, kind and length of the timestamps: how almost every segment begins. */
    SEGMENT_TIMESTAMPS_ALONE = 0x0101080a,
    SEGMENT_TIMESTAMPS_ALONE_BYTES = 12,
};

/* Reads the fixed part, SEGMENT_HEADER_BYTES that are there. Returns the length of the
 * whole header as it claims to be. */
static inline uint32_t segment_read_fixed(struct cursor *in, struct packet *p)
{
    p->from.port = cursor_be16(in);
    p->to.port = cursor_be16(in);
    p->seq = cursor_be32(in);
    p->ack = cursor_be32(in);
    uint8_t offset = cursor_8(in);
    p->flags = cursor_8(in);
    p->window = cursor_be16(in);
    p->checksum = cursor_be16(in);
    p->urgent = cursor_be16(in);
    return (uint32_t)(offset >> 4) * 4;
}

static inline void segment_read_timestamps(struct cursor *in,
                                           struct tcp_options *options)
{
    options->has_timestamps = true;
    options->timestamp = cursor_be32(in);
    options->timestamp_echo = cursor_be32(in);
}

/* Adds what a list holds to options that are all absent. Ends at the end of the list,
 * at what the capture cut off, and at a length that cannot be. */
void segment_read_list(struct bytes list, struct tcp_options *options);

/* The options that stand in `list`, as far as it was captured. */
static inline void segment_read_options(struct bytes list, struct tcp_options *options)
{
    *options = (struct tcp_options){0};
    if (list.len == SEGMENT_TIMESTAMPS_ALONE_BYTES) {
        struct cursor in = cursor_of(list);
        if (cursor_be32(&in) == SEGMENT_TIMESTAMPS_ALONE) {
            segment_read_timestamps(&in, options);
            return;
        }
    }
    if (list.len != 0) segment_read_list(list, options);
}

#endif
