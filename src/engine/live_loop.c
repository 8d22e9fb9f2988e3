/* The capture thread: frames as they come, the clock where none come, the end.
 *
 *   read (100 ms at most) --frames--> file of packets, pipeline --> queues
 *      '--every second--> tick: timers, what is open, drops, capture row     */
#include "engine/live_run.h"

#define SECOND_NS 1000000000LL
/* A silent interface: a frame may stand in the kernel's ring for a little longer than
 * the timeout. */
#define SILENCE_LAG_NS (3LL * LIVE_CAPTURE_TIMEOUT_MS * 1000000LL)
/* Frames come, but their clock was set back: timers must not stand still. */
#define CLOCK_LAG_NS    (5LL * SECOND_NS)
#define FINISH_LIMIT_NS SECOND_NS /* for what the kernel has yet at the end */

/* ---- sinks of the pipeline: both queues ---- */

static enum status put(void *context, enum record_kind kind, const void *record)
{
    struct engine_live *l = context;
    live_queue_put(l->stored, kind, record);
    if (l->shown != NULL) live_queue_put(l->shown, kind, record);
    return STATUS_OK;
}

static enum status update(void *context, enum record_kind kind, const void *record)
{
    struct engine_live *l = context;
    live_queue_update(l->stored, kind, record);
    if (l->shown != NULL) live_queue_update(l->shown, kind, record);
    return STATUS_OK;
}

/* ---- frames ---- */

static void count_unwritten(struct engine_live *l)
{
    if (l->options.packets_path == NULL) return;
    l->part.unwritten++;
    l->sums.unwritten++;
}

static void keep_packet(struct engine_live *l, const struct frame *frame)
{
    if (l->packets == NULL) {
        count_unwritten(l);
        return;
    }
    if (pcapng_writer_frame(l->packets, frame) == STATUS_OK) return;
    if (l->part.unwritten == 0)
        live_account_say(l, "the disk takes no more packets: they are not kept, the "
                            "analysis goes on");
    count_unwritten(l);
}

static void count_frame(struct engine_live *l, const struct frame *frame)
{
    struct live_part *part = &l->part;
    bool is_truncated = frame->captured < frame->length;
    part->packets++;
    part->bytes += frame->length;
    part->truncated += is_truncated ? 1 : 0;
    if (part->start_ns == CAPTURE_NUMBER_UNKNOWN || frame->captured_ns < part->start_ns)
        part->start_ns = frame->captured_ns;
    if (frame->captured_ns > part->end_ns) part->end_ns = frame->captured_ns;
    if (frame->captured_ns > l->newest_ns) l->newest_ns = frame->captured_ns;
    l->sums.packets++;
    l->sums.bytes += frame->length;
    l->sums.truncated += is_truncated ? 1 : 0;
}

/* Towards packets_max, which is all threads'. The last one of them ends the run. */
static bool claim_frame(struct engine_live *l)
{
    uint64_t max = l->options.packets_max;
    if (max == 0) return true;
    uint64_t number = atomic_fetch_add(&l->first->claimed, 1) + 1;
    l->is_full = number >= max;
    if (number == max) engine_live_end(l->first);
    return number <= max;
}

static bool on_frame(void *context, struct frame *frame)
{
    struct engine_live *l = context;
    if (frame->captured_ns < l->begin_ns) return true;
    if (l->finish_ns != 0 && frame->captured_ns > l->finish_ns) {
        l->is_full = true; /* what came after the end */
        return false;
    }
    if (!claim_frame(l)) return false;
    frame->ref = (uint64_t)l->part.capture_id << 32 | ++l->part.number;
    count_frame(l, frame);
    keep_packet(l, frame);
    l->status = pipeline_frame(l->pipeline, frame);
    return !l->is_full && l->status == STATUS_OK && l->part.number < UINT32_MAX - 1;
}

/* ---- the clock ---- */

/* The time of the wire by the monotonic clock, as of the newest frame that was not
 * behind it. */
static int64_t wire_now_ns(struct engine_live *l, int64_t clock_ns)
{
    int64_t now_ns = l->anchor_ns + (clock_ns - l->anchor_at_ns);
    if (l->newest_ns <= now_ns) return now_ns;
    l->anchor_ns = l->newest_ns;
    l->anchor_at_ns = clock_ns;
    return l->newest_ns;
}

