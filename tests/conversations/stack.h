/* stack: what the two ends of a scripted conversation send: handshake, data, ACKs,
 * FINs, with relative sequence numbers. */
#ifndef STACK_H
#define STACK_H

#include "script.h"

struct segment {
    enum side from;
    uint8_t flags;   /* enum tcp_flag */
    uint32_t life;   /* counted from 0 */
    uint32_t flight; /* same number: nothing of the other side lies between */
    uint64_t offset; /* relative to its side's ISN: 0 is the SYN, 1 the first byte */
    uint64_t acked;  /* relative to the other side's ISN */
    int64_t at_ns;   /* capture time */
    int64_t span_ns; /* until then its pieces are captured, when it is cut */
    struct bytes payload; /* borrows from the script */
    bool is_fixed;        /* keeps its place: the capture's beginning depends on it */
};

struct segments {
    struct segment *at;
    size_t count, capacity;
    uint16_t port[2]; /* by enum side */
};

/* What a tap sees of the script, in order. */
void stack_run(const struct script *script, struct segments *out);
void segments_push(struct segments *list, const struct segment *segment);
void segments_done(struct segments *list);

#endif
