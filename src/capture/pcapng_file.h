/* The pcapng capture file (draft-ietf-opsawg-pcapng): sections of blocks, each section
 * with its own byte order and interfaces. */
#ifndef CAPTURE_PCAPNG_FILE_H
#define CAPTURE_PCAPNG_FILE_H

#include "capture/savefile_record.h"
#include "hopscope/capture.h"

struct capture_secrets;
struct pcapng_interface;

enum { PCAPNG_FILE_PROBE_BYTES = 12 };

struct pcapng_file {
    bool is_little;
    struct pcapng_interface *interfaces; /* of this section */
    size_t interface_count, interface_capacity;
    int64_t last_ns; /* of the frame before: a Simple Packet Block has no time */
    struct capture_secrets *secrets; /* borrowed */
};

/* Whether a Section Header Block begins here; wants PCAPNG_FILE_PROBE_BYTES. */
bool pcapng_file_is_header(struct bytes start);

/* Forgets the section before; the next block has to be a Section Header Block. */
void pcapng_file_begin(struct pcapng_file *f, struct capture_secrets *secrets);
void pcapng_file_done(struct pcapng_file *f);

/* Reads one block. RECORD_FRAME: `frame->data` borrows from `in`'s block, `frame->ref`
 * is the caller's. RECORD_SKIPPED: it held no frame. */
enum record pcapng_file_next(struct pcapng_file *f, struct block_reader *in,
                             struct capture_info *info, struct frame *frame);

/* As pcap_file_take_plain, of Enhanced Packet Blocks. */
size_t pcapng_file_take_plain(struct pcapng_file *f, struct block_reader *in,
                              struct frame *frames, size_t room);

#endif
