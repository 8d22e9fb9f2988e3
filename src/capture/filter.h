/* A filter in tcpdump's language, compiled by libpcap, once per link type. */
#ifndef CAPTURE_FILTER_H
#define CAPTURE_FILTER_H

#include "hopscope/capture.h"

struct filter;

struct filter *filter_new(const char *text); /* borrowed */
void filter_free(struct filter *f);          /* NULL is allowed */

/* Compiles for a link type, unless that is done. False: libpcap cannot; its words,
 * which live as long as the filter, are in `*words`. */
bool filter_compile(struct filter *f, uint32_t link_type, const char **words);

/* Whether a frame passes. A frame whose link type the filter cannot be compiled for
 * does not; ask filter_compile why. */
bool filter_accepts(struct filter *f, const struct frame *frame);

#endif
