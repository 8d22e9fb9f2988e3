/* The classic capture file (draft-ietf-opsawg-pcap): a header of 24 bytes, then records
 * of 16 bytes and the frame. Microseconds or nanoseconds, both byte orders,
 * versions 2.0 to 2.4 and 543.0, and the "modified" kind with 24 bytes per record. */
#ifndef CAPTURE_PCAP_FILE_H
#define CAPTURE_PCAP_FILE_H

#include "capture/savefile_record.h"
#include "hopscope/capture.h"

enum { PCAP_FILE_HEADER_BYTES = 24, PCAP_FILE_PROBE_BYTES = 16 };

/* Which of a record's two lengths comes first: versions before 2.3 wrote that on the
 * wire first, 2.3 was written both ways. */
enum pcap_file_lengths {
    PCAP_LENGTHS_UNKNOWN,
    PCAP_LENGTHS_PLAIN,
    PCAP_LENGTHS_SWAPPED,
    PCAP_LENGTHS_EITHER,
};

struct pcap_file_kind;

struct pcap_file {
    const struct pcap_file_kind *kind;
    bool is_little;
    enum pcap_file_lengths lengths;
    uint32_t link_type;
};

/* Whether a file that begins so is a pcap file. */
bool pcap_file_has_magic(struct bytes start);
/* The same at a record's boundary, where a record is the likelier: looks at as much of
 * the header (PCAP_FILE_PROBE_BYTES) as no record can be. */
bool pcap_file_is_header(struct bytes start);

/* Reads the header; notes link type and snaplen in `info`. RECORD_SKIPPED: records
 * follow. RECORD_DAMAGED: cut, or a version nobody knows. */
enum record pcap_file_open(struct pcap_file *f, struct block_reader *in,
                           struct capture_info *info);

/* Reads a record. `frame->data` borrows from `in`'s block; `frame->ref` is the
 * caller's. */
enum record pcap_file_next(struct pcap_file *f, struct block_reader *in,
                           struct capture_info *info, struct frame *frame);

/* Reads records for as long as they stand whole at `in` and are plain at a glance, up
 * to `room` of them, which all borrow from the block as it is. Returns how many; what
 * stopped it is for pcap_file_next. `ref` is the caller's. */
size_t pcap_file_take_plain(const struct pcap_file *f, struct block_reader *in,
                            struct frame *frames, size_t room);

#endif
