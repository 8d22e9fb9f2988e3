/* The two ends of the queues: the storing thread, and whoever polls.
 *
 *   take --mark--> next part
 *      '--block--> put, update --nothing waits, or a second--> tick */
#include "engine/live_run.h"
#include "engine/wake_fd.h"

#include <string.h>

enum {
    LANE_WAIT_MS = 250, /* between two looks at an empty queue */
    LANE_SOON_MS = 50,  /* ... while there may be rows to commit */
    LANE_TICK_MS = 500, /* ... of ticks under load */
    LANE_SHOW_MS = 50,  /* of one poll */
};

void live_lane_wake(struct engine_live *l)
{
    wake_fd_raise(l->wake_fd);
}

struct engine_live_lane live_lane_state(struct live_queue *q, int64_t busy_since_ns)
{
    if (q == NULL) return (struct engine_live_lane){.lag_ns = 0};
    struct live_queue_state state = live_queue_state(q);
    int64_t since_ns = busy_since_ns != 0 ? busy_since_ns : state.oldest_ns;
    return (struct engine_live_lane){
        .waiting_rows = state.waiting_rows,
        .dropped_rows = state.dropped_rows,
        .lag_ns = since_ns == 0 ? 0 : clock_monotonic_ns() - since_ns,
    };
}

/* ---- sinks in a row ---- */

struct sinks {
    const struct record_sink *rows;
    size_t count;
};

static enum status put_to_all(void *context, enum record_kind kind, const void *record)
{
    const struct sinks *s = context;
    for (size_t i = 0; i < s->count; i++) {
        enum status rc = s->rows[i].put(s->rows[i].context, kind, record);
        if (rc != STATUS_OK) return rc;
    }
    return STATUS_OK;
}

static enum status update_all(void *context, enum record_kind kind, const void *record)
{
    const struct sinks *s = context;
    for (size_t i = 0; i < s->count; i++) {
        if (s->rows[i].update == NULL) continue;
        enum status rc = s->rows[i].update(s->rows[i].context, kind, record);
        if (rc != STATUS_OK) return rc;
    }
    return STATUS_OK;
}

static enum status tick_all(const struct sinks *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->rows[i].tick == NULL) continue;
        enum status rc = s->rows[i].tick(s->rows[i].context);
        if (rc != STATUS_OK) return rc;
    }
    return STATUS_OK;
}

static struct record_sink all_of(struct sinks *s)
{
    return (struct record_sink){.context = s, .put = put_to_all, .update = update_all};
}

/* ---- the storing thread ---- */

/* With the seam's mutex held: all have come. */
static void pass_seam(struct engine_live *first)
{
    struct live_seam *s = &first->seam;
    pthread_mutex_lock(&first->has_sinks);
    s->status = first->options.next_part(first->options.context);
    pthread_mutex_unlock(&first->has_sinks);
    s->waiting_count = 0;
    s->number++;
    pthread_cond_broadcast(&s->passed);
}

/* Every row of the part is stored before the first one of the next. */
static enum status cross_seam(struct engine_live *l)
{
    struct live_seam *s = &l->first->seam;
    pthread_mutex_lock(&s->mutex);
    uint32_t number = s->number;
    if (++s->waiting_count == s->member_count) pass_seam(l->first);
    while (s->number == number) pthread_cond_wait(&s->passed, &s->mutex);
    enum status rc = s->status;
    pthread_mutex_unlock(&s->mutex);
    return rc;
}

/* Nobody waits for a thread that has ended. */
static void leave_seam(struct engine_live *l)
{
    struct live_seam *s = &l->first->seam;
    pthread_mutex_lock(&s->mutex);
    s->member_count--;
    if (s->waiting_count > 0 && s->waiting_count == s->member_count)
        pass_seam(l->first);
    pthread_mutex_unlock(&s->mutex);
}

static enum status cross_seams(struct engine_live *l, uint32_t marks)
{
    enum status rc = STATUS_OK;
    for (uint32_t i = 0; i < marks && l->options.next_part != NULL; i++) {
        enum status one = cross_seam(l); /* the others wait for each of them */
        if (rc == STATUS_OK) rc = one;
    }
    return rc;
}

void *live_lane_run(void *live)
{
    struct engine_live *l = live;
    struct sinks sinks = {.rows = l->options.stored, .count = l->options.stored_count};
    struct record_sink all = all_of(&sinks);
    enum status rc = STATUS_OK;
    int64_t ticked_ns = clock_monotonic_ns(), taken_ns = ticked_ns;
    while (true) {
        bool is_soon = clock_monotonic_ns() - taken_ns < LANE_TICK_MS * 1000000LL;
        struct live_queue_item item =
            live_queue_take(l->stored, is_soon ? LANE_SOON_MS : LANE_WAIT_MS);
        if (item.is_end) break;
        if (item.block != NULL) taken_ns = clock_monotonic_ns();
        atomic_store(&l->storing_since_ns, item.since_ns);
        enum status seam = cross_seams(l, item.marks);
        if (rc == STATUS_OK) rc = seam;
        pthread_mutex_lock(&l->first->has_sinks);
        if (rc == STATUS_OK && item.block != NULL)
            rc = record_block_drain(item.block, &all);
        if (item.block != NULL) live_queue_give_back(l->stored, item.block);
        int64_t now_ns = clock_monotonic_ns();
        bool is_due = now_ns - ticked_ns >= LANE_TICK_MS * 1000000LL ||
                      live_queue_state(l->stored).waiting_rows == 0;
        if (rc == STATUS_OK && is_due) {
            rc = tick_all(&sinks);
            ticked_ns = now_ns;
        }
        pthread_mutex_unlock(&l->first->has_sinks);
        atomic_store(&l->storing_since_ns, 0);
        if (rc != STATUS_OK) atomic_store(&l->has_failed, true);
    }
    leave_seam(l);
    atomic_store(&l->is_stored, true);
    live_lane_wake(l);
    return NULL;
}

/* ---- whoever polls ---- */

static void talk(struct engine_live *l)
{
    struct live_sentences said;
    pthread_mutex_lock(&l->mutex);
    said = l->sentences;
    l->sentences.count = 0;
    pthread_mutex_unlock(&l->mutex);
    if (l->options.talk == NULL) return;
    for (size_t i = 0; i < said.count; i++) {
        size_t at = (said.first + i) % ENGINE_LIVE_SENTENCES_MAX;
        l->options.talk(l->options.context, said.texts[at].text);
    }
}

bool live_lane_show(struct engine_live *l)
{
    struct sinks sinks = {.rows = l->options.shown, .count = l->options.shown_count};
    struct record_sink all = all_of(&sinks);
    talk(l);
    if (l->shown == NULL) return !atomic_load(&l->is_captured);
    int64_t until_ns = clock_monotonic_ns() + LANE_SHOW_MS * 1000000LL;
    bool is_open = true;
    while (is_open && clock_monotonic_ns() < until_ns) {
        struct live_queue_item item = live_queue_take(l->shown, 0);
        is_open = !item.is_end;
        if (item.block == NULL) break;
        record_block_drain(item.block, &all);
        live_queue_give_back(l->shown, item.block);
    }
    tick_all(&sinks);
    return is_open;
}
