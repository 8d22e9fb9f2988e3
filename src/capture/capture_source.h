/* One member of a set: a saved capture that may be put aside after a look at its first
 * frame and opened again when its turn comes, so that any number of files needs only as
 * many descriptors as overlap in time. */
#ifndef CAPTURE_CAPTURE_SOURCE_H
#define CAPTURE_CAPTURE_SOURCE_H

#include "capture/capture_secrets.h"
#include "capture/savefile.h"

struct capture_source {
    struct raw_origin origin;
    uint32_t capture_id;
    size_t block_bytes;
    struct savefile file;
    struct frame head; /* the next to give out; without data while put aside */
    uint64_t done_bytes,
        total_bytes; /* stored bytes consumed while closed, and in all */
    bool is_parked;
};

/* Opens, and reads up to the first frame. *has_head is false when there is none: then
 * all but the info has been released. Results and `why` as capture_set_open. */
enum status capture_source_open(struct capture_source *s,
                                struct capture_secrets *secrets, bool *has_head,
                                struct problem *why);
/* Puts a regular file aside: releases all but the time of its head. */
void capture_source_park(struct capture_source *s, size_t secrets_before);
/* Brings it back to its head. False: that is no longer there; file.info.damage says so.
 */
bool capture_source_resume(struct capture_source *s);
/* Reads the next head. False: none is left, and the file is closed. */
bool capture_source_advance(struct capture_source *s);
uint64_t capture_source_done_bytes(const struct capture_source *s);
void capture_source_close(struct capture_source *s);

#endif
