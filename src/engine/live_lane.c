/* The two ends of the queues: the storing thread, and whoever polls.
 *
 *   take --mark--> next part --block--> put, update --nothing waits, or a second-->
 * tick */
#include "engine/live_run.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
    LANE_WAIT_MS = 250, /* between two looks at an empty queue */
    LANE_TICK_MS = 500, /* ... of ticks under load */
    LANE_SHOW_MS = 50,  /* of one poll */
};

void live_lane_wake(struct engine_live *l)
{
    uint64_t one = 1;
    while (write(l->wake_fd, &one, sizeof one) < 0 && errno == EINTR) continue;
}

struct engine_live_lane live_lane_state(struct live_queue *q, int64_t busy_since_ns)
{
    if (q == NULL) return (struct engine_live_lane){.lag_ns = 0};
    struct live_queue_state state = live_queue_state(q);
    int64_t since_ns = busy_since_ns != 0 ? busy_since_ns : state.oldest_ns;
    return (struct engine_live_lane){
        .waiting_rows = state.waiting_rows,
        .dropped_rows = state.dropped_rows,
        .lag_ns = since_ns == 0 ? 0 : live_account_clock_ns() - since_ns,
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

static enum status store_item(struct engine_live *l, struct sinks *sinks,
                              const struct live_queue_item *item)
{
    struct record_sink all = all_of(sinks);
    if (item->is_marked && l->options.next_part != NULL) {
        enum status rc = l->options.next_part(l->options.context);
        if (rc != STATUS_OK) return rc;
    }
    return item->block == NULL ? STATUS_OK : record_block_drain(item->block, &all);
}

void *live_lane_run(void *live)
{
    struct engine_live *l = live;
    struct sinks sinks = {.rows = l->options.stored, .count = l->options.stored_count};
    enum status rc = STATUS_OK;
    int64_t ticked_ns = live_account_clock_ns();
    while (true) {
        struct live_queue_item item = live_queue_take(l->stored, LANE_WAIT_MS);
        if (item.is_end) break;
        atomic_store(&l->storing_since_ns, item.since_ns);
        pthread_mutex_lock(&l->first->has_sinks);
        if (rc == STATUS_OK) rc = store_item(l, &sinks, &item);
        if (item.block != NULL) live_queue_give_back(l->stored, item.block);
        int64_t now_ns = live_account_clock_ns();
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
    int64_t until_ns = live_account_clock_ns() + LANE_SHOW_MS * 1000000LL;
    bool is_open = true;
    while (is_open && live_account_clock_ns() < until_ns) {
        struct live_queue_item item = live_queue_take(l->shown, 0);
        is_open = !item.is_end;
        if (item.block == NULL) break;
        record_block_drain(item.block, &all);
        live_queue_give_back(l->shown, item.block);
    }
    tick_all(&sinks);
    return is_open;
}
