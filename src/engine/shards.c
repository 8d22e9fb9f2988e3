/* From one reader to one analyser, or to many.
 *
 *   many:  frame --plain?--yes--> hash of its ends ------------.
 *                    '--no--> net --packet--> hash of its ends +--> batch of that shard
 *                              '-- fragments, tunnels, Wi-Fi       '--full--> queue -.
 *                                                                      pipeline <----'
 *   one:   frame --> net --packet--> checksum, hash of the payload --> batch
 *                                    '-- while the shard is behind
 *
 * Nothing in the rows may depend on how many shards there are. So what looks beyond one
 * connection stays with the reader: fragments of datagrams, what net owes to a later
 * packet, and the clock of the capture, which goes with every packet. A packet's bytes
 * stay in the block that was read; each batch holds the blocks that it needs.
 *
 * The reader has just copied those bytes, so they are in its core's cache. Where it has
 * one shard to feed, it decodes the frames, and reads the payloads, too, unless the
 * shard waits for it: so both come to an end at about the same time. */
#include "engine/shards.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "engine/queue.h"
#include "engine/shard_batch.h"
#include "hopscope/tcp.h"

enum {
    /* Of each shard; one is being filled, one worked on. Where reader and writer share
     * a core, the reader has its turn while the writer waits for a block's worth of
     * records; in that turn it must get as far ahead as the shard comes until the
     * next one, or one of two cores idles. */
    SHARD_BATCHES = 24,
    SHARD_WAKE_BATCHES = 8,
    SHARD_BEHIND_BATCHES = 16, /* that wait; with fewer it may yet run dry */
};

struct shard {
    pthread_t thread;
    struct queue *queue;
    struct shard_batch *filling; /* the reader's */
    bool is_behind; /* likewise: when it was handed the last batch, and is alone */
    struct shards *all;
    struct pipeline *pipeline;
    struct writer_port *port;
    struct stopwatch *watch;
    uint64_t packets;
    enum status status; /* the shard's, until its thread has ended */
};

struct shards {
    struct shards_options options;
    struct hash_key key;
    struct payload_key payload_key;
    struct net *net; /* for what is not plain */
    struct tcp_clock clock;
    struct pipeline_counters *counters; /* of what the reader decodes, by capture */
    size_t counter_count;
    _Atomic bool has_failed;
    size_t started;
    struct shard shard[ENGINE_THREADS_MAX];
};

/* ---- a shard's thread ---- */

static struct shard_batch *wait_for_batch(struct shard *h)
{
    uint64_t begun_ns = stopwatch_exact_begin(h->watch);
    struct shard_batch *b = queue_take_full(h->queue);
    stopwatch_exact_end(h->watch, READER_IDLE, begun_ns);
    return b;
}

/* Once the writer has failed, batches only go round, so that the reader cannot stand
 * still. */
static void work(struct shard *h, struct shard_batch *b)
{
    if (h->status != STATUS_OK) return;
    size_t count = shard_batch_count(b);
    h->status = pipeline_items(h->pipeline, b->items, count);
    h->packets += count;
    stopwatch_set_units(h->watch, h->packets);
    if (h->status != STATUS_OK) atomic_store(&h->all->has_failed, true);
}

static void *run(void *context)
{
    struct shard *h = context;
    struct shard_batch *b;
    stopwatch_start(h->watch);
    while ((b = wait_for_batch(h)) != NULL) {
        work(h, b);
        shard_batch_clear(b);
        queue_give_back(h->queue, b);
    }
    uint64_t begun_ns = stopwatch_exact_begin(h->watch);
    if (h->all->options.count > 1)
        pipeline_set_clock(h->pipeline, &h->all->clock); /* the reader has ended */
    if (h->status == STATUS_OK) h->status = pipeline_finish(h->pipeline);
    writer_port_close(h->port);
    stopwatch_exact_end(h->watch, READER_FINISH, begun_ns);
    stopwatch_stop(h->watch);
    return NULL;
}

/* ---- the reader ---- */

static struct pipeline_counters *count(struct shards *s, uint64_t ref)
{
    size_t at = frame_capture_id(ref) - s->options.pipeline.first_capture_id;
    if (at >= s->counter_count) {
        s->counters = mem_resize(s->counters, (at + 1) * sizeof *s->counters);
        for (; s->counter_count <= at; s->counter_count++)
            s->counters[s->counter_count] = (struct pipeline_counters){0};
    }
    return &s->counters[at];
}

static struct shard *choose(struct shards *s, uint64_t hash)
{
    return &s->shard[(hash >> 32) * s->options.count >> 32];
}

