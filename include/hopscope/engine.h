/* engine: owns the wiring and the threads; nothing below it knows there is more than
 * one.
 *
 *   capture set --frame--> decoded, or: whose connection?               calling thread
 *              '--batches--> queue --> pipeline (tcp, stream, http, exchange)
 *                                       |                     one thread, or several
 *                                       '--records--> queue --> sinks    writer thread
 *
 * With several, each connection belongs to one of the pipelines. */
#ifndef HOPSCOPE_ENGINE_H
#define HOPSCOPE_ENGINE_H

#include "hopscope/base.h"
#include "hopscope/capture.h"
#include "hopscope/net.h"
#include "hopscope/record.h"
#include "hopscope/tcp.h"

enum {
    ENGINE_CAPTURES_MAX = 32767, /* their ids are part of every other id */
    ENGINE_THREADS_MAX = 64,     /* that analyse */
};

/* ---- stats: where the time of a run went ---- */

enum stats_phase { /* of the whole run; it begins with the first */
                   STATS_OPENING,
                   STATS_READING,
                   STATS_FINISHING, /* what the sinks have to do after their last record
                                     */
                   STATS_PRINTING,
                   STATS_PHASE_COUNT,
};

struct stats;

/* `sink_names` are those of engine_options.sinks, in their order, and must outlive it.
 */
struct stats *stats_new(const char *const *sink_names, size_t sink_count);
/* The phase before ends; NULL is allowed. On one thread only. */
void stats_begin_phase(struct stats *s, enum stats_phase phase);
/* Lines of text as of now; may be called on any thread, while the others work. */
void stats_format(const struct stats *s, struct buffer *out);
void stats_free(struct stats *s); /* NULL is allowed */

/* ---- pipeline: one shard, one thread ---- */

struct stopwatch; /* hopscope/stopwatch.h */

struct pipeline;

struct pipeline_options {
    struct record_sink sink;
    struct hash_key key;       /* of the flow table */
    uint32_t first_capture_id; /* the lowest that frames come from */
    size_t memory_max;         /* 0: no cap */
    bool vlan_in_key;
    bool wants_headers;      /* RECORD_HEADER for every field of every message */
    bool wants_secrets;      /* ... with the values of credentials and cookies */
    bool rests_at_once;      /* for tests: see struct tcp_settings */
    struct stopwatch *watch; /* of the calling thread; NULL: none */
};

struct pipeline_counters {
    uint64_t frames, truncated, undecoded, bad_checksums, duplicates;
    uint64_t connections, midstream_connections, one_sided_connections;
    uint64_t missing_bytes, evicted_connections;
    uint64_t odd_segments, late_packets, overdue_packets;
    uint64_t exchanges, exact_pairs, inferred_pairs, ambiguous_pairs, orphan_responses;
};

struct pipeline *pipeline_new(const struct pipeline_options *options);
/* STATUS_FAILED: the sink refused a record; nothing more should be fed. */
enum status pipeline_frame(struct pipeline *p, const struct frame *frame);
/* The same for frames that stay valid together, at most CAPTURE_BATCH_MAX: what each of
 * them needs of memory is fetched while others are worked on. */
enum status pipeline_frames(struct pipeline *p, const struct frame *frames,
                            size_t count);
/* One packet of a capture that several pipelines share by connection; all that is known
 * of it in one run of memory, as it goes from one core's cache to another's: three
 * lines of it. */
struct pipeline_item {
    struct frame frame;
    struct packet packet; /* of `frame`, as net_decode makes it */
    uint64_t flow;        /* the pipeline's; of NET_TCP: what tcp_prepare said */
    const struct tcp_clock *clock; /* see tcp_set_clock; NULL: tcp's own is right */
    bool is_decoded;   /* `packet` is filled; else that is left to the pipeline */
    bool has_checksum; /* payload_read was called with it */
    uint8_t checksum;  /* enum checksum: what that said */
    uint8_t verdict;   /* enum net_verdict; the pipeline's */
};
enum { PIPELINE_ITEM_ALIGNMENT = 64 };

/* What their frames and packets borrow stays valid together. Whoever has the frames
 * counts them, as one may have been several items, or none. */
enum status pipeline_items(struct pipeline *p, struct pipeline_item *items,
                           size_t count);
