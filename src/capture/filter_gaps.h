/* What a filter on ports does not see, though it looks as if it did. */
#ifndef CAPTURE_FILTER_GAPS_H
#define CAPTURE_FILTER_GAPS_H

#include "hopscope/capture.h"

enum filter_gaps {
    FILTER_GAP_TAGS = 1,      /* packets behind a VLAN tag */
    FILTER_GAP_FRAGMENTS = 2, /* the later fragments of an IPv4 packet */
};

/* Bits of enum filter_gaps: what its words leave out. 0: it has none on ports, or it
 * speaks of both. */
unsigned filter_gaps_of(const char *filter);
/* The one of them that a frame falls into; 0: none. */
unsigned filter_gaps_frame(unsigned gaps, const struct frame *frame);
/* What such frames are, for a sentence, and how a filter takes them in. Static. */
const char *filter_gaps_describe(unsigned gap);

#endif