static void hand_over(struct shards *s, struct shard *h)
{
    uint8_t before = stopwatch_turn_to(s->options.watch, READER_HAND_OVER);
    size_t waiting = queue_hand_over(h->queue, h->filling);
    h->is_behind = s->options.count == 1 && waiting >= SHARD_BEHIND_BATCHES;
    uint64_t begun_ns = stopwatch_exact_begin(s->options.watch);
    h->filling = queue_take_empty(h->queue);
    stopwatch_exact_end(s->options.watch, READER_WAIT, begun_ns);
    stopwatch_turn_to(s->options.watch, before);
}

/* Several shards: each packet brings the clock as it stands before it. The only one
 * sees them all, so that its own clock is as good. */
static void set_clock(struct shards *s, struct shard *h, struct pipeline_item *item)
{
    shard_batch_set_clock(h->filling, item, &s->clock);
    s->clock.packets++;
    if (item->frame.captured_ns <= s->clock.now_ns) return;
    s->clock.now_ns = item->frame.captured_ns;
    s->clock.capture_id = frame_capture_id(item->frame.ref);
}

/* What nothing but the packet's bytes is needed for. */
static void read_payload(const struct shards *s, struct pipeline_item *item)
{
    item->checksum = (uint8_t)payload_read(&s->payload_key, &item->packet);
    item->has_checksum = true;
}

/* From the place where it was decoded. */
static struct pipeline_item *move_to(struct shard *h, struct pipeline_item *item)
{
    struct pipeline_item *place = shard_batch_place(h->filling);
    if (place == item) return item;
    *place = *item;
    place->packet.frame = &place->frame;
    return place;
}

/* The item stands in its shard's batch. */
__attribute__((always_inline)) static inline void add(struct shards *s, struct shard *h,
                                                      struct pipeline_item *item,
                                                      struct capture_block *block)
{
    shard_batch_add_packet(h->filling, item, block);
    if (h->is_behind) read_payload(s, item);
    if (shard_batch_is_full(h->filling)) hand_over(s, h);
}

/* To the one of several shards that has its connection. */
__attribute__((noinline)) static void
share_packet(struct shards *s, struct pipeline_item *item, struct capture_block *block)
{
    struct shard *h = choose(s, flow_hash_of_packet(s->key, &item->packet));
    item = move_to(h, item);
    set_clock(s, h, item);
    add(s, h, item, block);
}

static inline void take(struct shards *s, enum net_verdict verdict,
                        struct pipeline_item *item, struct capture_block *block)
{
    if (verdict != NET_TCP)
        pipeline_count_verdict(count(s, item->frame.ref), verdict);
    else if (s->options.count > 1)
        share_packet(s, item, block);
    else
        add(s, &s->shard[0], item, block);
}

/* Several packets in one 802.11 frame. */
__attribute__((noinline)) static void
decode_more(struct shards *s, const struct frame *frame, struct capture_block *block)
{
    while (net_has_more(s->net)) {
        struct pipeline_item *item =
            shard_batch_place_frame(s->shard[0].filling, frame);
        enum net_verdict verdict = net_decode_more(s->net, &item->frame, &item->packet);
        take(s, verdict, item, block);
    }
}

/* In the first shard's batch, which is the right place for it where that is the only
 * one. */
static inline void decode(struct shards *s, const struct frame *frame,
                          struct capture_block *block)
{
    struct pipeline_item *item = shard_batch_place_frame(s->shard[0].filling, frame);
    enum net_verdict verdict = net_decode(s->net, &item->frame, &item->packet);
    take(s, verdict, item, block);
    if (net_has_more(s->net)) decode_more(s, frame, block);
}

/* Several shards have it easier than the reader, who must not spend on a packet what
 * decoding costs. */
static bool is_left_to_shard(const struct shards *s, const struct frame *frame,
                             uint64_t *hash)
{
    return !net_owes_oddities(s->net) && flow_hash_of_frame(s->key, frame, hash);
}

static void share_out(struct shards *s, const struct frame *frame, uint64_t hash,
                      struct capture_block *block)
{
    struct shard *h = choose(s, hash);
    struct pipeline_item *item = shard_batch_place_frame(h->filling, frame);
    set_clock(s, h, item);
    shard_batch_add_frame(h->filling, item, block);
    if (shard_batch_is_full(h->filling)) hand_over(s, h);
}

