/* One saved capture: told by its magic, opened, and read record by record, also where
 * another capture follows in the same file. */
#ifndef CAPTURE_SAVEFILE_H
#define CAPTURE_SAVEFILE_H

#include "capture/pcap_fallback.h"
#include "capture/pcap_file.h"
#include "capture/pcapng_file.h"

struct savefile_format;

struct savefile {
    struct capture_info info;
    struct block_reader in;
    const struct savefile_format *format; /* NULL: not open */
    struct pcap_file pcap;
    struct pcapng_file pcapng;
    struct pcap_fallback *fallback;
    struct capture_secrets *secrets;
    uint32_t number; /* of the record read last */
};

/* Opens and reads the file's header. `info` is begun anew, with `path` as its name;
 * reads through blocks of `block_bytes`; `secrets` is borrowed. Results and `why` as
 * capture_set_open; after a failure nothing is held. */
enum status savefile_open(struct savefile *f, const struct raw_origin *origin,
                          uint32_t capture_id, size_t block_bytes,
                          struct capture_secrets *secrets, struct problem *why);
/* The next frame, which borrows until the next call. False: the end, or damage, which
 * info.damage then tells. */
bool savefile_next(struct savefile *f, struct frame *frame);
/* The frames that follow, up to `room`, for as long as they can be had without moving
 * the block that they and those given out before borrow from, and nothing is odd about
 * them. Returns how many; 0 says nothing of what comes. */
size_t savefile_take_plain(struct savefile *f, struct frame *frames, size_t room);
/* Keeps the block that the frames of the last call borrow from. NULL: it cannot be. */
struct capture_block *savefile_hold(struct savefile *f);
/* Releases all but `info`; again is allowed. */
void savefile_close(struct savefile *f);

#endif
