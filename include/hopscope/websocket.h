/* websocket: the frames that follow a 101 to "websocket" (RFC 6455). Headers are read,
 * payload is skipped; of control frames what they say is taken on the way.
 *
 *   chunk --> frames (each side) --> control frames: ping and pong, close --> account
 *                 '--gap over a header--> until a segment is nothing but whole frames
 */
#ifndef HOPSCOPE_WEBSOCKET_H
#define HOPSCOPE_WEBSOCKET_H

#include "hopscope/base.h"
#include "hopscope/stream.h"

/* RFC 6455, section 11.8. */
enum websocket_opcode {
    WEBSOCKET_CONTINUATION = 0,
    WEBSOCKET_TEXT = 1,
    WEBSOCKET_BINARY = 2,
    WEBSOCKET_CLOSE = 8,
    WEBSOCKET_PING = 9,
    WEBSOCKET_PONG = 10,
    WEBSOCKET_OPCODE_COUNT = 16,
};

/* RFC 6455, section 7.4.1: what stands for a code that no frame carried. */
enum { WEBSOCKET_CLOSE_WITHOUT_CODE = 1005, WEBSOCKET_CLOSE_ABNORMAL = 1006 };

enum { WEBSOCKET_PINGS_MAX = 8 /* waiting for their pong; the oldest is given up */ };

/* What one side sent. */
struct websocket_side {
    uint64_t frames; /* begun, of every opcode */
    uint64_t by_opcode[WEBSOCKET_OPCODE_COUNT];
    uint64_t payload_bytes; /* of all frames, as their headers say, up to where the
                             * stream ended; lost ones included */
    uint64_t messages;      /* text and binary, that ended */
    uint64_t fragmented;    /* ... of more than one frame */
    uint64_t mask_breaches; /* frames that break RFC 6455, section 5.1 */
    uint64_t resyncs;       /* frames found again after a loss */
};

struct websocket_account {
    struct websocket_side side[2]; /* by enum side */
    /* Of the first Close frame; WEBSOCKET_CLOSE_WITHOUT_CODE if it was empty,
     * WEBSOCKET_CLOSE_ABNORMAL if the connection ended without one; 0: neither was
     * seen. */
    uint16_t close_code;
    enum closed_by close_by; /* who sent it; both: they crossed */
    /* Pings and the pongs that echo them, from the ping's last byte to the pong's
     * first; count 0: none. */
    uint64_t rtt_count;
    int64_t rtt_min_ns, rtt_max_ns, rtt_sum_ns;
};

/* What the handshake agreed on. */
struct websocket_setup {
    /* Bits of a frame's first byte that an extension gave a meaning to; 0x40:
     * permessage-deflate (RFC 7692). */
    uint8_t reserved_bits;
};

enum { WEBSOCKET_BIT_DEFLATE = 0x40, WEBSOCKET_BITS_RESERVED = 0x70 };

/* Takes the account of one connection, once, with the end of its streams. `open` is
 * asked for the context of `closed`, and for the setup. */
struct websocket_sink {
    void *context;
    void *(*open)(void *context, struct conn *conn, struct websocket_setup *setup);
    void (*closed)(void *opened, const struct websocket_account *account);
};

/* The protocol row for the stream layer, which is to be announced as "websocket";
 * `sink` must outlive it. */
struct protocol websocket_protocol(struct websocket_sink *sink);

/* Whether Sec-WebSocket-Accept is what Sec-WebSocket-Key asks for (RFC 6455,
 * section 4.2.2). Blanks around them are no part of the values. */
bool websocket_accepts(struct bytes key, struct bytes accept);
/* The setup that Sec-WebSocket-Extensions of a 101 agrees on. An extension that is not
 * known may use any reserved bit. */
struct websocket_setup websocket_setup_of(struct bytes extensions);

#endif
