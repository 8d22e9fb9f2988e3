/* live_capture: frames off an interface as they come (part of layer capture), and the
 * file that keeps them.
 *
 *   kernel's ring --filter--> live_capture_read --frame--> take --> pcapng_writer
 *        '-- full: dropped, counted by the kernel, asked for by live_capture_drops  */
#ifndef HOPSCOPE_LIVE_CAPTURE_H
#define HOPSCOPE_LIVE_CAPTURE_H

#include "hopscope/capture.h"

/* ---- an interface ---- */

enum {
    LIVE_CAPTURE_SNAPLEN = 262144,
    LIVE_CAPTURE_BUFFER_KIB = 64 << 10,
    LIVE_CAPTURE_TIMEOUT_MS = 100, /* the kernel hands packets out after this long */
    LIVE_CAPTURE_GROUP_NEW = 1 << 16,
};

struct live_capture_options {
    const char *interface; /* NULL: "any", which is all of them */
    const char *filter;    /* tcpdump syntax, run by the kernel; NULL: everything */
    const char *link_type; /* as libpcap names it, "EN10MB"; NULL: the usual one */
    uint32_t snaplen;      /* 0: LIVE_CAPTURE_SNAPLEN */
    uint32_t buffer_kib;   /* 0: LIVE_CAPTURE_BUFFER_KIB */
    bool is_quiet_mode;    /* not promiscuous: only packets for this machine */
    int stop_fd;           /* above 0: readable once reading shall end */
    /* Handles of one group share an interface's packets (packet(7), PACKET_FANOUT):
     * both directions of a connection come to the same one, IPv4 fragments whole. 0:
     * alone; LIVE_CAPTURE_GROUP_NEW: the first of a group; else what live_capture_group
     * says of that one. A handle sees packets of others until all have joined. */
    uint32_t group;
};

/* What was lost before we could see it, since the opening. Frames that were given out
 * are in neither figure. */
struct live_capture_drops {
    uint64_t kernel;    /* its ring was full */
    uint64_t interface; /* the driver or its card; of the whole interface */
};

struct live_capture;

/* STATUS_FAILED: no such interface, it is down, no right; STATUS_USAGE: the filter does
 * not compile, or no such link type. `why` says it and what to do. */
enum status live_capture_open(const struct live_capture_options *options,
                              struct live_capture **out, struct problem *why);
void live_capture_close(struct live_capture *c); /* NULL is allowed */

enum live_capture_state {
    LIVE_CAPTURE_FRAMES, /* some were given out, more may wait */
    LIVE_CAPTURE_SILENT, /* nothing waits now */
    LIVE_CAPTURE_STOPPED,
    LIVE_CAPTURE_GONE, /* the interface is not there any more */
};

/* Waits for frames, for the timeout at most, and gives out those that wait, up to some
 * thousands. `take` borrows the frame for the call, sets its `ref` for itself, and
 * returns whether to go on. GONE: live_capture_problem says what has happened. */
enum live_capture_state
live_capture_read(struct live_capture *c,
                  bool (*take)(void *context, struct frame *frame), void *context);
/* From now on waiting does not end by stop_fd: what the kernel has yet can be read. */
void live_capture_finish(struct live_capture *c);
const char *live_capture_problem(const struct live_capture *c);
struct live_capture_drops live_capture_drops(struct live_capture *c);
/* Whether the interface is up now; what comes while it is down is nobody's to see. */
bool live_capture_is_up(const struct live_capture *c);
uint32_t live_capture_group(const struct live_capture *c); /* 0: it is alone */
const char *live_capture_interface(const struct live_capture *c);
uint32_t live_capture_link_type(const struct live_capture *c); /* LINKTYPE_ */
uint32_t live_capture_snaplen(const struct live_capture *c);
/* A sentence about a filter that passes less than it seems to; NULL: none. Static. */
const char *live_capture_filter_warning(const char *filter);
/* Appends a line for each interface that can be captured on: name, state, addresses;
 * network interfaces first, the others (USB, Bluetooth, D-Bus) if asked for. */
enum status live_interfaces_list(bool wants_all, struct buffer *out,
                                 struct problem *why);

/* ---- a file of packets (draft-ietf-opsawg-pcapng) ---- */

struct pcapng_writer_options {
    const char *path;
    const char *interface; /* what its frames come from; NULL: unknown */
    const char *filter;    /* that they passed; NULL: none */
    const char *program;   /* name and version */
    uint32_t link_type, snaplen;
    bool replaces; /* what stands there may go */
    /* Of another capture: interfaces come with their first packets, and a file that is
     * not written to its end is removed. */
    bool is_part;
};

struct pcapng_writer;

/* Makes the file and writes its heads. STATUS_FAILED: `why` says it; there is none. */
enum status pcapng_writer_open(const struct pcapng_writer_options *options,
                               struct pcapng_writer **out, struct problem *why);
/* Adds a frame, whatever its link type. STATUS_FAILED: the disk refused; nothing more
 * is written, `why` of the closing says it. */
enum status pcapng_writer_frame(struct pcapng_writer *w, const struct frame *frame);
/* Adds a frame of the interface it came from (NULL: not known), with a comment (UTF-8;
 * empty: none). */
enum status pcapng_writer_packet(struct pcapng_writer *w, const struct frame *frame,
                                 const struct capture_interface *interface,
                                 struct bytes comment);
/* Adds a secret as it was found, before the packets that need it. */
enum status pcapng_writer_secret(struct pcapng_writer *w,
                                 const struct capture_secret *secret);
/* Writes out what waits in memory, so that others can read it. */
enum status pcapng_writer_flush(struct pcapng_writer *w);
uint64_t pcapng_writer_bytes(const struct pcapng_writer *w); /* of the file so far */
/* Nothing more is written, and the closing fails for this reason. */
void pcapng_writer_give_up(struct pcapng_writer *w, const char *reason);
/* `drops` (NULL: not known) become its statistics. Frees it in any case. */
enum status pcapng_writer_close(struct pcapng_writer *w,
                                const struct live_capture_drops *drops,
                                struct problem *why);

#endif
