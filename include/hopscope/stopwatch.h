/* stopwatch: where the time of one thread goes, by stage. Stages nest, and each is
 * charged what it took itself.
 *
 *   a sample:     begin --stage--> turn_to(inner) --> turn_to(outer) --> end
 *   exact spans:  exact_begin ---------> exact_end      each one, as they are rare
 *
 * Reading a clock costs as much as decoding a packet, so one unit of work in `every` is
 * looked at, chosen at random, because traffic has rhythms. What the thread did outside
 * exact spans is then shared out as the samples say: the stages add up to its time.
 *
 * NULL is allowed as a stopwatch everywhere and costs one comparison. The figures are
 * written by the thread that is watched and may be read by any. */
#ifndef HOPSCOPE_STOPWATCH_H
#define HOPSCOPE_STOPWATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STOPWATCH_STAGES_MAX = 12 };

struct stopwatch {
    _Atomic uint64_t sampled_ns[STOPWATCH_STAGES_MAX], exact_ns[STOPWATCH_STAGES_MAX];
    _Atomic uint64_t began_ns, ended_ns, cpu_ns; /* 0: not yet */
    _Atomic uint64_t units;                      /* of work, as the owner counts them */
    /* The rest is the watched thread's own. */
    uint64_t since_ns, clock_ns; /* clock_ns: what one look at the clock takes */
    uint64_t exact_all_ns;       /* of all exact spans that have ended */
    uint64_t random;
    uint32_t every, until_next; /* units to a sample, 1 in `every` */
    uint8_t stage;
    bool is_sampling;
};

/* What became of one thread's time; in ns, and the parts add up to `wall_ns`. */
struct stopwatch_times {
    uint64_t stage_ns[STOPWATCH_STAGES_MAX];
    uint64_t wall_ns, cpu_ns, units;
};

uint64_t stopwatch_now_ns(void); /* monotonic clock */
void stopwatch_init(struct stopwatch *w, uint32_t every);
/* On the thread that is watched, at its beginning and its end. */
void stopwatch_start(struct stopwatch *w);
void stopwatch_stop(struct stopwatch *w);
/* A span of `stage` that is measured whether this is a sample or not; no other stage is
 * charged with it, nor a span with one inside it. `begun_ns` is what begin returned. */
uint64_t stopwatch_exact_begin(struct stopwatch *w);
void stopwatch_exact_end(struct stopwatch *w, uint8_t stage, uint64_t begun_ns);
void stopwatch_set_units(struct stopwatch *w, uint64_t units); /* done so far */
/* At any time, on any thread. */
struct stopwatch_times stopwatch_times(const struct stopwatch *w);

/* What the inline functions below are made of. */
void stopwatch_sample(struct stopwatch *w, uint8_t stage);
uint8_t stopwatch_charge(struct stopwatch *w, uint8_t next);

/* A unit of work begins, in that stage. */
static inline void stopwatch_begin(struct stopwatch *w, uint8_t stage)
{
    if (w != NULL && --w->until_next == 0) stopwatch_sample(w, stage);
}

/* Whether the unit of work at hand is looked at. */
static inline bool stopwatch_is_sampling(const struct stopwatch *w)
{
    return w != NULL && w->is_sampling;
}

/* From now on it is that stage's time. Returns the stage that is left, to turn back to.
 */
static inline uint8_t stopwatch_turn_to(struct stopwatch *w, uint8_t stage)
{
    return stopwatch_is_sampling(w) ? stopwatch_charge(w, stage) : 0;
}

/* The unit of work is done. */
static inline void stopwatch_end(struct stopwatch *w)
{
    if (!stopwatch_is_sampling(w)) return;
    stopwatch_charge(w, 0);
    w->is_sampling = false;
}

#endif
