/* engine_live: an interface through a pipeline, for as long as somebody wants it (part
 * of layer engine). Three threads, none of which waits for one to its right:
 *
 *   capture thread            storing thread           the caller of engine_live_poll
 *   interface --> packets file
 *        '--> pipeline --+--> queue --> stored sinks
 *                        '--> queue --------------------> shown sinks, talk
 *
 * With more threads, so many of the first two columns, each with an own handle on the
 * interface; the kernel sends both directions of a connection to the same one. Each has
 * its own capture row and file of packets, the sinks see one thread at a time, and all
 * of them go on to the next part together.
 *
 * The queues are bounded. One that is full lets go of its oldest rows and counts them:
 * a locked database costs rows at the worst, a terminal that is held neither packets
 * nor rows of the database. */
#ifndef HOPSCOPE_ENGINE_LIVE_H
#define HOPSCOPE_ENGINE_LIVE_H

#include "hopscope/engine.h"
#include "hopscope/live_capture.h"

enum {
    ENGINE_LIVE_TICK_MS = 1000, /* between two looks at what is open */
    ENGINE_LIVE_PATH_MAX = 4096,
    ENGINE_LIVE_SENTENCES_MAX = 16, /* that wait for talk; the oldest go first */
};

struct engine_live_options {
    struct live_capture_options capture; /* its stop_fd is not used */
    uint64_t packets_max;                /* ends after so many; 0: never */
    /* That capture and analyse: 0 and 1: one; at most ENGINE_THREADS_MAX. */
    size_t threads;
    size_t memory_max; /* bytes; 0: no cap. A quarter is the queues' */
    bool vlan_in_key, wants_headers, wants_secrets;
    const char *program_version;

    /* Called on the storing thread only: puts, updates, ticks (see record.h). */
    const struct record_sink *stored;
    size_t stored_count;
    /* On the same thread, between the last row of a part and the first of the next: the
     * database goes on in another file. NULL: there are no parts. */
    enum status (*next_part)(void *context);

    /* Called from within engine_live_poll only, on its caller's thread: no locks are
     * needed there, and being slow there costs shown rows only. */
    const struct record_sink *shown;
    size_t shown_count;
    /* A sentence for a person, also from within poll; may be NULL. */
    void (*talk)(void *context, const char *sentence);

    /* Writes the path of the (next) file of packets; called by start and, on the
     * capture thread, at every new part. `thread` is below `threads`: its file has the
     * packets of its own handle. NULL: packets are not kept. */
    void (*packets_path)(void *context, size_t thread, char out[ENGINE_LIVE_PATH_MAX]);
    /* A new part of both files begins after so many bytes of either (0: no matter) or
     * so much time. `stored_bytes`, called on the capture thread, is the database's
     * size. */
    uint64_t part_bytes;
    int64_t part_ns;
    uint64_t (*stored_bytes)(void *context);
    void *context;
};

/* One queue, as it stands. */
struct engine_live_lane {
    uint64_t waiting_rows;
    uint64_t dropped_rows; /* finished ones, since the start */
    int64_t lag_ns;        /* age of the oldest that waits; 0: none does */
};

/* Since the start, over all parts; renewed every second. */
struct engine_live_statistics {
    int64_t elapsed_ns;
    uint64_t packets, bytes, truncated; /* seen; bytes on the wire */
    uint64_t kernel_dropped, interface_dropped;
    uint64_t unwritten; /* seen, but not in the file of packets: the disk refused */
    uint64_t connections, exchanges;
    uint64_t evicted_connections;
    size_t memory_bytes; /* of the process */
    uint32_t capture_id; /* of the part that is being written */
    bool is_up;          /* the interface */
    struct engine_live_lane stored, shown;
};

struct engine_live;

/* Opens the interface, which is all that needs rights. Results and `why` as
 * live_capture_open. `options` is copied, what it points to is not. */
enum status engine_live_open(const struct engine_live_options *options,
                             struct engine_live **out, struct problem *why);
/* Opens the file of packets and starts the threads; the first capture row gets this id.
 * STATUS_FAILED: `why` says it. */
enum status engine_live_start(struct engine_live *l, uint32_t first_capture_id,
                              struct problem *why);
/* Waits for `wait_ms` at most until there is something to show, and gives it to the
 * shown sinks and to talk; for 50 ms at most at a time. False: all is done, by
 * engine_live_end or by itself, and all is shown. */
bool engine_live_poll(struct engine_live *l, int wait_ms,
                      struct engine_live_statistics *now);
/* Readable when a poll would not wait: for a loop that also waits for keys. */
int engine_live_fd(const struct engine_live *l);
/* Both may be called from any thread, and return at once: to end in order, what the
 * kernel holds yet included; to begin a new part now. */
void engine_live_end(struct engine_live *l);
void engine_live_next_part(struct engine_live *l);
/* Ends if need be, waits for the threads, frees. STATUS_GONE: done, because the
 * interface has gone. STATUS_DAMAGED: done, but packets or rows are missing in the
 * account, talk has said which (the database was too slow, the disk full).
 * STATUS_FAILED: `why` says it; empty: a sink's owner has the reason. */
enum status engine_live_close(struct engine_live *l, struct problem *why);

#endif
