/* capture: frames out of saved captures and interfaces, in order, with where and when.
 *
 *   paths --> set --merge by time--> frame --> net
 *              '-- one source each: savefile (own reader) or libpcap's
 *
 * A frame borrows from the source's block until the next call. Nothing here looks into
 * a frame, except the BPF filter. */
#ifndef HOPSCOPE_CAPTURE_H
#define HOPSCOPE_CAPTURE_H

#include "hopscope/base.h"

/* Times lie within 0 and this, so that adding a timeout to one cannot overflow. */
#define CAPTURE_TIME_NS_MAX (INT64_MAX / 2)

/* One captured packet. `ref` is capture_id << 32 | number; numbers count every record
 * of a file from 1, as Wireshark does. */
struct frame {
    uint64_t ref;
    int64_t captured_ns; /* since the Unix epoch */
    uint32_t link_type;  /* LINKTYPE_ value (not DLT) */
    uint32_t captured;   /* bytes of `data` */
    uint32_t length;     /* bytes on the wire; at least `captured` */
    uint32_t interface;  /* in its capture's info, from 1; 0: not told */
    struct bytes data;
};

static inline uint32_t frame_number(uint64_t ref)
{
    return (uint32_t)ref;
}
static inline uint32_t frame_capture_id(uint64_t ref)
{
    return (uint32_t)(ref >> 32);
}

enum {
    CAPTURE_LINK_TYPES_MAX = 16,  /* kept for the account; more are read, not listed */
    CAPTURE_FRAME_MAX = 16 << 20, /* a record longer than this is damage */
    CAPTURE_INTERFACES_MAX = 16,  /* likewise */
    CAPTURE_INTERFACE_NAME_SIZE = 32,
    CAPTURE_NUMBER_UNKNOWN = -1,
    CAPTURE_BATCH_MAX = 32, /* frames that capture_set_next_batch gives at once */
    CAPTURE_SECRETS_BYTES_MAX = 1 << 20, /* of one set; more are counted, not kept */
};

/* An interface that a pcapng file tells of. */
struct capture_interface {
    uint32_t link_type, snaplen;            /* as declared */
    char name[CAPTURE_INTERFACE_NAME_SIZE]; /* cut to fit; empty: it has none */
};

/* What is known of one source so far; valid until capture_set_close. */
struct capture_info {
    uint32_t capture_id;
    const char *path;   /* as given; "-" is standard input */
    const char *format; /* "pcap", "pcapng", "pcap.gz", ..., "libpcap"; static text */
    uint32_t link_types[CAPTURE_LINK_TYPES_MAX];
    uint32_t link_type_count;
    struct capture_interface interfaces[CAPTURE_INTERFACES_MAX];
    uint32_t interface_count;
    int64_t snaplen;    /* the largest of its interfaces; 0 and absurd: 262144 */
    int64_t start_ns;   /* earliest frame; CAPTURE_NUMBER_UNKNOWN: none */
    int64_t end_ns;     /* latest frame; likewise */
    uint64_t packets;   /* records read, filtered ones included */
    uint64_t bytes;     /* on the wire, of those */
    uint64_t filtered;  /* records that the filter refused */
    uint64_t truncated; /* records with captured < length */
    /* Records whose time was missing or impossible. A fraction of a second of 1 s to 2
     * s is carried, a larger one is held at the second's end; instead of a time that is
     * missing or beyond the range, the record before lends its own. */
    uint64_t odd_times;
    uint64_t secrets;                          /* pcapng's Decryption Secrets Blocks */
    int64_t kernel_dropped, interface_dropped; /* from pcapng's ISB, or unknown */
    bool is_at_end; /* its last record, or its damage, has been reached */
    /* Why reading stopped before the end, with the offset; empty while the file is
     * whole. All frames before the damage have been given out. */
    struct problem damage;
    /* A limit of reading that is no damage: frames of a link type that the filter
     * cannot be compiled for were refused, or such as it means to let through but does
     * not (VLAN tags, later fragments). Empty: nothing to tell. */
    struct problem note;
};

struct capture_options {
    const char *filter;        /* tcpdump syntax; NULL: everything */
    uint32_t first_capture_id; /* the first path's; later paths count on */
    /* Above 0: once this descriptor is readable (an eventfd, a signalfd), waiting for
     * standard input or a FIFO ends as if the data did, without damage. */
    int stop_fd;
};

/* A Decryption Secrets Block, as found; `data` lives as long as the set. */
struct capture_secret {
    uint32_t capture_id;
    uint32_t type; /* 0x544c534b: TLS key log */
    struct bytes data;
};