enum status shards_frames(struct shards *s, struct capture_set *set,
                          const struct frame *frames, size_t frame_count)
{
    const struct frame *end = frames + frame_count;
    struct capture_block *block = capture_set_hold(set);
    count(s, frames[0].ref)->frames += frame_count; /* all of one capture */
    stopwatch_turn_to(s->options.watch, READER_DECODE);
    bool is_alone = s->options.count == 1;
    for (uint64_t hash; frames < end; frames++) {
        if (!is_alone && is_left_to_shard(s, frames, &hash))
            share_out(s, frames, hash, block);
        else
            decode(s, frames, block);
    }
    capture_block_release(block);
    return atomic_load(&s->has_failed) ? STATUS_FAILED : STATUS_OK;
}

/* ---- life ---- */

static int start(struct shards *s, struct shard *h)
{
    struct pipeline_options pipeline = s->options.pipeline;
    h->all = s;
    h->queue = queue_new(SHARD_BATCHES, SHARD_WAKE_BATCHES);
    for (int i = 1; i < SHARD_BATCHES; i++)
        queue_give_back(h->queue, shard_batch_new());
    h->filling = shard_batch_new();
    h->watch = stats_watch(s->options.stats, STATS_SHARD);
    h->port = writer_port_open(s->options.writer, h->watch);
    pipeline.sink = writer_port_sink(h->port);
    pipeline.watch = h->watch;
    h->pipeline = pipeline_new(&pipeline);
    return pthread_create(&h->thread, NULL, run, h);
}

struct shards *shards_start(const struct shards_options *options, struct problem *why)
{
    struct shards *s = mem_alloc(sizeof *s);
    s->options = *options;
    s->key = hash_key_random();
    payload_key_init(&s->payload_key, options->pipeline.key);
    s->net = net_new();
    s->clock.now_ns = INT64_MIN;
    for (; s->started < options->count; s->started++) {
        int error = start(s, &s->shard[s->started]);
        if (error == 0) continue;
        problem_set(why, STATUS_FAILED, "cannot start thread %zu: %s", s->started + 1,
                    strerror(error));
        writer_port_close(s->shard[s->started].port);
        shards_finish(s);
        shards_free(s);
        return NULL;
    }
    return s;
}

enum status shards_finish(struct shards *s)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < s->started; i++) {
        struct shard *h = &s->shard[i];
        queue_hand_over(h->queue, h->filling);
        h->filling = NULL;
        queue_end(h->queue);
    }
    for (size_t i = 0; i < s->started; i++) {
        pthread_join(s->shard[i].thread, NULL);
        if (s->shard[i].status != STATUS_OK) status = s->shard[i].status;
    }
    return status;
}

static void add_counters(struct pipeline_counters *sum,
                         const struct pipeline_counters *n)
{
    sum->frames += n->frames;
    sum->truncated += n->truncated;
    sum->undecoded += n->undecoded;
    sum->bad_checksums += n->bad_checksums;
    sum->duplicates += n->duplicates;
    sum->connections += n->connections;
    sum->midstream_connections += n->midstream_connections;
    sum->one_sided_connections += n->one_sided_connections;
    sum->missing_bytes += n->missing_bytes;
    sum->evicted_connections += n->evicted_connections;
    sum->odd_segments += n->odd_segments;
    sum->late_packets += n->late_packets;
    sum->overdue_packets += n->overdue_packets;
    sum->exchanges += n->exchanges;
    sum->exact_pairs += n->exact_pairs;
    sum->inferred_pairs += n->inferred_pairs;
    sum->ambiguous_pairs += n->ambiguous_pairs;
    sum->orphan_responses += n->orphan_responses;
}

struct pipeline_counters shards_counters(const struct shards *s, uint32_t capture_id)
{
    struct pipeline_counters sum = {.frames = 0};
    size_t at = capture_id - s->options.pipeline.first_capture_id;
    if (at < s->counter_count) sum = s->counters[at];
    for (size_t i = 0; i < s->started; i++) {
        struct pipeline_counters n =
            pipeline_counters(s->shard[i].pipeline, capture_id);
        add_counters(&sum, &n);
    }
    return sum;
}

void shards_free(struct shards *s)
{
    if (s == NULL) return;
    for (size_t i = 0; i < ENGINE_THREADS_MAX; i++) {
        struct shard *h = &s->shard[i];
        struct shard_batch *b;
        if (h->queue == NULL) break;
        while ((b = queue_drain(h->queue)) != NULL) shard_batch_free(b);
        if (h->filling != NULL) shard_batch_free(h->filling);
        queue_free(h->queue);
        pipeline_free(h->pipeline);
    }
    net_free(s->net);
    mem_free(s->counters);
    mem_free(s);
}
