/* wire: segments as frames, for the pipeline or into a capture file. */
#ifndef WIRE_H
#define WIRE_H

#include "stack.h"

#include "hopscope/engine.h"

/* Feeds every segment; IPv6 and the sequence numbers are as `v` says. */
enum status wire_feed(const struct segments *captured, const struct variation *v,
                      struct pipeline *pipeline);
/* The same into a pcap file for other programs. */
enum status wire_write_pcap(const struct segments *captured, const struct variation *v,
                            const char *path, struct problem *why);

#endif