struct capture_set;

enum capture_next { CAPTURE_FRAME, CAPTURE_END };

/* Opens saved captures: pcap, pcapng, either of them compressed (gzip, zstd, lz4, xz:
 * told by magic), standard input ("-"), FIFOs, and whatever else libpcap can read.
 * Frames come merged by time where files overlap; `paths` must outlive the set. Reads
 * up to each one's first frame, and waits for that on a pipe. STATUS_OK; STATUS_FAILED:
 * no such file, no right, not a capture; STATUS_USAGE: the filter does not compile.
 * `why` then names the path or the filter. */
enum status capture_set_open(const char *const *paths, size_t path_count,
                             const struct capture_options *options,
                             struct capture_set **out, struct problem *why);
/* The same over one capture file's image; it must outlive the set, and plain frames
 * borrow from it. Its path reads "memory". `options` may be NULL in both. */
enum status capture_set_open_memory(struct bytes image,
                                    const struct capture_options *options,
                                    struct capture_set **out, struct problem *why);
/* CAPTURE_FRAME: `*frame` borrows until the next call. CAPTURE_END: every source is at
 * its end or its damage. */
enum capture_next capture_set_next(struct capture_set *set, struct frame *frame);
/* The same, up to CAPTURE_BATCH_MAX at once: as many as stand whole in the block that
 * has been read, so that they borrow together until the next call; one, where several
 * captures are merged. Returns their number; 0: CAPTURE_END. */
size_t capture_set_next_batch(struct capture_set *set,
                              struct frame frames[CAPTURE_BATCH_MAX]);
/* Reading ahead: who fills blocks while those before are used, on whatever thread.
 *
 *   [headroom|....data....)   the beginning of a record that the last block's end cut
 *            ^ read here      goes into the headroom, so that it stands together */
enum {
    CAPTURE_AHEAD_HEADROOM = 64 << 10,
    CAPTURE_AHEAD_BYTES = 256 << 10,
    CAPTURE_AHEAD_BLOCK_SIZE = CAPTURE_AHEAD_HEADROOM + CAPTURE_AHEAD_BYTES,
};
struct capture_ahead_block {
    uint8_t *bytes;        /* CAPTURE_AHEAD_BLOCK_SIZE, from mem_alloc's family */
    size_t length;         /* of the data; fewer than CAPTURE_AHEAD_BYTES: the last */
    uint64_t done;         /* bytes of the file used up to here */
    struct problem reason; /* why it is the last; empty: the data just end */
};
struct capture_ahead {
    void *context;
    struct capture_ahead_block *(*take)(void *context); /* NULL: none follows */
    /* `bytes` may be others than those taken. */
    void (*give_back)(void *context, struct capture_ahead_block *block);
};
/* Whether the set begins with a compressed file: what unpacks it has the most to do. */
bool capture_set_is_packed(const struct capture_set *set);
/* Whether reading ahead can be worth it: one file of some size. */
bool capture_set_may_read_ahead(const struct capture_set *set);
/* Fills a block. False: it is the last. Beside it only what is already read may be used
 * of the set. */
bool capture_set_fill(struct capture_set *set, struct capture_ahead_block *block);
/* From here on all blocks come from `ahead`. */
void capture_set_read_ahead(struct capture_set *set, const struct capture_ahead *ahead);

/* Keeps what the frames given out last borrow from, for who needs them longer than
 * until the next call, on whatever thread: they stay until the last release. NULL: that
 * cannot be, and they have to be copied. */
struct capture_block;
struct capture_block *capture_set_hold(struct capture_set *set);
void capture_block_keep(struct capture_block *b);    /* one more release is due */
void capture_block_release(struct capture_block *b); /* NULL is allowed */
size_t capture_set_count(const struct capture_set *set);
const struct capture_info *capture_set_info(const struct capture_set *set,
                                            size_t index);
/* For a progress bar: file bytes consumed (compressed ones as stored) and in all;
 * *total is 0 when that cannot be known. */
void capture_set_progress(const struct capture_set *set, uint64_t *done,
                          uint64_t *total);
/* The secrets kept so far, in the order they were read. */
size_t capture_set_secret_count(const struct capture_set *set);
struct capture_secret capture_set_secret(const struct capture_set *set, size_t index);
void capture_set_close(struct capture_set *set); /* NULL is allowed */

/* "ETHERNET", "LINUX_SLL2", ...; NULL for a number without a name here. */
const char *capture_link_type_name(uint32_t link_type);

#endif
