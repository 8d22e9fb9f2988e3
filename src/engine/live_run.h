/* A live run, shared by the files that make it up: who owns which member is said here.
 */
#ifndef ENGINE_LIVE_RUN_H
#define ENGINE_LIVE_RUN_H

#include "engine/live_queue.h"
#include "hopscope/engine_live.h"

#include <pthread.h>
#include <stdatomic.h>

/* What one capture row is about: packets from one file of packets to the next. */
struct live_part {
    uint32_t capture_id, number; /* number: of the last packet */
    int64_t began_ns;            /* monotonic */
    int64_t start_ns, end_ns;    /* of its packets; CAPTURE_NUMBER_UNKNOWN: none */
    uint64_t packets, bytes, truncated, unwritten;
    struct live_capture_drops drops_before; /* of the parts before it */
    uint64_t dropped_rows_before;
};

/* Where the storing threads wait for each other between two parts. */
struct live_seam {
    pthread_mutex_t mutex;
    pthread_cond_t passed;
    size_t member_count, waiting_count;
    uint32_t number; /* of seams passed */
    enum status status;
};

struct engine_live {
    struct engine_live_options options;
    uint32_t first_capture_id;
    /* Of a run on several threads: this one's place, and the first, which owns the
     * others, what they share (wake_fd, has_sinks) and the sentences. */
    struct engine_live *first, *others[ENGINE_THREADS_MAX];
    size_t other_count, index; /* index: its place; 0: the first */
    pthread_mutex_t has_sinks; /* whose storing thread may call them; the first's */
    int64_t begin_ns; /* epoch: frames before it went to several handles; 0: none did */
    int wake_fd;      /* readable: something for poll */
    int stop_fd;      /* readable: the capture thread shall end */
    _Atomic bool is_stopping;
    /* Parts. The first one decides: somebody wants one; how many it has asked all for.
     * parts_begun is each one's own. */
    _Atomic bool wants_part;
    _Atomic uint32_t parts_asked;
    uint32_t parts_begun;
    _Atomic uint64_t packets_bytes; /* of the file of packets */
    _Atomic uint64_t claimed; /* the first's: packets of all, towards packets_max */
    struct live_seam seam;    /* the first's */
    _Atomic bool is_captured, is_stored; /* those threads are done */
    _Atomic bool has_failed;             /* a sink has refused */
    bool has_threads;
    pthread_t capture_thread, storing_thread;
    struct live_queue *stored, *shown; /* shown NULL: nobody looks */
    _Atomic int64_t storing_since_ns;  /* of the block in hand; 0: none */

    pthread_mutex_t mutex; /* of these two: */
    struct engine_live_statistics now;
    struct live_sentences {
        struct problem texts[ENGINE_LIVE_SENTENCES_MAX];
        size_t first, count;
    } sentences;

    /* The capture thread's own, and close's after it. */
    struct live_capture *capture;
    struct pcapng_writer *packets; /* NULL: not kept */
    struct pipeline *pipeline;
    struct live_part part;
    struct engine_live_statistics sums;
    int64_t started_ns, ticked_ns; /* monotonic */
    /* Time of the wire, as far as known: that of the newest frame, when it was read. */
    int64_t newest_ns, anchor_ns, anchor_at_ns;
    int64_t finish_ns;          /* epoch: later frames came after the end; 0: none */
    bool is_full;               /* packets_max is reached */
    bool is_gone;               /* the interface is not there any more */
    struct problem damage, why; /* the run's; why: it has failed */
    enum status status;
};

/* ---- live_loop.c: the capture thread ---- */

void *live_loop_run(void *live);

/* ---- live_lane.c: the storing thread ---- */

void *live_lane_run(void *live);
/* Gives the shown sinks what waits for them, for a while. False: nothing will come. */
bool live_lane_show(struct engine_live *l);
struct engine_live_lane live_lane_state(struct live_queue *q, int64_t busy_since_ns);
void live_lane_wake(struct engine_live *l); /* whoever polls */

/* ---- live_account.c ---- */

/* Renews the figures that poll gives out. */
void live_account_publish(struct engine_live *l);
/* The part's capture row as of now, to both queues; `is_last`: nothing will be added.
 */
void live_account_put_capture(struct engine_live *l, bool is_last);
/* Keeps a sentence for talk. */
void live_account_say(struct engine_live *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- live_part.c ---- */

void live_part_begin(struct engine_live *l, uint32_t capture_id);
/* Opens the part's file of packets, if they are kept. */
enum status live_part_open_packets(struct engine_live *l, bool is_first,
                                   struct problem *why);
void live_part_close_packets(struct engine_live *l);
/* Ends the part and begins the next one, if it is time for that. */
void live_part_rotate_when_due(struct engine_live *l);

#endif