/* Of a frame that did not become an item. */
void pipeline_count_verdict(struct pipeline_counters *n, enum net_verdict verdict);
/* After the last item: how far the clock has come with the packets of all. */
void pipeline_set_clock(struct pipeline *p, const struct tcp_clock *clock);
/* Live: time has come to `now_ns`, with packets or without. Connections and exchanges
 * that are not finished go to the sink's update as they stand. */
enum status pipeline_tick(struct pipeline *p, int64_t now_ns);
/* The captures have ended: everything open is accounted for as it stands. */
enum status pipeline_finish(struct pipeline *p);
/* What was counted of one capture's packets and connections (by their first packet). */
struct pipeline_counters pipeline_counters(const struct pipeline *p,
                                           uint32_t capture_id);
void pipeline_free(struct pipeline *p); /* NULL is allowed */

/* ---- read: saved captures through a pipeline into sinks ---- */

struct engine_progress {
    uint64_t done_bytes, total_bytes; /* of the files; total 0: cannot be known */
    uint64_t packets;
};

struct engine_options {
    const char *const *paths;
    size_t path_count;
    const char *filter; /* NULL: none */
    uint32_t first_capture_id;
    size_t memory_max; /* bytes; 0: no cap */
    /* That analyse, beside the one that reads, the calling one, and the one that
     * writes: at most ENGINE_THREADS_MAX; 0: one. The rows are the same for any. */
    size_t threads;
    bool vlan_in_key, wants_headers, wants_secrets;
    const char *program_version;
    const struct record_sink *sinks; /* called on the writer thread only */
    size_t sink_count;
    struct stats *stats; /* NULL: nobody asks where the time goes */
    /* Called on the reading thread now and then (some times a second); may be NULL. */
    void (*progress)(void *context, const struct engine_progress *progress);
    /* A sentence for stderr, such as a file's damage; may be NULL. */
    void (*talk)(void *context, const char *sentence);
    void *context;
    /* Becomes non-zero in a signal handler: stop reading, finish in order. May be NULL.
     */
    const volatile int *stop;
    int stop_fd; /* above 0: readable once `stop` is set; see capture_options */
};

/* Reads every path to its end. STATUS_OK; STATUS_DAMAGED: all before the damage is
 * accounted for, `talk` has said which and where; STATUS_FAILED, STATUS_USAGE: `why`
 * says it (a sink's own reason is with its owner, `why` is then empty). */
enum status engine_read(const struct engine_options *options, struct problem *why);

/* ---- progress: one line about a run under way ---- */

enum { PROGRESS_LINE_MAX = 128, PROGRESS_INTERVAL_MS = 200 };

struct progress {
    int64_t started_ns, shown_ns; /* monotonic clock; shown_ns 0: never */
};

void progress_init(struct progress *p, int64_t now_ns);
/* Whether the line may be written again: at most five times a second, and not within
 * the first interval, so that a short run shows nothing. True counts as shown. */
bool progress_is_due(struct progress *p, int64_t now_ns);
/* Share of the input, packets, rate and time left; packets, bytes and time gone where
 * the end is not known. Under 80 columns, no line end. Returns the length. */
size_t progress_format(const struct progress *p, const struct engine_progress *at,
                       int64_t now_ns, char out[PROGRESS_LINE_MAX]);

/* ---- signals: taken by a thread, so that no handler touches anybody's state ---- */

struct signals_options {
    /* Both are called on that thread; may be NULL. */
    void (*stopping)(void *context); /* the first SIGINT or SIGTERM */
    void (*report)(void *context);   /* SIGUSR1 */
    void (*hangup)(void *context);   /* SIGHUP; NULL: it keeps its usual meaning */
    void *context;
    /* After the first SIGINT or SIGTERM: a program that has not ended by itself then is
     * ended as by a second one. 0: it may take its time. */
    unsigned patience_ms;
};

enum { SIGNALS_PATIENCE_MS = 5000 }; /* of what only reads a database */

struct signals;

/* Keeps what signals_start will take waiting until then: what comes while something is
 * being opened ends it in order, too. SIGHUP among them only if asked for. */
void signals_hold(bool has_hangup);
/* From now on the first SIGINT or SIGTERM raises the stop flag and makes the descriptor
 * readable, and the second ends the program at once. To be called before there is
 * another thread, because threads inherit what they take. */
struct signals *signals_start(const struct signals_options *options);
const volatile int *signals_stop_flag(const struct signals *s);
int signals_stop_fd(const struct signals *s);
void signals_end(struct signals *s); /* NULL is allowed; the flag is gone then */

#endif
