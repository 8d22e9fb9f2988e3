/* What fuzz targets share: what must hold, and mutation of lists of steps. */
#ifndef FUZZ_COMMON_H
#define FUZZ_COMMON_H

#include "hopscope/base.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed);
/* libFuzzer's own mutation; replay.c has one that changes nothing. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* `what` is printed where it does not. */
static inline void must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static inline uint32_t fuzz_next(uint32_t *seed) /* 16 bits of chance */
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

/* ---- an input that is a head and a list of steps of one size ---- */

struct fuzz_steps {
    uint8_t *data;
    size_t head, step; /* bytes */
    size_t size, max_size;
};

static inline void fuzz_steps_insert(struct fuzz_steps *s, size_t at,
                                     const uint8_t *from)
{
    uint8_t copy[64];
    memcpy(copy, from, s->step);
    memmove(s->data + at + s->step, s->data + at, s->size - at);
    memcpy(s->data + at, copy, s->step);
    s->size += s->step;
}

/* Repeats, exchanges, drops or changes one step; the others keep their places. Returns
 * the new size. Steps have at most 64 bytes. */
static inline size_t fuzz_mutate_steps(struct fuzz_steps s, uint32_t seed)
{
    size_t count = s.size > s.head ? (s.size - s.head) / s.step : 0;
    unsigned deed = fuzz_next(&seed) % 8;
    if (count == 0 || deed == 0) return LLVMFuzzerMutate(s.data, s.size, s.max_size);
    size_t one = s.head + fuzz_next(&seed) % count * s.step;
    size_t other = s.head + fuzz_next(&seed) % count * s.step;
    uint8_t copy[64];
    s.size = s.head + count * s.step;
    switch (deed) {
    case 1:
    case 2:
        if (s.size + s.step > s.max_size) break;
        fuzz_steps_insert(&s, other, s.data + one);
        if (deed == 2) LLVMFuzzerMutate(s.data + other, s.step, s.step);
        return s.size;
    case 3:
        memcpy(copy, s.data + one, s.step);
        memmove(s.data + one, s.data + other, s.step);
        memcpy(s.data + other, copy, s.step);
        return s.size;
    case 4:
        memmove(s.data + one, s.data + one + s.step, s.size - one - s.step);
        return s.size - s.step;
    default: break;
    }
    LLVMFuzzerMutate(s.data + one, s.step, s.step);
    return s.size;
}

#endif
