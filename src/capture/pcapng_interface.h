/* An interface of a pcapng section: what its packet blocks leave to be known, the unit
 * of their times above all (draft-ietf-opsawg-pcapng, 4.2 and 4.6). */
#ifndef CAPTURE_PCAPNG_INTERFACE_H
#define CAPTURE_PCAPNG_INTERFACE_H

#include "hopscope/capture.h"

struct pcapng_interface {
    uint32_t link_type;
    uint32_t snaplen; /* 0: no limit */
    uint32_t number;  /* in the capture's info; the reader's to set */
    char name[CAPTURE_INTERFACE_NAME_SIZE];
    uint8_t resolution;      /* if_tsresol as found: 10^-n, or 2^-n with the top bit */
    unsigned surplus_digits; /* decimal places beyond the ninth */
    uint64_t ticks_per_second, tick_ns; /* once those are dropped */
    int64_t offset_s;                   /* if_tsoffset */
    uint64_t kernel_dropped;            /* of its last statistics */
    uint64_t interface_dropped;
};

/* Reads the body of an Interface Description Block. False: it is cut, or its options
 * are, so that the times of its packets could not be trusted. */
bool pcapng_interface_read(struct pcapng_interface *i, struct cursor body);

/* The time of a packet, or CAPTURE_NUMBER_UNKNOWN when no capture can be of that time.
 */
int64_t pcapng_interface_time(const struct pcapng_interface *i, uint64_t ticks);

/* Reads the options of an Interface Statistics Block and adds what was dropped since
 * the one before to the totals (which are -1 while nothing is known). */
void pcapng_interface_count_drops(struct pcapng_interface *i, struct cursor options,
                                  int64_t *kernel_dropped, int64_t *interface_dropped);

#endif
