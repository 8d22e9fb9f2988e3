/* Frames of one direction (RFC 6455, section 5.2): where each begins, what its header
 * says, and the payload as it lies in the chunk. */
#ifndef HOPSCOPE_SRC_WEBSOCKET_FRAMES_H
#define HOPSCOPE_SRC_WEBSOCKET_FRAMES_H

#include "hopscope/websocket.h"

enum { FRAMES_HEADER_MAX = 14, FRAMES_CONTROL_PAYLOAD_MAX = 125 };

struct frame_header {
    uint8_t opcode;
    uint8_t reserved_bits; /* WEBSOCKET_BITS_RESERVED of the first byte */
    bool is_final, is_masked;
    bool is_minimal; /* its length in as few bytes as possible */
    bool is_endless; /* its length has the bit that must be 0 */
    uint8_t mask[4];
    uint64_t length;
};

/* What `from` may send: opcode, bits and lengths as they should be. */
bool frames_is_valid(const struct frame_header *h, struct websocket_setup setup);
bool frames_is_masked_right(const struct frame_header *h, enum side from);
static inline bool frames_is_control(uint8_t opcode)
{
    return (opcode & 8) != 0;
}

/* Reads a header off the front; false: it is not there whole. */
bool frames_read_header(struct cursor *in, struct frame_header *out);
/* Whether `data` is nothing but whole frames such as `from` sends: where framing was
 * lost, it goes on here. */
bool frames_are_whole(struct bytes data, enum side from, struct websocket_setup setup);

enum frames_event {
    FRAMES_MORE,    /* all of the input is used up */
    FRAMES_BEGIN,   /* `header` is whole */
    FRAMES_PAYLOAD, /* some of it, masked as it was sent */
    FRAMES_END,     /* of the payload */
};

struct frames {
    struct frame_header header;
    uint8_t bytes[FRAMES_HEADER_MAX];
    uint8_t have;       /* of the header, whose first bytes are in `bytes` */
    bool is_within;     /* the payload follows, `left` bytes of it */
    bool is_lost;       /* where the next frame begins is not known */
    uint64_t left;      /* of the payload */
    struct chunk begun; /* where the frame's first byte stood; without its data */
};

/* Takes the next piece off `in`, which is what is left of `chunk`'s data. */
enum frames_event frames_next(struct frames *f, struct cursor *in,
                              const struct chunk *chunk, struct bytes *payload);
/* `missing` bytes were never captured. Returns how many of them are payload of the
 * frame; if there are more, is_lost is set, and the frame has ended. */
uint64_t frames_skip(struct frames *f, uint64_t missing);
/* Begins anew with the next byte. */
void frames_restart(struct frames *f);

#endif
