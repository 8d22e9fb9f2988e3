/* What the reader of a file format says of each call. */
#ifndef CAPTURE_SAVEFILE_RECORD_H
#define CAPTURE_SAVEFILE_RECORD_H

#include "capture/block_reader.h"

enum record {
    RECORD_FRAME,
    RECORD_SKIPPED, /* understood, nothing to give out: call again */
    RECORD_END,     /* the data end at a record's boundary */
    RECORD_DAMAGED, /* in->reason says why, in->mark where */
    RECORD_HEADER,  /* another file begins here, as after `cat a b`: open it */
};

/* What a pcapng section begins with, the same in either byte order. */
enum { SAVEFILE_RECORD_SECTION_TYPE = 0x0a0d0d0a };

/* The data end inside of a record that needs `need` bytes. Keeps an earlier reason,
 * such as a failed read; RECORD_END when the caller was told to stop. */
enum record savefile_record_cut(struct block_reader *in, uint64_t need,
                                const char *what);

/* The end of the data at a boundary, unless reading failed there. */
enum record savefile_record_end(struct block_reader *in);

/* Whether a capture file of any kind begins at this record's boundary. */
bool savefile_record_is_header(struct bytes start);

#endif
