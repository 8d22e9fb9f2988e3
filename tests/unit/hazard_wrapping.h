/* A plain connection on any layers below it: each IP packet of a trace becomes a frame
 * by a wrapping that the case brings. */
#ifndef HAZARD_WRAPPING_H
#define HAZARD_WRAPPING_H

#include "build_packet.h"
#include "hazard_trace.h"

enum {
    HAZARD_ETHERNET = 1,
    HAZARD_RAW_IP = 101,
    HAZARD_V4_BYTES = 20,
    HAZARD_V6_BYTES = 40,
};

struct hazard_wrapping {
    void (*wrap)(struct buffer *out, struct bytes packet,
                 const struct hazard_wrapping *w);
    uint32_t link_type;
    unsigned depth;
    const char *hex; /* of the headers; what it means is the wrapping's to say */
};

extern const struct hazard_settings hazard_usual;
extern const char hazard_macs[]; /* destination and source, in hex */

uint16_t hazard_ethertype_of(struct bytes packet);
void hazard_wrap_ethernet(struct buffer *out, struct bytes packet,
                          const struct hazard_wrapping *w);

/* Two exchanges, the first of them with several segments, and the close. */
void hazard_build_plain(struct hazard_trace *t, int version);
void hazard_feed_wrapped(struct hazard_tap *tap, const struct hazard_trace *t,
                         const struct hazard_wrapping *w);
/* The plain connection, wrapped, through a pipeline. */
void hazard_run_wrapped(int version, const struct hazard_wrapping *w,
                        struct hazard_rows *rows);
/* The account of the plain connection, with nothing to remark. */
void hazard_expect_plain(const struct hazard_rows *rows);
/* Nothing of it was understood, all of it is counted, and that is all. */
void hazard_expect_refused(const struct hazard_rows *rows);

#endif
