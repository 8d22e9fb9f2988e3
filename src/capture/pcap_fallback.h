/* libpcap's savefile reader, for files whose magic is none of ours. It reads through
 * our block reader, so that pipes, packed files and memory work alike. */
#ifndef CAPTURE_PCAP_FALLBACK_H
#define CAPTURE_PCAP_FALLBACK_H

#include "capture/savefile_record.h"
#include "hopscope/capture.h"

struct pcap_fallback;

/* STATUS_FAILED: libpcap does not know it either; its words are in `why`. `in` must
 * outlive the object. */
enum status pcap_fallback_open(struct block_reader *in, struct capture_info *info,
                               struct pcap_fallback **out, struct problem *why);
enum record pcap_fallback_next(struct pcap_fallback *p, struct block_reader *in,
                               struct capture_info *info, struct frame *frame);
void pcap_fallback_free(struct pcap_fallback *p); /* NULL is allowed */

#endif
