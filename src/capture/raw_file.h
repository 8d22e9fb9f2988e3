/* The stored bytes of one capture, as they lie in a file, come through a pipe, or stand
 * in memory; nothing is unpacked or understood here. */
#ifndef CAPTURE_RAW_FILE_H
#define CAPTURE_RAW_FILE_H

#include "hopscope/base.h"

/* Where bytes come from; all of it is borrowed. */
struct raw_origin {
    const char *path;    /* "-" is standard input; NULL: `memory` */
    struct bytes memory; /* the image when there is no path */
    int stop_fd;         /* above 0: readable when waiting should end */
    bool is_frugal;      /* hold the descriptor of a regular file only while reading */
};

struct raw_file {
    struct raw_origin origin;
    int fd;          /* -1: closed */
    uint64_t offset; /* bytes handed out */
    uint64_t size;   /* in all; 0: cannot be known */
    bool is_regular;
    bool is_stopped; /* ended by stop_fd, not by the data */
};

/* STATUS_FAILED: no such file, no right, a directory; STATUS_USAGE: standard input is a
 * terminal. `why` names the path and what to do. */
enum status raw_file_open(struct raw_file *f, const struct raw_origin *origin,
                          struct problem *why);
/* Reads what is there, up to `room` bytes, waiting only while there is nothing; *got is
 * 0 at the end. STATUS_FAILED: the system could not read; the reason is in `why`. */
enum status raw_file_read(struct raw_file *f, uint8_t *out, size_t room, size_t *got,
                          struct problem *why);
void raw_file_close(struct raw_file *f);

/* A part of a regular file where the system keeps it. */
struct raw_window {
    uint8_t *mapping;   /* of whole pages, to be read only; the caller's to unmap */
    size_t mapped;      /* their bytes */
    struct bytes bytes; /* the part, within them */
};

/* Up to `length` bytes from `offset` on, fewer where the file ends now. Those that are
 * cut off meanwhile read as zero where fault_guard_fill_lost_pages was called; the next
 * window is empty then, and its `why` tells of it. STATUS_FAILED: the system cannot;
 * the reason is in `why`. */
enum status raw_file_map(struct raw_file *f, uint64_t offset, size_t length,
                         struct raw_window *out, struct problem *why);
/* Whether somebody has cut the file below the last window's end; `why` then tells. */
bool raw_file_is_cut(const struct raw_file *f, struct problem *why);
void raw_window_close(const struct raw_window *w);

/* The path for a sentence: its last bytes when it is too long to leave room for the
 * rest. */
const char *raw_file_name(const char *path);

#endif
