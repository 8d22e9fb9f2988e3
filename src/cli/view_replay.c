/* A capture played on the thread of the screens: no packet is read before it is due.
 *
 *   capture set --frame due?--> pipeline --records--> ui
 *                                   '--each second of the capture: sums           */
#include "cli/view_feed.h"

#include "hopscope/capture.h"
#include "hopscope/engine.h"

enum {
    REPLAY_TICK_MS = 500, /* between two looks at what is open */
    REPLAY_LOOK_EVERY = 64,
    REPLAY_WAIT_MS = 1000,
};

struct view_replay {
    struct capture_set *set;
    struct pipeline *pipeline;
    struct ui *ui;
    struct frame frame; /* the next; borrowed from the set */
    bool has_frame, is_over, is_damaged;
    int64_t position_ns, played_ns; /* of the capture; played_ns: the last frame's */
    int64_t clock_ns, ticked_ns;    /* monotonic */
    uint64_t packets, bytes;
    int64_t memory_bytes; /* at the last tick: asking takes time */
    int64_t known_us;     /* of the capture, at the last tick: all before is told */
    struct problem damage;
};

static void next_frame(struct view_replay *r)
{
    r->has_frame = capture_set_next(r->set, &r->frame) == CAPTURE_FRAME;
}

enum status view_replay_open(const struct options *options, struct view_replay **out,
                             struct problem *why)
{
    const struct capture_options capture = {.filter = options->filter,
                                            .first_capture_id = 1};
    struct view_replay *r = mem_alloc(sizeof *r);
    enum status rc =
        capture_set_open(options->paths, options->path_count, &capture, &r->set, why);
    if (rc != STATUS_OK) {
        view_replay_close(r);
        return rc;
    }
    next_frame(r);
    *out = r;
    return STATUS_OK;
}

void view_replay_start(struct view_replay *r, struct ui *ui)
{
    const struct pipeline_options pipeline = {.sink = ui_sink(ui),
                                              .key = hash_key_random(),
                                              .first_capture_id = 1,
                                              .memory_max = OPTIONS_MEMORY_DEFAULT,
                                              .wants_headers = true};
    r->ui = ui;
    r->pipeline = pipeline_new(&pipeline);
    r->position_ns = r->played_ns = r->has_frame ? r->frame.captured_ns : 0;
    r->clock_ns = r->ticked_ns = clock_monotonic_ns();
}

static int64_t known(int64_t value)
{
    return value < 0 ? RECORD_UNKNOWN : value;
}

static void tell(struct view_replay *r)
{
    struct ui_statistics now = {
        .now_us = r->packets > 0 ? r->played_ns / 1000 : RECORD_UNKNOWN,
        .known_us = r->known_us,
        .packets = (int64_t)r->packets,
        .bytes = (int64_t)r->bytes,
        .kernel_dropped = RECORD_UNKNOWN,
        .interface_dropped = RECORD_UNKNOWN,
        .evicted_connections = RECORD_UNKNOWN,
        .memory_bytes = r->memory_bytes,
        .stored_waiting = RECORD_UNKNOWN,
        .stored_dropped = RECORD_UNKNOWN,
        .stored_lag_us = RECORD_UNKNOWN,
        .shown_dropped = RECORD_UNKNOWN,
        .done_permille = RECORD_UNKNOWN,
        .is_up = true,
        .is_over = r->is_over,
    };
    uint64_t done, total;
    capture_set_progress(r->set, &done, &total);
    if (total > 0) now.done_permille = (int64_t)((double)done * 1000 / (double)total);
    struct capture_info info = *capture_set_info(r->set, 0);
    now.kernel_dropped = known(info.kernel_dropped);
    now.interface_dropped = known(info.interface_dropped);
    ui_tell(r->ui, &now);
}

static void end(struct view_replay *r)
{
    pipeline_finish(r->pipeline);
    r->is_over = true;
    r->memory_bytes = (int64_t)mem_in_use();
    for (size_t i = 0; i < capture_set_count(r->set); i++) {
        const struct capture_info *info = capture_set_info(r->set, i);
        if (info->damage.text[0] == '\0' || r->is_damaged) continue;
        r->is_damaged = true;
        r->damage = info->damage;
        ui_talk(r->ui, r->damage.text);
    }
    tell(r);
}

static void play(struct view_replay *r)
{
    const struct frame *f = &r->frame;
    if (f->captured_ns / 1000000000 != r->played_ns / 1000000000) tell(r);
    if (f->captured_ns > r->played_ns) r->played_ns = f->captured_ns;
    r->packets++;
    r->bytes += f->length;
    pipeline_frame(r->pipeline, f);
    next_frame(r);
}

bool view_replay_feed(struct view_replay *r)
{
    struct ui_replay wish = ui_replay(r->ui);
    int64_t now_ns = clock_monotonic_ns(), gone_ns = now_ns - r->clock_ns;
    r->clock_ns = now_ns;
    if (r->is_over || wish.is_paused) return !r->is_over;
    bool is_at_once = wish.speed_percent == 0;
    /* In hundredths, so that no speed overflows within a second. */
    if (gone_ns > 1000000000) gone_ns = 1000000000;
    r->position_ns += gone_ns / 100 * wish.speed_percent;
    int64_t until_ns = now_ns + VIEW_FEED_MS * 1000000LL;
    for (uint64_t i = 1; r->has_frame; i++) {
        if (!is_at_once && r->frame.captured_ns > r->position_ns) break;
        play(r);
        if (i % REPLAY_LOOK_EVERY == 0 && clock_monotonic_ns() > until_ns) break;
    }
    if (is_at_once || r->position_ns < r->played_ns) r->position_ns = r->played_ns;
    if (!r->has_frame) {
        end(r);
        return false;
    }
    if (now_ns - r->ticked_ns < REPLAY_TICK_MS * 1000000LL) return true;
    r->ticked_ns = now_ns;
    if (r->position_ns > r->played_ns) r->played_ns = r->position_ns;
    pipeline_tick(r->pipeline, r->played_ns);
    r->known_us = r->played_ns / 1000;
    r->memory_bytes = (int64_t)mem_in_use();
    tell(r);
    return true;
}

int view_replay_wait_ms(const struct view_replay *r)
{
    struct ui_replay wish = ui_replay(r->ui);
    if (r->is_over || wish.is_paused || !r->has_frame) return REPLAY_WAIT_MS;
    if (wish.speed_percent == 0) return 0;
    int64_t rest_ns =
        (r->frame.captured_ns - r->position_ns) / wish.speed_percent * 100;
    if (rest_ns <= 0) return 0;
    return rest_ns > REPLAY_TICK_MS * 1000000LL ? REPLAY_TICK_MS
                                                : (int)(rest_ns / 1000000) + 1;
}

const char *view_replay_damage(const struct view_replay *r)
{
    return r->is_damaged ? r->damage.text : NULL;
}

void view_replay_close(struct view_replay *r)
{
    if (r == NULL) return;
    pipeline_free(r->pipeline);
    capture_set_close(r->set);
    mem_free(r);
}
