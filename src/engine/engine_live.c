/* The life of a live run: opened with rights, started as threads, polled, closed.
 *
 *   first --others--> one for each further handle: own threads, own queues
 *     '-- wake_fd, has_sinks, sentences: of all of them                      */
#include "hopscope/engine_live.h"

#include "engine/live_run.h"
#include "engine/wake_fd.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { LIVE_QUEUE_BYTES_USUAL = 256 << 20 };

static size_t queue_bytes(const struct engine_live *l)
{
    size_t all = l->options.memory_max > 0 ? l->options.memory_max / 4
                                           : (size_t)LIVE_QUEUE_BYTES_USUAL;
    if (l->options.threads > 1) all /= l->options.threads;
    return l->shown == NULL ? all : all / 4; /* what is shown can be looked up */
}

/* All of a run, the first one first. */
static struct engine_live *member(struct engine_live *l, size_t index)
{
    return index == 0 ? l : l->others[index - 1];
}

static void live_free(struct engine_live *l)
{
    while (l->other_count > 0) live_free(l->others[--l->other_count]);
    live_capture_close(l->capture);
    pipeline_free(l->pipeline);
    live_queue_free(l->stored);
    live_queue_free(l->shown);
    if (l->wake_fd >= 0 && l == l->first) close(l->wake_fd);
    if (l->stop_fd >= 0) close(l->stop_fd);
    pthread_mutex_destroy(&l->mutex);
    pthread_mutex_destroy(&l->has_sinks);
    pthread_mutex_destroy(&l->seam.mutex);
    pthread_cond_destroy(&l->seam.passed);
    mem_free(l);
}

/* `first` NULL: this is it. */
static enum status live_open(const struct engine_live_options *options,
                             struct engine_live *first, struct engine_live **out,
                             struct problem *why)
{
    struct engine_live *l = mem_alloc(sizeof *l);
    bool is_first = first == NULL;
    l->options = *options;
    l->first = is_first ? l : first;
    l->wake_fd = is_first ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : first->wake_fd;
    l->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&l->mutex, NULL);
    pthread_mutex_init(&l->has_sinks, NULL);
    pthread_mutex_init(&l->seam.mutex, NULL);
    pthread_cond_init(&l->seam.passed, NULL);
    l->options.capture.stop_fd = l->stop_fd;
    l->now.is_up = true;
    l->stored = live_queue_new(queue_bytes(l), -1);
    if (options->shown_count > 0)
        l->shown = live_queue_new(queue_bytes(l) / 4, l->wake_fd);
    enum status rc = live_capture_open(&l->options.capture, &l->capture, why);
    if (rc == STATUS_OK)
        *out = l;
    else
        live_free(l);
    return rc;
}

static enum status open_others(struct engine_live *l, struct problem *why)
{
    struct engine_live_options options = l->options;
    enum status rc = STATUS_OK;
    options.capture.group = live_capture_group(l->capture);
    while (rc == STATUS_OK && l->other_count + 1 < options.threads) {
        rc = live_open(&options, l, &l->others[l->other_count], why);
        if (rc != STATUS_OK) break;
        l->other_count++;
        l->others[l->other_count - 1]->index = l->other_count;
    }
    return rc;
}

enum status engine_live_open(const struct engine_live_options *options,
                             struct engine_live **out, struct problem *why)
{
    struct engine_live_options o = *options;
    *out = NULL;
    if (o.threads > ENGINE_THREADS_MAX)
        return problem_set(why, STATUS_USAGE, "--threads takes 1 to %d, not %zu",
                           ENGINE_THREADS_MAX, o.threads);
    if (o.threads > 1) {
        uint32_t all_kib = o.capture.buffer_kib;
        if (all_kib == 0) all_kib = LIVE_CAPTURE_BUFFER_KIB;
        o.capture.buffer_kib = all_kib / (uint32_t)o.threads + 1;
        o.capture.group = LIVE_CAPTURE_GROUP_NEW;
    }
    enum status rc = live_open(&o, NULL, out, why);
    if (rc == STATUS_OK) rc = open_others(*out, why);
    /* All handles have joined: from now on each frame comes to one of them. */
    for (size_t i = 0; rc == STATUS_OK && o.threads > 1 && i < o.threads; i++)
        member(*out, i)->begin_ns = i == 0 ? clock_epoch_ns() : (*out)->begin_ns;
    if (rc == STATUS_OK) return rc;
    if (*out != NULL) live_free(*out);
    *out = NULL;
    return rc;
}

