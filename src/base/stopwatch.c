/* Figures are written with relaxed stores, which cost what plain ones do: each has one
 * writer, and who reads them meanwhile sees them a moment old. */
#include "hopscope/stopwatch.h"

#include "hopscope/base.h"

enum { STOPWATCH_TRIALS = 64 }; /* looks at the clock to learn what one takes */

static void add(_Atomic uint64_t *to, uint64_t what)
{
    uint64_t now = atomic_load_explicit(to, memory_order_relaxed);
    atomic_store_explicit(to, now + what, memory_order_relaxed);
}

uint64_t stopwatch_now_ns(void)
{
    return (uint64_t)clock_monotonic_ns();
}

/* The least of some trials, because any of them may be interrupted. */
static uint64_t clock_cost_ns(void)
{
    uint64_t least = UINT64_MAX;
    uint64_t before = stopwatch_now_ns();
    for (int i = 0; i < STOPWATCH_TRIALS; i++) {
        uint64_t now = stopwatch_now_ns();
        if (now - before < least) least = now - before;
        before = now;
    }
    return least;
}

void stopwatch_init(struct stopwatch *w, uint32_t every)
{
    *w = (struct stopwatch){.every = every, .until_next = 1, .random = 1};
}

void stopwatch_start(struct stopwatch *w)
{
    if (w == NULL) return;
    w->clock_ns = clock_cost_ns();
    atomic_store_explicit(&w->began_ns, stopwatch_now_ns(), memory_order_relaxed);
}

void stopwatch_stop(struct stopwatch *w)
{
    if (w == NULL) return;
    uint64_t cpu_ns = (uint64_t)clock_thread_ns();
    atomic_store_explicit(&w->cpu_ns, cpu_ns, memory_order_relaxed);
    atomic_store_explicit(&w->ended_ns, stopwatch_now_ns(), memory_order_relaxed);
}

void stopwatch_sample(struct stopwatch *w, uint8_t stage)
{
    /* xorshift: the next one 1 to 2 * every - 1 units away. */
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    w->until_next = (uint32_t)(w->random % (2 * w->every - 1)) + 1;
    w->stage = stage;
    w->is_sampling = true;
    w->since_ns = stopwatch_now_ns();
}

uint8_t stopwatch_charge(struct stopwatch *w, uint8_t next)
{
    uint8_t left = w->stage;
    uint64_t now = stopwatch_now_ns();
    uint64_t spent = now - w->since_ns;
    add(&w->sampled_ns[left], spent > w->clock_ns ? spent - w->clock_ns : 0);
    w->stage = next;
    w->since_ns = now;
    return left;
}

uint64_t stopwatch_exact_begin(struct stopwatch *w)
{
    if (w == NULL) return 0;
    if (w->is_sampling) stopwatch_charge(w, w->stage);
    return stopwatch_now_ns() - w->exact_all_ns;
}

void stopwatch_exact_end(struct stopwatch *w, uint8_t stage, uint64_t begun_ns)
{
    if (w == NULL) return;
    w->since_ns = stopwatch_now_ns();
    uint64_t span = w->since_ns - w->exact_all_ns - begun_ns;
    w->exact_all_ns += span;
    add(&w->exact_ns[stage], span);
}

void stopwatch_set_units(struct stopwatch *w, uint64_t units)
{
    if (w != NULL) atomic_store_explicit(&w->units, units, memory_order_relaxed);
}

static uint64_t value(const _Atomic uint64_t *of)
{
    return atomic_load_explicit(of, memory_order_relaxed);
}

struct stopwatch_times stopwatch_times(const struct stopwatch *w)
{
    struct stopwatch_times t = {.cpu_ns = value(&w->cpu_ns), .units = value(&w->units)};
    uint64_t began = value(&w->began_ns), ended = value(&w->ended_ns);
    if (began == 0) return t; /* its thread has not come to it */
    t.wall_ns = (ended == 0 ? stopwatch_now_ns() : ended) - began;
    uint64_t sampled = 0, exact = 0;
    for (size_t i = 0; i < STOPWATCH_STAGES_MAX; i++) {
        t.stage_ns[i] = value(&w->exact_ns[i]);
        exact += t.stage_ns[i];
        sampled += value(&w->sampled_ns[i]);
    }
    if (sampled == 0 || exact >= t.wall_ns) return t;
    double scale = (double)(t.wall_ns - exact) / (double)sampled;
    for (size_t i = 0; i < STOPWATCH_STAGES_MAX; i++)
        t.stage_ns[i] += (uint64_t)((double)value(&w->sampled_ns[i]) * scale);
    return t;
}