static void tell_changes(struct engine_live *l,
                         const struct engine_live_statistics *was)
{
    const struct engine_live_statistics *now = &l->sums;
    const char *interface = live_capture_interface(l->capture);
    bool is_first = l == l->first; /* the others see the same interface */
    if (is_first && was->is_up && !now->is_up)
        live_account_say(l,
                         "%s is down: nothing is seen until it is up again "
                         "(ip link set %s up)",
                         interface, interface);
    if (is_first && !was->is_up && now->is_up)
        live_account_say(l, "%s is up again", interface);
    uint64_t kernel = now->kernel_dropped - was->kernel_dropped;
    uint64_t driver = now->interface_dropped - was->interface_dropped;
    if (kernel > 0)
        live_account_say(l,
                         "%llu packets dropped by the kernel within a second: a "
                         "larger -B, a filter or a smaller -s helps",
                         (unsigned long long)kernel);
    if (driver > 0)
        live_account_say(l, "%llu packets dropped by %s within a second",
                         (unsigned long long)driver, interface);
}

static void tick(struct engine_live *l, bool is_silent)
{
    int64_t clock_ns = clock_monotonic_ns();
    int64_t wire_ns = wire_now_ns(l, clock_ns);
    if (clock_ns - l->ticked_ns < ENGINE_LIVE_TICK_MS * 1000000LL) return;
    l->ticked_ns = clock_ns;
    int64_t now_ns = wire_ns - (is_silent ? SILENCE_LAG_NS : CLOCK_LAG_NS);
    if (l->newest_ns > now_ns) now_ns = l->newest_ns;
    l->status = pipeline_tick(l->pipeline, now_ns);
    struct engine_live_statistics was = l->sums;
    live_account_publish(l);
    tell_changes(l, &was);
    live_account_put_capture(l, false);
    if (l->packets != NULL) pcapng_writer_flush(l->packets);
}

static void flush(struct engine_live *l)
{
    live_queue_flush(l->stored);
    if (l->shown != NULL) live_queue_flush(l->shown);
}

/* ---- the end ---- */

/* What was captured before the end and stands in the kernel's ring. */
static void finish_reading(struct engine_live *l)
{
    int64_t limit_ns = clock_monotonic_ns() + FINISH_LIMIT_NS;
    enum live_capture_state state = LIVE_CAPTURE_FRAMES;
    l->finish_ns = clock_epoch_ns();
    live_capture_finish(l->capture);
    while (state == LIVE_CAPTURE_FRAMES && !l->is_full && l->status == STATUS_OK) {
        if (clock_monotonic_ns() > limit_ns) {
            problem_set(&l->damage, STATUS_DAMAGED,
                        "ended while packets waited in the kernel's buffer");
            return;
        }
        state = live_capture_read(l->capture, on_frame, l);
    }
}

static void lose_interface(struct engine_live *l)
{
    l->is_gone = true;
    problem_set(&l->damage, STATUS_DAMAGED, "%s has gone: %.200s",
                live_capture_interface(l->capture), live_capture_problem(l->capture));
    if (l != l->first) return;
    live_account_say(l,
                     "%s; what was seen of it is accounted for. Start again once it "
                     "is back",
                     l->damage.text);
}

static void read_until_end(struct engine_live *l)
{
    while (!atomic_load(&l->is_stopping) && !l->is_full && l->status == STATUS_OK) {
        enum live_capture_state state = live_capture_read(l->capture, on_frame, l);
        if (state == LIVE_CAPTURE_GONE) {
            lose_interface(l);
            return;
        }
        tick(l, state == LIVE_CAPTURE_SILENT);
        live_part_rotate_when_due(l);
        flush(l);
        if (atomic_load(&l->has_failed)) l->status = STATUS_FAILED;
    }
    if (!l->is_full && l->status == STATUS_OK) finish_reading(l);
}

void *live_loop_run(void *live)
{
    struct engine_live *l = live;
    const struct engine_live_options *o = &l->options;
    struct pipeline_options shard = {
        .sink = {.context = l, .put = put, .update = update},
        .key = hash_key_random(),
        .first_capture_id = l->first_capture_id,
        .memory_max = o->memory_max,
        .vlan_in_key = o->vlan_in_key,
        .wants_headers = o->wants_headers,
        .wants_secrets = o->wants_secrets,
    };
    l->pipeline = pipeline_new(&shard);
    l->started_ns = l->ticked_ns = l->anchor_at_ns = clock_monotonic_ns();
    l->anchor_ns = clock_epoch_ns();
    l->sums.is_up = true;
    live_account_put_capture(l, false);
    read_until_end(l);
    if (l->status == STATUS_OK) l->status = pipeline_finish(l->pipeline);
    live_account_publish(l);
    live_account_put_capture(l, true);
    live_part_close_packets(l);
    live_queue_end(l->stored);
    if (l->shown != NULL) live_queue_end(l->shown);
    atomic_store(&l->is_captured, true);
    live_lane_wake(l);
    return NULL;
}