/* A thread that the signals, which somebody waits for, do not reach. */
static int start_thread(pthread_t *thread, void *(*run)(void *), struct engine_live *l)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int error = pthread_create(thread, NULL, run, l);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static enum status start(struct engine_live *l, uint32_t first_capture_id,
                         struct problem *why)
{
    l->first_capture_id = first_capture_id;
    live_part_begin(l, first_capture_id);
    /* What was dropped since the opening is missing in this account, too. */
    if (l->options.threads <= 1)
        l->part.drops_before = (struct live_capture_drops){.kernel = 0};
    enum status rc = live_part_open_packets(l, true, why);
    if (rc != STATUS_OK) return rc;
    pthread_mutex_lock(&l->first->seam.mutex);
    l->first->seam.member_count++; /* which the storing thread takes back */
    pthread_mutex_unlock(&l->first->seam.mutex);
    int error = start_thread(&l->storing_thread, live_lane_run, l);
    if (error == 0) {
        error = start_thread(&l->capture_thread, live_loop_run, l);
        if (error == 0) {
            l->has_threads = true;
            return STATUS_OK;
        }
        live_queue_end(l->stored);
        pthread_join(l->storing_thread, NULL);
    }
    return problem_set(why, STATUS_FAILED, "cannot start a thread: %s",
                       strerror(error));
}

enum status engine_live_start(struct engine_live *l, uint32_t first_capture_id,
                              struct problem *why)
{
    enum status rc = STATUS_OK;
    for (size_t i = 0; i <= l->other_count && rc == STATUS_OK; i++) {
        rc = start(member(l, i), first_capture_id + (uint32_t)i, why);
    }
    return rc;
}

int engine_live_fd(const struct engine_live *l)
{
    return l->wake_fd;
}

static void add_lane(struct engine_live_lane *sum, struct engine_live_lane lane)
{
    sum->waiting_rows += lane.waiting_rows;
    sum->dropped_rows += lane.dropped_rows;
    if (lane.lag_ns > sum->lag_ns) sum->lag_ns = lane.lag_ns;
}

/* What is of the run as a whole is the first one's. */
static void add_statistics(struct engine_live_statistics *sum, struct engine_live *l)
{
    pthread_mutex_lock(&l->mutex);
    struct engine_live_statistics now = l->now;
    pthread_mutex_unlock(&l->mutex);
    if (l == l->first) {
        *sum = now;
    } else {
        sum->packets += now.packets;
        sum->bytes += now.bytes;
        sum->truncated += now.truncated;
        sum->kernel_dropped += now.kernel_dropped;
        sum->unwritten += now.unwritten;
        sum->connections += now.connections;
        sum->exchanges += now.exchanges;
        sum->evicted_connections += now.evicted_connections;
    }
    add_lane(&sum->stored,
             live_lane_state(l->stored, atomic_load(&l->storing_since_ns)));
    add_lane(&sum->shown, live_lane_state(l->shown, 0));
}

bool engine_live_poll(struct engine_live *l, int wait_ms,
                      struct engine_live_statistics *now)
{
    struct pollfd waiting = {.fd = l->wake_fd, .events = POLLIN};
    uint64_t count;
    bool is_open = false, is_stored = true;
    if (poll(&waiting, 1, wait_ms) > 0 && read(l->wake_fd, &count, sizeof count) < 0)
        count = 0; /* somebody else has read it */
    for (size_t i = 0; i <= l->other_count; i++) {
        if (live_lane_show(member(l, i))) is_open = true;
        if (!atomic_load(&member(l, i)->is_stored)) is_stored = false;
        add_statistics(now, member(l, i));
    }
    if (is_open && now->shown.waiting_rows > 0) live_lane_wake(l);
    return is_open || !is_stored;
}

static void end(struct engine_live *l)
{
    atomic_store(&l->is_stopping, true);
    wake_fd_raise(l->stop_fd);
}

void engine_live_end(struct engine_live *l)
{
    for (size_t i = 0; i <= l->other_count; i++) end(member(l, i));
}

void engine_live_next_part(struct engine_live *l)
{
    atomic_store(&l->wants_part, true);
}

/* Waits for the threads; what became of them. */
static enum status join(struct engine_live *l, struct problem *why)
{
    if (l->has_threads) {
        pthread_join(l->capture_thread, NULL);
        pthread_join(l->storing_thread, NULL);
        while (live_lane_show(l)) continue;
    }
    bool is_lossy = l->damage.text[0] != '\0' || l->sums.unwritten > 0 ||
                    live_queue_state(l->stored).dropped_rows > 0;
    enum status rc = atomic_load(&l->has_failed) ? STATUS_FAILED : l->status;
    if (rc != STATUS_OK) problem_set(why, rc, "%s", l->why.text);
    if (rc == STATUS_OK && is_lossy) rc = l->is_gone ? STATUS_GONE : STATUS_DAMAGED;
    if (!l->has_threads) live_part_close_packets(l);
    return rc;
}

enum status engine_live_close(struct engine_live *l, struct problem *why)
{
    enum status rc = STATUS_OK;
    engine_live_end(l);
    for (size_t i = 0; i <= l->other_count; i++) {
        enum status one = join(member(l, i), why);
        bool is_worse = rc == STATUS_OK || one == STATUS_FAILED ||
                        (rc == STATUS_DAMAGED && one != STATUS_OK);
        if (is_worse) rc = one;
    }
    live_free(l);
    return rc;
}
