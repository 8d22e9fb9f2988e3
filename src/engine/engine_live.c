/* The life of a live run: opened with rights, started as threads, polled, closed. */
#include "hopscope/engine_live.h"

#include "engine/live_run.h"

#include <errno.h>
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
    return l->shown == NULL ? all : all / 4; /* what is shown can be looked up */
}

static void live_free(struct engine_live *l)
{
    live_capture_close(l->capture);
    pipeline_free(l->pipeline);
    live_queue_free(l->stored);
    live_queue_free(l->shown);
    if (l->wake_fd >= 0) close(l->wake_fd);
    if (l->stop_fd >= 0) close(l->stop_fd);
    pthread_mutex_destroy(&l->mutex);
    mem_free(l);
}

enum status engine_live_open(const struct engine_live_options *options,
                             struct engine_live **out, struct problem *why)
{
    struct engine_live *l = mem_alloc(sizeof *l);
    l->options = *options;
    l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    l->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&l->mutex, NULL);
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

enum status engine_live_start(struct engine_live *l, uint32_t first_capture_id,
                              struct problem *why)
{
    l->first_capture_id = first_capture_id;
    live_part_begin(l, first_capture_id);
    enum status rc = live_part_open_packets(l, true, why);
    if (rc != STATUS_OK) return rc;
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

int engine_live_fd(const struct engine_live *l)
{
    return l->wake_fd;
}

bool engine_live_poll(struct engine_live *l, int wait_ms,
                      struct engine_live_statistics *now)
{
    struct pollfd waiting = {.fd = l->wake_fd, .events = POLLIN};
    uint64_t count;
    if (poll(&waiting, 1, wait_ms) > 0 && read(l->wake_fd, &count, sizeof count) < 0)
        count = 0; /* somebody else has read it */
    bool is_open = live_lane_show(l);
    pthread_mutex_lock(&l->mutex);
    *now = l->now;
    pthread_mutex_unlock(&l->mutex);
    now->stored = live_lane_state(l->stored, atomic_load(&l->storing_since_ns));
    now->shown = live_lane_state(l->shown, 0);
    if (is_open && now->shown.waiting_rows > 0) live_lane_wake(l);
    return is_open || !atomic_load(&l->is_stored);
}

void engine_live_end(struct engine_live *l)
{
    uint64_t one = 1;
    atomic_store(&l->is_stopping, true);
    while (write(l->stop_fd, &one, sizeof one) < 0 && errno == EINTR) continue;
}

void engine_live_next_part(struct engine_live *l)
{
    atomic_store(&l->wants_part, true);
}

enum status engine_live_close(struct engine_live *l, struct problem *why)
{
    if (l->has_threads) {
        engine_live_end(l);
        pthread_join(l->capture_thread, NULL);
        pthread_join(l->storing_thread, NULL);
        while (live_lane_show(l)) continue;
    }
    bool is_lossy = l->damage.text[0] != '\0' || l->sums.unwritten > 0 ||
                    live_queue_state(l->stored).dropped_rows > 0;
    enum status rc = atomic_load(&l->has_failed) ? STATUS_FAILED : l->status;
    if (rc != STATUS_OK) problem_set(why, rc, "%s", l->why.text);
    if (rc == STATUS_OK && is_lossy) rc = STATUS_DAMAGED;
    if (!l->has_threads) live_part_close_packets(l);
    live_free(l);
    return rc;
}
